"""Nothing is overwritten in silence, text from files is never a code for the terminal, and pipes are refused."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rich.console

from indeependence import ContinualClassifier
from indeependence.commands.infer import _line
from indeependence.commands.shared import progress as module
from indeependence.commands.shared.facts import print_facts
from indeependence.errors import InputError
from indeependence.experiment.learners import LearnerSettings
from indeependence.export.files import write_saved_model
from indeependence.models.making import Making
from tests import ROOT

X = np.random.default_rng(0).integers(0, 256, (40, 6), np.uint8)
BAD = "\x1b[31mred"


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ContinualClassifier("4").fit(X, np.arange(40) % 2).save(tmp_path / "m")
    np.savez(tmp_path / "d.npz", x=X, y=np.arange(40) % 2)
    return tmp_path


@pytest.mark.parametrize("words", [("train",), ("bootstrap",), ("train", "--kind", "autoencoder", "--layers", "3")])
def test_a_model_that_is_there_is_replaced_only_when_that_is_said(here, refuse, ask, words):
    before = (here / "m").read_bytes()
    words = (*words, "--data", "d.npz", "--model", "m")
    message = refuse(*words)
    assert "--load goes on training it, --overwrite begins anew" in message
    assert (here / "m").read_bytes() == before
    ask(*words, "--overwrite")
    assert (here / "m").read_bytes() != before


def test_an_export_replaces_only_an_export(here, refuse, ask):
    (here / "thesis.safetensors").write_text("years of work")
    assert "of kind unknown, not weights" in refuse("export", "m", "--output", "thesis.safetensors")
    ContinualClassifier("4").fit(X, np.arange(40) % 2).save(here / "n.safetensors")
    assert "of kind classifier, not weights" in refuse("export", "m", "--output", "n.safetensors")
    ask("export", "m", "--output", "n.safetensors", "--overwrite")
    ask("export", "m", "--output", "n.safetensors")


def test_codes_replace_only_codes(here, refuse):
    words = ("sparse", "embed", "--data", "d.npz", "--model", "m", "--units", "64", "--active", "4")
    (here / "n").write_bytes((here / "m").read_bytes())
    assert "of kind classifier, not sdr" in refuse(*words, "--output", "n")
    assert "--output and --model are both m" in refuse(*words, "--output", "m", code=2)


@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_layers_that_a_loaded_model_would_not_heed_are_refused(here, ask, refuse, command):
    before, words = (here / "m").read_bytes(), (command, "--data", "d.npz", "--load", "--model", "m", "--limit", "9")
    words = words if command == "train" else words[:-2]
    for asked, named in ((("--layers", "5"), "5"), (("--preset", "best"), "best")):
        assert f"m was made with 4, got {named}: leave it out" in refuse(*words, *asked)
    assert (here / "m").read_bytes() == before
    ask(*words, "--layers", "4")


def test_a_model_keeps_penalty_and_readout_until_others_are_asked_for(here, ask):
    again = ("train", "--data", "d.npz", "--load", "--model", "n")
    ask("train", "--data", "d.npz", "--layers", "4", "--model", "n", "--penalty", "0.5", "--readout", "ridge")
    for options, penalty, readout in (
        ((), 0.5, "ridge"),
        (("--penalty", "auto"), "auto", "ridge"),
        (("--readout", "lda", "--penalty", "2"), 2.0, "lda"),
        ((), 2.0, "lda"),
    ):
        ask(*again, *options)
        model = ContinualClassifier.load(here / "n")
        assert (model.penalty, model.readout) == (penalty, readout)
    evaluated = LearnerSettings(Making(), load=here / "n").make(None)
    assert (evaluated.penalty, evaluated.readout) == (2.0, "lda")


def test_a_folder_with_other_files_in_it_is_no_saved_model_to_replace(tmp_path):
    (tmp_path / "saved_model.pb").write_bytes(b"")
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(InputError, match="is no SavedModel alone"):
        write_saved_model(tmp_path, None)
    assert (tmp_path / "thesis.tex").exists()


@pytest.mark.parametrize("words", [("train", "--model", "new"), ("infer", "--model", "m")])
def test_a_pipe_as_data_is_refused_at_once(here, refuse, words):
    os.mkfifo(here / "pipe.npz")
    assert "found a pipe or device" in refuse(*words, "--data", "pipe.npz")


def test_names_of_classes_and_files_are_made_visible(capsys):
    print_facts({"classes": [{"class": BAD, "examples": 1}, {"class": "two\nlines", "examples": 1}], BAD: "a\tb"})
    out = capsys.readouterr().out
    assert "\x1b" not in out and out.count("\n") == 2 and "\t" not in out and r"\x1b[31mred (1), two\nlines" in out
    answer = {"name": "a\tb", "label": BAD, "probability": 1.0, "others": [], "unlike": False}
    assert _line(answer) == "a\\tb\t\\x1b[31mred\t1.0000"


def test_a_class_that_looks_like_markup_is_shown_as_it_is(monkeypatch):
    told = io.StringIO()
    console = rich.console.Console
    monkeypatch.setattr(rich.console, "Console", lambda **_: console(file=told, force_terminal=True, width=100))
    with module.progress() as watch:
        watch("learning [/x]\x07", 1, 2)
    assert r"learning [/x]\x07" in told.getvalue()


def run(*words, **more):
    command = [sys.executable, str(ROOT / "cli.py"), *words]
    return subprocess.run(command, stderr=subprocess.PIPE, text=True, **more)


def test_a_full_output_ends_in_one_line(here):
    with Path("/dev/full").open("w") as full:
        done = run("inspect", "m", stdout=full)
    assert done.returncode == 1 and done.stderr.startswith("Error: output: ") and done.stderr.count("\n") == 1


@pytest.mark.parametrize("words", [("inspect", "none", "--json"), ("inspect", "--json")])
def test_errors_are_json_where_answers_are(here, words):
    done = run(*words, stdout=subprocess.PIPE)
    assert json.loads(done.stderr)["exit_code"] == done.returncode > 0 and not done.stdout


@pytest.mark.parametrize(("words", "code"), [(("--version",), 0), (("inspect", "none"), 1)])
def test_a_closed_output_is_no_traceback(here, words, code):
    done = run(*words, preexec_fn=lambda: os.close(1))
    assert done.returncode == code and "Traceback" not in done.stderr
