"""The capacity of sparse codes, and how often a wrong code is taken for a stored one.

Source: Ahmad & Hawkins 2015, arXiv 1503.07469. Counts are whole numbers, so there is no rounding before the one
division at the end.
"""

from __future__ import annotations

from fractions import Fraction
from math import comb, log2

from indeependence.errors import InputError


def capacity(units: int, active: int) -> float:
    """Return the bits of information in one code of ``active`` set bits out of ``units``, ``log2 C(n, w)``.

    >>> round(capacity(512, 26), 2)
    144.69
    """
    _check(units, active)
    return log2(comb(units, active))


def overlapping_codes(units: int, stored: int, active: int, shared: int) -> int:
    """Return how many codes of ``active`` bits share exactly ``shared`` with one of ``stored`` bits: ``|Ω|``.

    >>> overlapping_codes(4, 2, 2, 1)
    4
    """
    return comb(stored, shared) * comb(units - stored, active - shared) if shared <= active else 0


def false_match(units: int, active: int, threshold: int, *, stored: int | None = None) -> float:
    """Return the probability that a random code shares at least ``threshold`` bits with a stored one.

    Of ``units`` bits, ``active`` are set in the random code and ``stored`` in the stored one (by default as many; fewer
    after subsampling). The number of shared bits is hypergeometric: ``Σ_{b ≥ θ} |Ω(b)| / C(n, w)``.

    >>> round(false_match(4, 2, 1), 4), f"{false_match(512, 26, 13):.1e}"
    (0.8333, '3.4e-12')
    """
    stored = active if stored is None else stored
    _check(units, active)
    _check(units, stored)
    matching = sum(overlapping_codes(units, stored, active, b) for b in range(max(threshold, 0), active + 1))
    return matching / comb(units, active)


def union_false_match(units: int, active: int, count: int) -> float:
    """Return the probability that a random code lies wholly within the union of ``count`` random codes.

    It is computed in exact fractions, by inclusion and exclusion over the bits of the code that no stored one covers.
    The paper's ``(1 - (1 - w/n)^M)^w`` treats bits as independent and is close to it.

    >>> f"{union_false_match(512, 26, 20):.2e}", f"{(1 - (1 - 26 / 512) ** 20) ** 26:.2e}"
    ('1.00e-05', '1.23e-05')
    """
    _check(units, active)
    missed = (Fraction(comb(units - j, active), comb(units, active)) ** count for j in range(active + 1))
    return float(sum((-1) ** j * comb(active, j) * share for j, share in enumerate(missed)))


def _check(units: int, active: int) -> None:
    if not 0 < active <= units:
        raise InputError(f"expected 1 to {units} active units, got {active}")
