"""Adapt docstrings to griffe: a doctest becomes an example, the text after a parameter's colon its description."""

from __future__ import annotations

import re
from typing import Any

import griffe

HEADING = "Parameters\n----------\n"
PARAMETER = re.compile(r"^( *)(\w+) : (.*)$", re.MULTILINE)
FIRST = re.compile(r"^( *)>>> ", re.MULTILINE)


class AsWritten(griffe.Extension):
    """An extension that rewrites docstrings in the form that griffe reads."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrite the docstring of an object, if it has one."""
        if obj.docstring is not None:
            obj.docstring.value = with_descriptions(with_examples(obj.docstring.value))


def with_examples(text: str) -> str:
    """Return the docstring with a heading for examples before its first doctest, if it has none."""
    found = FIRST.search(text)
    if "Examples\n---" in text or not found:
        return text
    return f"{text[: found.start()]}{found[1]}Examples\n{found[1]}--------\n{text[found.start() :]}"


def with_descriptions(text: str) -> str:
    """Return the docstring with each parameter ``name : words`` on two lines: its name, then its description."""
    before, heading, after = text.partition(HEADING)
    parameters, end, rest = after.partition("\n\n")
    return before + heading + PARAMETER.sub(r"\1\2\n\1    \3", parameters) + end + rest
