"""The autoencoder on the command line: the original program's flags, what they write, and what they refuse."""

import json
import subprocess
import sys

import cv2
import numpy as np
import pytest

from indeependence import load_dataset

pytestmark = pytest.mark.slow  # seconds, or many of them

TRAIN = ["train", "--kind", "autoencoder", "--layers", "30", "--limit", "250"]


def test_train_tells_the_running_error_and_writes_the_curve_and_the_model(ask, tmp_path):
    told = ask(*TRAIN, "--output", "out", "--model", "m")
    assert told["running_error"] < 0.3 and set(told["running_errors"]) == {"100", "200"}
    assert told["kind"] == "autoencoder" and told["sums"] == "exact" and told["layers"] == "30"
    assert {file.name for file in (tmp_path / "out").iterdir()} == {
        *("error.csv", "error.txt", "error.png", "error.svg", "error.pdf", "report.html", "results.json")
    }
    lines = (tmp_path / "out/error.csv").read_text().splitlines()
    assert lines[0] == "example,label,predicted,running_error" and len(lines) == 251
    assert float(lines[-1].split(",")[-1]) == pytest.approx(told["running_error"], abs=1e-6)
    assert (tmp_path / "m").exists()


def test_the_original_flags_choose_the_autoencoder_with_underscores_or_dashes(ask):
    one = ask("train", "--layers", "20", "--boot_limit", 30, "--boot_skip", 5, "--limit", 60, "--coeff", 0.02)
    dashes = ["--boot-limit", 30, "--boot-skip", 5, "--limit", 60, "--coeff", 0.02]
    other = ask("train", "--layers", "20", *dashes, "--overwrite")
    assert one["model_sha256"] == other["model_sha256"] and one["sums"] == "moving average, coefficient 0.02"
    averaged = ask("train", "--layers", "20", "--limit", 60, "--average", "--overwrite")
    assert averaged["sums"] == "moving average, coefficient 0.01"


def test_the_original_defaults_are_kept(ask):
    told = ask("train", "--kind", "autoencoder", "--layers", "10")
    assert told["examples"] == 1000 and told["seed"] == 0


def test_today_and_tomorrow_see_all_examples(ask):
    ask(*TRAIN, "--model", "m")
    told = ask(*TRAIN, "--model", "m", "--load", "--skip", 250)
    assert told["running_error"] < 0.22
    assert ask("inspect", "m")["examples"] == 500


def test_the_default_layers_are_cut_to_small_pictures(ask):
    assert ask("train", "--kind", "autoencoder", "--limit", 20)["layers"] == "74,148,150"


def labels_learned(folder):
    return [line.split(",")[1] for line in (folder / "error.csv").read_text().splitlines()[1:]]


def test_few_examples_have_all_classes_unless_the_order_of_the_file_is_kept(ask, tmp_path):
    digits = load_dataset("digits")
    rows = np.argsort(digits.y_train, kind="stable")
    np.savez(tmp_path / "sorted.npz", x=digits.x_train[rows], y=digits.y_train[rows])
    words = ("train", "--kind", "autoencoder", "--data", "sorted.npz", "--layers", 5, "--limit", 60)
    ask(*words, "--output", "a", "--model", "a.safetensors")
    assert set(labels_learned(tmp_path / "a")) == set("0123456789")
    ask(*words, "--output", "b", "--model", "b.safetensors", "--order", "file")
    assert set(labels_learned(tmp_path / "b")) == {"0"}
    ask(*words, "--output", "c", "--model", "c.safetensors", "--seed", 1)
    assert labels_learned(tmp_path / "c") != labels_learned(tmp_path / "a")


def test_the_original_rate_and_steps_choose_adam_and_are_refused_where_nothing_heeds_them(ask, refuse):
    told = [
        ask("train", "--layers", 5, "--limit", 20, *more, "--overwrite") for more in (("--rate", 0.5), ("--rate", 2))
    ]
    assert told[0]["model_sha256"] != told[1]["model_sha256"]
    assert "--rate is Adam's, got --solver eigh" in refuse("train", "--rate", 0.5, "--solver", "eigh", code=2)
    assert "--infer goes with --inference" in refuse("train", "--infer", 5, "--inference", "mean", code=2)
    assert "--boot-limit goes with a new model" in refuse(
        "train", "--kind", "autoencoder", "--load", "--boot-limit", 5, code=2
    )


def test_weights_are_saved_every_hundred_examples(ask, monkeypatch):
    from indeependence.models.autoencoder.labelled import LabelledAutoencoder

    saved = []
    monkeypatch.setattr(LabelledAutoencoder, "save", lambda model, path: saved.append(model.moments_.count))
    ask(*TRAIN, "--output", "out")
    assert saved == [100, 200, 250]


@pytest.mark.parametrize("extra", [["--inference", "closed", "--infer", 16], ["--solver", "adam", "--infer", 5]])
def test_other_solvers_and_inferences_run(ask, extra):
    assert ask("train", "--layers", "15", "--limit", 40, "--eval", 0.1, *extra)["running_error"] < 1


