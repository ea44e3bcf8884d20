"""Prints the fingerprints of encoders of every kind of layer, as JSON: ``python -m tests.golden.encoders``.

Fast enough to be run under many processors' kernels. Nothing of NumPy's random numbers goes into it.
"""

from __future__ import annotations

import json

import numpy as np

from indeependence.encoder.fitting.bootstrap import bootstrap
from indeependence.encoder.fitting.draws import Draws

PICTURES = ("patches:6:size=3:pool=2:stride=2", "patches:4:size=4:pad=1:winners=2:root=1:flip=1:shift=1,+wide:9,norm")
CODES = ("8,5", "12", "wide:9:spread=1", "drawn:9:rank=4", "drawn:9:rank=99", "sparse:9:spread=1", "+sparse:9,norm")


def samples() -> dict[str, np.ndarray]:
    """Return small samples: pictures, bytes of few directions, and numbers as they come."""
    draws = Draws(1)
    grey = np.minimum(draws.below(256, (40, 9, 9)), draws.below(256, (40, 9, 9))).astype(np.uint8)
    colour = np.repeat(grey[..., None], 3, axis=3) // np.array([1, 2, 3], np.uint8)
    flat = (draws.below(20, (50, 4)) @ draws.below(4, (4, 12))).astype(np.uint8)  # of four directions only
    numbers = draws.normal((60, 5)) * np.array([1.0, 1e-3, 1e5, 1.0, 0.0]) + np.array([0.0, 0.0, 0.0, 7.0, 3.0])
    return {"grey": grey, "colour": colour, "bytes": flat, "numbers": numbers, "many": draws.normal((30, 120))}


def fingerprints() -> dict[str, str]:
    """Return the fingerprint of an encoder of each kind, by sample and layers."""
    data = samples()
    asked = [(name, layers) for name in ("grey", "colour") for layers in (*PICTURES, "local:5:size=3")]
    asked += [("bytes", layers) for layers in CODES]
    asked += [("numbers", layers) for layers in ("auto", "inputs", "boxes:9:sides=2,+fourier:9")] + [("many", "auto")]
    return {f"{name} {layers}": bootstrap(data[name], layers).fingerprint for name, layers in asked}


if __name__ == "__main__":
    print(json.dumps(fingerprints(), indent=1))
