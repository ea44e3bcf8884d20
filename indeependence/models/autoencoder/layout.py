"""Rows of bytes ``[input ; target]`` from whatever is given of them, and which entries are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indeependence.encoder.quantise import as_bytes
from indeependence.errors import InputError


@dataclass(frozen=True)
class Layout:
    """Where the parts of a row ``[input ; target ; top code]`` are."""

    input_size: int  # D
    target_size: int  # C

    @property
    def inputs(self) -> slice:
        """The first D entries."""
        return slice(0, self.input_size)

    @property
    def targets(self) -> slice:
        """The C entries after them."""
        return slice(self.input_size, self.seen)

    @property
    def code(self) -> slice:
        """All that follows."""
        return slice(self.seen, None)

    @property
    def seen(self) -> int:
        """D + C, the part that is no code."""
        return self.input_size + self.target_size


def whole_rows(layout: Layout, inputs: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Rows ``[N, D + C]`` uint8 of inputs and targets, bytes or numbers of 0..1.

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
    """Rows ``[N, D + C]`` uint8, 0 where unknown, and which entries are known, bool ``[N, D + C]``.

    ``mask`` has the shape of one input or of all; an input is known where it is True.

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
        known[:, layout.inputs] &= _mask(mask, (len(rows), layout.input_size))
    return np.where(known, rows, 0).astype(np.uint8), known


def _flat(what: str, values: np.ndarray, size: int) -> np.ndarray:
    """Bytes ``[N, size]`` of pictures or vectors."""
    values = np.asarray(values)
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
