"""The file of a classifier's encoder and weights, for prediction only: it cannot learn, merge or forget."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from indeependence.data.reading import Reading
from indeependence.encoder.description import describe
from indeependence.encoder.storage import restore
from indeependence.errors import InputError
from indeependence.files.container import WEIGHTS, damage_told, read_arrays, under, write_arrays
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
        privacy = Privacy(**header["privacy"]) if header.get("privacy") else None
        weights = unpack_weights(header["labels"], header, arrays, units=encoder.units)
        predictor = Predictor(encoder, weights, privacy, Reading.of(header))
        intact = predictor.fingerprint == header["sha256"]
    if not intact:
        raise InputError(f"{path}: damaged model, its weights do not have the fingerprint in its header")
    return predictor
