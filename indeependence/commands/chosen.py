"""Which examples a command means: --data narrowed by --classes, --skip and --limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indeependence.errors import InputError

if TYPE_CHECKING:
    import numpy as np

    from indeependence.data.datasets import Dataset
    from indeependence.data.examples import Examples


def load(choice: dict[str, Any]) -> Dataset:
    """The data set of --data."""
    from indeependence.data.datasets import load_dataset

    return load_dataset(
        choice["data"], label=choice["label"], test_fraction=choice["test_fraction"], seed=choice["seed"]
    )


def training_part(dataset: Dataset, choice: dict[str, Any]) -> Examples:
    """The training examples that --classes, --skip and --limit leave, in the order of the data."""
    import numpy as np

    from indeependence.data.examples import Examples

    rows = np.arange(len(dataset.y_train))
    if choice["classes"]:
        rows = rows[np.isin(dataset.y_train, _named(dataset.classes, choice["classes"]))]
    end = None if choice["limit"] is None else choice["skip"] + choice["limit"]
    rows = rows[choice["skip"] : end]
    if not len(rows):
        raise InputError(f"--skip {choice['skip']} leaves no example: expected less than {len(dataset.y_train)}")
    return Examples(dataset.name, dataset.x_train, dataset.y_train, rows)


def _named(classes: np.ndarray, text: str) -> list[int | str]:
    by_name = {str(label): label for label in classes.tolist()}
    names = [name.strip() for name in text.split(",")]
    unknown = [name for name in names if name not in by_name]
    if unknown:
        raise InputError(f"--classes: no class '{unknown[0]}' in the data, only {', '.join(by_name)}")
    return [by_name[name] for name in names]
