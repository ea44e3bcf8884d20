"""What is missing in a row, found over the top code: `‖known - decoded‖² + residues` made least.

With the mirror pattern fixed (which side of each pair is the larger) all that is decoded is linear in the top
values, so the objective is a sum of squares. `by_steps` goes down its gradient with Adam, as the original program
did; `by_patterns` takes the pattern as it stands, solves the least squares, and does so again until it stands still.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indeependence.exact import TOP
from indeependence.models.autoencoder.tied import Tied

INNER = 8  # conjugate gradients to one pattern
SHARES = tuple(2.0**-k for k in range(5))  # of the way to a solution
LITTLE = 1e-5  # relative gain at which the pattern of a row is said to stand


@dataclass(frozen=True, eq=False)
class Problem:
    """Rows of which some entries are known; the unknown ones are of no account."""

    tied: Tied
    rows: np.ndarray  # [N, D + C] 0..255
    known: np.ndarray  # [N, D + C] bool


@dataclass(frozen=True, eq=False)
class Errors:
    """What is squared and summed, in units of a full byte, and the pattern it was found with."""

    bottom: np.ndarray  # [N, D + C]: decoded minus known, 0 where unknown
    smaller: list[np.ndarray]  # [N, K_l], topmost first: the smaller sides
    sides: list[np.ndarray]  # [N, K_l] bool, topmost first: the positive side is the larger

    @property
    def squared(self) -> np.ndarray:
        """The objective ``[N]``."""
        return _squares(self.bottom) + sum((_squares(part) for part in self.smaller), np.zeros(len(self.bottom)))


def errors(
    problem: Problem, values: np.ndarray, sides: list[np.ndarray] | None = None, *, linear: bool = False
) -> Errors:
    """Errors at top ``values [N, K]``, with their own pattern or the given ``sides``; ``linear``: without constants."""
    tied = problem.tied
    smaller: list[np.ndarray] = []
    found: list[np.ndarray] = []
    for index in reversed(range(len(tied.layers))):
        below = values @ tied.decoders[index]
        if not linear:
            below += tied.centres[index].astype(np.float32)
        if index:
            positive, negative = below[:, 0::2], below[:, 1::2]
            side = positive >= negative if sides is None else sides[len(found)]
            values = np.where(side, positive, -negative)
            smaller.append(np.where(side, negative, positive) / TOP)
            found.append(side)
    bottom = below if linear else below - problem.rows
    return Errors(np.where(problem.known, bottom, 0) / TOP, smaller, found)


def gradient(problem: Problem, found: Errors) -> np.ndarray:
    """Half the gradient ``[N, K]`` of the objective with the pattern of ``found``: the transpose of the decoding."""
    tied = problem.tied
    slope = found.bottom / TOP @ tied.decoders[0].T
    for index in range(1, len(tied.layers)):
        level = len(found.sides) - index
        side, smaller = found.sides[level], found.smaller[level] / TOP
        pairs = np.empty((len(slope), 2 * slope.shape[1]), np.float32)
        pairs[:, 0::2] = np.where(side, slope, smaller)
        pairs[:, 1::2] = np.where(side, smaller, -slope)
        slope = pairs @ tied.decoders[index].T
    return slope


def by_patterns(problem: Problem, start: np.ndarray, *, steps: int = 100) -> np.ndarray:
    """Top values ``[N, K]`` by alternating pattern and least squares (conjugate gradients), ``steps`` of them at most.

    A solution may have another pattern than the one it was solved with, and then be worse than where it started:
    so a row goes as far towards it as makes its objective least, by halves, and stays where no part of the way helps.
    """
    best = start.astype(np.float32)
    least = errors(problem, best).squared
    active = np.arange(len(best))
    for _ in range(max(1, steps // INNER)):
        part = Problem(problem.tied, problem.rows[active], problem.known[active])
        before = least[active]
        way = _least_squares(part, best[active], min(INNER, steps)) - best[active]
        for share in SHARES:
            tried = best[active] + share * way
            value = errors(part, tried).squared
            better = value < least[active]
            best[active[better]], least[active[better]] = tried[better], value[better]
            way[better] = 0
        active = active[before - least[active] > LITTLE * before]
        if not len(active):
            break
    return best


def _least_squares(problem: Problem, values: np.ndarray, steps: int) -> np.ndarray:
    """Conjugate gradients on the normal equations of each row (CGLS, Hestenes & Stiefel 1952), from ``values``."""
    found = errors(problem, values)
    descent = -gradient(problem, found)
    direction, size = descent, _squares(descent)
    residual = found
    for _ in range(steps):
        change = errors(problem, direction, found.sides, linear=True)
        length = (size / np.maximum(change.squared, 1e-30))[:, None].astype(np.float32)
        values = values + length * direction
        residual = _moved(residual, change, length)
        descent = -gradient(problem, residual)
        new = _squares(descent)
        direction = descent + (new / np.maximum(size, 1e-30))[:, None].astype(np.float32) * direction
        size = new
    return values


def by_steps(problem: Problem, start: np.ndarray, *, steps: int = 100, rate: float = 0.01) -> np.ndarray:
    """Top values ``[N, K]`` after ``steps`` steps of Adam, all rows at once; a rate of 1 is a full byte."""
    import keras
    import tensorflow as tf

    values = tf.Variable(start / TOP, dtype=tf.float32)
    optimizer = keras.optimizers.Adam(rate)
    optimizer.build([values])
    for _ in range(steps):
        found = errors(problem, values.numpy() * TOP)
        optimizer.apply([tf.constant(2 * TOP * gradient(problem, found))], [values])
    return values.numpy() * TOP


def _moved(found: Errors, change: Errors, length: np.ndarray) -> Errors:
    smaller = [old + length * new for old, new in zip(found.smaller, change.smaller, strict=True)]
    return Errors(found.bottom + length * change.bottom, smaller, found.sides)


def _squares(values: np.ndarray) -> np.ndarray:
    return np.einsum("nk,nk->n", values, values)
