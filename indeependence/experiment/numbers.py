"""Tables with numeric targets: learned, answered, measured on held-out rows, and taken out again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from indeependence.data.datasets import is_table
from indeependence.data.readers.tables import Table, TableOptions, read_table
from indeependence.data.reading import Reading
from indeependence.data.seeds import ROWS, generator
from indeependence.data.selection import Source
from indeependence.errors import InputError
from indeependence.experiment.watching import Watch, unwatched
from indeependence.history.trail import Trail
from indeependence.models.making import Making
from indeependence.models.regressor.regressor import ContinualRegressor
from indeependence.report.numbers import NumberResult

COVERAGE = 0.9  # of the intervals that are said
LEDGERS = (None, "none", "task")


def read_targets(
    source: Source, targets: str | Sequence[str], reading: Reading | None = None, *, needed: bool = True
) -> Table:
    """Return a table with numeric ``targets``; without them where they are not ``needed`` and not there.

    With the ``reading`` of a model, targets are called as it calls them. Raise `InputError` for what is no table.
    """
    path = Path(source.data)
    if not is_table(path):
        raise InputError(f"numbers are learned from a table, such as a .csv, got {source.data}: name one with --data")
    options = TableOptions(target=targets)
    if not options.targets:
        raise InputError("--target: expected columns of a table, such as price,size, got none")
    if not path.is_file():
        raise InputError(f"no table {source.data!r}: expected the path of a file")
    said = {name: value for name, value in source.of_table.items() if name != "label"}
    return read_table(path, replace(options, **said), reading, labelled=needed)


@dataclass(frozen=True)
class NumberRun:
    """The settings of training on a table with numeric targets."""

    making: Making
    source: Source
    path: Path  # of the model
    target: str | None = None  # columns, separated by commas; those of the model if None
    load: bool = False
    skip: int = 0
    limit: int | None = None  # rows
    audit: Path | None = None


def new_regressor(making: Making) -> ContinualRegressor:
    """Return a new regressor with these settings; raise `InputError` for a ledger by class."""
    if making.ledger not in LEDGERS:
        raise InputError(f"--ledger: expected none or task with --target, got {making.ledger}: numbers have no classes")
    return ContinualRegressor(
        making.layers,
        penalty="auto" if making.penalty is None else making.penalty,
        bootstrap_limit=making.bootstrap_limit,
        batch_size=making.batch_size,
        random_state=making.seed,
        n_jobs=making.threads,
        ledger=making.ledger or "none",
    )


def train_numbers(run: NumberRun, *, watch: Watch = unwatched) -> tuple[ContinualRegressor, int]:
    """Learn a table into the file of a model, whose lock the caller holds; return it and how many rows it learned."""
    trail = Trail(run.path, run.audit)
    model: Any = run.making.open(run.path) if run.load else new_regressor(run.making)
    if not isinstance(model, ContinualRegressor):
        raise InputError(f"--target: {run.path} has learned labels, not numbers: leave it out, or start a new model")
    known = model.scale_.names if run.load else None
    if known and run.target and [part.strip() for part in run.target.split(",")] != list(known):
        raise InputError(f"--target: {run.path} has learned {', '.join(known)}, got {run.target}: leave it out")
    table = read_targets(run.source, known or run.target or "", model.reading if known else None)
    rows = slice(run.skip, None if run.limit is None else run.skip + run.limit)
    x, y = table.x[rows], np.asarray(table.y)[rows]
    if not len(x):
        raise InputError(f"--skip {run.skip} leaves no example: expected less than {len(table.x)}")
    if known:
        model.begin_from_here()
    else:
        _begin(model, x, y, table)
    model.learn(_watched(x, y, model.batch_size, watch, "learning"))
    trail.replace("learn", model.facts, lambda: model.save(run.path), anew=not run.load)
    return model, len(x)


def _begin(model: ContinualRegressor, x: np.ndarray, y: np.ndarray, table: Table) -> None:
    """Fit encoder and steps on the first rows, with the names that the table gives its targets."""
    flat = y[:, 0] if y.shape[1] == 1 else y
    model.restart(x, flat)
    model.start(model.encoder_, replace(model.scale_, names=table.targets))
    model.reading = table.reading


def _watched(
    x: np.ndarray, y: np.ndarray, size: int, watch: Watch, what: str
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for start in range(0, len(x), size):
        yield x[start : start + size], y[start : start + size]
        watch(what, min(start + size, len(x)), len(x))


def infer_numbers(
    path: Path, source: Source, *, limit: int | None = None, threads: int | None = None
) -> dict[str, Any]:
    """Return the expected targets of each row with an interval, and the errors where the table has the targets."""
    model = ContinualRegressor.load(path, n_jobs=threads)
    table = read_targets(source, model.scale_.names, model.reading, needed=False)
    x, y = table.x[:limit], None if table.y is None else table.y[:limit]
    names = table.names[:limit] or [str(row) for row in range(1, len(x) + 1)]
    found, low, high = model.answers(x, coverage=COVERAGE)
    answers = [
        {
            "name": name,
            "targets": [
                _target(place, called, found[row], low[row], high[row], right=None if y is None else y[row])
                for place, called in enumerate(model.scale_.names)
            ],
        }
        for row, name in enumerate(names)
    ]
    return {
        "answers": answers,
        **({} if y is None or len(y) < 1 else {"measured": measured(model.scale_.names, y, (found, low, high))}),
    }


def _target(
    place: int, name: str, found: np.ndarray, low: np.ndarray, high: np.ndarray, right: np.ndarray | None
) -> dict[str, Any]:
    ends = (low[place], high[place]) if np.isfinite([low[place], high[place]]).all() else (None, None)
    answer = {"target": name, "value": found[place], "low": ends[0], "high": ends[1]}
    answer |= {} if right is None else {"expected": right[place]}
    return {key: float(value) if isinstance(value, np.floating) else value for key, value in answer.items()}


def measured(
    names: Sequence[str], y: np.ndarray, answers: tuple[np.ndarray, np.ndarray, np.ndarray]
) -> list[dict[str, Any]]:
    """Return R², root mean squared and mean absolute error, and how many lie in their interval, of each target.

    ``answers`` are those of `ContinualRegressor.answers` to the rows whose targets are ``y [N, T]``.
    """
    found, low, high = answers
    inside = ((low <= y) & (y <= high)).mean(0)
    error = found - y
    mean_error = ((y - y.mean(0)) ** 2).mean(0)
    squared = (error**2).mean(0)
    return [
        {
            "target": name,
            "r2": float(1 - squared[place] / mean_error[place]) if mean_error[place] > 0 else None,
            "rmse": float(np.sqrt(squared[place])),
            "mae": float(np.abs(error[:, place]).mean()),
            "inside_of_interval": float(inside[place]),
            "coverage": COVERAGE,
        }
        for place, name in enumerate(names)
    ]


def evaluate_numbers(
    making: Making,
    source: Source,
    target: str,
    *,
    parts: int = 10,
    watch: Callable[[str, int, int], None] = unwatched,
) -> NumberResult:
    """Hold out rows of a table by the seed, learn the others in ``parts``, and measure on the held-out ones."""
    table = read_targets(source, target)
    x, y = table.x, np.asarray(table.y)
    order = generator(source.seed, ROWS, 1).permutation(len(x))
    held = round(len(x) * source.test_fraction)
    if held < 2 or len(x) - held < 2:
        raise InputError(f"expected at least two rows to learn and two to test on, got {len(x)} rows: give more")
    test, train = order[:held], order[held:]
    model = new_regressor(making)
    pieces = [rows for rows in np.array_split(train, parts) if len(rows)]
    _begin(model, x[pieces[0]], y[pieces[0]], table)
    curve, examples, done = [], [], 0
    for rows in pieces:
        model.learn([(x[rows], y[rows])])
        done += len(rows)
        examples.append(done)
        answers = model.answers(x[test], coverage=COVERAGE)
        curve.append(measured(model.scale_.names, y[test], answers))
        watch("learning", done, len(train))
    return NumberResult(
        model.scale_.names, tuple(examples), tuple(curve), len(test), y[test], answers[0], model.facts()
    )


def removed_numbers(
    model: ContinualRegressor, source: Source, rows: Callable[[Table], np.ndarray], task: int | None, watch: Watch
) -> int:
    """Take rows of a table out of a model, and return how many."""
    table = read_targets(source, model.scale_.names, model.reading)
    chosen = rows(table)
    x, y = table.x[chosen], np.asarray(table.y)[chosen]
    model.forget_batches(_watched(x, y, model.batch_size, watch, "forgetting"), task=task)
    return len(chosen)
