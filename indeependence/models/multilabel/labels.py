"""Labels that an example has or lacks, as columns of 1 and 0, a byte each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from indeependence.data.gate import check_values
from indeependence.errors import InputError
from indeependence.files.schema import are_texts, expect, is_mapping
from indeependence.moments.several_labels import DIGITS


@dataclass(frozen=True)
class Labels:
    """The names of labels, in the order of their columns; each takes one byte of a row.

    >>> Labels(("fever", "cough")).bytes_of(np.array([[1.0, 0.0]]))
    array([[1, 0]], dtype=uint8)
    """

    names: tuple[str, ...]
    digits: ClassVar[int] = DIGITS

    @property
    def said(self) -> str:
        """The labels in words."""
        return ", ".join(self.names)

    def whole(self, targets: np.ndarray) -> np.ndarray:
        """Return targets ``[N, L]`` as int64; raise `InputError`, which names row and label, for other than 0 and 1."""
        odd = (targets != 0) & (targets != 1)
        if odd.any():
            row, column = np.argwhere(odd)[0].tolist()
            raise InputError(
                f"label {self.names[column]}, row {row}: expected 1 (has it) or 0 (lacks it), got "
                f"{targets[row, column]:g}: numbers are learned with --target or ContinualRegressor"
            )
        return targets.astype(np.int64)

    def bytes_of(self, targets: np.ndarray) -> np.ndarray:
        """Return targets ``[N, L]`` as codes uint8 ``[N, L]``."""
        return self.whole(targets).astype(np.uint8)

    def to_json(self) -> dict[str, Any]:
        """Return the labels in plain JSON values."""
        return {"names": list(self.names)}

    @classmethod
    def of_json(cls, kept: Any) -> Labels:
        """Return the labels that `to_json` wrote; raise `InputError` where these are none."""
        expect(is_mapping(kept, ("names",)) and len(kept["names"]) > 0, "names of labels")
        expect(are_texts(kept["names"], unique=True), "names of labels, each once")
        return cls(tuple(kept["names"]))


def checked_labels(y: Any) -> np.ndarray:
    """Return labels as float64 ``[N, L]``: a column for each, of numbers or truth values; sparse ones become dense.

    Raise `InputError` for anything else. That they are 0 and 1 is checked where their names are known.

    >>> checked_labels([[True, False]])
    array([[1., 0.]])
    """
    if y is None:
        raise InputError("a classifier requires y to be passed, but the target y is None: give rows of 0 and 1")
    check_values("y", y)
    targets = np.asarray(y.toarray() if hasattr(y, "toarray") else y)
    if targets.ndim != 2 or not targets.shape[1]:
        raise InputError(
            f"y: expected a column of 0 and 1 for each label, [N, L], got an array of shape {targets.shape}: lists of "
            "names become columns by sklearn.preprocessing.MultiLabelBinarizer; for one label an example take "
            "ContinualClassifier"
        )
    try:
        return targets.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"y: expected 0 and 1, got {targets.dtype}: make columns of 0 and 1") from error
