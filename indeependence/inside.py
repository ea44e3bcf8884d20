"""What a trained model looks like inside: bases as pictures, what it reconstructs and draws, its code's spectrum."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indeependence.autoencoder.labelled import LabelledAutoencoder
from indeependence.classifier import ContinualClassifier
from indeependence.data.examples import Examples
from indeependence.encoder.patches import PatchLayer
from indeependence.experiment import Learner
from indeependence.moments.accumulator import sorted_labels
from indeependence.moments.joint import joint
from indeependence.report.inside import Gallery, Inside, signed_pictures, spectrum_of

SHOWN = 96  # bases
COLUMNS = 16  # of them
LARGEST = 4096  # units of a code whose spectrum is told: a larger covariance takes too long
DRAWN = 3  # pictures of a label, below its mean


def inside_of(model: Learner, tests: Sequence[Examples] = ()) -> Inside:
    """What there is to see of a ``model``; an autoencoder also reconstructs a picture of each class in ``tests``."""
    if not isinstance(model, ContinualClassifier | LabelledAutoencoder):
        return Inside()  # a perceptron's code is its input
    sums = model.moments_
    code = model.autoencoder.layout.code if isinstance(model, LabelledAutoencoder) else slice(None)
    found = [bases_gallery(model)]
    if isinstance(model, LabelledAutoencoder) and sums.count and len(model.shape) > 1:
        found += [_reconstructions(model, tests), _generated(model)]
    small = 1 < sums.count and model.encoder_.units <= LARGEST
    spectrum = spectrum_of(joint(sums).covariance(code)) if small else None
    return Inside(tuple(gallery for gallery in found if gallery is not None), spectrum)


def bases_gallery(model: ContinualClassifier | LabelledAutoencoder) -> Gallery | None:
    """The bases of the first layer as pictures; None where it does not look at pictures."""
    if isinstance(model, LabelledAutoencoder):
        layer, shape = model.autoencoder.tied.layers[0], model.shape
    else:
        layers, shape = model.encoder_.layers, model.encoder_.shape
        if not layers:
            return None
        layer = layers[0]
    if len(shape) < 2:
        return None
    side = (layer.size, layer.size, *shape[2:]) if isinstance(layer, PatchLayer) else shape
    bases = layer.bases[: int(np.prod(side)), :SHOWN].astype(np.float64)
    total = layer.bases.shape[1]
    which = f"All {total}" if total <= SHOWN else f"The first {SHOWN} of {total:,}"
    return Gallery(
        "Bases",
        f"{which} bases of the first layer, {side[1]}×{side[0]} pixels each; grey is zero, black and white are the "
        "largest weights of either sign.",
        signed_pictures(bases, side),
        COLUMNS,
    )


def _reconstructions(model: LabelledAutoencoder, tests: Sequence[Examples]) -> Gallery | None:
    chosen = one_of_each_class(tests)
    if not len(chosen):
        return None
    whole = model.quantised(chosen[:COLUMNS])
    back = model.autoencoder.decode(model.autoencoder.encode(whole))[0]
    return Gallery(
        "Reconstructions",
        "Above, a picture of each class; below, what the tied layers make of its top code alone.",
        np.concatenate([whole.reshape(-1, *model.shape), _as_pictures(back, model.shape)]),
        len(whole),
    )


def one_of_each_class(tests: Sequence[Examples]) -> np.ndarray:
    """The first input of each class, in the order of the classes; an empty array where there are none."""
    found: dict = {}
    for part in tests:
        labels, rows = np.unique(part.labels, return_index=True)
        for label, row in zip(labels.tolist(), rows.tolist(), strict=True):
            if label not in found:
                found[label] = part.part(row, row + 1).arrays()[0][0]
    return np.array([found[label] for label in sorted_labels(found)])


def _generated(model: LabelledAutoencoder) -> Gallery:
    labels = list(model.weights.labels)[:COLUMNS]
    targets = model.targets(labels)
    rows = [model.autoencoder.generate(targets, spread=0)]
    rows += [model.autoencoder.generate(targets, seed=seed) for seed in range(DRAWN)]
    names = ", ".join(map(str, labels))
    return Gallery(
        "Generated pictures",
        f"From sums alone, a column for each of {names}: the mean above, {DRAWN} drawn pictures below.",
        _as_pictures(np.vstack(rows), model.shape),
        len(labels),
    )


def _as_pictures(values: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    return np.round(255 * np.clip(values, 0, 1)).astype(np.uint8).reshape(-1, *shape)
