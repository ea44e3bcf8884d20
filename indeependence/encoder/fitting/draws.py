"""Random numbers that are the same on every machine and with every version of NumPy."""

from __future__ import annotations

import math

import numpy as np

UNIFORM = 12  # whole numbers of 16 bits whose sum is a normal one: its variance is exactly 1 in steps of 2**-16


class Draws:
    """A stream of random numbers, made of the raw 64-bit words of PCG64 by whole-number arithmetic alone.

    NumPy promises that the words of a bit generator never change; it does not promise so for the distributions of its
    `Generator`, and these call a logarithm that processors round differently. Source: O'Neill 2014; NumPy's NEP 19.

    >>> Draws(0, 1).below(10, (5,))
    array([8, 5, 8, 9, 0])
    """

    def __init__(self, *seed: int) -> None:
        self._words = np.random.PCG64(np.random.SeedSequence(seed))

    def below(self, end: int | np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
        """Return whole numbers int64 of 0 to ``end - 1``, for an end of at most 2**31."""
        high = self._raw(shape) >> np.uint64(32)
        return (high * np.asarray(end, np.uint64) >> np.uint64(32)).astype(np.int64)

    def share(self, shape: tuple[int, ...]) -> np.ndarray:
        """Return evenly spread numbers of 0 to 1, multiples of 2**-53."""
        return (self._raw(shape) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def normal(self, shape: tuple[int, ...]) -> np.ndarray:
        """Return numbers of mean 0 and variance 1 that are nearly normal, multiples of 2**-17 within ±6.

        Each is the sum of `UNIFORM` evenly spread ones, whose kurtosis is 0.1 below a normal one's.

        >>> numbers = Draws(0).normal((10_000,))
        >>> bool(abs(numbers.mean()) < 0.03 and abs(numbers.std() - 1) < 0.03 and (numbers * 2**17 % 1 == 0).all())
        True
        """
        words = self._raw((*shape, UNIFORM // 4)).view(np.dtype("<u2"))
        twice = 2 * words.sum(-1, dtype=np.int64) - UNIFORM * (2**16 - 1)
        return twice * 2.0**-17

    def _raw(self, shape: tuple[int, ...]) -> np.ndarray:
        words = np.asarray(self._words.random_raw(math.prod(shape)), np.uint64)
        return words.astype("<u8", copy=False).reshape(shape)
