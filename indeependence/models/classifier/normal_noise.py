"""Normal numbers rounded to whole ones, with the probabilities that rounding alone gives them, not those of float64.

In float64 a large normal number has few bits left behind the point, and none of its own far out: what can be seen of
that gives examples away (Mironov, CCS 2012). Here random bits are the share of the distribution below a number. Where
float64 cannot tell to which whole number that share leads, more bits are drawn and compared with 60 digits.
"""

from __future__ import annotations

import os
from decimal import Decimal, localcontext

import numpy as np
from scipy.special import ndtri

BITS = 52  # of the mantissa of a share
MORE = 16  # bytes that follow the mantissa where it does not decide
DIGITS = 60
ROOT_OF_TWO_PI = Decimal("2.50662827463100050241576528481104525300698674060993831662992357634229365460784197")
ERROR = 2.0**-48  # of a normal number in float64, relative to 1 plus its size: several times what it is


def rounded_noise(deviation: float, count: int) -> np.ndarray:
    """Return normal numbers of that ``deviation``, rounded, int64 ``[count]``, from bits of the operating system.

    A number's share is drawn as a floating-point number is made: each exponent half as often as the one above it, and
    52 bits of mantissa. So numbers far out, up to 9 deviations, are as finely spaced as the others.
    """
    words = np.frombuffer(os.urandom(16 * count), np.uint64).reshape(2, count)
    mantissas, exponents = words[0] >> np.uint64(64 - BITS), -2 - _leading_zeros(words[1])
    values = deviation * ndtri(np.ldexp(1 + (mantissas + 0.5) / 2.0**BITS, exponents))  # of the lower half
    below = np.floor(values)
    whole = np.where(values - below < 0.5, below, below + 1).astype(np.int64)
    for i in np.flatnonzero(np.abs(values - below - 0.5) <= ERROR * (deviation - values)):
        share = _share(int(mantissas[i]), int(exponents[i]))
        whole[i] = int(below[i]) + (share >= share_below((Decimal(below[i]) + Decimal("0.5")) / Decimal(deviation)))
    return np.where(words[0] & np.uint64(1), whole, -whole)


def _leading_zeros(words: np.ndarray) -> np.ndarray:
    """Return how many bits from the highest are 0, int32 ``[N]``; of a word of zeros 64."""
    high, low = (
        np.frexp(half.astype(np.float64))[1] for half in (words >> np.uint64(32), words & np.uint64(2**32 - 1))
    )
    return np.where(high > 0, 32 - high, 64 - low)


def _share(mantissa: int, exponent: int) -> Decimal:
    """Return a share whose first bits are known, with many more bits."""
    more = int.from_bytes(os.urandom(MORE), "big")
    with localcontext() as context:
        context.prec = DIGITS
        return (1 + (mantissa + Decimal(more) / 2 ** (8 * MORE)) / 2**BITS) * Decimal(2) ** exponent


def share_below(value: Decimal) -> Decimal:
    """Return the share of the standard normal distribution below a ``value``, to about 50 digits behind the point.

    Its series has terms of one sign: ``1/2 + φ(x) (x + x³/3 + x⁵/15 + …)``.

    >>> round(share_below(Decimal(-1)), 20)
    Decimal('0.15865525393145705142')
    """
    with localcontext() as context:
        context.prec = DIGITS
        term = total = value
        factor = 1
        while abs(term) > Decimal(10) ** -DIGITS * abs(total):
            factor += 2
            term = term * value * value / factor
            total += term
        return Decimal("0.5") + (-value * value / 2).exp() / ROOT_OF_TWO_PI * total
