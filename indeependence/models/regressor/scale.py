"""Targets as whole numbers of a step, in four bytes each, so that their sums are as exact as those of codes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from indeependence.errors import InputError
from indeependence.files.schema import are_texts, expect, is_mapping, is_number, is_whole
from indeependence.moments.numbers import BASE, BYTES

NUMBERS = BASE**BYTES  # that these can be
SPARE = 64  # times the largest of the first targets: later ones may be as large
FAR = 1000  # times their spread from 0: such targets are counted from their middle
SMALLEST, LARGEST = 1e-100, 1e100  # steps


@dataclass(frozen=True)
class Scale:
    """The step of each target, and the whole number of steps that four bytes of 0 stand for.

    >>> scale = Scale.of(np.array([[1.25], [-3.5]]), ("price",), step=0.25)
    >>> scale.whole(np.array([[1.25], [0.3]])).tolist(), scale.values(np.array([[5], [1]])).tolist()
    ([[5], [1]], [[1.25], [0.25]])
    """

    names: tuple[str, ...]
    steps: tuple[float, ...]
    lowest: tuple[int, ...]
    digits: ClassVar[int] = BYTES

    @property
    def said(self) -> str:
        """The targets and their steps in words."""
        return ", ".join(f"{name} by {step:g}" for name, step in zip(self.names, self.steps, strict=True))

    @classmethod
    def of(cls, targets: np.ndarray, names: Sequence[str], step: Any = "auto") -> Scale:
        """Return the scale of first ``targets [N, T]``, which are finite, with their ``names``.

        A ``step`` is one number for all targets, one for each, or "auto": the finest power of ten that leaves room for
        64 times the largest target. Raise `InputError` for targets that a given step does not hold.
        """
        given = usable_step("step", step)
        steps = list(given) if isinstance(given, tuple) else [given] * len(names)
        if len(steps) != len(names):
            raise InputError(f"step: expected one number, or one for each of {len(names)} targets, got {len(steps)}")
        pairs = [_placed(column, one) for column, one in zip(targets.T, steps, strict=True)]
        scale = cls(tuple(names), tuple(one for one, _ in pairs), tuple(low for _, low in pairs))
        scale.whole(targets)
        return scale

    def whole(self, targets: np.ndarray) -> np.ndarray:
        """Return targets ``[N, T]`` as whole numbers of steps, int64; raise `InputError` for those out of range."""
        wholes = np.empty(targets.shape, np.int64)
        for place, (name, step, low) in enumerate(zip(self.names, self.steps, self.lowest, strict=True)):
            per = _per(step)
            column = targets[:, place]
            with np.errstate(over="ignore"):
                counted = np.rint(column * per if per else column / step)
            outside = ~((counted >= low) & (counted < low + NUMBERS))
            if outside.any():
                row = int(np.argmax(outside))
                ends = (_value(float(end), step) for end in (low, low + NUMBERS - 1))
                raise InputError(
                    f"target {name}, row {row}: expected a number from {' to '.join(f'{end:.6g}' for end in ends)}, "
                    f"which is what a step of {step:g} holds, got {column[row]:g}: begin a new model with a larger step"
                )
            wholes[:, place] = counted
        return wholes

    def bytes_of(self, targets: np.ndarray) -> np.ndarray:
        """Return targets ``[N, T]`` as codes uint8 ``[N, 4 T]``: the digits to base 256, the lowest first."""
        above = (self.whole(targets) - np.array(self.lowest)).astype("<u4")
        return np.ascontiguousarray(above).view(np.uint8).reshape(len(targets), -1)

    def values(self, wholes: np.ndarray) -> np.ndarray:
        """Return numbers of steps ``[..., T]``, whole or not, as targets, float64."""
        columns = [_value(wholes[..., place].astype(np.float64), step) for place, step in enumerate(self.steps)]
        return np.stack(columns, axis=-1)

    def rounding(self, targets: np.ndarray) -> np.ndarray:
        """Return how far the farthest of targets ``[N, T]`` is from what is kept of it, float64 ``[T]``."""
        return np.abs(self.values(self.whole(targets)) - targets).max(0, initial=0.0)

    def to_json(self) -> dict[str, Any]:
        """Return the scale in plain JSON values."""
        return {"names": list(self.names), "steps": list(self.steps), "lowest": list(self.lowest)}

    @classmethod
    def of_json(cls, kept: Any) -> Scale:
        """Return the scale that `to_json` wrote; raise `InputError` where this is none."""
        expect(is_mapping(kept, ("names", "steps", "lowest")), "the steps of targets")
        names, steps, lowest = (kept.get(name) for name in ("names", "steps", "lowest"))
        expect(are_texts(names, unique=True) and len(names) > 0, "names of targets, each once")
        lists = isinstance(steps, list) and isinstance(lowest, list) and len(steps) == len(lowest) == len(names)
        expect(lists and all(is_number(step, SMALLEST, LARGEST) for step in steps), "a step for each target")
        expect(all(is_whole(low, -(2**53), 2**53) for low in lowest), "the lowest number of each target")
        return cls(tuple(names), tuple(map(float, steps)), tuple(lowest))


def usable_step(name: str, step: Any) -> str | float | tuple[float, ...]:
    """Return a step as "auto", a number above 0, or a tuple of those; raise `InputError` for anything else.

    >>> usable_step("step", np.float64(0.5)), usable_step("step", [1, 0.1])
    (0.5, (1.0, 0.1))
    """
    if isinstance(step, str) and step == "auto":
        return "auto"
    if isinstance(step, list | tuple | np.ndarray) and np.ndim(step) == 1 and len(step):
        return tuple(_number(name, one) for one in step)
    return _number(name, step)


def _number(name: str, step: Any) -> float:
    try:
        number = math.nan if isinstance(step, str | bool) else float(step)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not SMALLEST <= number <= LARGEST:
        raise InputError(
            f"{name}: expected auto or a number above 0, one for all targets or one for each, got {step!r}"
        )
    return number


def _placed(column: np.ndarray, step: str | float) -> tuple[float, int]:
    """Return the step of one target, chosen if it is "auto", and its lowest whole number of steps."""
    low, high = float(column.min()), float(column.max())
    middle, largest = low / 2 + high / 2, max(-low, high)
    spread = max(high - middle, largest / FAR)
    is_far = abs(middle) > FAR / 2 * spread
    if isinstance(step, str):
        room = (spread if is_far else largest) * SPARE / (NUMBERS / 2)
        step = _power_of_ten(room) if room > SMALLEST else 1e-6
    half = NUMBERS // 2
    if largest / step < half / 2:
        return step, -half
    if largest / step > 2.0**52:
        raise InputError(
            f"step: {step:g} is too fine for a target of {largest:g}: take one above {largest / 2**52:.3g}"
        )
    return step, round(middle / step) - half


def _power_of_ten(least: float) -> float:
    """Return the smallest power of ten that is no smaller, as the float that is written so.

    >>> _power_of_ten(0.02), _power_of_ten(30.0)
    (0.1, 100.0)
    """
    power = math.ceil(math.log10(least))
    return float(f"1e{power}")


def _per(step: float) -> float:
    """Return the whole number of steps in 1, or 0 if it is not whole: dividing by it gives 0.1 and not 0.1 + 1e-17."""
    per = round(1 / step) if step < 1 else 0
    return float(per) if per and abs(per * step - 1) < 1e-12 else 0.0


def _value(wholes: Any, step: float) -> Any:
    per = _per(step)
    return wholes / per if per else wholes * step
