"""Columns of tables by their names: a model gets them in the order in which it learned them, or not at all."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np

from indeependence.errors import SHOWN, InputError, did_you_mean


def in_order(known: Sequence[str], found: Sequence[str], inputs: np.ndarray, *, source: object) -> np.ndarray:
    """Return ``inputs [N, D]`` with their columns, called ``found``, in the order of the ``known`` ones of a model.

    Where only one side has names, columns keep their order, and a warning says so. Raise `InputError`, which names the
    missing and the unknown columns, where they do not agree.

    >>> in_order(["p", "q"], ["q", "p"], np.array([[1, 2]]), source="rows.csv")
    array([[2, 1]])
    """
    if list(known) == list(found):
        return inputs
    if not known or not found:
        nameless = "the model knows no names of columns" if not known else f"{source} has no names of columns"
        warnings.warn(f"{nameless}: they are taken in their order", UserWarning, stacklevel=2)
        return inputs
    check_names(known, found, source=source)
    return inputs[:, [list(found).index(name) for name in known]]


def check_names(known: Sequence[str], found: Sequence[str], *, source: object) -> None:
    """Raise `InputError`, which names the missing and the unknown ones, unless the ``known`` columns are ``found``.

    >>> check_names(["p", "q"], ["q", "p"], source="rows.csv")
    """
    missing, new = ([name for name in some if name not in others] for some, others in ((known, found), (found, known)))
    if missing or new:
        parts = [f"{what} {', '.join(some[:SHOWN])}" for what, some in (("missing", missing), ("unknown", new)) if some]
        hint = did_you_mean(missing[0], new) if missing else ""
        hint = hint or ("; leave those out" if new else "; add them")
        count = f"{len(known)} {'column' if len(known) == 1 else 'columns'}"
        raise InputError(f"{source}: expected the {count} that the model learned: {', '.join(parts)}{hint}")
