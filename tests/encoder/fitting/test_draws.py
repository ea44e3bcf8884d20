"""Random numbers from raw words: their distributions, and that they never change."""

import numpy as np
import pytest
from scipy import stats

from indeependence.encoder.fitting.draws import Draws


def test_normal_numbers_are_nearly_normal_and_independent():
    numbers = Draws(3).normal((200, 500))
    assert stats.kstest(numbers.ravel(), "norm").statistic < 0.01
    assert abs(np.corrcoef(numbers)[np.triu_indices(200, 1)]).max() < 0.25


@pytest.mark.parametrize("end", [1, 2, 7, 2**31])
def test_whole_numbers_are_evenly_spread_below_their_end(end):
    numbers = Draws(end).below(end, (50_000,))
    assert numbers.min() >= 0 and numbers.max() < end
    assert stats.kstest((numbers + Draws(1).share(numbers.shape)) / end, "uniform").statistic < 0.01


def test_the_stream_of_a_seed_never_changes():
    draws = Draws(7, 1)
    assert draws.below(1000, (4,)).tolist() == [770, 111, 189, 159]
    assert (draws.normal((2,)) * 2**17).tolist() == [152296, -87920]
    assert (draws.share((2,)) * 2**53).tolist() == [2224014692101725, 320417524169679]
