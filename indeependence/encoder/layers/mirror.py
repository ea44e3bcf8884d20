"""The mirror: a signed value as a pair of non-negative ones, and the way back."""

import numpy as np


def mirror(values: np.ndarray) -> np.ndarray:
    """Return pairs ``[relu(v), relu(-v)]`` next to each other: shape ``[..., D]`` becomes ``[..., 2 D]``.

    One side of every pair is zero and nothing is lost: a linear layer on mirrored values can do what a ReLU
    layer does, and `unmirror` is the inverse.

    >>> mirror(np.array([[3, -2]]))
    array([[3, 0, 0, 2]])
    """
    mirrored = np.empty((*values.shape[:-1], 2 * values.shape[-1]), values.dtype)
    np.maximum(values, 0, out=mirrored[..., 0::2])
    np.maximum(-values, 0, out=mirrored[..., 1::2])
    return mirrored


def unmirror(mirrored: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return values ``[..., D]`` and residues ``[..., D]`` of mirrored pairs ``[..., 2 D]``.

    The larger side of a pair gives the value and its sign; the square of the smaller side is the residue: 0 for
    what `mirror` made, above 0 where a decoder returned both sides at once. Raise `ValueError` for an odd number of
    sides.

    >>> value, residue = unmirror(np.array([[3.0, 0.0, 0.5, 2.0]]))
    >>> value, residue
    (array([[ 3., -2.]]), array([[0.  , 0.25]]))
    """
    if mirrored.shape[-1] % 2:
        raise ValueError(f"expected an even number of mirrored sides, got {mirrored.shape[-1]}")
    positive, negative = mirrored[..., 0::2], mirrored[..., 1::2]
    value = np.where(positive >= negative, positive, -negative)
    return value, np.square(np.minimum(positive, negative))
