"""A view made up for tests, without a model."""

import numpy as np

from indeependence.report.frames.view import View


def view(**changes):
    """A white picture of 8×8 that was taken for another label, decoded as black, after two examples."""
    white = np.full((8, 8), 255, np.uint8)
    made_up = {
        "original": white,
        "decoded": 255 - white,
        "bases": np.full((5, 8, 8), 100, np.uint8),
        "bases_in_all": 70,
        "codes": (np.array([3, -4, 0]), np.array([0, 9])),
        "label": "cat",
        "predicted": "dog",
        "errors": np.array([1.0, 0.5]),
    }
    return View(**made_up | changes)
