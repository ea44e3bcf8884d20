"""Files of binary codes: search, union, memory and pictures, as a user works with them."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indeependence.binary_codes.reconstruction import Decoder
from indeependence.binary_codes.sdr import SDR
from indeependence.binary_codes.storage import SDRFile, read_sdr, write_sdr
from indeependence.binary_codes.willshaw import WillshawMemory
from indeependence.errors import InputError
from indeependence.experiment.codes import Recall, recall, rows_named

BITS = np.array([[1, 1, 0, 0, 0, 0], [1, 0, 1, 0, 0, 0], [0, 0, 0, 1, 1, 0], [0, 0, 0, 0, 1, 1]])


@pytest.fixture
def codes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_sdr("c.sdr", SDRFile(SDR.of(BITS), np.array(["a", "a", "b", "b"])))
    return "c.sdr"


def test_the_nearest_codes_are_those_of_a_plain_count(codes, ask, refuse, tmp_path):
    found = ask("sparse", "search", codes, "--rows", "all", "--top", 3)["queries"]
    for query in found:
        shared = (BITS[query["row"]] & BITS).sum(1)
        others = sorted((row for row in range(4) if row != query["row"]), key=lambda row: (-shared[row], row))
        assert [one["row"] for one in query["nearest"]] == others
        assert [one["shared"] for one in query["nearest"]] == [shared[row] for row in others]
    assert found[0]["nearest"][0]["label"] == "a" and found[0]["nearest"][0]["by_chance"] == pytest.approx(9 / 15)
    write_sdr(tmp_path / "q.sdr", SDRFile(SDR.of(BITS[2:3])))
    [query] = ask("sparse", "search", codes, "q.sdr", "--rows", "0", "--top", 1)["queries"]
    assert query["label"] is None and query["nearest"][0] == {"row": 2, "label": "b", "shared": 2, "by_chance": 1 / 15}
    assert "expected rows from 0 to 3, got 9" in refuse("sparse", "search", codes)
    assert "such as 0,5-9, or all" in refuse("sparse", "search", codes, "--rows", "2-1")
    write_sdr(tmp_path / "w.sdr", SDRFile(SDR.of(BITS[:, :5])))
    assert "same number of units, got 5 and 6" in refuse("sparse", "search", codes, "w.sdr", "--rows", "0")
    assert "expected a model of kind sdr" in refuse("sparse", "search", a_memory(tmp_path), "--rows", "0")
    assert "got 'willshaw': a memory is asked by sparse recall" in refuse("inspect", a_memory(tmp_path))


def a_memory(folder):
    WillshawMemory.empty(6).save(folder / "other.st")
    return folder / "other.st"


@given(st.integers(1, 50), st.data())
def test_rows_are_those_named(count, data):
    rows = sorted(data.draw(st.sets(st.integers(0, count - 1), min_size=1)))
    assert rows_named(",".join(map(str, rows)), count).tolist() == rows
    first, last = rows[0], rows[-1]
    assert rows_named(f"{first}-{last}", count).tolist() == list(range(first, last + 1))
    with pytest.raises(InputError, match="--rows"):
        rows_named(f"{count}", count)


def test_a_union_has_every_bit_of_its_label(codes, ask, refuse, tmp_path):
    told = ask("sparse", "unite", codes, "--output", "u.sdr")
    found = read_sdr("u.sdr")
    np.testing.assert_array_equal(found.codes.bits, [BITS[:2].any(0), BITS[2:].any(0)])
    assert found.labels.tolist() == ["a", "b"] and told["unions"][0]["found_by_chance"] == pytest.approx(3 / 15)
    both = ask("sparse", "unite", codes, "u.sdr", "--whole", "--output", "all.sdr")
    assert both["unions"] == [{"label": None, "codes": 6, "active": 6, "found_by_chance": 1.0}]
    assert "unite them all by --whole" in refuse("sparse", "unite", "all.sdr", "--output", "n.sdr")
    assert "are both c.sdr" in refuse("sparse", "unite", codes, "--output", codes, code=2)


def test_a_memory_on_disk_learns_file_by_file_and_completes_cues(codes, ask, refuse, tmp_path):
    halves = (slice(0, 2), slice(2, 4))
    for name, part in zip(("one", "two"), halves, strict=True):
        write_sdr(tmp_path / f"{name}.sdr", SDRFile(SDR.of(BITS[part])))
        told = ask("sparse", "memorise", f"{name}.sdr", "--memory", "m.st")
    whole = WillshawMemory.empty(6).learn(SDR.of(BITS))
    np.testing.assert_array_equal(WillshawMemory.load_file("m.st").packed, whole.packed)
    assert told["load"] == whole.load > told["load_before"] > 0
    told = ask("sparse", "recall", codes, "--memory", "m.st", "--drop", 0.5, "--active", 2, "--output", "r.sdr")
    assert told["cue_bits_given"] == 0.5 < told["cue_bits_recalled"] and len(read_sdr("r.sdr").codes) == 4
    assert read_sdr("r.sdr").labels.tolist() == ["a", "a", "b", "b"]
    assert ask("sparse", "recall", codes, "--memory", "m.st", "--output", "s.sdr")["recalled_whole"] > 0
    more = refuse("sparse", "recall", codes, "--memory", "m.st", "--seed", 3, "--output", "t.sdr", code=2)
    assert "--seed goes with --drop" in more
    write_sdr(tmp_path / "wide.sdr", SDRFile(SDR.of(np.eye(4, 9))))
    assert "expected codes of 6 and 6 units, got 9 and 9" in refuse(
        "sparse", "memorise", "wide.sdr", "--memory", "m.st"
    )
    ask("sparse", "memorise", codes, "--targets", "wide.sdr", "--memory", "pairs.st")
    ask("sparse", "recall", codes, "--memory", "pairs.st", "--active", 1, "--output", "w.sdr")
    assert read_sdr("w.sdr").codes.units == 9
    more = refuse("sparse", "recall", codes, "--memory", "pairs.st", "--steps", 2, "--output", "n.sdr")
    assert "only a memory of codes to themselves" in more
    assert "expected a model of kind willshaw" in refuse("sparse", "memorise", "one.sdr", "--memory", "c.sdr")


def test_dropped_bits_are_a_share_of_each_cue(codes, tmp_path):
    write_sdr("big.sdr", SDRFile(SDR.of(np.ones((3, 10)))))
    WillshawMemory.empty(10).save("m.st")
    told = recall(tmp_path / "m.st", tmp_path / "big.sdr", tmp_path / "r.sdr", Recall(drop=0.3))
    assert told["cue_bits_given"] == pytest.approx(0.7) and told["cue_bits_recalled"] == 0


def test_codes_become_pictures_again_by_a_decoder_in_a_file(ask, refuse, tmp_path):
    asked = ("--data", "digits", "--layers", "40", "--units", 128, "--active", 12, "--limit", 600, "--unlabelled")
    ask("sparse", "embed", *asked, "--part", "test", "--decoder", "back.st", "--output", "c.sdr")
    ask("sparse", "draw", "c.sdr", "--decoder", "back.st", "--rows", "0-19", "--output", "d.png")
    assert cv2.imread("d.png").shape[2] == 3
    from indeependence import load_dataset

    digits, decoder = load_dataset("digits"), Decoder.load("back.st")
    drawn, mean = decoder(read_sdr("c.sdr").codes), digits.x_train.reshape(-1, 64).mean(0)
    pictures = digits.x_test.reshape(-1, 64).astype(float)
    assert ((drawn - pictures) ** 2).sum() < 0.7 * ((pictures - mean) ** 2).sum() and decoder.shape == (8, 8)
    write_sdr(tmp_path / "w.sdr", SDRFile(SDR.of(BITS)))
    assert "expected codes of 128 units, as back.st has, got 6" in refuse(
        "sparse", "draw", "w.sdr", "--decoder", "back.st"
    )
    (tmp_path / "t.csv").write_text("a,b,label\n" + "".join(f"{i},{i % 5},{'xy'[i % 2]}\n" for i in range(12)))
    more = refuse("sparse", "embed", "--data", "t.csv", "--units", 16, "--active", 2, "--decoder", "no.st")
    assert "--decoder: expected 8-bit pictures" in more
