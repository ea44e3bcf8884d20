"""No option does nothing: for every command and kind, each option changes what comes out, or is refused in one line.

An option that is new has to be given a value here.
"""

import json
import shutil
from functools import lru_cache

import numpy as np
import pytest
from click.testing import CliRunner

from indeependence import load_dataset, models
from indeependence.commands import cli
from indeependence.errors import InputError

pytestmark = pytest.mark.slow

# What never changes a result, by what it is for: where and how the work is done, and where its results go.
WORK = set("threads batch_size engine device workers scheduler gram_blocks cache checkpoint_every resume".split())
PLACES = set(
    "model output overwrite audit tensorboard table as_json quiet verbose show record data file files receipt".split()
)
VALUES = {
    "label": None, "ignore": "2", "id": "1", "header": "no", "size": "4", "test_fraction": 0.3, "target": "1",
    "target_data": "two.npz", "classes": "0,2", "skip": 7, "limit": 15, "tasks": 2, "layers": "5", "members": 2,
    "encoder": "none.keras", "weights": "none.h5", "encoder_scale": "unit", "double": True, "bootstrap_limit": 9,
    "seed": 3, "limits": "0:300", "readout": "ridge", "penalty": 7, "ledger": "task", "contexts": "task",
    "keep_sums": True, "load": True, "kind": None, "frozen": True, "average": True, "coeff": 0.2, "eval": 0.3,
    "order": None, "rate": 0.3, "boot_skip": 5, "boot_limit": 9, "infer": 3, "inference": "closed", "solver": "adam",
    "scenario": "permuted", "setting": "task", "classes_per_task": "2,1", "class_order": "2,1,0", "seeds": 2,
    "max_angle": 20, "max_noise": 0.3, "noise": None, "block": 2, "period": 9, "adapt": "none", "periods": 3,
    "window": 2, "half_life": 2, "lags": 1, "measure": "own", "methods": "lda", "steps": 3,
    "given": None, "top": 2, "unknown_below": 0.9, "unknown_above": 0.01, "mask": "left", "clean": 0.3, "count": 2,
    "spread": 2, "units": "0,1", "side": "B", "blur": 0.4, "repeats": 2, "ways": 2, "shots": 3, "again": "none.json",
    "labels": "1", "threshold": 0.9, "encoder_depths": "3", "encoder_flip": True, "list_methods": None,
    "ids_file": "ids.txt", "minus": "fewer", "name": "1", "task": 1,
}  # fmt: skip
ORDERS = {"train": "file", "evaluate": "class", "compare": "class"}  # values that several commands have their own of
NOISE = {"infer": 0.5, "evaluate": "gaussian", "compare": "gaussian"}
SETS = {  # beginnings of command lines; the first word of each name is the command
    "train": "--layers 8",
    "train autoencoder": "--kind autoencoder --layers 8",
    "train frozen": "--kind autoencoder --frozen --layers 8",
    "train pairs": "--target-data two.npz --layers 8",
    "train pairs again": "--load --model pairs --target-data two.npz",
    "train again": "--load --model classifier",
    "train autoencoder again": "--kind autoencoder --load --model online",
    "bootstrap": "--layers 8",
    "bootstrap autoencoder": "--kind autoencoder --layers 8",
    "evaluate": "--layers 8 --tasks 3",
    "evaluate autoencoder": "--kind autoencoder --layers 8 --tasks 3",
    "evaluate conceptor": "--kind conceptor --tasks 3",
    "evaluate again": "--load --model classifier --tasks 3",
    "compare": "--methods ridge --tasks 3",
    "infer": "--model online",
    "infer half": "--model online --mask top",
    "infer noise": "--model online --noise 0.2",
    "infer pairs": "--model pairs --from A",
    "infer half of pairs": "--model pairs --from A --mask left",
    "infer clean": "--model pairs --from A --clean 0.2",
    "forget": "--model many --examples three.npz --skip 60",
    "forget class": "--model many --class 1",
    "forget pairs": "--model pairs --examples three.npz --target-data two.npz --skip 60",
    "generate": "--model many",
    "generate pairs": "--model pairs",
    "generate units": "--model many --units 3",
}
SAID = {  # when the file is saved, and what pairs have anyway
    *(("train again", "tasks"), ("train pairs", "frozen"), ("train pairs again", "frozen")),
}
TOLD = []  # the running errors and labels of an autoencoder
PASSING = ("wall_seconds", "cpu_seconds", "seconds_per_task", "peak_memory_bytes", "cpu_seconds_per_example")
NAMES = ("options", "command", "report", "error_curve", "output", "file_bytes", "seed", "model", "data", "kind")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with digits of three classes, an equal number of rows beside them, a classifier and an autoencoder."""
    place = tmp_path_factory.mktemp("options")
    digits = load_dataset("digits")
    rows = np.flatnonzero(digits.y_train < 3)[:90]
    np.savez(place / "three.npz", x=digits.x_train[rows], y=digits.y_train[rows])
    np.savez(place / "two.npz", x=digits.x_train[rows, :2])
    (place / "ids.txt").write_text("3")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        for words in (
            "--layers 8 --model classifier",
            "--kind autoencoder --layers 8 --limit 4 --model online",
            "--kind autoencoder --frozen --ledger class --layers 8 --model many",
            "--kind autoencoder --frozen --ledger class --layers 8 --skip 60 --model fewer",
            "--target-data two.npz --layers 8 --model pairs",
        ):
            result = CliRunner().invoke(cli, ["train", "--data", "three.npz", *words.split(), "--quiet"])
            assert result.exit_code == 0, result.output
        # Reports take the most time and change nothing that is told.
        for place_of in ("training_report.write_training_report", "runs.write_report"):
            patch.setattr(f"indeependence.experiment.{place_of}", lambda *told: "report.html")
        patch.setattr("indeependence.report.write.write_comparison", lambda *told: "report.html")
        patch.setattr("indeependence.experiment.online_report.write_running_error", lambda *told: TOLD.append(told[1:]))
        yield place


def outcome(folder, words):
    """Return all that a command tells but times and places, with what it wrote; None where it is refused."""
    shutil.copytree(folder, folder.with_name("before"), dirs_exist_ok=True)
    try:
        return _outcome(folder, words)
    finally:
        for name in ("classifier", "online", "many", "pairs"):
            shutil.copy(folder.with_name("before") / name, folder / name)


def _outcome(folder, words):
    result = CliRunner().invoke(cli, [*words, "--json"])
    if result.exit_code == 2:
        return None
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        assert isinstance(result.exception, InputError), (words, result.exception)
        return None
    assert result.exit_code == 0, (words, result.output)
    told = json.loads(result.stdout)
    curve, picture = repr(TOLD), folder / "out.png"
    written = picture.read_bytes() if picture.exists() else b""
    picture.unlink(missing_ok=True)
    TOLD.clear()
    return repr(_plain(told)), written, curve, _answers(folder, words) if words[0] == "train" else ""


def _answers(folder, words):
    """Return what the model that a command wrote answers to digits."""
    path = folder / words[words.index("--model") + 1]
    if "--target" in words or "--target-data" in words:
        return ""
    return repr(models.open(path).predictor.probabilities(load_dataset("digits").x_test[:20]))


def _plain(told):
    if isinstance(told, dict):
        return {name: _plain(value) for name, value in told.items() if name not in (*PASSING, *NAMES)}
    return [_plain(value) for value in told] if isinstance(told, list) else told


def line(name):
    command = name.split()[0]
    words = [command, *SETS[name].split()]
    words += [] if command in ("generate", "forget") else ["--data", "three.npz"]
    if command not in ("bootstrap", "forget"):
        words += ["--output", "out.png" if command in ("infer", "generate") else "out"]
    if name == "infer":
        words = words[:-2]
    if "--model" not in words and command in ("train", "bootstrap"):
        words += ["--model", "new", "--overwrite"]
    return words


@lru_cache
def baseline(folder, name):
    return outcome(folder, line(name))


@pytest.mark.filterwarnings("ignore:.*become a moving average")  # a word, not silence
@pytest.mark.parametrize("name", SETS)
def test_every_option_changes_what_comes_out_or_is_refused(folder, name, monkeypatch):
    monkeypatch.chdir(folder)
    command = cli.commands[name.split()[0]]
    usual, dead = baseline(folder, name), []
    assert usual is not None
    for option in command.params:
        if option.name in WORK | PLACES or option.name in ("help", "help_all", "list_methods", "preset"):
            continue
        value = {"order": ORDERS, "noise": NOISE}.get(option.name, {}).get(command.name, VALUES[option.name])
        if value is None or option.opts[0] in SETS[name].split():
            continue
        if (name, option.name) in SAID:
            continue
        given = [option.opts[0]] if option.is_flag else [option.opts[0], str(value)]
        if outcome(folder, [*line(name), *given]) == usual:
            dead.append(option.opts[0])
    assert dead == []
