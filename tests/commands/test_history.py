"""``--audit``, ``inspect --history``, ``verify``, and ``forget --ids`` with its receipt."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from indeependence import ContinualClassifier, history
from indeependence.errors import InputError
from indeependence.files import container

LAYERS = ("--layers", "6")
CODES = ("--units", 16, "--active", 2, "--test-fraction", 0.2, "--output", "c.sdr")


@pytest.fixture
def table(tmp_path, monkeypatch):
    """A table of sixty people with names, two of whom ask to be removed, and a table without these two."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    rows = [f"p{i},{rng.random():.6f},{rng.random():.6f},{'uv'[i % 2]}\n" for i in range(60)]
    head = "name,a,b,kind\n"
    Path("people.csv").write_text(head + "".join(rows))
    Path("others.csv").write_text(head + "".join(row for row in rows if row.split(",")[0] not in ("p3", "p16")))
    Path("asked").write_text("p16\n p3 \n\n")
    return ("--examples", "people.csv", "--id", "name")


def test_every_step_is_noted_and_the_log_tells_the_models_and_their_history(ask, table, refuse, capsys):
    log = ("--audit", "log")
    ask("bootstrap", "--data", "people.csv", "--id", "name", *LAYERS, "--model", "a", *log)
    Path("b").write_bytes(Path("a").read_bytes())
    train = ("train", "--load", "--data", "people.csv", *log)
    ask(*train, "--limit", 20, "--model", "a", "--checkpoint-every", 8)
    ask(*train, "--skip", 20, "--model", "b")
    ask("merge", "a", "b", "--output", "both", *log)
    ask("forget", *table, "--limit", 5, "--model", "both", *log)
    ask("export", "both", "--output", "w.safetensors", *log)
    ask("sparse", "prune", "both", "--output", "small", *log)
    entries = history.read("log")
    found = [(entry.model, entry.what, entry.examples) for entry in entries]
    assert found[:5] == [
        ("a", "bootstrap", 0),
        ("a", "learn", 8),
        ("a", "learn", 8),
        ("a", "learn", 4),
        ("b", "learn", 40),
    ]
    assert found[5:] == [("both", "merge", 60), ("both", "forget", -5), ("both", "export", 0), ("small", "prune", 55)]
    assert "p16" not in Path("log").read_text() and "0.6" not in Path("log").read_text()
    for name in ("a", "b", "both", "small", "w.safetensors"):
        told = ask("verify", "log", name)
        assert told["intact"] and told["lines"] == 9 and told["last_sha256"] == entries[-1].sha256
    told = ask("inspect", "both", "--history", "log")
    assert [entry["line"] for entry in told["history"]] == [6, 7, 8]
    assert told["history"][1] == {"line": 7, **json.loads(entries[6].line)}
    assert told["model_sha256"] == entries[6].after
    assert ask("verify", "log", "--last", entries[3].sha256)["intact"]
    assert "lines are missing" in refuse("verify", "log", "--last", "0" * 63 + "1")
    ask("train", "--load", "--data", "people.csv", "--limit", 1, "--model", "a")
    assert "changed without the log" in refuse("verify", "log", "a")
    assert "begin another log" in refuse(*train, "--limit", 2, "--model", "a")
    assert history.read("log") == entries


@pytest.mark.slow
@pytest.mark.parametrize("output, changed", [("m.keras", "m.labels.txt"), ("s", "s/labels.txt")])
def test_an_export_for_other_programs_is_verified_by_its_bytes(ask, table, refuse, output, changed):
    ask("train", "--data", "people.csv", "--id", "name", *LAYERS, "--model", "a", "--audit", "log")
    ask("export", "a", "--output", output, "--audit", "log")
    told = ask("verify", "log", output)
    assert told["intact"] and told["agrees"] == output and told["export_line"] == told["lines"] == 4
    if Path(output).is_dir():
        (Path(output) / "more").write_text("more")
        assert "s/more to be no such file, as line 4 wrote it" in refuse("verify", "log", output)
        (Path(output) / "more").unlink()
    content = Path(changed).read_bytes()
    Path(changed).write_bytes(content[::-1])
    assert f"expected {changed} to be" in refuse("verify", "log", output)
    Path(changed).unlink()
    assert "as line 4 wrote it, got no such file" in refuse("verify", "log", output)
    Path(changed).write_bytes(content)
    ask("export", "a", "--output", output)  # again, without the log
    assert f"expected {output}" in refuse("verify", "log", output)


def test_what_cannot_be_verified_of_an_export_is_said(ask, table, refuse):
    ask("bootstrap", "--data", "people.csv", "--id", "name", *LAYERS, "--model", "a", "--audit", "log")
    Path("m.keras").write_bytes(b"anything")
    assert "m.keras: expected an export of this log, got one that no line speaks of" in refuse(
        "verify", "log", "m.keras"
    )
    state = history.State.of(ContinualClassifier.load("a").facts())
    about = {"output": "m.keras", "output_sha256": "0" * 64}
    history.append("log", history.Step("export", "a", state, state, about=about))
    assert "line 2 notes no digest of it: that export did not end" in refuse("verify", "log", "m.keras")


