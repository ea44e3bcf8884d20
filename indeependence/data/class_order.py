"""The order in which classes come, as text or in a file."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np

from indeependence.errors import InputError

LONGEST = 2**20  # bytes of a file


def class_words(text: str) -> list[str]:
    """Return the labels that a text lists: separated by commas, or as a list in brackets, as JSON and Python have it.

    >>> class_words("cat, dog"), class_words("[3, 1, 2]"), class_words("['a,b', 'c']")
    (['cat', 'dog'], ['3', '1', '2'], ['a,b', 'c'])
    """
    if not text.lstrip().startswith("["):
        return [word.strip() for word in text.split(",")]
    try:
        words = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError) as error:
        raise InputError(f"class order: expected a list such as [3, 1, 2], got {text[:40]!r} ({error})") from error
    if not isinstance(words, list) or not all(
        isinstance(word, str | int) and not isinstance(word, bool) for word in words
    ):
        raise InputError(f"class order: expected a list of labels, whole numbers or names, got {text[:40]!r}")
    return [str(word) for word in words]


def read_class_order(path: Path) -> list[str]:
    """Return the labels in a file: one in a line, or in one line as in `class_words` or separated by blanks; or a .npy.

    Raise `InputError` for what cannot be read.
    """
    if path.stat().st_size > LONGEST:
        raise InputError(f"class order: expected a short list of labels in {path}, got more than {LONGEST:,} bytes")
    if path.suffix == ".npy":
        return _of_array(path)
    try:
        text = path.read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"class order: cannot read {path} as text ({error})") from error
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        raise InputError(f"class order: expected labels in {path}, one in a line, found none")
    if text.startswith("["):
        return class_words(" ".join(lines))
    if len(lines) > 1:
        return [line.rstrip(",") for line in lines]
    return class_words(lines[0]) if "," in lines[0] else lines[0].split()


def _of_array(path: Path) -> list[str]:
    try:
        found = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise InputError(f"class order: cannot read {path} as an array ({error})") from error
    if found.ndim != 1 or found.dtype.kind not in "iuU":
        raise InputError(
            f"class order: expected labels [C], whole numbers or text, in {path}, got {found.dtype} {found.shape}"
        )
    return [str(label) for label in found.tolist()]
