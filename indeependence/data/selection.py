"""A selection of examples: a data set by name or path, limited to some classes and rows."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from indeependence.data.datasets import Dataset, load_dataset
from indeependence.data.examples import Examples
from indeependence.data.inputs import Inputs, read_inputs
from indeependence.data.readers.picture_survey import Size
from indeependence.data.reading import Reading
from indeependence.data.seeds import ROWS, generator
from indeependence.errors import InputError, named

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Source:
    """A data set and how it is read; arguments of `load_dataset`."""

    data: str
    label: str | None = None
    test_fraction: float | None = None  # TEST_SHARE where the data has no test part
    seed: int = 0
    size: Size | None = None  # of pictures
    header: str | None = None  # of a table: "yes" or "no"; None: by a rule
    ignore: str | None = None  # columns of a table, separated by commas
    id: str | None = None  # the column that names the rows of a table
    target_data: str | None = None  # the other side of pairs, in place of labels

    @property
    def of_table(self) -> dict[str, Any]:
        """What is said about a table; arguments of `load_dataset` and `read_inputs`."""
        header = None if self.header is None else self.header == "yes"
        return {"label": self.label, "header": header, "ignore": self.ignore or (), "id": self.id}

    def inputs(self, reading: Reading | None = None) -> Inputs:
        """Load inputs that need no labels, as a model of this ``reading`` needs them where one is given."""
        return read_inputs(self.data, reading, size=self.size, **self.of_table)

    def load(self, reading: Reading | None = None) -> Dataset:
        """Load the data set, as a model of this ``reading`` needs it where one is given; or pairs as one."""
        if self.target_data is not None:
            from indeependence.data.pairs import load_pairs

            return load_pairs(self, self.target_data, reading)
        dataset = load_dataset(
            self.data,
            test_fraction=self.test_fraction,
            seed=self.seed,
            size=self.size,
            reading=reading,
            **self.of_table,
        )
        shape = "x".join(map(str, dataset.x_train.shape[1:]))
        sizes = len(dataset.y_train), len(dataset.y_test), len(dataset.classes)
        log.info("%s: %d training and %d test examples of %d classes, shape %s", self.data, *sizes, shape)
        return dataset

    def learned_tests(self, dataset: Dataset, classes: Collection) -> np.ndarray:
        """Return the numbers of the test examples of learned ``classes``; raise `InputError` if there are none."""
        rows = np.flatnonzero(np.isin(dataset.y_test, np.array(list(classes))))
        if not len(rows):
            raise InputError(f"--data {self.data}: expected test examples of classes that the model learned, got none")
        return rows


@dataclass(frozen=True)
class Part:
    """Some of the training examples: those of some classes, without the first ones, up to a limit."""

    classes: str | None = None  # names, separated by commas
    skip: int = 0
    limit: int | None = None

    @property
    def is_all(self) -> bool:
        """Whether nothing is left out."""
        return not (self.classes or self.skip or self.limit)

    def of(self, dataset: Dataset, *, shuffled: int | None = None, option: str = "--skip") -> Examples:
        """Return this part of the training examples, in the order of the data, or ``shuffled`` by a seed beforehand.

        Raise `InputError`, which names the ``option`` that asked for it, where no example is left.
        """
        rows = np.arange(len(dataset.y_train))
        rows = rows if shuffled is None else generator(shuffled, ROWS, 2).permutation(rows)
        if self.classes:
            words, labels = self.classes.split(","), dataset.classes.tolist()
            rows = rows[np.isin(dataset.y_train, named(words, labels, option="--classes", where="in the data"))]
        chosen = rows[self.skip : None if self.limit is None else self.skip + self.limit]
        if not len(chosen):
            raise InputError(f"{option} {self.skip} leaves no example: expected less than {len(rows)}")
        return Examples(dataset.name, dataset.x_train, dataset.y_train, chosen)
