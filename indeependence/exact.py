"""The limits within which arithmetic is exact: everything that is added up is a whole number below them."""

from __future__ import annotations

from indeependence.errors import InputError

TOP = 255  # the largest code
EXACT = 2**24  # float32 holds every whole number up to here, so no order of adding can round
LARGEST = 2**53 // TOP**2  # examples: beyond, float64 could no longer hold every sum exactly


def check_size(count: int) -> None:
    """Raise `InputError` for more examples than sums stay exact for, long before any integer overflows."""
    if count > LARGEST:
        raise InputError(
            f"expected at most {LARGEST:,} examples in one model, got {count:,}: sums would lose exactness"
        )
