"""Weights that were solved once and stand in a model's file next to its sums, so that `infer` need not solve again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from indeependence.errors import InputError
from indeependence.files.schema import floats
from indeependence.models.packed_weights import pack_weights, unpack_weights
from indeependence.moments.likeness import Likeness
from indeependence.moments.penalty import usable_penalty
from indeependence.moments.weights import Weights

RULE = 2  # the rule of solving; one that gives other weights counts it up, and weights of an earlier one do not count
PREFIX = "weights."  # of the arrays' names


@dataclass(frozen=True, eq=False)
class Kept:
    """Weights, the penalty that was asked for and the fingerprint of the sums that they were solved from."""

    weights: Weights  # coefficients in float32, as `Weights.scores` multiplies them
    likeness: Likeness | None
    asked: tuple[float | str, str]  # the penalty, or "auto", and the readout
    sums: str

    def fit(self, *, penalty: float | str, readout: str, sums: str) -> bool:
        """Return whether these are of such a ``penalty`` and ``readout``, and of the ``sums`` with that fingerprint."""
        return (self.asked, self.sums) == ((usable_penalty(penalty), readout), sums)


def describe(kept: Kept) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return kept weights as a header of plain JSON values and named arrays; `restored` is the inverse."""
    figures, arrays = pack_weights(kept.weights)
    if kept.likeness is not None:
        arrays |= {"mean": kept.likeness.mean, "precision": kept.likeness.precision}
    header: dict[str, Any] = {
        "rule": RULE,
        "asked": list(kept.asked),
        "sums": kept.sums,
        "labels": list(kept.weights.labels),
        **figures,
    }
    header["sha256"] = _digest(header, arrays)
    return header, {PREFIX + name: array for name, array in arrays.items()}


def restored(header: dict[str, Any] | None, arrays: dict[str, np.ndarray], *, units: int) -> Kept | None:
    """Return the kept weights of ``units`` code units in a file; None where there are none, or none to be trusted.

    Those of another rule and damaged ones are passed over: they are solved again from the sums.
    """
    try:
        if not header or header["rule"] != RULE or header["sha256"] != _digest(header, arrays):
            return None
        weights = unpack_weights(header["labels"], header, arrays, units=units)
        spread = [arrays[name] for name in ("mean", "precision") if name in arrays]
        if not all(floats(array, (units,), least=0, most=1e30) for array in spread):
            return None
        likeness = Likeness(*spread) if len(spread) == 2 else None
        penalty, readout = header["asked"]
        return Kept(weights, likeness, (usable_penalty(penalty), str(readout)), str(header["sums"]))
    except (InputError, KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return None


def _digest(header: dict[str, Any], arrays: dict[str, np.ndarray]) -> str:
    """Return the SHA-256 of header and arrays, without the digest itself."""
    about = {name: value for name, value in header.items() if name != "sha256"}
    digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode())
    for name in sorted(arrays):
        digest.update(f"{name} {arrays[name].dtype.str} {arrays[name].shape}".encode())
        digest.update(np.ascontiguousarray(arrays[name]).tobytes())
    return digest.hexdigest()
