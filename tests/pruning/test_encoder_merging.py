"""Encoders that are merged, base by base."""

from dataclasses import replace

import numpy as np
import pytest

from indeependence.encoder.fitting.bootstrap import bootstrap
from indeependence.errors import InputError
from indeependence.pruning.encoder_merging import base_importance, merged
from tests.pruning.small_sums import KINDS, PICTURES


@pytest.mark.parametrize("text", KINDS[1:3])
def test_an_encoder_merged_with_itself_in_another_order_gives_its_own_codes(text):
    encoder = bootstrap(PICTURES, text)
    shuffled = reordered(encoder, np.random.default_rng(0))
    assert (shuffled.layers[0].bases != encoder.layers[0].bases).any()
    flat = [np.ones(layer.bases.shape[1]) for layer in encoder.layers]
    codes = merged(encoder, shuffled, (flat, flat))(PICTURES).astype(int)
    assert np.abs(codes - encoder(PICTURES)).max() <= 2 and np.mean(codes != encoder(PICTURES)) < 0.05


def reordered(encoder, rng):
    """The same encoder with the bases of its first layer in another order and with other signs."""
    first, second = encoder.layers
    count = first.bases.shape[1]
    places, signs = rng.permutation(count), rng.choice([-1, 1], count)
    cells = (len(second.bases) if encoder.keeps_input[1] else second.bases.shape[0]) // (2 * count)
    units = np.concatenate(
        [
            cell * 2 * count + 2 * place + (side if sign > 0 else 1 - side)
            for cell in range(cells)
            for place, sign in zip(places, signs, strict=True)
            for side in [np.arange(2)]
        ]
    )
    changed = {"bases": (first.bases[:, places] * signs).astype(np.int16)}
    if hasattr(first, "offset"):
        changed["offset"] = (first.offset[places] * signs).astype(np.int32)
    return replace(encoder, layers=(replace(first, **changed), replace(second, bases=second.bases[units])))


def test_an_average_is_as_near_to_a_base_as_that_is_important():
    one, other = (bootstrap(PICTURES[rows], "8", seed=0) for rows in (slice(0, 30), slice(30, 60)))
    ones, none = [np.ones(8)], [np.zeros(8)]
    for importance, expected in (((ones, none), one), ((none, ones), other)):
        codes = merged(one, other, importance)(PICTURES).astype(float)
        # Units come in the order of the first encoder; each has an equal among the expected ones.
        distances = np.abs(codes.T[:, None] - expected(PICTURES).astype(float).T).max(2)
        assert distances.min(1).max() <= 2
    with pytest.raises(InputError, match="same --layers"):
        merged(one, bootstrap(PICTURES, "9"), (ones, ones))
    two = [bootstrap(PICTURES, f"patches:4:size=3:pool=2{more}") for more in ("", ":pad=1")]
    with pytest.raises(InputError, match="same --layers"):
        merged(*two, ([np.ones(4)], [np.ones(4)]))


def test_a_base_is_as_important_as_its_units_and_those_that_read_it(encoder):
    saliency = np.zeros(encoder.units)
    saliency[[0, 13, 27]] = 1  # a unit of base 0 of the patches in the first cell, of base 0 in the next, of base 1
    patches, sparse = base_importance(encoder, saliency)
    np.testing.assert_allclose(patches, [2, 1, 0, 0, 0, 0])
    assert not sparse.any()
    saliency[:] = 0
    saliency[-1] = 3.0
    patches, sparse = base_importance(encoder, saliency)
    assert sparse[-1] == 3 and patches.sum() == pytest.approx(3)
