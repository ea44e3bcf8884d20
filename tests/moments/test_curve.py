"""The curve of all penalties, against one solve for each."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indeependence.moments import curve as curves
from indeependence.moments.centred import centre
from indeependence.moments.curve import TRUST, curve_around
from indeependence.moments.probes import probes_of
from indeependence.moments.ridge import HIGHEST, LOWEST, best_penalty, ridge
from tests.moments.test_ridge import moments_of, rows_of


def explained(centred, penalty):
    weights = ridge(centred, penalty)
    absolute = penalty * centred.scale
    return np.sum(weights.coefficients * centred.cross) + absolute * np.sum(weights.coefficients**2)


@given(st.integers(0, 2**20), st.floats(-6, 3))
@pytest.mark.parametrize(("count", "units"), [(60, 7), (30, 90)])
def test_of_few_units_or_few_examples_it_holds_everywhere(count, units, seed, exponent):
    centred = centre(moments_of(*rows_of(seed, count, units)))
    curve, penalty = curve_around(centred, centred.scale), 10**exponent
    absolute = penalty * centred.scale
    np.testing.assert_allclose(curve.explained(absolute), explained(centred, penalty), rtol=1e-6)
    np.testing.assert_allclose(
        curve.effective_units(absolute), ridge(centred, penalty).effective_units, rtol=1e-6, atol=1e-6
    )


@settings(max_examples=4)
@given(st.integers(0, 2**20), st.floats(-1, 1))
def test_of_many_units_it_holds_around_the_penalty_of_its_factor(seed, exponent):
    centred = centre(moments_of(*rows_of(seed, 500, 330)))
    curve, penalty = curve_around(centred, 0.1 * centred.scale), 0.1 * TRUST**exponent
    absolute = penalty * centred.scale
    assert (curve.lowest, curve.highest) == (0.1 * centred.scale / TRUST, 0.1 * centred.scale * TRUST)
    np.testing.assert_allclose(curve.explained(absolute), explained(centred, penalty), rtol=1e-3)
    np.testing.assert_allclose(curve.effective_units(absolute), ridge(centred, penalty).effective_units, rtol=1e-2)
    assert len(curve.sizes) < 330 / 2 and probes_of(330).shape == (330, 32)


@pytest.mark.parametrize("start", [LOWEST, 4.0**-9, 4.0**-4, HIGHEST])
def test_the_search_finds_the_same_penalty_with_any_start_and_either_curve(start, monkeypatch):
    centred = centre(moments_of(*rows_of(5, 900, 330)))
    found = best_penalty(centred, start=start)
    monkeypatch.setattr(curves, "STEPS", 100)  # all units are then few
    assert found == best_penalty(centred)
    errors = {factor: ridge(centred, found * factor).criterion for factor in (0.5, 1.0, 2.0)}
    assert min(errors, key=errors.get) == 1.0


def test_a_scatter_without_a_factor_has_no_curve():
    centred = centre(moments_of(*rows_of(0, 500, 330)))
    centred.scatter[0, 0] = -1
    assert curve_around(centred, 0.0) is None
