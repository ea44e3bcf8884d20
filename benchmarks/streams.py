"""Streams that drift, answered row by row before they are learned, next to river's learners: accuracy and CPU time.

Electricity is read from a file, `--elec`; SEA, the rotating hyperplane and LED with drifting attributes are made by
river (`pip install river==0.26.1`), with abrupt changes for SEA, slow ones for the hyperplane. Every learner sees the
same rows in the same order, one at a time, with its usual settings. The labels of three rows before are further inputs
of `Electricity, 3 lags`, for all learners alike, since its labels follow each other. Memory is what a learner holds at
the end: of ours the sums, of river's what it reports.
"""

import importlib.util
import time
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import click
from frame import header, option, output_option, over_seeds, publish

import numpy as np  # isort: skip  (after frame, which lets it use wide vectors)
import pandas as pd
from findings import Row

from indeependence.data.datasets import Dataset
from indeependence.experiment.stream import StreamSettings, stream, with_lags
from indeependence.moments.periods import Rule

ROWS = 20_000  # of a stream that is made
LAGS = 3
TABLE = (
    "| stream | rows | learner | accuracy | Cohen's κ | CPU seconds | memory |\n"
    "| {stream} | {rows.mean:,.0f} | {learner} | {accuracy:.2f} % | {kappa:.3f} | {seconds:.1f} | {memory:.2f} MB |"
)
OURS = {
    "sums, `--adapt mix`": Rule("mix"),
    "sums, `--adapt auto`": Rule("auto"),
    "sums, `--window 10`": Rule("window", 10),
    "sums, `--half-life 5`": Rule("half-life", 5),
    "sums, all kept": Rule("all", 1),
}


def rivers(seed: int) -> dict[str, Callable[[], Any]]:
    """Return makers of river's learners."""
    from river import forest, tree

    return {
        "river: adaptive random forest": lambda: forest.ARFClassifier(seed=seed),
        "river: Hoeffding tree": tree.HoeffdingTreeClassifier,
        "river: adaptive Hoeffding tree": lambda: tree.HoeffdingAdaptiveTreeClassifier(seed=seed),
        "river: logistic regression, ADWIN": Restarted,
    }


class Restarted:
    """Logistic regression of scaled inputs, begun anew where ADWIN notices that its mistakes have changed."""

    def __init__(self) -> None:
        from river import drift

        self.model, self.detector = self._new(), drift.ADWIN()

    def _new(self) -> Any:
        from river import linear_model, multiclass, preprocessing

        return preprocessing.StandardScaler() | multiclass.OneVsRestClassifier(linear_model.LogisticRegression())

    def predict_one(self, row: dict) -> Any:
        """Return a label."""
        return self.model.predict_one(row)

    def learn_one(self, row: dict, label: Any) -> None:
        """Learn a row, and notice a drift."""
        self.detector.update(int(self.model.predict_one(row) != label))
        if self.detector.drift_detected:
            self.model = self._new()
        self.model.learn_one(row, label)

    @property
    def _raw_memory_usage(self) -> int:
        return self.model._raw_memory_usage


def rows_of(name: str, seed: int, elec: Path, most: int | None) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs and labels of a stream, in their order."""
    if name.startswith("Electricity"):
        table = pd.read_csv(elec)[:most]
        x, y = table.iloc[:, :-1].to_numpy(float), table.iloc[:, -1].to_numpy()
        return (with_lags(x, y, LAGS) if "lags" in name else x), y
    pairs = list(islice(_made(name, seed), most or ROWS))
    return np.array([list(x.values()) for x, _ in pairs], float), np.array([int(y) for _, y in pairs])


def _made(name: str, seed: int) -> Iterator[tuple[dict, Any]]:
    from river.datasets import synth

    if name == "Hyperplane":
        yield from synth.Hyperplane(
            seed=seed, n_features=10, n_drift_features=5, mag_change=0.001, noise_percentage=0.05
        )
    elif name == "SEA":
        for part in range(4):
            yield from synth.SEA(variant=part, seed=seed + part, noise=0.1).take(ROWS // 4)
    else:
        for part in range(4):
            made = synth.LEDDrift(
                seed=seed + part, noise_percentage=0.1, irrelevant_features=True, n_drift_features=2 * part
            )
            yield from made.take(ROWS // 4)


STREAMS = ("Electricity", "Electricity, 3 lags", "SEA", "Hyperplane", "LED")


def measure(name: str, seed: int, elec: Path, most: int | None, period: int, learners: str) -> list[Row]:
    """Return a row for each learner."""
    x, y = rows_of(name, seed, elec, most)
    about: Row = {"rows": len(y)}
    found = []
    for called, rule in OURS.items() if "ours" in learners else ():
        settings = StreamSettings(period=period, rule=rule, seed=seed, threads=1)
        result = stream(Dataset(name, x, y, x[:0], y[:0]), settings)
        figures = (result.accuracy, result.kappa, result.cpu_seconds, result.statistics_bytes)
        found.append(about | _row(called, *figures))
    for called, make in rivers(seed).items() if "river" in learners else ():
        found.append(about | _rivers(called, make(), x, y))
    return found


def _row(learner: str, accuracy: float, kappa: float, seconds: float, memory: float) -> Row:
    return {"learner": learner, "accuracy": 100 * accuracy, "kappa": kappa, "seconds": seconds, "memory": memory / 1e6}


def _rivers(called: str, model: Any, x: np.ndarray, y: np.ndarray) -> Row:
    """Return how a learner of river's does, row by row."""
    from indeependence.report.stream import kappa

    classes, places = np.unique(y, return_inverse=True)
    place = {label: number for number, label in enumerate(classes.tolist())}
    rows = [dict(enumerate(row)) for row in x.tolist()]
    answers = np.full(len(y), -1)
    began = time.process_time()
    for number, (row, label) in enumerate(zip(rows, y.tolist(), strict=True)):
        answers[number] = place.get(model.predict_one(row), -1)
        model.learn_one(row, label)
    seconds = time.process_time() - began
    return _row(
        called, np.mean(answers == places), kappa(places, answers, len(classes)), seconds, model._raw_memory_usage
    )


@click.command()
@option("--stream", "streams", multiple=True, default=STREAMS, type=click.Choice(STREAMS))
@option("--elec", type=click.Path(path_type=Path), default=Path("../shared/data/streams/elec.csv"))
@option("--seeds", default=1)
@option("--rows", "most", type=int, help="At most so many rows of each.")
@option("--period", default=200)
@option("--learners", default="ours,river")
@output_option("streams")
def main(streams: tuple[str, ...], seeds: int, output: Path, **options: Any) -> None:
    """Let all learners go through all streams."""
    warnings.simplefilter("ignore")
    if importlib.util.find_spec("river") is None:
        raise click.ClickException("river is not installed: pip install river==0.26.1")
    facts, rows = header(range(seeds)), []
    for name in streams:
        rows += over_seeds(partial(measure, name, **options), range(seeds), stream=name)
    publish(output, facts, streams=(TABLE, rows))


if __name__ == "__main__":
    main()
