"""Digits, and an autoencoder that has learned them."""

import numpy as np
import pytest

from indeependence import Autoencoder, load_dataset

ONE_HOT = np.eye(10)


@pytest.fixture(scope="module")
def digits():
    return load_dataset("digits")


@pytest.fixture(scope="module")
def learned(digits):
    """A two-layer model of frozen bases that has learned all training digits."""
    targets = ONE_HOT[digits.y_train]
    model = Autoencoder(64, 10, (40, 60), shape=(8, 8), frozen=True).bootstrap(digits.x_train, targets)
    return model.learn(digits.x_train, targets)


def moving(seed, count=300):
    """Rows of a low-dimensional kind in bytes [N, 12], and targets [N, 2]."""
    rng = np.random.default_rng(seed)
    hidden = rng.standard_normal((count, 3)) @ rng.standard_normal((3, 14))
    rows = np.clip(128 + 30 * hidden + 3 * rng.standard_normal(hidden.shape), 0, 255).astype(np.uint8)
    return rows[:, :12], rows[:, 12:]
