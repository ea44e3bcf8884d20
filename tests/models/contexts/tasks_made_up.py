"""Tasks of different inputs, and models that have learned them."""

import numpy as np
from hypothesis import strategies as st

from indeependence import ContextualClassifier

LAYERS = "drawn:20:rank=6"
D = 8
bits = st.integers(0, 2**32 - 1)


def task_of(kind, count=60, seed=0):
    """Inputs [count, 8] that are bright in two columns of their own kind, more so for "b" than for "a"."""
    rng = np.random.default_rng([kind, seed])
    labels = np.array(["a", "b"])[rng.integers(0, 2, count)]
    inputs = rng.integers(0, 60, (count, D))
    inputs[:, [2 * kind, 2 * kind + 1]] += np.where(labels == "b", 190, 120)[:, None]
    return inputs.astype(np.uint8), labels


def new(**changes):
    return ContextualClassifier(LAYERS, n_jobs=1, batch_size=32, **changes)


def learned(*kinds, **changes):
    model = new(**changes)
    for kind in kinds:
        model.partial_fit(*task_of(kind))
    return model
