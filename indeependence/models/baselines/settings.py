"""Methods with settings as one line of text: ``ewc:strength=100`` or ``module:factory:depth=3``, and lists of them."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from indeependence.errors import InputError, did_you_mean

SETTING = re.compile(r",(?=\w+=)")  # a comma before another setting; others belong to a value, as in layers=400,250


@dataclass(frozen=True)
class Setting:
    """A setting with its ``default``: a number of at least ``least``, or one of the ``words``; else any text."""

    default: Any
    least: float | None = None
    words: tuple[str, ...] = ()

    def value(self, text: str) -> Any:
        """Return the value that a text means; raise `InputError`, which says what was expected, for any other.

        >>> Setting(500, 1).value("20"), Setting("auto", 0, ("auto",)).value("0.5")
        (20, 0.5)
        """
        if text in self.words or (self.least is None and not self.words and text):
            return text
        number = _number(text, whole=isinstance(self.default, int))
        if number is None or self.least is None or number < self.least:
            raise InputError(f"expected {self}, got {text!r}")
        return number

    def __str__(self) -> str:
        numbers = "a whole number" if isinstance(self.default, int) else "a number"
        allowed = [*self.words, *([f"{numbers} of at least {self.least:g}"] if self.least is not None else [])]
        return " or ".join(allowed) or "a text"


def _number(text: str, *, whole: bool) -> float | None:
    try:
        number = int(text) if whole else float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def name_and_settings(text: str) -> tuple[str, dict[str, str]]:
    """Return the name of a method and the texts of its settings; raise `InputError` where there is no name or value.

    Everything before the last colon before the first ``=`` is the name, so that it may hold colons, and values, too.

    >>> name_and_settings("replay:examples=1000,steps=500")
    ('replay', {'examples': '1000', 'steps': '500'})
    >>> name_and_settings("indeependence:layers=patches:64:size=7,+sparse:1500")
    ('indeependence', {'layers': 'patches:64:size=7,+sparse:1500'})
    >>> name_and_settings("my.module:factory")
    ('my.module:factory', {})
    """
    head, equals, rest = text.strip().partition("=")
    if not equals:
        return head, {}
    name, _, first = head.rpartition(":")
    if not name or not first:
        raise InputError(f"expected NAME:SETTING=VALUE,…, such as ewc:strength=100, got {text!r}")
    settings: dict[str, str] = {}
    for part in SETTING.split(f"{first}={rest}"):
        setting, _, value = part.partition("=")
        if setting in settings or not value:
            raise InputError(f"{text}: expected one value of {setting}, got {'two' if value else 'none'}")
        settings[setting] = value
    return name, settings


def listed(text: str, names: tuple[str, ...]) -> list[str]:
    """Return the methods that a text lists, separated by commas; ``names`` are those that need no module.

    A part that names no method goes on with the settings before it.

    >>> listed("ridge,replay:examples=1000,steps=500,ewc", ("ridge", "replay", "ewc"))
    ['ridge', 'replay:examples=1000,steps=500', 'ewc']
    """
    methods: list[str] = []
    for part in text.split(","):
        goes_on = methods and "=" in methods[-1] and name_of(part) not in names and not _of_module(part)
        if goes_on:
            methods[-1] += f",{part}"
        else:
            methods.append(part.strip())
    return methods


def name_of(text: str) -> str:
    """Return what stands before the first colon.

    >>> name_of("ewc:strength=100")
    'ewc'
    """
    return text.partition(":")[0].strip()


def _of_module(text: str) -> bool:
    return re.fullmatch(r"\s*[A-Za-z_][\w.]*:[A-Za-z_]\w*(:.*)?", text) is not None


def checked(method: str, known: dict[str, Setting], given: dict[str, str]) -> dict[str, Any]:
    """Return the values ``given``; raise `InputError` for settings that are not ``known``, and for wrong values.

    >>> checked("ewc", {"strength": Setting(5000.0, 0)}, {"strength": "1e2"})
    {'strength': 100.0}
    """
    values = {}
    for name, text in given.items():
        if name not in known:
            hint = did_you_mean(name, known)
            raise InputError(f"{method}: no setting {name}{hint or ''}; it has {', '.join(known) or 'none'}")
        try:
            values[name] = known[name].value(text)
        except InputError as error:
            raise InputError(f"{method}:{name}={text}: {error}") from error
    return values
