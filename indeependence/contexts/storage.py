"""The file of a model with contexts: an encoder and sums or weights of each."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from indeependence.contexts.context import Closed, Context, Contexts, Open
from indeependence.contexts.gaussian import InputSums
from indeependence.encoder.quantise import Quantiser
from indeependence.encoder.stack import describe, restore
from indeependence.errors import InputError
from indeependence.model_file import damage_told, read_arrays, under, write_arrays
from indeependence.moments.possible import within_limits
from indeependence.moments.solvers import Weights
from indeependence.moments.storage import narrowest, pack, unpack

KIND = "contexts"
FIGURES = ("penalty", "effective_units", "expected_error", "criterion")  # of weights


def write_contexts(
    path: str | Path,
    shape: tuple[int, ...],
    quantiser: Quantiser,
    contexts: Contexts,
    options: dict[str, Any],
    about: dict[str, Any],
) -> None:
    """Write a model with contexts, and what is to be said ``about`` it, to ``path``, whole or not at all."""
    arrays: dict[str, np.ndarray] = {}
    if quantiser.low is not None and quantiser.high is not None:
        arrays = {"limits.low": quantiser.low, "limits.high": quantiser.high}
    entries = []
    for index, part in enumerate(contexts.parts):
        entry, described = _describe(part)
        entries.append(entry)
        arrays |= {f"context{index}.{name}": array for name, array in described.items()}
    header = {"shape": list(shape), "contexts": entries, "options": options, **about}
    write_arrays(path, KIND, header, arrays)


def read_contexts(path: str | Path) -> tuple[tuple[int, ...], Quantiser, Contexts, dict[str, Any], dict[str, Any]]:
    """Shape, quantiser, contexts, options and progress in the file ``path``.

    Raises `InputError`, with what is wrong, as `model_file.read_model` does.
    """
    header, arrays = read_arrays(path, KIND)
    with damage_told(path):
        shape = tuple(int(size) for size in header["shape"])
        quantiser = Quantiser(arrays.get("limits.low"), arrays.get("limits.high"))
        entries = list(header["contexts"])
        parts = [_restore(entry, under(f"context{i}.", arrays), shape) for i, entry in enumerate(entries)]
        options, progress = dict(header["options"]), dict(header["progress"])
        intact = all(part.fingerprint == entry["sha256"] for part, entry in zip(parts, entries, strict=True))
    if not intact:
        raise InputError(f"{path}: damaged model, its contexts do not have the fingerprints in its header")
    return shape, quantiser, Contexts(tuple(parts)), options, progress


def _describe(part: Context) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    encoder, encoder_arrays = describe(part.encoder)
    arrays = {f"encoder.{name}": array for name, array in encoder_arrays.items()}
    arrays |= {"inputs.total": narrowest(part.inputs.total), "inputs.squares": narrowest(part.inputs.squares)}
    entry = {"encoder": encoder, "count": part.inputs.count, "sha256": part.fingerprint}
    if isinstance(part, Open):
        sums, packed = pack(part.sums)
        arrays |= {f"sums.{name}": array for name, array in packed.items()}
        return {**entry, "open": True, "penalty": part.penalty, "sums": sums}, arrays
    weights = part.weights
    arrays |= {"weights.coefficients": weights.coefficients, "weights.intercept": weights.intercept}
    figures = {name: _finite(getattr(weights, name)) for name in FIGURES}
    told = {"labels": list(weights.labels), "sums_sha256": part.sums_sha256, "weights_sha256": _digest(weights)}
    return {**entry, "open": False, "weights": figures, **told}, arrays


def _restore(entry: dict[str, Any], arrays: dict[str, np.ndarray], shape: tuple[int, ...]) -> Context:
    encoder = restore(entry["encoder"], under("encoder.", arrays))
    size = int(np.prod(shape))
    inputs = InputSums(int(entry["count"]), *(_whole(arrays[f"inputs.{name}"], size) for name in ("total", "squares")))
    if entry["open"]:
        sums = unpack(entry["sums"], under("sums.", arrays))
        if not within_limits(sums) or sums.encoder != encoder.fingerprint or sums.units != encoder.units:
            raise InputError("damaged model: no examples have such sums")
        return Open(inputs, encoder, sums, entry["penalty"])
    labels, coefficients = tuple(entry["labels"]), arrays["weights.coefficients"]
    intercept = arrays["weights.intercept"]
    if coefficients.shape != (encoder.units, len(labels)) or intercept.shape != (len(labels),):
        raise InputError(f"damaged model: expected weights of shape {(encoder.units, len(labels))}")
    figures = {name: np.inf if entry["weights"][name] is None else float(entry["weights"][name]) for name in FIGURES}
    weights = Weights(labels, coefficients, intercept, **figures)
    if _digest(weights) != entry["weights_sha256"]:
        raise InputError("damaged model: its weights do not have the fingerprint in its header")
    return Closed(inputs, encoder, weights, str(entry["sums_sha256"]))


def _whole(sums: np.ndarray, size: int) -> np.ndarray:
    if sums.shape != (size,) or sums.dtype.kind not in "iu":
        raise InputError(f"damaged model: expected whole-number sums of {size} inputs")
    return sums.astype(np.int64)


def _digest(weights: Weights) -> str:
    digest = hashlib.sha256(str(weights.labels).encode())
    digest.update(weights.coefficients.astype("<f4").tobytes() + weights.intercept.astype("<f8").tobytes())
    return digest.hexdigest()


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
