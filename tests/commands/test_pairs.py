"""Pairs on the command line: tied, inferred both ways, drawn, merged, taken out again; and what is refused."""

import cv2
import numpy as np
import pytest

from indeependence import load_dataset

pytestmark = pytest.mark.slow


@pytest.fixture
def halves(tmp_path):
    """Two folders of the upper and lower halves of digits, and a file with both as arrays."""
    x = load_dataset("digits").x_train[:150]
    for name, part in (("a", x[:, :4]), ("b", x[:, 4:])):
        (tmp_path / name).mkdir()
        for number, picture in enumerate(part):
            cv2.imwrite(str(tmp_path / name / f"{number:03}.png"), picture)
    np.savez(tmp_path / "both.npz", x=x[:, :4], y=x[:, 4:])
    return x


BOTH = ("--data", "a", "--target-data", "b")


def test_pairs_are_tied_inferred_both_ways_and_drawn(ask, halves, tmp_path):
    told = ask("train", "--kind", "autoencoder", *BOTH, "--layers", 30, "--model", "m")
    arrays = ask("train", "--data", "both.npz", "--target-data", "both.npz", "--layers", 30, "--model", "n")
    assert told["kind"] == "autoencoder of pairs" and told["model_sha256"] == arrays["model_sha256"]
    assert told["examples"] == 150 and told["target_shape"] == [4, 8]
    for given, wanted in ("ab", "ba"):
        words = ("--from", given.upper(), "--data", given, "--target-data", wanted, "--output", f"to-{wanted}")
        facts = ask("infer", *words, "--model", "m")
        assert facts["error"] < 0.7 * facts["error_of_the_mean"]
        assert len(list((tmp_path / f"to-{wanted}").glob("*.png"))) == 150
    ask("infer", "--from", "A", "--data", "a", "--limit", 5, "--output", "b.npy", "--model", "m")
    found = np.load(tmp_path / "b.npy")
    assert found.shape == (5, 4, 8)
    assert (np.rint(found[3]) == cv2.imread(str(tmp_path / "to-b/003.png"), cv2.IMREAD_GRAYSCALE)).all()
    masked = ask(
        "infer", "--from", "B", "--data", "b", "--mask", "left", "--inference", "closed", "--infer", 8, "--model", "m"
    )
    assert masked["written"] == "B" and masked["error"] < masked["error_of_the_mean"]
    assert ask("generate", "--side", "B", "--count", 3, "--model", "m")["side"] == "B"
    assert cv2.imread(str(tmp_path / "artifacts/generated.png")).shape[1] == 3 * (14 * 8 + 2) + 2


def test_pairs_keep_the_promises_of_the_command_line(ask, halves):
    whole = ask("train", *BOTH, "--model", "whole")
    ask("bootstrap", "--kind", "autoencoder", *BOTH, "--model", "first", "--ledger", "task")
    ask("train", *BOTH, "--limit", 70, "--load", "--model", "first")
    later = ask("train", *BOTH, "--skip", 70, "--load", "--model", "first", "--checkpoint-every", 30)
    assert later["model_sha256"] == whole["model_sha256"] and later["tasks"] == {"1": 70, "2": 80}
    gone = ask("forget", "--task", 2, "--model", "first")
    again = ask("forget", "--examples", "a", "--target-data", "b", "--skip", 70, "--model", "whole")
    assert gone["model_sha256"] == again["model_sha256"] and gone["exact"] is True
    merged = ask("merge", "first", "whole", "--again", "--output", "sum")
    assert merged["examples"] == 140 and ask("inspect", "sum")["models_inside"] == 1
    resumed = ask("train", *BOTH, "--resume", "--model", "new")
    assert resumed["learned_now"] == 150 and ask("train", *BOTH, "--resume", "--model", "new")["learned_now"] == 0


