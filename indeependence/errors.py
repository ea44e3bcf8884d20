"""The one exception of our own: input that a user can mend; and what was meant by a misspelt word."""

from collections.abc import Iterable
from typing import TypeVar

Label = TypeVar("Label", int, str, int | str)
SHOWN = 10  # names that a message begins with, where there are many


class InputError(ValueError):
    """Bad input, told in one line: what was expected, what came and what to try.

    The command line prints it without a traceback and exits with 1; from Python it is a ``ValueError``.

    What stands in it may come from a file, so what is not printable, as a line break or a terminal's escape, is
    replaced.

    >>> print(InputError("no column called 'a\\nb'"))
    no column called 'a b'
    """

    def __init__(self, message: str):
        super().__init__("".join(character if character.isprintable() else " " for character in message))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """``; did you mean X?`` for the nearest of the ``known`` words; nothing where none is near.

    >>> did_you_mean("evalaute", ["evaluate", "train"]), did_you_mean("fly", ["evaluate", "train"])
    ('; did you mean evaluate?', '')
    """
    from difflib import get_close_matches

    by_lower = {name.lower(): name for name in known}
    close = get_close_matches(word.lower(), by_lower, n=1)
    return f"; did you mean {by_lower[close[0]]}?" if close else ""


def named(words: Iterable[str], labels: Iterable[Label], *, option: str, where: str) -> list[Label]:
    """The labels that ``words`` name, by their text; `InputError` that suggests another for one that is none.

    >>> named(["3", " 5"], [3, 4, 5], option="--classes", where="in the data")
    [3, 5]
    """
    by_name = {str(label): label for label in labels}
    found = []
    for word in (word.strip() for word in words):
        if word not in by_name:
            known = f"expected {_some(list(by_name))}" if by_name else "there is none yet"
            raise InputError(f"{option}: no class '{word}' {where}: {known}{did_you_mean(word, by_name)}")
        found.append(by_name[word])
    return found


def _some(names: list[str]) -> str:
    """All names, or the first and the last of many."""
    if len(names) <= 2 * SHOWN:
        return ", ".join(names)
    return f"{', '.join(names[:SHOWN])}, … {names[-1]}"
