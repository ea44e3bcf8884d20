"""The file of a model with contexts: the encoder and the sums or weights of each."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path
from typing import Any

import numpy as np

from indeependence.encoder.checked import check_input_shape, check_limits
from indeependence.encoder.description import describe
from indeependence.encoder.quantise import Quantiser
from indeependence.encoder.storage import restore
from indeependence.errors import InputError
from indeependence.exact import LARGEST
from indeependence.files.container import damage_told, progress_in, read_arrays, under, write_arrays
from indeependence.files.schema import are_labels, by_name, expect, is_text, is_whole, wholes
from indeependence.models.contexts.context import Closed, Context, Contexts, Open
from indeependence.models.contexts.gaussian import InputSums, possible
from indeependence.models.packed_weights import pack_weights, unpack_weights
from indeependence.models.parameters import restored_parameters, stored_parameters
from indeependence.moments.moments import sorted_labels
from indeependence.moments.narrow import narrowest
from indeependence.moments.storage import pack, unpack
from indeependence.moments.weights import Weights

KIND = "contexts"


def write_contexts(
    path: str | Path,
    shape: tuple[int, ...],
    quantiser: Quantiser,
    contexts: Contexts,
    options: dict[str, Any],
    about: dict[str, Any],
) -> None:
    """Write a model with contexts to ``path``; on any failure the old file stays.

    ``about`` has further JSON values for the header.
    """
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
    """Return shape, quantiser, contexts, options and progress from the file ``path``.

    Raise `InputError` if the file is missing, of another kind or format, or damaged.
    """
    header, arrays = read_arrays(path, KIND)
    with damage_told(path):
        shape = tuple(header["shape"])
        check_input_shape(shape)
        quantiser = Quantiser(arrays.get("limits.low"), arrays.get("limits.high"))
        check_limits(quantiser, shape)
        entries = list(header["contexts"])
        parts = [_restore(entry, under(f"context{i}.", arrays), shape) for i, entry in enumerate(entries)]
        options, progress = restored_parameters(by_name(header["options"])), progress_in(header)
        labels = sorted_labels(label for part in parts for label in part.labels)
        expect(are_labels(labels), "labels of one kind in all contexts")
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
        solving = stored_parameters({"penalty": part.penalty, "readout": part.readout})
        return {**entry, "open": True, **solving, "sums": sums}, arrays
    weights = part.weights
    figures, packed = pack_weights(weights)
    arrays |= {f"weights.{name}": array for name, array in packed.items()}
    about = {"labels": list(weights.labels), "sums_sha256": part.sums_sha256, "weights_sha256": _digest(weights)}
    return {**entry, "open": False, "weights": figures, **about}, arrays


def _restore(entry: dict[str, Any], arrays: dict[str, np.ndarray], shape: tuple[int, ...]) -> Context:
    encoder = restore(entry["encoder"], under("encoder.", arrays))
    expect(encoder.shape == shape and encoder.front is None, "encoders of the inputs that all contexts share")
    size = math.prod(shape)
    expect(is_whole(entry["count"], 1, LARGEST) and isinstance(entry["open"], bool), "a number of examples")
    inputs = InputSums(entry["count"], *(_whole(arrays[f"inputs.{name}"], size) for name in ("total", "squares")))
    if not possible(inputs):
        raise InputError("damaged model: no inputs have such sums")
    if entry["open"]:
        sums = unpack(entry["sums"], under("sums.", arrays))
        belong = sums.encoder == encoder.fingerprint and sums.units == encoder.units and not sums.dropped
        expect(belong and sums.count == inputs.count * encoder.copies, "sums of the same examples as its inputs")
        solving = restored_parameters({name: entry[name] for name in ("penalty", "readout") if name in entry})
        return Open(inputs, encoder, sums, **solving)
    weights = unpack_weights(entry["labels"], entry["weights"], under("weights.", arrays), units=encoder.units)
    if _digest(weights) != entry["weights_sha256"]:
        raise InputError("damaged model: its weights do not have the fingerprint in its header")
    expect(is_text(entry["sums_sha256"]), "a fingerprint")
    return Closed(inputs, encoder, weights, entry["sums_sha256"])


def _whole(sums: np.ndarray, size: int) -> np.ndarray:
    if not wholes(sums, (size,)):
        raise InputError(f"damaged model: expected whole-number sums of {size} inputs")
    return sums.astype(np.int64)


def _digest(weights: Weights) -> str:
    digest = hashlib.sha256(str(weights.labels).encode())
    digest.update(weights.coefficients.astype("<f4").tobytes() + weights.intercept.astype("<f8").tobytes())
    return digest.hexdigest()