def test_a_frozen_autoencoder_keeps_them_with_labels(ask, tmp_path):
    told = ask("train", "--kind", "autoencoder", "--frozen", "--layers", 12, "--ledger", "class", "--model", "m")
    assert told["classes"][3]["examples"] == 146
    forgot = ask("forget", "--class", 3, "--model", "m")
    examples = ask("train", "--frozen", "--layers", 12, "--model", "n")
    assert examples["model_sha256"] == told["model_sha256"]
    assert ask("forget", "--examples", "digits", "--classes", 3, "--model", "n")["exact"] is None
    assert ask("inspect", "n")["model_sha256"] == forgot["model_sha256"]
    ask("export", "m", "--output", "w.safetensors")
    answers = [ask("infer", "--limit", 20, "--model", name)["answers"] for name in ("m", "w.safetensors")]
    assert [one["probability"] for one in answers[0]] == pytest.approx([one["probability"] for one in answers[1]])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("train", "--kind", "classifier", *BOTH), "--target-data goes with --kind autoencoder"),
        (("train", *BOTH, "--tasks", 2), "--tasks goes with labels, and pairs have none"),
        (("train", *BOTH, "--classes", "1"), "--classes goes with labels"),
        (("train", *BOTH, "--ledger", "class"), "--ledger class goes with labels"),
        (("train", *BOTH, "--coeff", 0.1), "--coeff goes with bases that are refitted"),
        (("train", *BOTH, "--penalty", 0.1), "--penalty goes with --kind classifier"),
        (("train", "--frozen", "--rate", 0.1), "--rate goes with bases that are refitted"),
        (("forget", "--task", 1, "--target-data", "b"), "--target-data goes with --examples"),
        (("infer", "--target-data", "b"), "--target-data goes with --from"),
        (("infer", "--from", "A", "--clean", 0.1, "--target-data", "b"), "--target-data does not go with --clean"),
        (("infer", "--from", "A", "--mask", "left", "--target-data", "b"), "--target-data does not go with --mask"),
        (("infer", "--from", "A", "--csv", "x.csv"), "--csv goes with labels, and pairs have none"),
        (("generate", "--side", "A"), "--side goes with a model of pairs"),
    ],
)
def test_what_would_have_no_effect_is_refused(refuse, arguments, message):
    assert message in refuse(*arguments, code=2)


def test_data_of_the_other_kind_is_refused_in_one_line(ask, refuse, halves, tmp_path):
    ask("train", *BOTH, "--model", "m")
    (tmp_path / "b/003.png").rename(tmp_path / "b/other.png")
    assert "b has no partner for 1 of 150: 003;" in refuse("train", *BOTH, "--load", "--model", "m")
    assert "has learned pairs: name their other side" in refuse("train", "--load", "--model", "m")
    assert "has learned pairs" in refuse("forget", "--examples", "digits", "--model", "m")
    assert "predicts none: infer with --from A" in refuse("infer", "--model", "m", "--data", "a")
    assert "no rows: name a folder" in refuse(
        "infer", "--from", "A", "--data", "a", "--output", "x.csv", "--model", "m"
    )
    ask("train", "--layers", "sparse:20", "--limit", 50, "--model", "c")
    assert "expected a model of pairs" in refuse("infer", "--from", "A", "--data", "a", "--model", "c")
    assert "expected a model of kind autoencoder" in refuse("train", *BOTH[:3], "a", "--load", "--model", "c")


def test_a_folder_of_results_is_made_again_and_one_of_others_is_kept(ask, refuse, halves, tmp_path):
    ask("train", *BOTH, "--layers", 30, "--model", "m")
    for _ in range(2):
        ask("infer", "--from", "A", "--data", "a", "--limit", 3, "--output", "to-b", "--model", "m")
    before = (tmp_path / "b/000.png").read_bytes()
    assert "not ours to replace" in refuse("infer", "--from", "A", "--data", "a", "--output", "b", "--model", "m")
    assert "not ours to replace" in refuse("generate", "--side", "B", "--output", "b", "--model", "m")
    assert (tmp_path / "b/000.png").read_bytes() == before


def test_what_pairs_cannot_infer_is_refused(ask, refuse, halves, tmp_path):
    ask("train", *BOTH, "--layers", 64, "--model", "m")
    asked = ("infer", "--from", "A", "--data", "a", "--model", "m")
    for way in ("closed", "adam"):
        assert "fewer bases than the 64 values of both sides, got 64" in refuse(*asked, "--inference", way)
    np.savez(tmp_path / "rows.npz", x=halves[:, 2], y=halves[:, 3])
    ask("train", "--data", "rows.npz", "--target-data", "rows.npz", "--model", "r")
    np.save(tmp_path / "x.npy", halves[:5, 2])
    more = refuse("infer", "--from", "A", "--data", "x.npy", "--mask", "left", "--output", "y.npy", "--model", "r")
    assert "--mask hides a part of pictures, got vectors" in more


def test_a_missing_value_of_a_table_is_named_with_its_file(ask, refuse, tmp_path):
    (tmp_path / "a.csv").write_text("id,p,q\n" + "".join(f"r{n},{n % 7},{n % 5}\n" for n in range(40)))
    (tmp_path / "b.csv").write_text("id,s\n" + "".join(f"r{n},{n % 9}\n" for n in reversed(range(40))))
    both = ("--data", "a.csv", "--target-data", "b.csv", "--id", "id")
    ask("train", *both, "--model", "m")
    (tmp_path / "b.csv").write_text((tmp_path / "b.csv").read_text().replace("r38,2", "r38,"))
    assert "b.csv, row 1, column 0: NaN" in refuse("train", *both, "--model", "n")
    asked = ("infer", "--from", "B", "--data", "b.csv", "--id", "id", "--output", "a2.csv", "--model", "m")
    assert "b.csv, row 1, column 0: NaN" in refuse(*asked)
