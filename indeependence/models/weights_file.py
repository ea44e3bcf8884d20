"""The file of a classifier's encoder and weights, for prediction only: it cannot learn, merge or forget."""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

from indeependence.data.reading import Reading
from indeependence.encoder.description import describe
from indeependence.encoder.storage import restore
from indeependence.errors import InputError
from indeependence.files.container import WEIGHTS, damage_told, read_arrays, under, write_arrays
from indeependence.files.schema import expect, is_mapping, is_number
from indeependence.models.classifier.privacy import Privacy
from indeependence.models.packed_weights import pack_weights, unpack_weights
from indeependence.models.predictor import Predictor


def write_predictor(path: str | Path, predictor: Predictor) -> None:
    """Write ``predictor`` to ``path``, without sums, counts or ledger; on any failure the old file stays."""
    encoder_header, encoder_arrays = describe(predictor.encoder)
    figures, arrays = pack_weights(predictor.weights)
    header = {
        "encoder": encoder_header,
        "labels": list(predictor.labels),
        **figures,
        "privacy": asdict(predictor.privacy) if predictor.privacy else None,
        "sha256": predictor.fingerprint,
        **predictor.reading.header(),
    }
    arrays |= {f"encoder.{name}": array for name, array in encoder_arrays.items()}
    write_arrays(path, WEIGHTS, header, arrays)


def read_predictor(path: str | Path) -> Predictor:
    """Return the predictor in the file ``path``.

    Raise `InputError` if the file is missing, of another kind or format, or damaged.
    """
    header, arrays = read_arrays(path, WEIGHTS)
    with damage_told(path):
        encoder = restore(header["encoder"], under("encoder.", arrays))
        privacy = _privacy(header.get("privacy"))
        weights = unpack_weights(header["labels"], header, arrays, units=encoder.units)
        predictor = Predictor(encoder, weights, privacy, Reading.of(header).fitting(encoder.shape))
        intact = predictor.fingerprint == header["sha256"]
    if not intact:
        raise InputError(f"{path}: damaged model, its weights do not have the fingerprint in its header")
    return predictor


def _privacy(kept: Any) -> Privacy | None:
    if kept is None:
        return None
    expect(is_mapping(kept, ("epsilon", "delta")), "the bound of a private export")
    expect(all(is_number(value, 0, math.inf) for value in kept.values()), "numbers for its epsilon and delta")
    return Privacy(**kept)
