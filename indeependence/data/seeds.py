"""Random numbers by their use: each use of a seed is independent of all others."""

from __future__ import annotations

import numpy as np

from indeependence.errors import InputError

# The second word of every seed. (0 is for test parts.)
CLASSES, ROWS, PERMUTATION, NOISE, BLUR, REPEATS = range(1, 7)


def generator(seed: int, *use: int) -> np.random.Generator:
    """Return a generator for one use of ``seed``; raise `InputError` unless the seed is 0 or more."""
    return np.random.default_rng(sequence(seed, *use))


def sequence(seed: int, *use: int) -> np.random.SeedSequence:
    """Return the seed sequence of one use of ``seed``; raise `InputError` unless the seed is 0 or more."""
    if seed < 0:
        raise InputError(f"expected a seed of 0 or more, got {seed}")
    return np.random.SeedSequence([seed, *use])
