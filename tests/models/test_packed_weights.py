"""Weights in files: what is packed comes back, in plain JSON values, and nothing damaged is taken."""

import json

import numpy as np
import pytest

from indeependence.errors import InputError
from indeependence.models.packed_weights import pack_weights, unpack_weights
from indeependence.moments.weights import Weights

WEIGHTS = Weights((3, 8), np.array([[0.5, -1.0], [2.0, 0.25], [0.0, 1.0]]), np.array([0.1, 0.2]), 0.5, 2.0, 0.1, np.inf)


def test_packed_weights_come_back_even_with_an_infinite_criterion():
    figures, arrays = pack_weights(WEIGHTS)
    again = unpack_weights([3, 8], json.loads(json.dumps(figures, allow_nan=False)), arrays, units=3)
    assert again.labels == WEIGHTS.labels and again.criterion == np.inf and again.penalty == 0.5
    codes = np.array([[1, 2, 3], [255, 0, 9]], np.uint8)
    np.testing.assert_array_equal(again.scores(codes), WEIGHTS.scores(codes))


@pytest.mark.parametrize(
    "labels, units, change, message",
    [
        ([3, 8], 4, {}, "expected weights of 4 code units and 2 classes"),
        ([3], 3, {}, "expected weights of 3 code units and 1 classes"),
        ([3, 8], 3, {"intercept": np.array([0.1, np.nan])}, "expected finite weights"),
        ([3, None], 3, {}, "expected labels in order, each once"),
    ],
)
def test_weights_that_do_not_fit_are_refused(labels, units, change, message):
    figures, arrays = pack_weights(WEIGHTS)
    with pytest.raises(InputError, match=message):
        unpack_weights(labels, figures, {**arrays, **change}, units=units)
