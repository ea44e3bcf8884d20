"""Surgery: what is cut to remove a class."""

import numpy as np
import pytest

from indeependence.errors import InputError
from indeependence.moments.moments import Moments
from indeependence.moments.weights import Weights
from indeependence.pruning.surgery import class_saliency, cut, most_salient_of_class


def test_surgery_cuts_first_what_works_for_the_class_alone():
    codes = np.eye(3, dtype=np.uint8)[[0, 1, 2]] * 200 + 20
    moments = Moments.empty("encoder", 3).learn([(codes, np.array(["a", "b", "c"]))])
    weights = Weights(("a", "b", "c"), np.eye(3), np.zeros(3), 0, 0, 0, 0)
    units = most_salient_of_class(weights, moments, "b", 1 / 3)
    np.testing.assert_array_equal(units, [False, True, False])
    after = cut(weights, units).scores(codes)
    np.testing.assert_array_equal(after[:, 1], 0)
    np.testing.assert_array_equal(after[:, [0, 2]], weights.scores(codes)[:, [0, 2]])
    with pytest.raises(InputError, match="other classes besides 'a'"):
        class_saliency(weights, moments.only(np.array([True, False, False])), "a")