def test_a_film_and_pictures_can_be_recorded(ask, tmp_path):
    ask(*TRAIN[:-1], "12", "--record", "film.mp4")
    film = cv2.VideoCapture(str(tmp_path / "film.mp4"))
    frames = sum(film.read()[0] for _ in range(20))
    assert frames == 12
    ask(*TRAIN[:-1], "3", "--record", "frame.png", "--overwrite")
    assert sorted(file.name for file in tmp_path.glob("*.png")) == [f"frame-0000{i}.png" for i in (1, 2, 3)]


def test_what_is_shown_changes_nothing_and_only_stderr_tells_where(ask, monkeypatch):
    from indeependence.report.live import show

    monkeypatch.setattr(show, "has_display", lambda *_: False)
    monkeypatch.setattr(show, "LINGERS", 0)
    plain = ask(*TRAIN[:-1], "30")
    shown = ask(*TRAIN[:-1], "30", "--show", "--overwrite")  # its stdout is JSON alone
    assert shown["model_sha256"] == plain["model_sha256"]


def test_the_last_frame_is_of_the_last_example(ask, monkeypatch):
    from indeependence.report.live import show

    seen = []
    monkeypatch.setattr(show, "has_display", lambda *_: False)
    monkeypatch.setattr(show, "LINGERS", 0)
    monkeypatch.setattr(show.Feed, "put", lambda feed, view: seen.append(view.text))
    ask(*TRAIN[:-1], "30", "--show")
    assert seen[0].startswith("Example 1:") and seen[-1].startswith("Example 30:")


def test_evaluate_shows_the_moving_average_beside_the_sums(ask, tmp_path):
    words = ["evaluate", "--kind", "autoencoder", "--tasks", 2, "--layers", "local:40:size=3", "--coeff", 0.02]
    told = ask(*words, "--output", "out")
    assert told["average_accuracy"] > 0.85 and told["moving_average"]["average_accuracy"] < 0.6
    assert told["encoder"] == "local:40:size=3"
    written = json.loads((tmp_path / "out/moving_average/results.json").read_text())
    assert written["average_accuracy"] == told["moving_average"]["average_accuracy"]


def test_one_thread_means_one_for_every_library_of_matrix_products():
    code = (
        "from indeependence.machine import limited_threads; from threadpoolctl import threadpool_info\n"
        "with limited_threads(1):\n"
        "    import indeependence.moments.ridge; print({one['num_threads'] for one in threadpool_info()})"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "{1}\n"


@pytest.fixture
def trained(ask):
    """A model of all training digits in the working folder, in its default place."""
    ask("train", "--kind", "autoencoder", "--layers", "40", "--limit", 1400, "--boot-limit", 200)


@pytest.mark.usefixtures("trained")
def test_generate_draws_rows_of_labels_that_are_recognised(ask, tmp_path):
    told = ask("generate", "--label", "3,7", "--count", 5, "--output", "pictures/g.png")
    assert told == {"pictures": 10, "labels": [3, 7], "output": "pictures/g.png"}
    sheet = cv2.imread(str(tmp_path / "pictures/g.png"), cv2.IMREAD_GRAYSCALE)
    assert sheet.shape == (2 * 58 + 2, 5 * 58 + 2)
    for i, label in enumerate([3, 3, 7, 7]):
        top, left = 2 + i // 2 * 58, 2 + i % 2 * 58
        cv2.imwrite(str(tmp_path / "one.png"), sheet[top : top + 56 : 7, left : left + 56 : 7])
        assert ask("infer", "--data", "one.png")["answers"][0]["label"] == label
    assert ask("generate", "--count", 1)["labels"] == list(range(10))
    assert ask("generate", "--units", "0,5", "--output", "u.png")["pictures"] == 6  # three of each


@pytest.mark.usefixtures("trained")
def test_a_hidden_half_is_filled_in_and_noise_is_taken_away(ask, tmp_path):
    for options in (["--mask", "bottom"], ["--mask", "left"], ["--noise", 0.2]):
        told = ask("infer", "--limit", 100, *options, "--output", "grid.png")
        assert told["squared_error"] < 0.8 * told["squared_error_before"]
        assert len(told["answers"]) == 100 and (tmp_path / "grid.png").exists()
        (tmp_path / "grid.png").unlink()


@pytest.mark.usefixtures("trained")
def test_infer_names_digits_with_probabilities(ask):
    from indeependence import load_dataset

    answers = ask("infer", "--data", "digits", "--top", 2)["answers"]
    assert np.mean([one["label"] for one in answers] == load_dataset("digits").y_test) > 0.9
    assert 0.3 < np.mean([one["probability"] for one in answers]) < 1.2
    assert all(one["probability"] >= one["others"][0]["probability"] for one in answers)


@pytest.mark.usefixtures("trained")
def test_labels_and_units_that_there_are_not_are_refused(refuse):
    assert "no class 'three' was learned: expected 0, 1" in refuse("generate", "--label", "three")
    assert "expected numbers from 0 to 39, got '40'" in refuse("generate", "--units", "40")


def test_a_classifier_draws_and_completes_nothing(ask, refuse):
    ask("train", "--layers", "sparse:20", "--limit", 50)
    assert "got one of kind classifier" in refuse("generate")
    assert "expected a model of kind autoencoder, got one of kind classifier" in refuse("infer", "--mask", "left")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--layers", "0", "--eval", "0.1"], "expected 1 to 100000 bases, got '0'"),
        (["--layers", "abc", "--eval", "0.1"], "got 'abc'"),
        (["--layers", "99", "--eval", "0.1"], "expected at most 74 bases"),
        (["--load", "--kind", "autoencoder"], "expected a model file, found none at artifacts/model.safetensors"),
        (["--record", "film.gif"], "expected a name that ends in .mp4 or .png, got 'film.gif'"),
    ],
)
def test_bad_input_is_told_in_one_line_and_writes_nothing(refuse, arguments, message):
    assert message in refuse("train", *arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "--rate", "-1"], "-1.0 is not in the range x>0"),
        (["train", "--coeff", "0"], "0.0 is not in the range 0<x<=1"),
        (["train", "--eval", "2", "--kind", "autoencoder"], "2.0 is not in the range 0<x<=1"),
        (["train", "--limit", "0", "--kind", "autoencoder"], "0 is not in the range x>=1"),
        (["train", "--boot_limit", "0"], "0 is not in the range x>=1"),
        (
            ["train", "--kind", "classifier", "--rate", "0.1"],
            "--rate goes with --kind autoencoder",
        ),
        (["evaluate", "--coeff", "0.01"], "--coeff goes with --kind autoencoder"),
        (["evaluate", "--kind", "autoencoder", "--load"], "--load goes with --kind classifier"),
        (["evaluate", "--kind", "conceptor", "--layers", "5"], "has one hidden layer, of 100 units"),
    ],
)
def test_wrong_usage_exits_with_2(refuse, arguments, message):
    assert message in refuse(*arguments, code=2)


