"""Which examples a command means: --data narrowed by --classes, --skip and --limit."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indeependence.errors import InputError, named

log = logging.getLogger(__name__)

if TYPE_CHECKING:
    import numpy as np

    from indeependence.classifier import ContinualClassifier
    from indeependence.data.datasets import Dataset
    from indeependence.data.examples import Examples


def load(choice: dict[str, Any], *, model: Path | None = None) -> Dataset:
    """The data set of --data; with a ``model``'s file, the columns of a table in the order that it learned."""
    from indeependence.data.datasets import load_dataset

    dataset = load_dataset(
        choice["data"], label=choice["label"], test_fraction=choice["test_fraction"], seed=choice["seed"]
    )
    shape = "x".join(map(str, dataset.x_train.shape[1:]))
    sizes = len(dataset.y_train), len(dataset.y_test), len(dataset.classes)
    log.info("%s: %d training and %d test examples of %d classes, shape %s", choice["data"], *sizes, shape)
    return dataset if model is None else _for_model(dataset, model, choice["data"])


def _for_model(dataset: Dataset, model: Path, data: str) -> Dataset:
    from indeependence.data.columns import in_order
    from indeependence.model_file import columns_of

    known = columns_of(model)
    x_train, x_test = (in_order(known, dataset.columns, x, source=data) for x in (dataset.x_train, dataset.x_test))
    return replace(dataset, x_train=x_train, x_test=x_test, columns=known or dataset.columns)


def training_part(dataset: Dataset, choice: dict[str, Any]) -> Examples:
    """The training examples that --classes, --skip and --limit leave, in the order of the data."""
    import numpy as np

    from indeependence.data.examples import Examples

    rows = np.arange(len(dataset.y_train))
    if choice["classes"]:
        words, labels = choice["classes"].split(","), dataset.classes.tolist()
        rows = rows[np.isin(dataset.y_train, named(words, labels, option="--classes", where="in the data"))]
    end = None if choice["limit"] is None else choice["skip"] + choice["limit"]
    rows = rows[choice["skip"] : end]
    if not len(rows):
        raise InputError(f"--skip {choice['skip']} leaves no example: expected less than {len(dataset.y_train)}")
    return Examples(dataset.name, dataset.x_train, dataset.y_train, rows)


def learned_tests(dataset: Dataset, model: ContinualClassifier, choice: dict[str, Any]) -> np.ndarray:
    """The numbers of the test examples of classes that the model learned; InputError if there are none."""
    import numpy as np

    rows = np.flatnonzero(np.isin(dataset.y_test, model.classes_))
    if not len(rows):
        raise InputError(f"--data {choice['data']}: expected test examples of classes that the model learned, got none")
    return rows
