"""Bases: principal, rotated, whitened, sparse and of patches."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.decomposition import PCA

from indeependence.encoder.fitting.bases import drawn_bases, principal_bases, sparse_bases, whitened_bases
from indeependence.encoder.fitting.bootstrap import bootstrap
from indeependence.encoder.fitting.draws import Draws
from indeependence.encoder.fitting.patch_bases import patch_bases


@given(st.integers(2, 8), st.integers(1, 8), st.integers(0, 2**20))
def test_principal_bases_minimise_the_objective_as_pca_does(inputs, count, seed):
    count = min(count, inputs)
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((60, inputs)) * np.arange(1, inputs + 1)
    centred = rows - rows.mean(0)
    C = centred.T @ centred / len(rows)
    W = principal_bases(C, count, Draws(seed))
    P = PCA(count).fit(rows).components_.T
    np.testing.assert_allclose(W.T @ W, np.eye(count), atol=1e-9)
    assert objective(C, W) <= objective(C, P) + 1e-5 * np.trace(C)


def objective(C, W):
    return np.trace(C - C @ W @ W.T - W @ W.T @ C + W @ W.T @ C @ W @ W.T)


def test_rotation_spreads_the_variance_over_all_bases():
    C = np.diag(4.0 ** np.arange(6))
    W = principal_bases(C, 6, Draws(0))
    variances = np.diag(W.T @ C @ W)
    assert variances.max() / variances.min() < 100 < 4**5


def test_whitened_bases_see_every_direction_alike():
    C = np.diag([100.0, 1.0, 0.01])
    bases = whitened_bases(C, 20_000, Draws(0), floor=1e-9)
    np.testing.assert_allclose(np.var(np.sqrt(C) @ bases, axis=1), 1, rtol=0.05)


def test_sparse_bases_have_the_density_asked_for():
    bases = sparse_bases(300, 300, Draws(0), density=0.1)
    assert abs((bases != 0).mean() - 0.1) < 0.01 and abs(bases.mean()) < 0.01


@pytest.mark.parametrize("rounds", [3, 20])
def test_patch_bases_are_averages_that_sum_to_zero_and_are_no_window(rounds):
    windows = np.random.default_rng(0).integers(0, 256, (500, 9)).astype(float)
    bases = patch_bases(windows, 4, Draws(1), contrast=10, floor=0.1, rounds=rounds)
    np.testing.assert_allclose(bases.sum(0), 0, atol=1e-9)
    unit = lambda rows: rows / np.linalg.norm(rows, axis=-1, keepdims=True)  # noqa: E731
    assert np.abs(unit(windows - windows.mean(1, keepdims=True)) @ unit(bases.T).T).max() < 0.9999


def test_after_few_rounds_bases_are_still_on_their_way():
    windows = np.random.default_rng(0).integers(0, 256, (500, 9)).astype(float)
    few, many, more = (patch_bases(windows, 4, Draws(1), contrast=10, floor=0.1, rounds=n) for n in (1, 40, 41))
    assert np.abs(few - many).max() > 10 * np.abs(more - many).max()


def test_whole_bases_of_patches_sum_to_zero_so_brightness_does_not_matter(pictures):
    encoder = bootstrap(pictures // 2, "patches:6:size=3:pool=4:stride=2")
    assert not encoder.layers[0].bases.astype(int).sum(0).any()
    np.testing.assert_array_equal(encoder(pictures // 2 + 100), encoder(pictures // 2))


def test_drawn_bases_have_the_covariance_of_the_inputs_in_the_leading_directions():
    rows = np.random.default_rng(0).standard_normal((500, 6)) @ np.random.default_rng(1).standard_normal((6, 6))
    C = rows.T @ rows / len(rows)
    variances, vectors = np.linalg.eigh(C)
    wanted = vectors[:, -3:] * variances[-3:] @ vectors[:, -3:].T
    bases = drawn_bases(C, 100_000, Draws(0), rank=3)
    np.testing.assert_allclose(bases @ bases.T / 100_000, wanted, atol=0.02 * np.abs(wanted).max())


@given(st.integers(0, 4), st.integers(1, 5), st.integers(0, 2**20))
def test_where_inputs_vary_in_fewer_directions_than_there_are_bases_these_stay_orthonormal(rank, count, seed):
    rows = np.random.default_rng(seed).integers(-9, 10, (30, rank)) @ np.eye(5)[:rank]
    W = principal_bases(rows.T @ rows / 30, count, Draws(seed))
    np.testing.assert_allclose(W.T @ W, np.eye(count), atol=1e-6)
    np.testing.assert_allclose(rows @ W @ W.T, rows, atol=1e-3) if count >= rank else None