def test_the_history_is_a_plain_table(ask, table):
    from click.testing import CliRunner

    from indeependence.commands import cli

    train = ("train", "--data", "people.csv", "--id", "name", *LAYERS, "--model", "a")
    ask(*train, "--audit", "log")
    shown = CliRunner().invoke(cli, ["inspect", "a", "--history", "log"], catch_exceptions=False)
    *_, head, first, second = shown.stdout.splitlines()
    assert head.split()[:3] == ["line", "when", "(UTC)"] and first.split()[3:6] == ["bootstrap", "+0", "0"]
    assert (
        second.split()[3:6] == ["learn", "+60", "60"] and second.split()[-1] == ask("inspect", "a")["model_sha256"][:16]
    )
    ask(*train, "--overwrite", "--limit", 9, "--audit", "log")
    assert [entry.anew for entry in history.read("log")] == [True, False, True, False]
    assert ask("verify", "log", "a")["lines"] == 4


def test_a_note_on_the_history_is_json_where_the_answer_is(table, ask):
    from click.testing import CliRunner

    from indeependence.commands import cli

    ask("train", "--data", "people.csv", "--id", "name", *LAYERS, "--limit", 9, "--model", "a", "--audit", "log")
    ask("train", "--load", "--data", "people.csv", "--id", "name", "--skip", 9, "--limit", 1, "--model", "a")
    told = CliRunner().invoke(cli, ["inspect", "a", "--history", "log", "--json"], catch_exceptions=False)
    assert "changed without the log" in json.loads(told.stderr)["note"] and json.loads(told.stdout)["history"]


def test_an_autoencoder_is_noted_too(ask):
    ask("train", "--kind", "autoencoder", *LAYERS, "--limit", 120, "--model", "m", "--audit", "log")
    ask("train", "--kind", "autoencoder", "--load", "--skip", 120, "--limit", 10, "--model", "m", "--audit", "log")
    assert [entry.examples for entry in history.read("log")] == [100, 20, 10]
    assert ask("verify", "log", "m")["intact"]


def test_a_run_that_is_killed_between_line_and_file_is_taken_up_again(ask, table, monkeypatch):
    class Killed(BaseException):
        pass

    written = []
    write = container.write_atomically

    def third(path, data):
        written.append(path)
        if len(written) == 3:
            raise Killed
        write(path, data)

    train = ("train", "--data", "people.csv", "--id", "name", *LAYERS, "--model", "a", "--checkpoint-every", 25)
    ask(*train, "--model", "undisturbed")
    with monkeypatch.context() as patch:
        patch.setattr(container, "write_atomically", third)
        with pytest.raises(Killed):
            ask(*train, "--audit", "log")
    ask(*train, "--resume", "--audit", "log")
    assert [entry.what for entry in history.read("log")] == ["bootstrap", "learn", "learn", "void", "learn", "learn"]
    assert ask("verify", "log", "a")["model_sha256"] == ask("inspect", "undisturbed")["model_sha256"]


def test_a_log_is_never_the_model_nor_another_file(ask, table, refuse):
    train = ("train", "--data", "people.csv", "--id", "name", *LAYERS)
    assert "name another file for --audit" in refuse(*train, "--model", "m", "--audit", "m")
    ask(*train, "--model", "m", "--audit", "log")
    before = Path("people.csv").read_bytes()
    assert "audit log" in refuse("forget", *table, "--limit", 3, "--model", "m", "--audit", "people.csv")
    assert "no folder" in refuse("forget", *table, "--limit", 3, "--model", "m", "--audit", "nowhere/log")
    Path("link").symlink_to("people.csv")
    assert "found a link" in refuse("forget", *table, "--limit", 3, "--model", "m", "--audit", "link")
    assert "by this command" in refuse("export", "m", "--output", "w.safetensors", "--audit", "w.safetensors")
    assert Path("people.csv").read_bytes() == before
    ask("sparse", "embed", "--data", "people.csv", "--id", "name", "--model", "m", *CODES)
    assert "expected a model with a fingerprint" in refuse("verify", "log", "c.sdr")
    assert "found none" in refuse("verify", "nothing") and "line 1: expected" in refuse("verify", "people.csv")


# A removal by ids


@pytest.fixture
def model(ask, table):
    """A model of all sixty, and the fingerprint of one with the same encoder that never learned the two."""
    ask("bootstrap", "--data", "people.csv", "--id", "name", *LAYERS, "--model", "m")
    Path("without").write_bytes(Path("m").read_bytes())
    ask("train", "--load", "--data", "people.csv", "--model", "m")
    return ask("train", "--load", "--data", "others.csv", "--model", "without")["model_sha256"]


