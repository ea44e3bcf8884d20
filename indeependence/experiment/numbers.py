"""Tables with columns to learn, numbers or labels: read, learned and taken out again; numbers answered and measured."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from indeependence.data.datasets import TEST_SHARE
from indeependence.data.readers.tables import Table, TableOptions, column_names, read_table
from indeependence.data.reading import Reading
from indeependence.data.seeds import ROWS, generator
from indeependence.data.selection import Source
from indeependence.data.sources import is_table
from indeependence.errors import InputError
from indeependence.experiment.last_tasks import check_window, drop_older
from indeependence.experiment.watching import Watch, unwatched
from indeependence.history.trail import Trail
from indeependence.models.making import Making
from indeependence.models.multilabel.classifier import ContinualMultiLabelClassifier
from indeependence.models.regressor.columns import LearnsColumns
from indeependence.models.regressor.regressor import ContinualRegressor
from indeependence.report.numbers import NumberResult

COVERAGE = 0.9  # of the intervals that are said
LEDGERS = (None, "none", "task")


def read_targets(
    source: Source,
    targets: str | Sequence[str],
    reading: Reading | None = None,
    *,
    needed: bool = True,
    are_labels: bool = False,
) -> Table:
    """Return a table with ``targets``, numbers or labels; without them where they are not ``needed`` and not there.

    With the ``reading`` of a model, targets are called as it calls them. Raise `InputError` for what is no table.
    """
    path = Path(source.data)
    option, what = ("--labels fever,cough", "several labels") if are_labels else ("--target price,size", "numbers")
    if not is_table(path):
        raise InputError(f"{what} are learned from a table, such as a .csv, got {source.data}: name one with --data")
    options = TableOptions(target=targets, are_labels=are_labels)
    if not options.targets:
        name, example = option.split()
        raise InputError(f"{name}: expected columns of a table, such as {example}, got none")
    if not path.is_file():
        raise InputError(f"no table {source.data!r}: expected the path of a file")
    said = {name: value for name, value in source.of_table.items() if name != "label"}
    return read_table(path, replace(options, **said), reading, labelled=needed)


@dataclass(frozen=True)
class NumberRun:
    """The settings of training on a table with columns to learn."""

    making: Making
    source: Source
    path: Path  # of the model
    target: str | None = None  # columns of numbers, separated by commas; those of the model if None
    labels: str | None = None  # columns of labels, in the same way
    threshold: float | str | None = None  # of labels
    load: bool = False
    skip: int = 0
    limit: int | None = None  # rows
    audit: Path | None = None
    window: int | None = None  # of its last tasks, which alone are kept


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


def new_multilabel(making: Making, threshold: float | str | None) -> ContinualMultiLabelClassifier:
    """Return a new model of several labels with these settings; raise `InputError` for a ledger by class."""
    if making.ledger not in LEDGERS:
        raise InputError(f"--ledger: expected none or task with --labels, got {making.ledger}: a row can be of several")
    return ContinualMultiLabelClassifier(
        making.layers,
        penalty="auto" if making.penalty is None else making.penalty,
        threshold=0.5 if threshold is None else threshold,
        bootstrap_limit=making.bootstrap_limit,
        batch_size=making.batch_size,
        random_state=making.seed,
        n_jobs=making.threads,
        ledger=making.ledger or "none",
    )


def learns_labels(model: LearnsColumns) -> bool:
    """Return whether the columns that a model learns are labels."""
    return isinstance(model, ContinualMultiLabelClassifier)


def _model_of(run: NumberRun) -> Any:
    """Return the model to train, a new one or that of the file; raise `InputError` where options do not fit it."""
    if not run.load:
        return new_regressor(run.making) if run.labels is None else new_multilabel(run.making, run.threshold)
    model: Any = run.making.open(run.path)
    if not isinstance(model, LearnsColumns):
        option = "--labels" if run.target is None else "--target"
        raise InputError(f"{option}: {run.path} has learned classes: leave it out, or start a new model")
    given = {"--target": run.target, "--labels": run.labels}
    own = "--labels" if learns_labels(model) else "--target"
    for option, asked in given.items():
        names = column_names(asked or "")
        if asked is not None and (option != own or names != list(model.scale_.names)):
            raise InputError(
                f"{option}: {run.path} has learned {', '.join(model.scale_.names)} ({own}), got {asked}: leave it out"
            )
    if run.threshold is not None:
        if not learns_labels(model):
            raise InputError(f"--threshold goes with --labels, and {run.path} has learned numbers: leave it out")
        model.set_params(threshold=run.threshold)
    return model


def train_numbers(run: NumberRun, *, watch: Watch = unwatched) -> tuple[LearnsColumns, int]:
    """Learn a table into the file of a model, whose lock the caller holds; return it and how many rows it learned."""
    trail = Trail(run.path, run.audit)
    model = _model_of(run)
    if run.load:
        check_window(run.path, model, run.window)
    known, are_labels = model.scale_.names if run.load else None, learns_labels(model)
    asked = known or (run.labels if are_labels else run.target) or ""
    table = read_targets(run.source, asked, model.reading if known else None, are_labels=are_labels)
    if not are_labels and not known:
        warn_of_labels(table)
    rows = slice(run.skip, None if run.limit is None else run.skip + run.limit)
    x, y = table.x[rows], np.asarray(table.y)[rows]
    if not len(x):
        raise InputError(f"--skip {run.skip} leaves no example: expected less than {len(table.x)}")
    if known:
        model.begin_from_here()
    else:
        begin(model, x, y, table)
    model.learn(_watched(x, y, model.batch_size, watch, "learning"))
    trail.replace("learn", model.facts, lambda: model.save(run.path), anew=not run.load)
    if gone := drop_older(model, run.window):
        about: dict[str, Any] = {"by": "task", "asked": None, "exact": True, "tasks": gone}
        trail.replace("forget", model.facts, lambda: model.save(run.path), **about)
    return model, len(x)


def warn_of_labels(table: Table) -> None:
    """Warn if several targets are all 0 or 1: they are likelier labels."""
    y = np.asarray(table.y)
    if y.shape[1] > 1 and np.isin(y, (0, 1)).all():
        names = ",".join(table.targets)
        warnings.warn(
            f"all targets are 0 or 1, and are learned as numbers: --labels {names} learns them as labels",
            UserWarning,
            stacklevel=2,
        )


def begin(model: LearnsColumns, x: np.ndarray, y: np.ndarray, table: Table) -> None:
    """Fit the encoder on the first rows, and take targets as theirs, with the names that the table gives them."""
    flat = y[:, 0] if y.shape[1] == 1 and not learns_labels(model) else y
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
    warn_of_labels(table)
    x, y = table.x, np.asarray(table.y)
    test, pieces = held_out(len(x), source, parts)
    model = new_regressor(making)
    curve, examples = [], []
    for done in learned_in_parts(model, table, y, pieces, watch):
        examples.append(done)
        answers = model.answers(x[test], coverage=COVERAGE)
        curve.append(measured(model.scale_.names, y[test], answers))
    return NumberResult(
        model.scale_.names, tuple(examples), tuple(curve), len(test), y[test], answers[0], model.facts()
    )


def learned_in_parts(
    model: LearnsColumns, table: Table, y: np.ndarray, parts: Sequence[np.ndarray], watch: Watch
) -> Iterator[int]:
    """Let a new model learn parts of a table, and yield after each how many rows it has learned."""
    begin(model, table.x[parts[0]], y[parts[0]], table)
    done, count = 0, sum(map(len, parts))
    for rows in parts:
        model.learn([(table.x[rows], y[rows])])
        done += len(rows)
        yield done
        watch("learning", done, count)


def held_out(count: int, source: Source, parts: int) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return rows to test on, by the seed, and the others in so many parts; raise `InputError` for too few."""
    order = generator(source.seed, ROWS, 1).permutation(count)
    held = round(count * (TEST_SHARE if source.test_fraction is None else source.test_fraction))
    if held < 2 or count - held < 2:
        raise InputError(f"expected at least two rows to learn and two to test on, got {count} rows: give more")
    return order[:held], [rows for rows in np.array_split(order[held:], parts) if len(rows)]


def removed_numbers(
    model: LearnsColumns, source: Source, rows: Callable[[Table], np.ndarray], task: int | None, watch: Watch
) -> int:
    """Take rows of a table out of a model, and return how many."""
    table = read_targets(source, model.scale_.names, model.reading, are_labels=learns_labels(model))
    chosen = rows(table)
    x, y = table.x[chosen], np.asarray(table.y)[chosen]
    model.forget_batches(_watched(x, y, model.batch_size, watch, "forgetting"), task=task)
    return len(chosen)
