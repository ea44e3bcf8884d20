"""The parameters of all models: one check, for the command line and for Python."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from indeependence.encoder.fitting.grammar import EXAMPLE, MOST_MEMBERS, members_of, parse_layers
from indeependence.encoder.limits import usable_limits
from indeependence.errors import InputError, did_you_mean
from indeependence.files.python_values import python_values
from indeependence.moments.ledger import KINDS
from indeependence.moments.penalty import LARGEST, usable_penalty
from indeependence.moments.solving import READOUTS

CONTEXTS = ("task", "auto")


def usable_parameters(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters by name as plain values of Python; raise `InputError` for one that no model can use.

    Names without a check, such as that of a Keras model, are passed through.

    >>> usable_parameters({"random_state": np.int64(1), "penalty": np.float32(0.5), "n_jobs": None})
    {'random_state': 1, 'penalty': 0.5, 'n_jobs': None}
    """
    return {name: CHECKS[name](name, value) if name in CHECKS else value for name, value in parameters.items()}


# What a parameter is in a file that does not name it: files were written before there was a choice.
UNNAMED: dict[str, Any] = {"readout": "ridge", "limits": None, "members": 1}


def stored_parameters(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that a file has to name; raise `InputError` for one that no model can use.

    >>> stored_parameters({"readout": "ridge", "batch_size": 7})
    {'batch_size': 7}
    """
    checked = usable_parameters(parameters)
    return {name: value for name, value in checked.items() if name not in UNNAMED or value != UNNAMED[name]}


def restored_parameters(written: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that a file names, with the readout of before if it names none; the inverse of the above.

    >>> restored_parameters({"batch_size": 7})
    {'readout': 'ridge', 'batch_size': 7}
    """
    return usable_parameters({"readout": UNNAMED["readout"], **written})


def whole(name: str, value: Any, *, least: int = 1) -> int:
    """Return a whole number of at least ``least``; raise `InputError` for anything else.

    >>> whole("batch_size", np.int16(7))
    7
    """
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Integral) or value < least:
        raise InputError(f"{name}: expected a whole number of at least {least}, got {value!r}")
    return int(value)


def number(name: str, value: Any, *, zero: bool = False, most: float = LARGEST) -> float:
    """Return a number above 0, or of at least ``zero``, up to ``most``; raise `InputError` for anything else.

    >>> number("rate", np.float32(0.5))
    0.5
    """
    plain = python_values(value)
    real = isinstance(plain, numbers.Real) and not isinstance(plain, bool)
    if not real or not 0 <= plain <= most or (plain == 0 and not zero):
        least = "of at least 0" if zero else "above 0"
        raise InputError(f"{name}: expected a number {least} and up to {most:g}, got {value!r}: try 0.01")
    return float(plain)


def truth(name: str, value: Any) -> bool:
    """Return True or False; raise `InputError` for anything else, also for numbers and text.

    >>> truth("frozen", np.True_)
    True
    """
    if not isinstance(value, bool | np.bool_):
        raise InputError(f"{name}: expected True or False, got {value!r}")
    return bool(value)


def one_of(name: str, value: Any, known: Sequence[str]) -> str:
    """Return one of the ``known`` words; raise `InputError` for anything else.

    >>> one_of("ledger", "task", ("none", "task"))
    'task'
    """
    if not isinstance(value, str) or value not in known:
        hint = did_you_mean(value, known) if isinstance(value, str) else ""
        raise InputError(f"{name}: expected {' or '.join(known)}, got {value!r}{hint}")
    return str(value)


def _layers(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise InputError(f"{name}: expected a text such as auto, {EXAMPLE}, got {value!r}")
    for text in members_of(value):
        if text not in ("auto", "best"):
            parse_layers(text)
    return str(value)


def _members(name: str, value: Any) -> int:
    count = whole(name, value)
    if count > MOST_MEMBERS:
        raise InputError(f"{name}: expected at most {MOST_MEMBERS}, got {value!r}")
    return count


def _jobs(name: str, value: Any) -> int | None:
    if value is None:
        return None
    jobs = value if isinstance(value, numbers.Integral) and not isinstance(value, bool | np.bool_) else 0
    if not jobs:
        raise InputError(f"{name}: expected None or -1 for all cores or a number of threads, got {value!r}")
    return int(jobs)


CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "layers": _layers,
    "penalty": lambda name, value: usable_penalty(python_values(value)),
    "readout": lambda name, value: one_of(name, value, READOUTS),
    "members": _members,
    "bootstrap_limit": whole,
    "batch_size": whole,
    "random_state": lambda name, value: whole(name, value, least=0),
    "n_jobs": _jobs,
    "ledger": lambda name, value: one_of(name, value, KINDS),
    "contexts": lambda name, value: one_of(name, value, CONTEXTS),
    "keep_sums": truth,
    "limits": lambda name, value: None if value is None else usable_limits(value),
    "coeff": lambda name, value: None if value is None else number(name, value, most=1.0),
}
