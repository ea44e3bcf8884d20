"""The command line as a user meets it: results on stdout, exit codes, one clear line for bad input."""

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from indeependence.commands import cli
from tests import ROOT

pytestmark = pytest.mark.slow  # seconds, or many of them

LAYERS = "patches:8:size=3:pool=2:stride=2,+sparse:40"


def call(*arguments, cwd=ROOT):
    """Runs cli.py as a user would."""
    return subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), *map(str, arguments)], capture_output=True, text=True, cwd=cwd
    )


def test_a_preset_stands_for_layers_and_not_beside_them(ask, tmp_path):
    told = ask("evaluate", "--tasks", 1, "--preset", "best", "--output", "out")
    assert told["options"]["layers"] == "best" and told["encoder"].startswith("patches:")
    told = call("evaluate", "--preset", "best", "--layers", 20)
    assert told.returncode == 2 and "leave out either it or --layers" in told.stderr


def test_evaluate_prints_all_that_is_promised_and_writes_the_report(ask, tmp_path):
    told = ask("evaluate", "--tasks", 5, "--layers", LAYERS, "--output", "out", "--seed", 3)
    assert told["average_accuracy"] > 0.95 and told["stored_examples"] == 0 and told["seed"] == 3
    for name in (
        "forgetting backward_transfer forward_transfer learning_accuracy accuracy_matrix per_class_accuracy "
        "average_incremental_accuracy "
        "statistics_bytes data_bytes wall_seconds cpu_seconds peak_memory_bytes model_sha256 options"
    ).split():
        assert name in told
    assert told["options"]["layers"] == LAYERS
    assert {file.name for file in (tmp_path / "out").iterdir()} == {
        "results.json",
        *(f"{plot}.{kind}" for plot in ("accuracy_matrix", "learning_curve") for kind in ("png", "svg", "pdf")),
        "report.html",
    }
    assert json.loads((tmp_path / "out/results.json").read_text())["model_sha256"] == told["model_sha256"]


def test_the_default_on_digits_reaches_its_goal(ask):
    told = ask("evaluate", "--data", "digits", "--tasks", 5)
    assert told["average_accuracy"] >= 0.97 and told["stored_examples"] == 0


def test_class_order_batch_size_and_threads_change_no_bit(ask):
    ask("bootstrap", "--classes", "0,1", "--layers", LAYERS, "--model", "m")
    told = [
        ask("evaluate", "--tasks", 5, "--load", "--model", "m", *changes)["model_sha256"]
        for changes in (
            ["--class-order", "0,1,2,3,4,5,6,7,8,9"],
            ["--class-order", "9,8,7,6,5,4,3,2,1,0"],
            ["--class-order", "random", "--seed", "7"],
            ["--classes-per-task", "1,2,3,4"],
            ["--batch-size", "64"],
            ["--threads", "1"],
            ["--threads", "2"],
            ["--scenario", "stream"],
        )
    ]
    assert len(set(told)) == 1


def test_today_and_tomorrow_equal_one_run(ask):
    ask("train", "--classes", "0,1", "--layers", LAYERS, "--model", "two")
    two = ask("train", "--classes", "2,3", "--load", "--model", "two")
    one = ask("train", "--classes", "0,1,2,3", "--tasks", 2, "--layers", LAYERS, "--model", "one")
    assert two["model_sha256"] == one["model_sha256"]
    assert two["accuracy_on_learned_classes"] == one["accuracy_on_learned_classes"] > 0.95
    assert ask("inspect", "two")["model_sha256"] == one["model_sha256"]


def test_skip_and_limit_cut_the_examples_without_overlap(ask):
    ask("bootstrap", "--layers", LAYERS, "--model", "parts")
    ask("train", "--limit", 500, "--load", "--model", "parts")
    parts = ask("train", "--skip", 500, "--load", "--model", "parts")
    ask("bootstrap", "--layers", LAYERS, "--model", "whole")
    whole = ask("train", "--load", "--model", "whole")
    assert parts["model_sha256"] == whole["model_sha256"] and parts["examples"] == 1438


def test_infer_names_the_digits_of_pictures(ask, tmp_path):
    from indeependence import load_dataset

    digits = load_dataset("digits")
    ask("train", "--layers", LAYERS)
    for i in range(20):
        cv2.imwrite(str(tmp_path / f"{i:02}.png"), digits.x_test[i])
    answers = ask("infer", "--data", ".", "--top", 2)["answers"]
    assert np.mean([answer["label"] == y for answer, y in zip(answers, digits.y_test, strict=False)]) > 0.9
    assert all(answer["probability"] >= answer["others"][0]["probability"] for answer in answers)
    assert [answer["name"] for answer in answers] == [f"{i:02}.png" for i in range(20)]
    (one,) = ask("infer", "--data", "03.png")["answers"]
    assert one["label"] == answers[3]["label"] and one["name"] == "03.png"


def test_infer_takes_grey_pictures_for_a_model_of_coloured_ones(ask, tmp_path):
    rng = np.random.default_rng(0)
    x = rng.integers(0, 128, (40, 10, 10, 3), np.uint8)
    x[20:] += 100
    y = np.repeat([0, 1], 20)
    np.savez(tmp_path / "colour.npz", x_train=x, y_train=y, x_test=x, y_test=y)
    ask("train", "--data", "colour.npz", "--layers", "inputs")
    np.save(tmp_path / "grey.npy", np.full((1, 10, 10), 180, np.uint8))
    assert ask("infer", "--data", "grey.npy")["answers"][0]["label"] == 1


