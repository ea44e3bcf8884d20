"""Reads docstrings as they are written here: a doctest is an example, what follows a parameter's colon describes it."""

from __future__ import annotations

import re
from typing import Any

import griffe

HEADING = "Parameters\n----------\n"
PARAMETER = re.compile(r"^( *)(\w+) : (.*)$", re.MULTILINE)
FIRST = re.compile(r"^( *)>>> ", re.MULTILINE)


class AsWritten(griffe.Extension):
    """Brings docstrings into the form that griffe reads."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        if obj.docstring is not None:
            obj.docstring.value = with_descriptions(with_examples(obj.docstring.value))


def with_examples(text: str) -> str:
    """The docstring with the heading of an example before its first doctest, if it has none."""
    found = FIRST.search(text)
    if "Examples\n---" in text or not found:
        return text
    return f"{text[: found.start()]}{found[1]}Examples\n{found[1]}--------\n{text[found.start() :]}"


def with_descriptions(text: str) -> str:
    """The docstring with ``name : words`` of its parameters as a name and, below it, what it means."""
    before, heading, after = text.partition(HEADING)
    parameters, end, rest = after.partition("\n\n")
    return before + heading + PARAMETER.sub(r"\1\2\n\1    \3", parameters) + end + rest
