"""The runs of one evaluation: one for each seed, each with a report and with events for TensorBoard."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from indeependence.data.datasets import Dataset
from indeependence.data.scenario_settings import ScenarioSettings
from indeependence.experiment.answers import Watch
from indeependence.experiment.evaluation import evaluate
from indeependence.experiment.events import after_part
from indeependence.experiment.learners import LearnerSettings
from indeependence.report.result import Asked, Result
from indeependence.report.tensorboard import board
from indeependence.report.write import write_report

AVERAGE = "moving_average"  # folder of the runs that keep moving averages


@dataclass(frozen=True)
class Runs:
    """Settings of the runs; their seeds go upwards from the scenario's."""

    scenario: ScenarioSettings
    learner: LearnerSettings  # without moving averages
    asked: Asked
    output: Path  # folder of the reports
    seeds: int = 1  # how many runs there are
    coeff: float | None = None  # if given, each run is repeated with moving averages of that coefficient
    measure: str = "all"
    tensorboard: Path | None = None


@dataclass(frozen=True)
class Run:
    """One of the runs, with its own seed, and with moving averages if it has a coefficient."""

    runs: Runs
    seed: int
    coeff: float | None = None

    @property
    def learner(self) -> LearnerSettings:
        """The learner's settings."""
        return replace(self.runs.learner.seeded(self.seed), coeff=self.coeff)

    @property
    def folder(self) -> Path:
        """Where the report goes: a folder for each seed where there are several, below one for moving averages."""
        return self._of_seed(self._base)

    @property
    def events(self) -> Path | None:
        """Where the events go, or None: runs that TensorBoard is to compare lie next to each other."""
        if self.runs.tensorboard is None:
            return None
        folder = self._of_seed(self.runs.tensorboard)
        return folder if self.coeff is None else folder / AVERAGE

    @property
    def asked(self) -> Asked:
        """What the report says of how the run came about."""
        asked, own = self.runs.asked, {"seed": self.seed, "coeff": self.coeff, "output": str(self._base)}
        return replace(asked, options={**asked.options, **own})

    @property
    def _base(self) -> Path:
        return self.runs.output if self.coeff is None else self.runs.output / AVERAGE

    def _of_seed(self, folder: Path) -> Path:
        return folder / f"seed-{self.seed}" if self.runs.seeds > 1 else folder


@dataclass(frozen=True, eq=False)
class Evaluated:
    """The results of all seeds, and those with moving averages, if these were asked for."""

    results: list[Result]
    averages: list[Result]


def evaluate_seeds(runs: Runs, dataset: Dataset, *, watch: Watch = lambda what, done, total: None) -> Evaluated:
    """Evaluate once for each seed, and once more with moving averages if asked for; write a report of each run."""
    results, averages = [], []
    for seed in range(runs.scenario.seed, runs.scenario.seed + runs.seeds):
        results.append(_evaluated(Run(runs, seed), dataset, watch))
        if runs.coeff is not None:
            averages.append(_evaluated(Run(runs, seed, runs.coeff), dataset, watch))
    return Evaluated(results, averages)


def _evaluated(run: Run, dataset: Dataset, watch: Watch) -> Result:
    scenario, asked = replace(run.runs.scenario, seed=run.seed).make(dataset), run.asked
    learner = run.learner.make(scenario)
    with board(run.events) as shown:
        result = evaluate(
            scenario,
            learner,
            data=asked.data,
            options=dict(asked.options),
            command=asked.command,
            measure=run.runs.measure,
            watch=watch,
            after=after_part(shown, scenario),
        )
        watch("writing the report", 0, 0)
        result = replace(result, inside=learner.galleries(scenario.test))
        if shown is not None:
            shown.inside(result.inside, len(scenario.train))
        write_report(result, run.folder)
    return result
