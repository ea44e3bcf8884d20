"""Several seeds and layers on one page; results that fit their schema; runs that are made again, or gone on with."""

import json
from importlib import resources
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from click.testing import CliRunner

from indeependence import ContinualClassifier
from indeependence.commands import cli
from indeependence.errors import InputError
from indeependence.experiment import course, runs
from indeependence.experiment.unfinished import CHECKPOINT, FOLDER
from indeependence.report import folders
from indeependence.report.plots import rendering
from tests.report.results_made_up import names

EVALUATE = ("evaluate", "--data", "d.npz", "--layers", "4", "--tasks", 2, "--output", "out")
COMPARE = (
    "compare",
    "--data",
    "d.npz",
    "--layers",
    "4",
    "--tasks",
    2,
    "--methods",
    "indeependence,lda",
    "--output",
    "out",
)
RUN = "????????????????.json"
TIMES = ("seconds_per_task", "wall_seconds", "cpu_seconds", "peak_memory_bytes")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """An empty folder with data of four classes; plots are not drawn."""
    random = np.random.default_rng(0)
    labels = np.arange(80) % 4
    inputs = random.integers(0, 60, (80, 6, 6)) + 45 * labels[:, None, None]
    np.savez(tmp_path / "d.npz", x=inputs.astype(np.uint8), y=labels)
    monkeypatch.setattr(rendering, "_saved", lambda figure, **_: b'<svg viewBox="0 0 1 1" ></svg>')
    monkeypatch.chdir(tmp_path)
    return tmp_path


