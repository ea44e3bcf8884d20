"""Pictures of an autoencoder's inside: bases, reconstructions, generated pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from indeependence.encoder.layers import Layer
from indeependence.encoder.quantise import as_bytes
from indeependence.models.autoencoder.mixture import drawn
from indeependence.models.galleries import COLUMNS, Gallery, Inside, bases_gallery, code_spectrum, one_of_each_class

if TYPE_CHECKING:
    from indeependence.data.examples import Examples
    from indeependence.models.autoencoder.labelled import LabelledAutoencoder

DRAWN = 3  # pictures of a label, below its mean


def autoencoder_galleries(model: LabelledAutoencoder, tests: Sequence[Examples]) -> Inside:
    """Return bases, reconstructions of an example of each class, drawn pictures, and the top code's spectrum."""
    found = [bases_gallery(model.autoencoder.tied.layers[0], model.shape)]
    if model.moments_.count and len(model.shape) > 1:
        found += [_reconstructions(model, tests), _generated(model)]
    spectrum = code_spectrum(model.moments_, model.autoencoder.layout.code, model.encoder_.units)
    return Inside(tuple(gallery for gallery in found if gallery is not None), spectrum)


def bases_alone(layer: Layer, shape: tuple[int, ...]) -> Inside:
    """Return the bases of a first ``layer``, if inputs of ``shape`` are pictures."""
    found = bases_gallery(layer, shape)
    return Inside((found,) if found else ())


def _reconstructions(model: LabelledAutoencoder, tests: Sequence[Examples]) -> Gallery | None:
    chosen = one_of_each_class(tests)
    if not len(chosen):
        return None
    whole = model.quantised(chosen[:COLUMNS])
    back = model.autoencoder.decode(model.autoencoder.encode(whole))[0]
    return Gallery(
        "Reconstructions",
        "Above, a picture of each class; below, what the tied layers decode from its top code alone.",
        np.concatenate([whole.reshape(-1, *model.shape), _as_pictures(back, model.shape)]),
        len(whole),
    )


def _generated(model: LabelledAutoencoder) -> Gallery:
    labels = list(model.weights.labels)[:COLUMNS]
    targets = model.targets(labels)
    rows = [model.autoencoder.generate(targets, spread=0)]
    rows += [drawn(model, labels, seed=seed) for seed in range(DRAWN)]
    names = ", ".join(map(str, labels))
    return Gallery(
        "Generated pictures",
        f"From sums alone, a column for each of {names}: the mean above, {DRAWN} drawn pictures below.",
        _as_pictures(np.vstack(rows), model.shape),
        len(labels),
    )


def _as_pictures(values: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    return as_bytes(values).reshape(-1, *shape)