def test_inspect_tells_the_error_on_sums_of_another_model(ask):
    ask("bootstrap", "--layers", LAYERS, "--model", "mine")
    (Path("theirs")).write_bytes(Path("mine").read_bytes())
    ask("train", "--limit", 1000, "--load", "--model", "mine")
    ask("train", "--skip", 1000, "--load", "--model", "theirs")
    apart = ask("inspect", "mine", "--held-out", "theirs")["held_out_squared_error"]
    same = ask("inspect", "mine", "--held-out", "mine")["held_out_squared_error"]
    assert 0 < same < apart < 0.5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["evaluate", "--data", "digist"], "digits"),
        (["evaluate", "--data", "nowhere.npz"], "nowhere.npz"),
        (["evaluate", "--tasks", "11"], "11"),
        (
            ["evaluate", "--layers", "abc"],
            "expected dense, wide, drawn, sparse, patches, local, fourier, boxes, norm or a number, got 'abc'",
        ),
        (["evaluate", "--layers", "0"], "expected 1 to 100000 bases, got '0'"),
        (["evaluate", "--classes-per-task", "two"], "expected whole numbers above 0, as in 2 or 2,3,5, got 'two'"),
        (["evaluate", "--class-order", "0,1"], "missing"),
        (["evaluate", "--load"], "expected a model file, found none at artifacts/model.safetensors"),
        (["train", "--load", "--model", "none"], "expected a model file, found none at none"),
        (["train", "--classes", "0,eleven"], "--classes: no class 'eleven' in the data"),
        (["train", "--skip", "100000"], "--skip 100000 leaves no example"),
        (["train", "--kind", "autoencoder", "--boot-skip", "100000"], "--boot-skip 100000 leaves no example"),
        (["infer"], "expected a model file, found none"),
        (["inspect", "nothing"], "expected a model file, found none at nothing"),
    ],
)
def test_bad_input_is_told_in_one_line_and_writes_nothing(refuse, arguments, message):
    assert message in refuse(*arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["evaluate", "--tasks", "0"], "0 is not in the range x>=1"),
        (["evaluate", "--penalty", "-1"], "expected auto or a finite number of at least 0, got -1.0"),
        (["evaluate", "--scenario", "permuted", "--class-order", "1,0"], "--class-order goes with --scenario split"),
        (["evaluate", "--scenario", "stream", "--setting", "task"], "a stream has no tasks"),
        (["train", "--limit", "0"], "0 is not in the range x>=1"),
        (["fly"], "No such command 'fly'"),
    ],
)
def test_wrong_usage_exits_with_2(refuse, arguments, message):
    assert message in refuse(*arguments, code=2)


def test_a_model_of_other_inputs_is_refused_and_stays_as_it_was(ask, refuse, tmp_path):
    ask("train", "--layers", LAYERS, "--model", "m")
    before = Path("m").read_bytes()
    rows = np.random.default_rng(0).random((20, 5))
    np.savez(tmp_path / "vectors.npz", x_train=rows, y_train=np.arange(20) % 2, x_test=rows, y_test=np.arange(20) % 2)
    message = refuse("train", "--data", "vectors.npz", "--load", "--model", "m")
    assert "expected inputs of shape 8x8, as at first, got 5" in message
    assert Path("m").read_bytes() == before


def test_results_go_to_stdout_and_errors_to_stderr(tmp_path):
    done = call("evaluate", "--layers", LAYERS, "--output", tmp_path / "out")
    assert done.returncode == 0 and done.stderr == ""
    assert "average accuracy" in done.stdout and str(tmp_path / "out" / "report.html") in done.stdout
    assert "\x1b" not in done.stdout  # no colour codes in a pipe
    failed = call("evaluate", "--data", "nowhere", cwd=tmp_path)
    assert failed.returncode == 1 and failed.stdout == ""
    assert failed.stderr.startswith("Error: ") and failed.stderr.count("\n") == 1


def test_a_read_only_place_is_told_in_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    failed = call("train", "--layers", LAYERS, "--model", tmp_path / "file" / "m")
    assert failed.returncode == 1 and "cannot make the folder" in failed.stderr and "Traceback" not in failed.stderr


def test_a_full_disk_is_told_in_one_line_and_keeps_the_old_model(tmp_path):
    import resource

    assert call("train", "--layers", LAYERS, "--model", tmp_path / "m").returncode == 0
    before = (tmp_path / "m").read_bytes()
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))  # noqa: E731
    code = (
        "import signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "from indeependence.commands import main; main()"
    )
    command = [sys.executable, "-c", code, "train", "--load", "--model", str(tmp_path / "m")]
    failed = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, preexec_fn=limit)
    assert failed.returncode == 1 and failed.stderr.startswith("Error: cannot write"), failed.stderr
    assert (tmp_path / "m").read_bytes() == before and [file.name for file in tmp_path.iterdir()] == ["m"]


def test_every_help_page_has_an_example_to_copy():
    for name, command in cli.commands.items():
        page = CliRunner().invoke(cli, [name, "--help"]).output
        program = "indeependence" if name == "completion" else "python cli.py"  # completion is of what is installed
        assert f"{program} {name}" in page and command.get_short_help_str()
