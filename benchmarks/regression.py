"""Numbers learned part after part from sums, next to what sees all rows at once.

Tables are those of scikit-learn and of pydataset, whose file is read as it lies in the package (see `public_tables`).
A fifth of the rows, drawn by the seed, is held out. `ContinualRegressor` learns the others in ten parts, with its
encoder and steps from the first, and no setting chosen; ridge regression on the raw columns, a random forest and
gradient boosting have all of them.
"""

import tarfile
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click
from frame import header, option, output_option, over_seeds, publish, spent

import numpy as np  # isort: skip  (after frame, which lets it use wide vectors)
import pandas as pd
import sklearn.datasets
from findings import Row
from public_tables import folder
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from indeependence import ContinualRegressor

OF_PYDATASET = {  # file, target, rows at most
    "boston": ("MASS/Boston", "medv", None),
    "computers": ("Ecdat/Computers", "price", None),
    "diamonds": ("ggplot2/diamonds", "price", 12_000),
    "houses": ("Ecdat/Housing", "price", None),
}
NAMES = ("diabetes", *OF_PYDATASET)
PARTS = 10
TABLE = (
    "| table | rows | columns | method | R² | mean absolute error | in 90 % interval | CPU seconds |\n"
    "| {table} | {rows.mean:,.0f} | {columns.mean:.0f} | {method} "
    "| {r2:.3f} | {mae:.4g} | {inside:.1f} % | {seconds:.1f} |"
)


def table(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs, text as columns of 0 and 1, and targets of a table."""
    if name == "diabetes":
        return sklearn.datasets.load_diabetes(return_X_y=True, scaled=False)
    file, target, most = OF_PYDATASET[name]
    with tarfile.open(folder("pydataset") / "resources.tar.gz") as packed:
        whole = pd.read_csv(packed.extractfile(f"resources/rdata/csv/{file}.csv"), index_col=0).dropna()
    whole = whole if most is None else whole.sample(most, random_state=0)
    x = pd.get_dummies(whole.drop(columns=target), dtype=float).to_numpy(float)
    return x, whole[target].to_numpy(float)


class InParts:
    """A regressor from sums that learns ten parts, one after another."""

    def __init__(self, seed: int):
        self.model = ContinualRegressor(random_state=seed)

    def fit(self, x: np.ndarray, y: np.ndarray) -> "InParts":
        """Learn part after part."""
        for rows in np.array_split(np.arange(len(y)), PARTS):
            self.model.partial_fit(x[rows], y[rows])
        return self

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return the targets that are expected."""
        return self.model.predict(x)


METHODS: dict[str, Callable[[int], Any]] = {
    "`ContinualRegressor`, ten parts": InParts,
    "ridge on the columns": lambda seed: make_pipeline(StandardScaler(), RidgeCV(np.logspace(-4, 4, 17))),
    "random forest": lambda seed: RandomForestRegressor(random_state=seed),
    "gradient boosting": lambda seed: HistGradientBoostingRegressor(random_state=seed),
}


def measure(name: str, seed: int) -> list[Row]:
    """Return a row for each method."""
    x, y = table(name)
    order = np.random.default_rng(seed).permutation(len(y))
    test, train = order[: len(y) // 5], order[len(y) // 5 :]
    rows = []
    for method, make in METHODS.items():
        model = make(seed)

        def run(model: Any = model) -> None:
            model.fit(x[train], y[train]).predict(x[test])

        seconds, _ = spent(run)
        off = y[test] - model.predict(x[test])
        row: Row = {"method": method, "rows": len(y), "columns": x.shape[1]}
        row |= {"r2": 1 - np.mean(off**2) / np.var(y[test]), "mae": np.mean(np.abs(off)), "seconds": seconds}
        if isinstance(model, InParts):
            low, high = model.model.interval(x[test], coverage=0.9)
            row["inside"] = 100 * np.mean((low <= y[test]) & (y[test] <= high))
        else:
            row["inside"] = None
        rows.append(row)
    return rows


@click.command()
@option("--table", "tables", multiple=True, default=NAMES, type=click.Choice(NAMES))
@option("--seeds", default=5)
@output_option("regression")
def main(tables: tuple[str, ...], seeds: int, output: Path) -> None:
    """Measure all methods on all tables."""
    warnings.simplefilter("ignore")
    facts, rows = header(range(seeds)), []
    for name in tables:
        rows += over_seeds(partial(measure, name), range(seeds), table=name)
    publish(output, facts, regression=(TABLE, rows))


if __name__ == "__main__":
    main()
