"""Numbers in the form that people read: percent, points, bytes and seconds."""

from __future__ import annotations

import math

from indeependence.errors import shown

MISSING = "–"


def percent(fraction: float | None, *, decimals: int = 2) -> str:
    """Return a fraction in percent, without the sign; a dash for None or NaN.

    >>> percent(0.99331), percent(1, decimals=1), percent(None)
    ('99.33', '100.0', '–')
    """
    if fraction is None or math.isnan(fraction):
        return MISSING
    rounded = round(100 * float(fraction), decimals)
    return f"{rounded + 0.0:.{decimals}f}"  # + 0.0: no -0.00


def points(difference: float | None) -> str:
    """Return a difference of two fractions in percentage points, with its sign; a dash for None or NaN.

    >>> points(0.0042), points(-0.1), points(0)
    ('+0.42', '-10.00', '0.00')
    """
    text = percent(difference)
    return f"+{text}" if text != MISSING and float(text) > 0 else text


def readable_bytes(count: int | None) -> str:
    """Return a number of bytes with three digits and a decimal unit (1 MB is 10⁶ bytes); "unknown" for None.

    >>> readable_bytes(47_040_000), readable_bytes(999), readable_bytes(999_999)
    ('47.0 MB', '999 bytes', '1.00 MB')
    """
    if count is None:
        return "unknown"
    if count < 1000:
        return f"{count} byte" if count == 1 else f"{count} bytes"
    value, units = float(count), ["kB", "MB", "GB", "TB", "PB"]
    value /= 1000
    while value >= 999.5 and len(units) > 1:
        value, units = value / 1000, units[1:]
    decimals = 2 if value < 9.995 else 1 if value < 99.95 else 0
    return f"{value:.{decimals}f} {units[0]}"


def compared_bytes(sums: int, data: int) -> str:
    """Return in words how the bytes of the sums compare with the bytes of the data seen.

    >>> compared_bytes(540_000_000, 47_000_000)
    '11.5 times larger than the data seen'
    >>> compared_bytes(4_700_000, 47_000_000)
    '10 % of the data seen'
    """
    if data <= 0:
        return "no data seen"
    if sums > data:
        return f"{sums / data:.3g} times larger than the data seen"
    return f"{100 * sums / data:.2g} % of the data seen" if sums < data else "as large as the data seen"


def readable_seconds(seconds: float) -> str:
    """Return a duration as text; minutes and hours only where seconds would be hard to read.

    >>> readable_seconds(1.234), readable_seconds(202), readable_seconds(7265)
    ('1.23 s', '3 min 22 s', '2 h 1 min')
    """
    if seconds < 119.5:
        return f"{seconds:.{2 if seconds < 9.995 else 1}f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


def shortened(text: str, length: int) -> str:
    """Return the text as it is `shown`, cut to ``length`` characters with an ellipsis where it is longer.

    >>> shortened("airplane,automobile", 9)
    'airplane…'
    """
    text = shown(text)
    return text if len(text) <= length else text[: max(length - 1, 0)] + "…"


def first_and_last(count: int, limit: int) -> list[int | None]:
    """Return which of ``count`` rows to show where ``limit`` fit: the first and the last, None for the gap.

    >>> first_and_last(3, 4), first_and_last(100, 5)
    ([0, 1, 2], [0, 1, 2, None, 98, 99])
    """
    if count <= limit:
        return list(range(count))
    tail = limit // 2
    return [*range(limit - tail), None, *range(count - tail, count)]