def valid(told):
    schema = json.loads(resources.files("indeependence.report").joinpath("results.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(told, schema, jsonschema.Draft202012Validator)
    return told


def untimed(told):
    """The same without times, and without the options that differ between a run and the one that goes on."""
    if isinstance(told, dict):
        left = {name: value for name, value in told.items() if name not in (*TIMES, "options", "command")}
        return {name: untimed(value) for name, value in left.items()}
    return [untimed(value) for value in told] if isinstance(told, list) else told


def noted(*words):
    result = CliRunner().invoke(cli, list(map(str, words)), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stderr


def test_several_seeds_have_one_page_other_orders_and_every_value(ask, here):
    told = valid(ask(*EVALUATE, "--seeds", 3))
    assert told == json.loads(Path("out/results.json").read_text())
    [series] = told["series"]
    assert len({tuple(order) for order in told["class_orders"]}) > 1 and told["options"]["class_order"] == "random"
    spread = series["metrics"]["average_accuracy"]
    assert spread["values"] == [run["average_accuracy"] for run in series["runs"]]
    assert spread["mean"] == pytest.approx(np.mean(spread["values"]))
    assert names(here / "out") == sorted([*folders.JOINT, "seed-0", "seed-1", "seed-2"])
    for seed in (0, 1, 2):
        one = valid(json.loads(Path(f"out/seed-{seed}/results.json").read_text()))
        assert one == series["runs"][seed] and one["class_order"] == told["class_orders"][seed]
    assert all(f'href="seed-{seed}/report.html"' in Path("out/report.html").read_text() for seed in (0, 1, 2))


def test_an_earlier_report_does_not_stay_beside_the_new_one(ask, here):
    ask(*EVALUATE, "--seeds", 3)
    (here / "out/seed-2/notes.txt").write_text("mine")
    message = noted(*EVALUATE, "--seeds", 2, "--class-order", "labels")
    assert "out/seed-2: the report of an earlier run is gone, files of others stay" in message
    assert names(here / "out") == sorted([*folders.JOINT, "seed-0", "seed-1", "seed-2"])
    assert names(here / "out/seed-2") == ["notes.txt"]
    assert {tuple(one) for one in json.loads(Path("out/results.json").read_text())["class_orders"]} == {(0, 1, 2, 3)}
    ask(*EVALUATE)
    assert names(here / "out") == sorted([*folders.EVALUATION, "seed-2"])


def test_several_layers_stand_in_one_table(ask):
    told = valid(ask(*EVALUATE, "--layers", "6"))
    assert [series["name"] for series in told["series"]] == ["4", "6"]
    assert [series["runs"][0]["encoder"] for series in told["series"]] == ["4", "6"]
    assert Path("out/layers-2/report.html").is_file()
    assert Path("out/table.md").read_text().splitlines()[2].startswith("| 4 |")
    alone = ask("evaluate", "--from", "out/layers-2/results.json")
    assert alone["model_sha256"] == told["series"][1]["runs"][0]["model_sha256"]


@pytest.mark.parametrize("words", [(*EVALUATE, "--seeds", 2), COMPARE], ids=["evaluate", "compare"])
def test_a_run_is_repeated_to_the_same_fingerprints(ask, here, words):
    told = valid(ask(*words))
    again = (words[0], "--from", "out/results.json")
    assert noted(*again) == "the same 2 fingerprints as in out/results.json.\n"
    assert untimed(json.loads(Path("artifacts/repeated/results.json").read_text())) == untimed(told)
    told["version"] = "0.0.1"
    (told.get("series") or told["methods"])[0]["runs"][0]["model_sha256"] = "0" * 64
    Path("out/results.json").write_text(json.dumps(told))
    np.savez("d.npz", **{**np.load("d.npz"), "y": (np.arange(80) + 1) % 4})
    told = noted(*again)
    for line in ("d.npz has changed since", "made by version 0.0.1", "2 of 2 fingerprints differ"):
        assert line in told


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("evaluate", "--from", "r.json", "--tasks", "3"), "leave --tasks out"),
        (("evaluate", "--from", "r.json", "--output", "."), "are both in ."),
        (("compare", "--from", "r.json"), "these are results of evaluate"),
        (("evaluate", "--from", "d.npz"), "expected a results.json of evaluate or compare, got no JSON"),
        (
            ("evaluate", "--from", "none.json"),
            "expected a results.json of evaluate or compare, got what cannot be read: No such file",
        ),
        (("evaluate", "--from", "list.json"), "expected a results.json of evaluate or compare, got other JSON"),
        (("evaluate", "--from", "numbers.json"), "of classes task after task, got others"),
    ],
)
def test_what_is_not_repeated_is_told(here, refuse, words, message):
    (here / "r.json").write_text(json.dumps({"kind": "evaluation", "options": {"data": "d.npz"}}))
    (here / "numbers.json").write_text(json.dumps({"options": {"data": "d.npz"}}))
    (here / "list.json").write_text("[]")
    assert message in " ".join(refuse(*words, code=2).split())


class Killed(BaseException):
    """Ends everything at once, as a killed process does."""


def killed_after(monkeypatch, count, words):
    """Run the words and end them at the ``count``-th checkpoint."""
    calls, save = iter(range(count)), course.Checkpoints._told

    def told(self, course):
        if next(calls, None) is None:
            raise Killed
        return save(self, course)

    with monkeypatch.context() as patch:
        patch.setattr(course.Checkpoints, "_told", told)
        with pytest.raises(Killed):
            CliRunner().invoke(cli, list(map(str, words)), catch_exceptions=False)


@pytest.mark.parametrize("count", [1, 6])
@pytest.mark.parametrize(
    "words",
    [
        (*EVALUATE, "--seeds", 2, "--checkpoint-every", 15),
        (*COMPARE, "--seeds", 2, "--checkpoint-every", 15),
    ],
    ids=["evaluate", "compare"],
)
def test_a_killed_run_goes_on_to_the_same_results(ask, here, monkeypatch, words, count):
    whole = ask(*(word if word != "out" else "whole" for word in words))
    killed_after(monkeypatch, count, words)
    assert (here / "out" / FOLDER).is_dir()
    assert "of these options: --resume goes on, --overwrite begins anew" in str(
        CliRunner().invoke(cli, list(map(str, words))).exception
    )
    learned = []
    monkeypatch.setattr(runs, "evaluate", lambda *a, real=runs.evaluate, **k: learned.append(1) or real(*a, **k))
    told = ask(*words, "--resume")
    assert untimed(told) == untimed(whole) and len(learned) <= 2
    assert not (here / "out" / FOLDER).exists()


