"""Bases: principal, rotated, whitened, sparse and of patches."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn.decomposition import PCA

from indeependence.encoder.fitting.bases import patch_bases, principal_bases, sparse_bases, whitened_bases
from indeependence.encoder.fitting.bootstrap import bootstrap


@given(st.integers(2, 8), st.integers(1, 8), st.integers(0, 2**20))
def test_principal_bases_minimise_the_objective_as_pca_does(inputs, count, seed):
    count = min(count, inputs)
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((60, inputs)) * np.arange(1, inputs + 1)
    centred = rows - rows.mean(0)
    C = centred.T @ centred / len(rows)
    W = principal_bases(C, count, rng)
    P = PCA(count).fit(rows).components_.T
    np.testing.assert_allclose(W @ W.T, P @ P.T, atol=1e-8)  # one subspace
    for other in (P, np.linalg.qr(rng.standard_normal((inputs, count)))[0]):
        assert objective(C, W) <= objective(C, other) + 1e-9


def objective(C, W):
    return np.trace(C - C @ W @ W.T - W @ W.T @ C + W @ W.T @ C @ W @ W.T)


def test_rotation_spreads_the_variance_over_all_bases():
    C = np.diag(4.0 ** np.arange(6))
    W = principal_bases(C, 6, np.random.default_rng(0))
    variances = np.diag(W.T @ C @ W)
    assert variances.max() / variances.min() < 100 < 4**5


def test_whitened_bases_see_every_direction_alike():
    rng = np.random.default_rng(0)
    C = np.diag([100.0, 1.0, 0.01])
    bases = whitened_bases(C, 20_000, rng, floor=1e-9)
    np.testing.assert_allclose(np.var(np.sqrt(C) @ bases, axis=1), 1, rtol=0.05)


def test_sparse_bases_have_the_density_asked_for():
    bases = sparse_bases(300, 300, np.random.default_rng(0), density=0.1)
    assert abs((bases != 0).mean() - 0.1) < 0.01 and abs(bases.mean()) < 0.01


def test_patch_bases_are_averages_that_sum_to_zero_and_are_no_window():
    windows = np.random.default_rng(0).integers(0, 256, (500, 9)).astype(float)
    bases = patch_bases(windows, 4, np.random.default_rng(1), contrast=10, floor=0.1)
    np.testing.assert_allclose(bases.sum(0), 0, atol=1e-9)
    unit = lambda rows: rows / np.linalg.norm(rows, axis=-1, keepdims=True)  # noqa: E731
    assert np.abs(unit(windows - windows.mean(1, keepdims=True)) @ unit(bases.T).T).max() < 0.9999


def test_whole_bases_of_patches_sum_to_zero_so_brightness_does_not_matter(pictures):
    encoder = bootstrap(pictures // 2, "patches:6:size=3:pool=4:stride=2")
    assert not encoder.layers[0].bases.astype(int).sum(0).any()
    np.testing.assert_array_equal(encoder(pictures // 2 + 100), encoder(pictures // 2))
