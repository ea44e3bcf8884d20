"""Pooling: one pass by Numba gives the bits of the plain way, and both the cells that a plain loop finds."""

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indeependence.encoder.fitting.bootstrap import bootstrap
from indeependence.encoder.layers import pooling
from indeependence.encoder.layers.pooling import Grid, numba_pool, pool_plainly


@st.composite
def cases(draw):
    """Responses ``[N, windows, K]``, a threshold and a grid, with cells that overlap, touch or leave windows out."""
    rows, columns = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    slopes = draw(st.sampled_from([0, 0, 1, 2, 3]))
    grid = Grid(rows, columns, draw(st.integers(1, min(rows, columns))), draw(st.integers(1, 5)), slopes)
    rng = np.random.default_rng(draw(st.integers(0, 2**20)))
    shape = draw(st.integers(1, 3)), grid.windows, draw(st.integers(1, 40))
    responses = (rng.standard_normal(shape) * draw(st.sampled_from([0.0, 1.0, 50.0, 1000.0]))).astype(np.float32)
    return responses, np.float32(draw(st.floats(0, 60, width=32))), grid


def shares_of(grid, windows):
    """How often each of so many windows in a line counts in each cell, one by one."""
    if not grid.slopes:
        starts = range(0, windows - grid.pool + 1, grid.stride)
        return [[float(start <= place < start + grid.pool) for place in range(windows)] for start in starts]
    apart = windows / grid.slopes
    middles = [apart * (cell + 0.5) - 0.5 for cell in range(grid.slopes)]
    return [[round(max(4 * (1 - abs(place - at) / apart), 0)) for place in range(windows)] for at in middles]


@pytest.mark.parametrize(("side", "levels"), [(27, 4), (128, 4), (200, 2), (600, 1), (5000, 1)])
def test_large_pictures_have_fewer_levels_so_that_sums_stay_exact(side, levels):
    assert set(Grid(side, 3, 1, 1, 2).sides[0].ravel()) == set(range(levels + 1))


@given(cases())
def test_one_pass_gives_the_bits_of_the_plain_way(case):
    pytest.importorskip("numba")
    at_once = numba_pool()
    assert at_once is not None
    np.testing.assert_array_equal(at_once(*case), pool_plainly(*case))


@given(cases())
def test_a_cell_sums_the_windows_that_lie_in_it(case):
    responses, threshold, grid = case
    shape = len(responses), grid.rows, grid.columns, -1
    sides = [np.floor(np.maximum(signed - threshold, 0)).reshape(shape) for signed in (responses, -responses)]
    shares = [np.outer(down, right) for down in shares_of(grid, grid.rows) for right in shares_of(grid, grid.columns)]
    cells = [[np.einsum("nrck,rc->nk", side, share) for side in sides] for share in shares]
    np.testing.assert_array_equal(pool_plainly(*case), np.array(cells, np.float32).transpose(2, 0, 3, 1))


@pytest.mark.parametrize("missing", ["numba is not installed", "its compiler is switched off"])
def test_codes_are_the_same_without_numba(pictures, monkeypatch, missing):
    encoder = bootstrap(pictures, "patches:6:size=3:pool=4:stride=2")
    codes = encoder(pictures)
    if missing == "numba is not installed":
        monkeypatch.setitem(sys.modules, "numba", None)
    else:
        monkeypatch.setattr(pytest.importorskip("numba").config, "DISABLE_JIT", True)
    numba_pool.cache_clear()
    try:
        assert pooling.numba_pool() is None
        np.testing.assert_array_equal(encoder(pictures), codes)
    finally:
        numba_pool.cache_clear()


def test_a_few_pictures_do_not_wait_for_a_compiler(monkeypatch):
    monkeypatch.setattr(pooling, "numba_pool", lambda: "at once")
    monkeypatch.setattr(pooling.sys, "modules", {})
    assert pooling.pool_for(1000) is pool_plainly
    assert pooling.pool_for(2**24) == "at once"
    monkeypatch.setattr(pooling.sys, "modules", {"numba": pooling})
    assert pooling.pool_for(1000) == "at once"
