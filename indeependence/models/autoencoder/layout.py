"""Rows of bytes ``[input ; target]`` from whole or partial examples, and masks of the known entries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indeependence.data.from_python import as_rows
from indeependence.encoder.quantise import as_bytes
from indeependence.errors import InputError


@dataclass(frozen=True)
class Layout:
    """The places of the parts of a row ``[input ; target ; code of the input alone ; code of the target alone]``.

    The last part is there only in a model of pairs.
    """

    input_size: int  # D
    target_size: int  # C
    input_units: int | None = None  # of the code of the input alone; None if no other code follows it

    @property
    def inputs(self) -> slice:
        """The first D entries."""
        return slice(0, self.input_size)

    @property
    def targets(self) -> slice:
        """The next C entries."""
        return slice(self.input_size, self.seen)

    @property
    def code(self) -> slice:
        """All entries after those: the code of the input alone."""
        return slice(self.seen, None if self.input_units is None else self.seen + self.input_units)

    @property
    def target_code(self) -> slice:
        """All entries after that code; there are none but in a model of pairs."""
        return slice(self.code.stop, None)

    @property
    def seen(self) -> int:
        """D + C, the number of entries before the code."""
        return self.input_size + self.target_size


def whole_rows(layout: Layout, inputs: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return rows uint8 ``[N, D + C]`` of inputs and targets, which are bytes or numbers of 0..1.

    Raise `InputError` for other sizes or numbers, for none, and unless there is a target for each input.

    >>> whole_rows(Layout(2, 1), np.array([[0.0, 0.5]]), np.array([[1.0]]))
    array([[  0, 128, 255]], dtype=uint8)
    """
    parts = _flat("inputs", inputs, layout.input_size), _flat("targets", targets, layout.target_size)
    if len(parts[0]) != len(parts[1]) or not len(parts[0]):
        raise InputError(f"expected a target for each input, got {len(parts[1])} for {len(parts[0])}")
    return np.hstack(parts)


def partial_rows(
    layout: Layout, inputs: np.ndarray | None, targets: np.ndarray | None, mask: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return rows uint8 ``[N, D + C]``, 0 where unknown, and a mask of the known entries, bool ``[N, D + C]``.

    ``mask`` has the shape of one input or of all; an input is known where it is True. Without inputs it is of the
    targets. Raise `InputError` if neither
    inputs nor targets are given, and for other sizes or numbers.

    >>> partial_rows(Layout(2, 1), np.array([[7, 9]], np.uint8), None, np.array([True, False]))
    (array([[7, 0, 0]], dtype=uint8), array([[ True, False, False]]))
    """
    given = [part for part in (inputs, targets) if part is not None]
    if not given:
        raise InputError("expected inputs, targets or both to infer from, got neither")
    rows = np.zeros((len(given[0]), layout.seen), np.uint8)
    known = np.zeros(rows.shape, bool)
    for name, values, part, size in (
        ("inputs", inputs, layout.inputs, layout.input_size),
        ("targets", targets, layout.targets, layout.target_size),
    ):
        if values is not None:
            rows[:, part], known[:, part] = _flat(name, values, size), True
    if mask is not None:
        part = layout.targets if inputs is None else layout.inputs
        known[:, part] &= _mask(mask, (len(rows), part.stop - part.start))
    return np.where(known, rows, 0).astype(np.uint8), known


def _flat(what: str, values: np.ndarray, size: int) -> np.ndarray:
    """Return pictures or vectors as bytes ``[N, size]``."""
    values = np.asarray(as_rows(what, values))
    if values.dtype.kind not in "buifO" or (values.dtype.kind == "O" and values.ndim > 1):
        raise InputError(f"expected {what} that are bytes or numbers from 0 to 1, got {values.dtype}")
    if values.ndim < 2 or int(np.prod(values.shape[1:])) != size:
        raise InputError(f"expected {what} of {size} values each, got an array of shape {values.shape}")
    if values.dtype != np.uint8 and not ((values >= 0) & (values <= 1)).all():
        raise InputError(f"expected {what} that are bytes or numbers from 0 to 1: scale them first")
    return as_bytes(values.reshape(len(values), size))


def _mask(mask: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    flat = np.asarray(mask, bool)
    if flat.size not in (shape[1], shape[0] * shape[1]):
        raise InputError(f"expected a mask of {shape[1]} values, or of as many for each input, got {flat.size}")
    return np.broadcast_to(flat.reshape(-1, shape[1]), shape)
