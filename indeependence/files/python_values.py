"""Plain values for JSON: what NumPy makes of numbers, truth values and text becomes Python's own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np


def python_values(value: Any) -> Any:
    """Return ``value`` with every NumPy scalar and array, and every path in it as a value of plain Python.

    Keys of mappings become plain as well; everything else stays.

    >>> python_values({np.str_("seed"): np.int64(1), "limits": (np.float32(0.5), np.bool_(True))})
    {'seed': 1, 'limits': [0.5, True]}
    """
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {python_values(name): python_values(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [python_values(one) for one in value]
    return value
