"""What the texts in a table's cells say: nothing, a number, a date, true or false, or a name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone

MISSING = frozenset(["", "na", "n/a", "nan", "null", "?", "-", "<na>", "#n/a", "nat"])  # in small letters
NOT_A_LABEL = MISSING - {"-"}  # a class may be called -, as in + and -
TRUTH = {"true": 1.0, "false": 0.0}
LARGEST = 2.0**53  # float64 holds every whole number up to here
ORDERS = ("ymd", "dmy", "mdy")

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_NUMBERS = re.compile(rf"(?:{_NUMBER.pattern}\n)*{_NUMBER.pattern}", re.ASCII)
_PADDED = re.compile(r"^[+-]?0\d+$", re.ASCII | re.MULTILINE)  # a name, such as a post code
_COMMA_GROUPS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?", re.ASCII)
_DOT_GROUPS = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+(,\d*)?", re.ASCII)
_OTHER_GROUPS = re.compile("[+-]?[1-9]\\d{0,2}([ \u00a0\u202f'\u2019]\\d{3})+([.,]\\d*)?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?(\d+,\d*|,\d+)([eE][+-]?\d+)?", re.ASCII)
_PER_CENT = re.compile("(.*\\d[.,]?)[ \u00a0\u202f]?%")
_MONEY = re.compile("([+-]?)(?:[$€£¥][ \u00a0\u202f]?(\\d.*)|(\\d.*?)[ \u00a0\u202f]?[$€£¥])")
_WHOLE = re.compile(r"0|-?[1-9]\d*", re.ASCII)
_FLOAT = re.compile(r"-?(0|[1-9]\d*)\.\d+([eE][+-]\d+)?", re.ASCII)
_DATE = re.compile(
    r"(?:(\d{4})([-/.])(\d{1,2})\2(\d{1,2})|(\d{1,2})([-/.])(\d{1,2})\6(\d{4}))"
    r"(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)
_DAY, _EPOCH = timedelta(days=1), datetime(1970, 1, 1)


def is_missing(text: str) -> bool:
    """Return whether a cell says that there is no value.

    >>> [is_missing(text) for text in ("", "NaN", "None", "?", "none", "0")]
    [True, True, True, True, False, False]
    """
    return len(text) < 5 and (text == "None" or text.lower() in MISSING)  # none of them is longer


def are_padded(texts: Sequence[str]) -> bool:
    """Return whether any text of digits has zeros in front, so that as a number it would print back without them.

    >>> are_padded(["7", "007"]), are_padded(["0", "0.5"])
    (True, False)
    """
    return _PADDED.search("\n".join(texts)) is not None


def is_beyond(text: str) -> bool:
    """Return whether a text of digits is a whole number that no float64 holds, so that it would print back another.

    >>> is_beyond("9007199254740993"), is_beyond("9007199254740992")
    (True, False)
    """
    if len(text) < 16 or "." in text or not _WHOLE.fullmatch(text):
        return False
    return len(text) > 400 or int(float(text)) != int(text)


def number(text: str, *, decimal_comma: bool = False) -> float | None:
    """Return the number that a text says, or None if it says none; 12 % is 0.12, and $5 is 5.

    >>> number("1,234"), number("1,5", decimal_comma=True), number("1.234,5", decimal_comma=True), number("1_0")
    (1234.0, 1.5, 1234.5, None)
    >>> number("12 %"), number("\N{MINUS SIGN}5"), number("1 000"), number("-$1,200.50"), number("5 €")
    (0.12, -5.0, 1000.0, -1200.5, 5.0)
    """
    per_cent = _PER_CENT.fullmatch(text)
    text = (per_cent[1] if per_cent else text).replace("\N{MINUS SIGN}", "-")
    if not per_cent and (money := _MONEY.fullmatch(text)):
        text = money[1] + (money[2] or money[3])
    if _OTHER_GROUPS.fullmatch(text):
        text = re.sub("[ \u00a0\u202f'\u2019]", "", text)
    if decimal_comma and (_DECIMAL_COMMA.fullmatch(text) or _DOT_GROUPS.fullmatch(text)):
        text = text.replace(".", "").replace(",", ".")
    elif not decimal_comma and _COMMA_GROUPS.fullmatch(text):
        text = text.replace(",", "")
    if not _NUMBER.fullmatch(text):
        return None
    return float(f"{text}e-2") if per_cent and "e" not in text.lower() else float(text)


def numbers(texts: Sequence[str], *, decimal_comma: bool = False) -> list[float | None]:
    """Return the number of each text, None for one that says none."""
    lines = "\n".join(texts)
    if not decimal_comma and _NUMBERS.fullmatch(lines) and lines.count("\n") == len(texts) - 1:  # soon looked at
        return list(map(float, texts))
    return [number(text, decimal_comma=decimal_comma) for text in texts]


def has_decimal_comma(texts: Iterable[str], *, likely: bool) -> bool:
    """Return whether commas in the numbers among a table's ``texts`` come before decimals, and not before thousands.

    Where nothing in the numbers shows it, they are if that is ``likely``.

    >>> has_decimal_comma(["1,5", "1,234"], likely=False), has_decimal_comma(["1,234", "0.5"], likely=True)
    (True, False)
    """
    commas = points = False
    for text in texts:
        per_cent = _PER_CENT.fullmatch(text)
        text = per_cent[1] if per_cent else text
        if _COMMA_GROUPS.fullmatch(text):
            commas = True
            points = points or text.count(",") > 1 or "." in text
        elif _DECIMAL_COMMA.fullmatch(text) or (_DOT_GROUPS.fullmatch(text) and "," in text):
            return True
        elif "." in text and _NUMBER.fullmatch(text):
            points = True
    return commas and not points and likely


def truths(texts: Iterable[str]) -> list[float | None]:
    """Return 1 for true, 0 for false and None for other texts."""
    return [TRUTH.get(text.lower()) for text in texts]


def days(texts: Iterable[str], order: str) -> list[float | None]:
    """Return the days since 1970 of dates whose parts are in this ``order``; None for what is no date.

    The time of day is the fraction. Years in front are always followed by month and day.

    >>> days(["1970-01-02", "02/01/1970 12:00", "2023-02-30"], "dmy")
    [1.0, 1.5, None]
    """
    return [_days(match, order) if (match := _DATE.fullmatch(text)) else None for text in texts]


def _days(match: re.Match, order: str) -> float | None:
    if match[1]:
        year, month, day = match[1], match[3], match[4]
    elif order == "ymd":
        return None
    else:
        year, (day, month) = match[8], (match[5], match[7]) if order != "mdy" else (match[7], match[5])
    hour, minute, second = (int(part or 0) for part in (match[9], match[10], match[11]))
    try:
        moment = datetime(int(year), int(month), int(day), hour, minute, second)
        if match[13] and match[13] not in ("Z", "UTC"):
            zone = datetime.strptime(match[13].replace(":", ""), "%z").tzinfo
            moment = moment.replace(tzinfo=zone).astimezone(timezone.utc).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None
    return (moment - _EPOCH) / _DAY + float(f"0.{match[12] or 0}") / 86400


def date_orders(texts: Sequence[str]) -> list[str]:
    """Return every order of day, month and year in which all of the texts are dates.

    >>> date_orders(["2024-02-03"]), date_orders(["03/02/2024"]), date_orders(["13.02.2024"])
    (['ymd'], ['dmy', 'mdy'], ['dmy'])
    """
    matches = [_DATE.fullmatch(text) for text in texts]
    if not matches or not all(matches):
        return []
    orders = ORDERS[:1] if all(match and match[1] for match in matches) else ORDERS[1:]
    if any(match and match[6] == "." for match in matches):
        orders = ORDERS[1:2]  # with full stops the day is always first
    return [order for order in orders if None not in days(texts, order)]


def labels_of(texts: Sequence[str]) -> list[int] | list[float] | None:
    """Return texts of labels as numbers, or None if they are names: if any would not print back the same.

    Decimals, as other programs write whole numbers (1.0), count where no two texts say the same number.

    >>> labels_of(["1", "-2"]), labels_of(["1.0", "0.0"]), labels_of(["01", "1"]), labels_of(["1", "1.0"])
    ([1, -2], [1.0, 0.0], None, None)
    """
    if all(_WHOLE.fullmatch(text) and len(text) < 21 and -(2**63) <= int(text) < 2**63 for text in texts):
        return [int(text) for text in texts]
    if not all(_FLOAT.fullmatch(text) or _WHOLE.fullmatch(text) for text in texts):
        return None
    found = [float(text) for text in texts]
    return found if len(set(found)) == len(set(texts)) and max(map(abs, found)) <= LARGEST else None
