"""What the pictures of a sample look like: many greys or pen strokes, and the values at their border."""

from __future__ import annotations

import numpy as np

NEAR = 0.1  # of the range of a sample: values this near to an end count as the end
PEN = 0.2  # the least share of the other end among all but background, in pictures of pen strokes


def shaded(inputs: np.ndarray) -> bool:
    """Return whether 8-bit inputs have many greys, like photographs, and not two, like pen drawings.

    The more frequent end of the range is the background. In shaded pictures, less than a fifth of all other values lie
    at the other end. In the training parts that share is 8 to 18 % for every class of Fashion-MNIST, 47 to 54 % for
    MNIST, and 24 % for MNIST resized to 20 pixels.

    >>> shaded(np.array([0, 0, 90, 120, 100, 160, 130, 250], np.uint8)), shaded(np.array([99, 99, 3, 60], np.uint8))
    (True, False)
    """
    low, high = float(inputs.min(initial=255)), float(inputs.max(initial=0))
    if high <= low:
        return False
    near = NEAR * (high - low)
    other, background = sorted((np.mean(inputs <= low + near), np.mean(inputs >= high - near)))
    return bool(other < PEN * (1 - background))


def border(pictures: np.ndarray) -> int:
    """Return the median of all values at the border of pictures ``[N, H, W, …]``, with which a frame is filled.

    >>> border(np.array([[[9, 9, 9], [9, 0, 9], [9, 9, 7]]], np.uint8))
    9
    """
    top, bottom = pictures[:, 0], pictures[:, -1]
    left, right = pictures[:, 1:-1, 0], pictures[:, 1:-1, -1]
    return int(np.median(np.concatenate([side.ravel() for side in (top, bottom, left, right)])))
