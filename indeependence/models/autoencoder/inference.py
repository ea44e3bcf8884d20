"""Missing entries of a row from the top code that makes `‖known - decoded‖² + residues` least.

With a fixed mirror pattern (which side of each pair is the larger) the decoded row is linear in the top values, so the
objective is a sum of squares. `by_steps` descends its gradient with Adam, as the original program did; `by_patterns`
solves the least squares for the present pattern, and repeats that until the pattern no longer changes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indeependence.exact import TOP
from indeependence.models.autoencoder.tied import Tied

INNER = 8  # conjugate gradients to one pattern
SHARES = tuple(2.0**-k for k in range(5))  # of the way to a solution
LITTLE = 1e-5  # relative gain below which the pattern of a row counts as settled


@dataclass(frozen=True, eq=False)
class Problem:
    """Rows with some known entries; the values of the others are ignored."""

    tied: Tied
    rows: np.ndarray  # [N, D + C] 0..255
    known: np.ndarray  # [N, D + C] bool


@dataclass(frozen=True, eq=False)
class Errors:
    """The terms that are squared and added up, in units of a full byte, and their mirror pattern."""

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
    """Return the errors at top ``values [N, K]``, with their own pattern or given ``sides``.

    ``linear`` leaves out the constants.
    """
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
    """Return half the gradient ``[N, K]`` of the objective with the pattern of ``found``: the transposed decoding."""
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
    """Return top values ``[N, K]`` by alternating patterns and least squares, in at most ``steps`` conjugate gradients.

    A solution may have another pattern than the one it was solved for, and then be worse than its start. So a row goes
    the part of the way (1, 1/2, 1/4, ...) with the least objective, and stays if no part helps.
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
    """Return ``values`` after ``steps`` conjugate gradients on the normal equations of each row.

    Source: CGLS, Hestenes & Stiefel 1952.
    """
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
    """Return top values ``[N, K]`` after ``steps`` steps of Adam, all rows at once; a rate of 1 is a full byte."""
    from indeependence.quiet_keras import keras, tf

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
