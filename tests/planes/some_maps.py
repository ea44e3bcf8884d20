"""Maps and kernels of which a share of the planes is present."""

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

SHAPES = st.tuples(st.integers(1, 4), st.integers(3, 7), st.integers(3, 7), st.integers(1, 6))
SHARES = st.sampled_from([0.0, 0.2, 0.6, 1.0])
SEEDS = st.integers(0, 999)
FEW = settings(max_examples=12)


def some_maps(shape, share, seed):
    """Dense maps of which that share of the planes is present, with small whole numbers."""
    rng = np.random.default_rng(seed)
    present = rng.random((shape[0], 1, 1, shape[3])) < share
    return (rng.integers(-3, 4, shape) * present).astype(np.float32)


def some_kernel(channels, filters, seed, share=1.0):
    rng = np.random.default_rng([seed, 1])
    present = rng.random((channels, 1, 1, filters)) < share
    return (rng.standard_normal((channels, 3, 2, filters)) * present).astype(np.float32)
