"""The pins: what was computed when they were made, and how what is computed today compares."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from .catalogue import GOLDEN
from .facts import FACTS
from .running import file_of
from .workflows import WORKFLOWS

PATH = Path(__file__).parent / "pins.json"
CLOSE = 1e-6  # numbers with a fraction may differ by that, and by that share of themselves
ROUGH = {"closed": 1e-3, "adam": 1e-3, "network": 1e-4}  # found in float32
ON_ONE_MACHINE = {"drawn", *WORKFLOWS["one machine"]}  # that made the files: they depend on its eigenvectors
PLACES = [(name, fact) for name, golden in GOLDEN.items() for fact in FACTS[golden.kind]]
PLACES += [(name, fact) for name, facts in WORKFLOWS.items() for fact in facts]


def measured(name: str, fact: str) -> Any:
    """Return a fact of the golden file ``name``, or of workflows of that name, as JSON has it."""
    with tempfile.TemporaryDirectory() as folder:
        if name in WORKFLOWS:
            found = WORKFLOWS[name][fact](Path(folder))
        else:
            found = FACTS[GOLDEN[name].kind][fact](file_of(name), GOLDEN[name].given, Path(folder))
    return json.loads(json.dumps(found))


def read() -> dict[str, dict[str, Any]]:
    """Return all pins: by name of a file, then by fact."""
    return json.loads(PATH.read_text()) if PATH.exists() else {}


def write(pins: dict[str, dict[str, Any]]) -> None:
    """Write all pins, one fact a line."""
    blocks = []
    for name in sorted(pins):
        lines = [f"  {json.dumps(fact)}: {json.dumps(_short(value))}" for fact, value in sorted(pins[name].items())]
        blocks.append(f" {json.dumps(name)}: {{\n" + ",\n".join(lines) + "\n }")
    PATH.write_text("{\n" + ",\n".join(blocks) + "\n}\n")


def differences(found: Any, pinned: Any, *, close: float = CLOSE, place: str = "") -> list[str]:
    """Return where ``found`` is not what is pinned: text and whole numbers to the last bit, fractions nearly.

    >>> differences({"a": [1, 0.5]}, {"a": [2, 0.5000001]})
    ['a.0: 1, pinned 2']
    """
    if isinstance(found, dict) and isinstance(pinned, dict) and found.keys() == pinned.keys():
        parts = [(key, found[key], pinned[key]) for key in found]
    elif isinstance(found, list) and isinstance(pinned, list) and len(found) == len(pinned):
        parts = [(str(index), *pair) for index, pair in enumerate(zip(found, pinned, strict=True))]
    else:
        fractions = isinstance(found, float) and isinstance(pinned, float)
        same = abs(found - pinned) <= close * max(1, abs(pinned)) if fractions else found == pinned
        return [] if same else [f"{place.lstrip('.')}: {found!r}, pinned {pinned!r}"]
    return [one for key, *pair in parts for one in differences(*pair, close=close, place=f"{place}.{key}")]


def _short(value: Any) -> Any:
    """Return a value with its fractions cut to ten digits."""
    if isinstance(value, dict):
        return {key: _short(one) for key, one in value.items()}
    if isinstance(value, list):
        return list(map(_short, value))
    return float(f"{value:.10g}") if isinstance(value, float) else value
