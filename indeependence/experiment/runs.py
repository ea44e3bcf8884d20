"""The runs of one evaluation: one for each seed and each text of layers, each with a report and events."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from indeependence.data.datasets import Dataset
from indeependence.data.scenario_settings import ScenarioSettings
from indeependence.experiment.answers import Watch
from indeependence.experiment.course import Checkpoints
from indeependence.experiment.evaluation import evaluate
from indeependence.experiment.events import after_part
from indeependence.experiment.learners import LearnerSettings
from indeependence.experiment.unfinished import Unfinished
from indeependence.report.folders import AVERAGE, clear_stale
from indeependence.report.result import Asked, Result
from indeependence.report.series import Series
from indeependence.report.tensorboard import board
from indeependence.report.write import write_joint, write_report


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
    layers: tuple[str, ...] = ()  # several texts in place of the learner's: all runs are made with each of them

    @property
    def are_joint(self) -> bool:
        """Whether there are several seeds or layers, with one page for all."""
        return self.seeds > 1 or len(self.layers) > 1

    @property
    def groups(self) -> list[list[Run]]:
        """The runs, those that differ in their seed alone together."""
        seeds = range(self.scenario.seed, self.scenario.seed + self.seeds)
        variants = range(len(self.layers)) if len(self.layers) > 1 else (None,)
        coeffs = (None,) if self.coeff is None else (None, self.coeff)
        return [[Run(self, seed, coeff, place) for seed in seeds] for place in variants for coeff in coeffs]


@dataclass(frozen=True)
class Run:
    """One of the runs: its seed, moving averages if it has a coefficient, and the place of its layers among several."""

    runs: Runs
    seed: int
    coeff: float | None = None
    place: int | None = None

    @property
    def learner(self) -> LearnerSettings:
        """The learner's settings."""
        seeded = self.runs.learner.seeded(self.seed)
        making = seeded.making if self.place is None else replace(seeded.making, layers=self.runs.layers[self.place])
        return replace(seeded, making=making, coeff=self.coeff)

    @property
    def name(self) -> str:
        """The name in tables of all runs that differ from this one in their seed alone."""
        kind = self.runs.learner.kind
        own = "indeependence" if kind == "classifier" else kind
        name = own if self.place is None else self.runs.layers[self.place]
        return name if self.coeff is None else f"{name}, moving average {self.coeff:g}"

    @property
    def folder(self) -> Path:
        """Where the report goes: a folder for each text of layers, below it for moving averages, and for each seed."""
        return self._of_seed(self._base)

    @property
    def events(self) -> Path | None:
        """Where the events go, or None: runs that TensorBoard is to compare lie next to each other."""
        if self.runs.tensorboard is None:
            return None
        folder = self._of_seed(self._of_layers(self.runs.tensorboard))
        return folder if self.coeff is None else folder / AVERAGE

    @property
    def asked(self) -> Asked:
        """What the report says of how the run came about."""
        asked = self.runs.asked
        own: dict[str, Any] = {"seed": self.seed, "coeff": self.coeff, "output": str(self._base)}
        alone: dict[str, Any] = {"seeds": 1, "layers": self.learner.making.layers}
        own |= {name: value for name, value in alone.items() if name in asked.options}
        return replace(asked, options={**asked.options, **own})

    @property
    def _base(self) -> Path:
        folder = self._of_layers(self.runs.output)
        return folder if self.coeff is None else folder / AVERAGE

    def _of_layers(self, folder: Path) -> Path:
        return folder if self.place is None else folder / f"layers-{self.place + 1}"

    def _of_seed(self, folder: Path) -> Path:
        return folder / f"seed-{self.seed}" if self.runs.seeds > 1 else folder


@dataclass(frozen=True, eq=False)
class Evaluated:
    """The results of all runs, those that differ in their seed alone together, and what an earlier report left."""

    series: list[Series]
    left: tuple[Path, ...] = ()  # folders of earlier reports that hold files of others

    @property
    def results(self) -> Iterator[Result]:
        """Every result."""
        return (result for one in self.series for result in one.results)


def evaluate_runs(
    runs: Runs,
    dataset: Dataset,
    *,
    kept: Unfinished | None = None,
    watch: Watch = lambda what, done, total: None,
) -> Evaluated:
    """Evaluate with each seed and all layers, and once more with moving averages if asked for; write all reports.

    What is done of them is ``kept`` and not done again. Reports of an earlier evaluation in the same folder are
    removed before the first one is written.
    """
    folders = [run.folder for group in runs.groups for run in group]
    clear = cache(lambda: clear_stale(runs.output, folders))
    series = [
        Series(group[0].name, tuple(_done(run, dataset, kept, watch, before_writing=clear) for run in group))
        for group in runs.groups
    ]
    if runs.are_joint:
        watch("writing the report", 0, 0)
        places = [[run.folder.relative_to(runs.output).as_posix() for run in group] for group in runs.groups]
        write_joint(series, places, runs.asked, runs.output)
    if kept is not None:
        kept.finish()
    return Evaluated(series, tuple(clear()))


def _done(
    run: Run, dataset: Dataset, kept: Unfinished | None, watch: Watch, *, before_writing: Callable[[], object]
) -> Result:
    """Return what was kept of a run, or evaluate, write the report and keep it."""
    name = f"{run.name}, seed {run.seed}"
    told = None if kept is None else kept.result(name, Result.of_json)
    if told is not None:
        return told
    result = _evaluated(run, dataset, watch, None if kept is None else kept.checkpoints(name))
    before_writing()
    write_report(result, run.folder)
    if kept is not None:
        kept.keep(name, result.to_json())
    return result


def _evaluated(run: Run, dataset: Dataset, watch: Watch, checkpoints: Checkpoints | None) -> Result:
    scenario, asked = replace(run.runs.scenario, seed=run.seed).make(dataset), run.asked
    learner = run.learner.make(scenario)
    with board(run.events) as shown:
        result = evaluate(
            scenario,
            learner,
            data=asked.data,
            options=dict(asked.options),
            command=asked.command,
            data_sha256=asked.data_sha256,
            measure=run.runs.measure,
            watch=watch,
            after=after_part(shown, scenario),
            checkpoints=checkpoints,
        )
        watch("writing the report", 0, 0)
        result = replace(result, inside=learner.galleries(scenario.test))
        if shown is not None:
            shown.inside(result.inside, len(scenario.train))
    return result