def test_the_records_that_are_asked_for_are_gone_and_a_receipt_says_so(ask, table, model, refuse):
    before = ask("inspect", "m")["model_sha256"]
    receipt = ("--audit", "log", "--receipt", "r.json")
    told = ask("forget", *table, "--ids", "asked", "--model", "m", *receipt)
    assert told["model_sha256"] == model and told["model_sha256_before"] == before
    assert told["asked_for"] == told["forgotten_now"] == 2
    for file in ("log", "r.json"):
        assert "p16" not in Path(file).read_text() and told["ids_sha256"] in Path(file).read_text()
    assert told["ids_salt"] not in Path("log").read_text()
    assert ask("verify", "r.json", "m", "--ids", "asked")["removed"] == 2
    assert ask("verify", "log", "m", "--receipt", "r.json", "--ids", "asked")["receipt_line"] == 1
    Path("wrong").write_text("p16\np4\n")
    assert "expected the ids that the receipt was made for" in refuse("verify", "r.json", "--ids", "wrong")
    assert "--ids goes with --receipt" in refuse("verify", "log", "--ids", "asked")
    ask("train", "--load", "--data", "people.csv", "--limit", 1, "--model", "m", "--audit", "log")
    assert "as the removal left it" in refuse("verify", "r.json", "m")
    assert ask("verify", "log", "m", "--receipt", "r.json")["lines"] == 2
    ask("forget", *table, "--ids", "wrong", "--model", "m", "--receipt", "s.json")
    assert "expected a line of log" in refuse("verify", "log", "--receipt", "s.json")


BAD_IDS = {
    b"p3\nnobody\nneither\n": "2 of 3 are not in people.csv: nobody, neither",
    b"p3\np4\np3\n": "expected each id once, got more than one of p3",
    b"\n": "expected one id a line, got none",
    b"\xff\n": "expected a text file in UTF-8",
}


def test_ids_that_are_unknown_or_given_twice_are_named_and_nothing_is_removed(ask, table, model, refuse):
    before = Path("m").read_bytes()
    for ids, message in BAD_IDS.items():
        Path("ids").write_bytes(ids)
        words = ("--ids", "ids", "--model", "m", "--audit", "log", "--receipt", "r.json")
        assert message in refuse("forget", *table, *words)
    assert Path("m").read_bytes() == before


def test_an_id_that_two_records_have_is_named_and_usage_is_checked(ask, table, model, refuse):
    text = Path("people.csv").read_text()
    Path("people.csv").write_text(text.replace("p4,", "p3,"))
    assert "found more than one of p3" in refuse("forget", *table, "--ids", "asked", "--model", "m")
    Path("people.csv").write_text(text)
    ids = ("--ids", "asked", "--model", "m")
    assert "leave --classes, --skip" in refuse("forget", *table, *ids, "--limit", 3, code=2)
    assert "--ids goes with --examples" in refuse("forget", "--class", "u", *ids, code=2)
    assert "is there already" in refuse("forget", *table, *ids, "--receipt", "people.csv")
    assert "name another --receipt" in refuse("forget", *table, *ids, "--receipt", "nowhere/r.json")
    x, y = np.random.default_rng(0).random((9, 2)), np.arange(9) % 2
    np.savez("d.npz", x=x, y=y)
    ContinualClassifier("4").fit(x, y).save("n")
    message = refuse("forget", "--examples", "d.npz", "--ids", "asked", "--model", "n")
    assert "expected a table with --id, the column that names its rows, or a folder of pictures" in message


def test_pictures_are_called_by_the_names_of_their_files(ask, tmp_path, refuse, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    for part in ("train", "test"):
        for name in ("cat", "dog"):
            Path(part, name).mkdir(parents=True)
            for number in range(5):
                cv2.imwrite(f"{part}/{name}/{number}.png", rng.integers(0, 256, (8, 8), np.uint8))
    Path("train/cat/only.png").write_bytes(Path("train/cat/0.png").read_bytes())
    Path("pets").mkdir()
    for part in ("train", "test"):
        Path(part).rename(f"pets/{part}")
    ask("train", "--data", "pets", *LAYERS, "--model", "m")
    Path("ids").write_text("only.png\ntrain/dog/3.png\n")
    forget = ("forget", "--examples", "pets", "--ids", "ids", "--model", "m")
    told = ask(*forget)
    assert told["asked_for"] == 2 and [one["examples"] for one in told["classes"]] == [5, 4]
    Path("ids").write_text("3.png\n")
    assert "found more than one of 3.png" in refuse(*forget)
    Path("ids").write_text("test/dog/3.png\n")
    assert "1 of 1 are not in pets: test/dog/3.png" in refuse(*forget)


def test_python_notes_the_same_by_itself(tmp_path):
    x, y = np.random.default_rng(0).integers(0, 256, (40, 6), np.uint8), np.arange(40) % 2
    model = ContinualClassifier("4").bootstrap(x)
    before = history.State.of(model.facts())
    after = history.State.of(model.partial_fit(x, y).facts())
    entry = history.append(tmp_path / "log", history.Step("learn", "m", before, after))
    assert entry.examples == 40 and history.read(tmp_path / "log") == (entry,)
    model.save(tmp_path / "m")
    assert history.verify([entry], "m", after)["m"].sha256 == model.facts()["model_sha256"]
    with pytest.raises(InputError, match="line 1 left it"):
        history.verify([entry], "m", before)
