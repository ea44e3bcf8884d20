"""The runs of one evaluation: where each of them writes, and what its report says of how it came about."""

from pathlib import Path

import pytest

from indeependence.data.scenario_settings import ScenarioSettings
from indeependence.experiment.learners import LearnerSettings
from indeependence.experiment.runs import Run, Runs
from indeependence.models.making import Making
from indeependence.report.result import Asked


def runs(**settings):
    asked = Asked("digits", {"seed": 3, "coeff": 0.1, "output": "out", "tasks": 2}, "python cli.py evaluate")
    return Runs(ScenarioSettings(seed=3), LearnerSettings(Making(seed=3)), asked, Path("out"), **settings)


@pytest.mark.parametrize(
    ("seeds", "coeff", "folder", "events"),
    [
        (1, None, "out", "tb"),
        (1, 0.1, "out/moving_average", "tb/moving_average"),
        (2, None, "out/seed-4", "tb/seed-4"),
        (2, 0.1, "out/moving_average/seed-4", "tb/seed-4/moving_average"),
    ],
)
def test_no_two_runs_write_to_one_place(seeds, coeff, folder, events):
    run = Run(runs(seeds=seeds, coeff=0.1, tensorboard=Path("tb")), seed=4, coeff=coeff)
    assert (run.folder, run.events) == (Path(folder), Path(events))


def test_no_events_are_written_unless_asked_for():
    assert Run(runs(seeds=2), seed=4).events is None


def test_a_run_has_its_own_seed_and_coefficient_in_its_learner_and_in_its_report():
    plain, average = Run(runs(seeds=2, coeff=0.1), seed=4), Run(runs(seeds=2, coeff=0.1), seed=4, coeff=0.1)
    assert (plain.learner.making.seed, plain.learner.coeff, average.learner.coeff) == (4, None, 0.1)
    assert plain.asked.options == {"seed": 4, "coeff": None, "output": "out", "tasks": 2}
    assert average.asked.options == {"seed": 4, "coeff": 0.1, "output": "out/moving_average", "tasks": 2}
    assert average.asked.command == "python cli.py evaluate"
