"""Text from files and from the command line is shown as it is: it is never a code, never markup, never a traceback."""

import io
import json
import os
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from indeependence import ContinualClassifier, commands
from indeependence.report.page.markup import escaped
from indeependence.report.plots.learning_curve import learning_curve_figure
from tests.report.results_made_up import a_result

X = np.random.default_rng(0).integers(0, 256, (60, 6), np.uint8)
NAMES = (
    "\x1b[31mred",
    "two\nlines\ttab",
    "\u202eback\x9b31m",
    "$\\frac{$",
    "<script>alert(1)</script>",
    "=cmd|' /C'!A0",
)
CODES = ("\x1b", "\x9b", "\u202e", "lines\ttab")


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    y = np.array(NAMES * 10)
    np.savez("d.npz", x_train=X, y_train=y, x_test=X, y_test=y)
    ContinualClassifier("3").fit(X, y).save("m")
    return tmp_path


@pytest.fixture
def main(monkeypatch):
    """Runs the command line as a program, on output of an encoding; gives exit code, stdout and stderr as text."""

    def run(*words, encoding="utf-8"):
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding=encoding) for _ in range(2))
        monkeypatch.setattr(sys, "argv", ["cli.py", *map(str, words)])
        monkeypatch.setattr(sys, "stdout", out)
        monkeypatch.setattr(sys, "stderr", err)
        monkeypatch.setattr("click.utils.should_strip_ansi", lambda *_, **__: False)  # as on a terminal
        code = 0
        try:
            commands.main()
        except SystemExit as end:
            code = end.code
        out.flush()
        return code, out.buffer.getvalue().decode(encoding), err.buffer.getvalue().decode(encoding)

    return run


@pytest.mark.parametrize(
    "words",
    [
        ("train", "--model", "n", "--layers", "3", "--output", "out"),
        ("infer", "--model", "m", "--top", "6", "--csv", "out/i.csv"),
        ("test", "m", "--output", "out", "--csv", "out/t.csv"),
        ("evaluate", "--layers", "3", "--tasks", "2", "--output", "out"),
    ],
    ids=lambda words: words[0],
)
def test_no_name_is_a_code_on_the_terminal_or_in_a_file(here, main, words):
    (here / "out").mkdir()
    code, out, err = main(*words, "--data", "d.npz")
    assert code == 0 and r"\x1b[31mred" in out + err or words[0] == "evaluate"
    written = {path.name: path.read_text() for path in (here / "out").iterdir() if path.suffix not in (".png", ".pdf")}
    for text in (out, err, *written.values()):
        assert not [one for one in CODES if one in text]
    assert "<script" not in written.get("report.html", "")


def test_cells_of_tables_are_no_formulas(here, main):
    main("infer", "--model", "m", "--data", "d.npz", "--csv", "i.csv")
    assert ",'=cmd|' /C'!A0," in (here / "i.csv").read_text()


@pytest.mark.parametrize(
    "words",
    [
        ("\x1b[31mtrain",),
        ("inspect", "\x1b[31mm"),
        ("inspect", "--\x1b[31mm"),
        ("evaluate", "--scenario", "\x1b[31m"),
        ("evaluate", "--layers", "\x1b[31m:3"),
        ("train", "--data", "d.npz", "--classes", "\x1b[31mblue"),
        ("forget", "--model", "m", "--class", "\x1b[31mblue"),
    ],
)
def test_messages_show_codes(here, main, words):
    code, _, err = main(*words)
    assert code in (1, 2) and "\x1b" not in err and r"\x1b[31m" in err


@pytest.mark.parametrize(
    "words",
    [
        ("train", "--data", "d\udcff"),
        ("infer", "--model", "m\udcff", "--data", "d.npz"),
        ("evaluate", "--output", "o\udcff"),
        ("export", "m", "--output", "o\udcff.tf"),
        ("sparse", "embed", "--model", "m", "--output", "o\udcff"),
    ],
)
def test_a_word_that_is_not_utf_8_is_refused_before_any_work(here, main, words):
    before = sorted(here.iterdir())
    code, out, err = main(*words)
    assert code == 2 and "expected words in UTF-8" in err and not out and sorted(here.iterdir()) == before


def _pictures(root, *names):
    for number, name in enumerate(names):
        path = Path(root, os.fsdecode(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(cv2.imencode(".png", X[6 * number : 6 * number + 6])[1].tobytes())


def test_pictures_whose_names_are_not_utf_8_are_learned_and_named(here, main):
    _pictures("p", b"cat/\xff.png", b"dog/\xfe\x1b.png")
    assert main("train", "--data", "p", "--model", "n", "--layers", "2")[0] == 0
    code, out, _ = main("infer", "--data", "p", "--model", "n", "--csv", "i.csv")
    assert code == 0 and r"cat/\udcff.png" in out and r"dog/\udcfe\x1b.png" in (here / "i.csv").read_text()


def test_a_class_that_is_not_utf_8_is_refused_before_its_pictures_are_read(here, main, monkeypatch):
    _pictures("p", b"cat/1.png", b"d\xffg/1.png")
    monkeypatch.setattr("indeependence.data.readers.pictures.decoded", None)
    code, _, err = main("train", "--data", "p", "--model", "n")
    assert code == 1 and r"names of classes in UTF-8, got 'd\udcffg'" in err


def test_a_terminal_that_cannot_show_a_name_gets_its_escape(here, main):
    ContinualClassifier("3").fit(X, np.array(["é", "猫"] * 30)).save("m")
    code, out, _ = main("inspect", "m", encoding="latin-1")
    assert code == 0 and r"é (30), \u732b (30)" in out


def test_pages_and_plots_show_names():
    assert escaped("\u202e<b>\udcff") == r"\u202e&lt;b&gt;\udcff"
    made = a_result(3, names=("_background_", "\x1b$", "c"))
    labels = [text.get_text() for text in learning_curve_figure(made).legends[0].get_texts()]
    assert labels[:2] == [" _background_", r"\x1b$"]


def test_with_json_every_line_on_stderr_is_json(here, main):
    (here / "t.csv").write_text("a,b,label\n" + "1,2,x\n3,4,y\n" * 5)
    code, out, err = main("train", "--data", "t.csv", "--model", "n", "--layers", "2", "--json")
    assert code == 0 and json.loads(out) and "10 rows" in json.loads(err)["note"]
    code, out, err = main("infer", "--data", "t.csv", "--model", "n", "--mask", "top", "--json")
    assert code == 1 and not out and [*map(json.loads, err.splitlines())][-1]["exit_code"] == 1


@pytest.mark.parametrize("words", [("evaluate", "--tasks", "x"), ("nothing",), ("sparse", "nothing"), ("forget",)])
def test_with_json_wrong_usage_is_json(main, words):
    code, out, err = main(*words, "--json")
    assert code == 2 and not out and json.loads(err)["exit_code"] == 2


def test_with_json_an_interruption_is_json(main, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("indeependence.models.open", interrupted)
    code, out, err = main("inspect", "m", "--json")
    assert code == 130 and not out and json.loads(err) == {"error": "interrupted", "exit_code": 130}