def test_contexts_are_kept_after_each_task(ask, monkeypatch):
    words = ("evaluate", "--data", "d.npz", "--scenario", "permuted", "--tasks", 3, "--layers", "4", "--output", "out")
    whole = ask(*words[:-1], "whole")
    killed_after(monkeypatch, 2, words)
    assert untimed(ask(*words, "--resume")) == untimed(whole)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("--tasks", 4), "began with --tasks 2, got --tasks 4"),
        (("--layers", "5"), "began with --layers 4, got --layers ['4', '5']"),
        (("--seed", 3), "began with --seed 0, got --seed 3"),
    ],
)
def test_a_run_of_other_options_is_not_gone_on_with(here, monkeypatch, change, message):
    killed_after(monkeypatch, 1, EVALUATE)
    before = sorted(here.rglob("*"))
    result = CliRunner().invoke(cli, list(map(str, (*EVALUATE, *change, "--resume"))))
    assert message in str(result.exception) and sorted(here.rglob("*")) == before


def test_other_data_are_not_gone_on_with(here, monkeypatch):
    killed_after(monkeypatch, 1, EVALUATE)
    np.savez("d.npz", **{**np.load("d.npz"), "y": (np.arange(80) + 1) % 4})
    result = CliRunner().invoke(cli, list(map(str, (*EVALUATE, "--resume"))))
    assert "began with data of fingerprint" in str(result.exception)


def test_a_disk_without_room_for_a_checkpoint_costs_the_checkpoint_alone(ask, monkeypatch):
    def full(*_, **__):
        raise InputError("cannot write: No space left on device; free some space")

    monkeypatch.setattr(ContinualClassifier, "save", full)
    with pytest.warns(UserWarning, match="No space left on device.*but not from here with --resume"):
        assert ask(*EVALUATE)["accuracy_matrix"]


def test_what_is_no_plan_is_told(here, refuse):
    (here / "out" / FOLDER).mkdir(parents=True)
    (here / "out" / FOLDER / "plan.json").write_text("mine")
    assert "move out/.unfinished away" in refuse(*EVALUATE)


@pytest.mark.parametrize("forged", [b"{", b'{"a": 1}', b"[]"])
@pytest.mark.parametrize("words", [(*EVALUATE, "--seeds", 2), (*COMPARE, "--seeds", 2)], ids=["evaluate", "compare"])
def test_a_damaged_part_can_be_removed_and_the_rest_goes_on(ask, refuse, here, monkeypatch, words, forged):
    whole = ask(*(word if word != "out" else "whole" for word in words))
    killed_after(monkeypatch, 3, words)
    kept = here / "out" / FOLDER
    for path in (*kept.glob(RUN), kept / CHECKPOINT):
        path.write_bytes(forged)
        message = refuse(*words, "--resume")
        name = path.relative_to(here)
        assert message.count(str(name)) == 1
        assert message.endswith(": remove this file, and --resume makes its run anew")
        path.unlink()
    assert untimed(ask(*words, "--resume")) == untimed(whole)


def test_an_interrupted_run_says_how_it_goes_on(monkeypatch):
    def pressed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(runs, "write_report", pressed)
    result = CliRunner().invoke(cli, list(map(str, EVALUATE)))
    assert "out keeps what is done: go on with --resume." in result.stderr


def test_without_anything_to_go_on_with_that_is_said():
    assert "there is no unfinished run in out: this one begins anew" in noted(*EVALUATE, "--resume")
