"""Normal noise: its distribution, its tails, and that rounding is decided by more bits than float64 has."""

import os
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.special import log_ndtr, ndtri

from indeependence.models.classifier import normal_noise
from indeependence.models.classifier.normal_noise import DIGITS, ERROR, rounded_noise, share_below

TOP = 2**64 - 1
WIDE = 1e9  # a deviation


def drawn(monkeypatch, first, second, deviation=WIDE):
    """The number that two words make, whatever its sign."""
    words = np.array([first, second], np.uint64).tobytes()
    monkeypatch.setattr("os.urandom", lambda count: words if count == 16 else os.urandom(count))
    return abs(int(rounded_noise(deviation, 1)[0])) / deviation


def test_numbers_are_normal_and_independent():
    first, second = rounded_noise(WIDE, 20_000) / WIDE, rounded_noise(WIDE, 20_000) / WIDE
    assert stats.kstest(first, "norm").pvalue > 1e-6
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.05 and abs(np.corrcoef(first[1:], first[:-1])[0, 1]) < 0.05


def test_small_numbers_come_as_often_as_rounding_says():
    numbers = rounded_noise(0.8, 40_000)
    for number in range(-3, 4):
        share = stats.norm.cdf((number + 0.5) / 0.8) - stats.norm.cdf((number - 0.5) / 0.8)
        assert abs(np.mean(numbers == number) - share) < 6 * (share / len(numbers)) ** 0.5
    assert not rounded_noise(0.0, 100).any()


def test_the_rarest_bits_give_numbers_far_out_that_are_as_finely_spaced(monkeypatch):
    assert 9 < drawn(monkeypatch, 0, 0) < 9.3 and drawn(monkeypatch, TOP, TOP) < 1e-8
    for second in (1, 2**31, 2**32, 2**45, TOP):  # words that differ in the last bit that counts
        apart = drawn(monkeypatch, 1 << 12, second, 1e15) - drawn(monkeypatch, 2 << 12, second, 1e15)
        assert 0 <= apart < 2e-15
    assert drawn(monkeypatch, 0, 2**32) == pytest.approx(-ndtri(2.0**-33))
    assert drawn(monkeypatch, 0, 2**32 - 1) == pytest.approx(-ndtri(2.0**-34))


@given(st.floats(-14, 0))
def test_the_exact_share_is_that_of_the_normal_distribution(value):
    assert float(share_below(Decimal(value)).ln()) == pytest.approx(log_ndtr(value), rel=1e-13, abs=1e-13)


def test_what_float64_computes_is_nearer_than_the_error_that_is_allowed_for():
    for share in np.ldexp(np.random.default_rng(0).uniform(0.5, 1, 300), -np.arange(300) % -64):
        value = ndtri(share)
        off = (float(share_below(Decimal(value)) / Decimal(share)) - 1) / np.exp(
            stats.norm.logpdf(value) - np.log(share)
        )
        assert abs(off) < ERROR / 4 * (1 + abs(value)), share


def test_the_exact_way_leads_to_the_same_numbers_where_float64_suffices(monkeypatch):
    words = np.random.default_rng(0).bytes(16 * 300)
    monkeypatch.setattr("os.urandom", lambda count: words[:count])
    fast = rounded_noise(1000.0, 300)
    monkeypatch.setattr(normal_noise, "ERROR", 1.0)  # all are too near to tell
    asked = []
    monkeypatch.setattr(normal_noise, "share_below", lambda value: asked.append(value) or share_below(value))
    np.testing.assert_array_equal(rounded_noise(1000.0, 300), fast)
    assert len(asked) == 300


def test_where_the_first_bits_do_not_decide_further_ones_do(monkeypatch):
    share = share_below(Decimal(-7.5) / Decimal(10)) * 8  # of the number -7.5, between -8 and -7
    mantissa, rest = divmod((share - 1) * 2**52, 1)
    words = np.array([int(mantissa) << 12, TOP >> 1], np.uint64).tobytes()
    assert 0 < rest < 1 and DIGITS > 50
    for more, number in ((Decimal("0.999") * rest, 8), (rest + (1 - rest) / 1000, 7)):
        further = int(more * 2**128).to_bytes(16, "big")
        draws = iter([words, further])
        monkeypatch.setattr("os.urandom", lambda count, draws=draws: next(draws))
        assert abs(rounded_noise(10.0, 1)[0]) == number