@pytest.mark.parametrize(
    "option",
    [
        *(
            "--tasks 2",
            "--penalty 0.1",
            "--readout ridge",
            "--ledger task",
            "--contexts task",
            "--keep-sums",
            "--resume",
        ),
        *("--bootstrap-limit 9", "--batch-size 9", "--checkpoint-every 9", "--workers 2", "--gram-blocks 2"),
    ],
)
def test_what_an_autoencoder_would_not_heed_is_refused(option, refuse):
    name = option.split()[0]
    of_frozen = name in ("--tasks", "--ledger", "--resume", "--bootstrap-limit", "--batch-size", "--workers")
    of_frozen = of_frozen or name in ("--checkpoint-every", "--gram-blocks")
    expected = f"{name} goes with {'--frozen, whose sums' if of_frozen else '--kind classifier, got autoencoder'}"
    assert expected in refuse("train", "--kind", "autoencoder", *option.split(), code=2)
    assert expected in refuse("train", "--rate", "0.1", *option.split(), code=2)


@pytest.mark.parametrize("kind", ["autoencoder", "conceptor"])
@pytest.mark.parametrize("option", ["--penalty 0.1", "--readout ridge", "--keep-sums"])
def test_evaluate_refuses_what_another_kind_would_not_heed(kind, option, refuse):
    assert f"{option.split()[0]} goes with" in refuse("evaluate", "--kind", kind, *option.split(), code=2)


def test_a_model_of_the_other_kind_is_refused(ask, refuse):
    ask("train", "--layers", "sparse:20", "--limit", 50, "--model", "classifier")
    assert "got one of kind classifier" in refuse("train", "--kind", "autoencoder", "--load", "--model", "classifier")
    ask(*TRAIN[:-1], "20", "--model", "autoencoder", "--output", "out")
    assert "give --kind autoencoder, too" in refuse("train", "--load", "--model", "autoencoder")


@pytest.mark.slow
def test_real_digits_are_learned_within_a_thousand_examples(ask, real_data):
    told = ask("train", "--kind", "autoencoder", "--data", real_data / "mnist", "--layers", 100)
    assert told["running_errors"]["500"] < 0.33 and told["running_error"] < 0.30
    assert told["cpu_seconds_per_example"] > 0
    assert np.isfinite(told["drift"]).all()


def test_sums_that_become_averages_are_told_and_all_examples_counted(ask):
    ask(*TRAIN[:-1], 20, "--model", "m")
    again = ["train", "--kind", "autoencoder", "--load", "--model", "m"]
    assert ask(*again, "--limit", 10)["examples"] == 30
    with pytest.warns(UserWarning, match="exact sums become a moving average, coefficient 0.1, for good"):
        ask(*again, "--limit", 5, "--coeff", 0.1)
