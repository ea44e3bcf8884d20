"""Cosines from sums, against those of all pairs."""

import numpy as np
import pytest

from indeependence.errors import InputError
from indeependence.pruning.similarity import similarity
from tests.pruning.small_sums import CODES, LABELS, SUMS


@pytest.mark.parametrize("centred", [False, True])
def test_cosines_from_sums_are_those_of_all_pairs(centred):
    rows = CODES.astype(float) - (CODES.mean(0) if centred else 0)
    products, scale = rows @ rows.T, np.mean(np.sum(rows**2, 1))
    same, other = LABELS[:, None] == LABELS, ~np.eye(60, dtype=bool)
    found = similarity(SUMS, centred=centred)
    assert found.within == pytest.approx(products[same & other].mean() / scale)
    assert found.between == pytest.approx(products[~same].mean() / scale)
    expected = [[products[LABELS == a][:, LABELS == b].mean() / scale for b in range(3)] for a in range(3)]
    np.testing.assert_allclose(found.classes, expected, atol=1e-12)


def test_cosines_refuse_sums_that_cannot_tell():
    with pytest.raises(InputError, match="no class was dropped"):
        similarity(SUMS.without_class(1))
    with pytest.raises(InputError, match="at least two classes"):
        similarity(SUMS.only(np.array([True, False, False])))
