"""The only exception of this package: input that a user can correct; and suggestions for misspelt words."""

from collections.abc import Iterable, Sequence
from typing import TypeVar
from unicodedata import normalize

Label = TypeVar("Label", int, str, int | str)
SHOWN = 10  # names at the beginning of a message, where there are many


class InputError(ValueError):
    """Bad input, with a message of one line: what was expected, what was found, what to try.

    The command line prints it without a traceback and exits with 1; in Python it is a ``ValueError``.

    Parts of the message may come from a file, so it is `shown`.

    >>> print(InputError("no column called 'a\\nb'"))
    no column called 'a\\nb'
    """

    def __init__(self, message: str):
        super().__init__(shown(message))


def shown(text: object) -> str:
    """Return text of one line in which every character that is not printable stands as its escape in Python.

    Names of classes, columns and files are text from elsewhere: none of it reaches a terminal, a table, a plot or a
    page as a code, turns the direction of writing, or fails to be encoded.

    >>> print(shown("\\x1b[31mred"), shown("two\\nlines"), shown("not UTF-8: \\udcff"))
    \\x1b[31mred two\\nlines not UTF-8: \\udcff
    """
    text = str(text)
    return text if text.isprintable() else "".join(one if one.isprintable() else ascii(one)[1:-1] for one in text)


def is_utf_8(text: str) -> bool:
    """Return whether a text can be written: names of files in another encoding hold surrogates, which cannot.

    >>> is_utf_8("é"), is_utf_8(b"\\xe9".decode(errors="surrogateescape"))
    (True, False)
    """
    return not any("\ud800" <= character <= "\udfff" for character in text)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean X?`` for the nearest of the ``known`` words; an empty text where none is near.

    >>> did_you_mean("evalaute", ["evaluate", "train"]), did_you_mean("fly", ["evaluate", "train"])
    ('; did you mean evaluate?', '')
    """
    from difflib import get_close_matches

    by_lower = {name.lower(): name for name in known}
    close = get_close_matches(word.lower(), by_lower, n=1)
    return f"; did you mean {by_lower[close[0]]}?" if close else ""


def named(words: Iterable[str], labels: Iterable[Label], *, option: str, where: str) -> list[Label]:
    """Return the labels that ``words`` name by their text; raise `InputError` with a suggestion for an unknown one.

    >>> named(["3", " 5"], [3, 4, 5], option="--classes", where="in the data")
    [3, 5]
    """
    by_name = {str(label): label for label in labels}
    found = []
    for word in (normalize("NFC", word.strip()) for word in words):  # as labels are
        if word not in by_name:
            known = f"expected {some(list(by_name))}" if by_name else "there is none yet"
            raise InputError(f"{option}: no class '{word}' {where}: {known}{did_you_mean(word, by_name)}")
        found.append(by_name[word])
    return found


def some(names: Sequence[str]) -> str:
    """Return all names, or the first and the last of many, as text.

    >>> some(["a", "b"]), some([str(number) for number in range(30)])[-10:]
    ('a, b', '8, 9, … 29')
    """
    if len(names) <= 2 * SHOWN:
        return ", ".join(names)
    return f"{', '.join(names[:SHOWN])}, … {names[-1]}"
