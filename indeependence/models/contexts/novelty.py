"""Whether a batch comes from somewhere new, when nobody tells where one task ends and the next begins."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indeependence.models.contexts.gaussian import InputSums, log_likelihoods

LEAST = 32  # rows; fewer cannot show what their distribution is


def is_new(inputs: np.ndarray, known: Sequence[InputSums]) -> bool:
    """Whether a batch fits none of the ``known`` sums: a context of its own would be told from them without error.

    Each half of the batch, even and odd rows, makes a Gaussian that the other half is judged by. The batch is new if
    every single row is likelier under it than under any known sums. So a context opens only where single inputs can
    be told apart, which is what they are asked for at test time; other classes of the same kind of picture are not
    new. There is no threshold to choose. Fewer than 32 rows are never new, unless nothing is known.

    >>> rng = np.random.default_rng(0)
    >>> dark, bright = (rng.integers(low, low + 50, (64, 20)).astype(np.uint8) for low in (0, 200))
    >>> known = [InputSums.empty(20).learn(dark)]
    >>> is_new(dark, known), is_new(bright, known), is_new(np.vstack([bright, dark[:1]]), known)
    (False, True, False)
    """
    if not known:
        return True
    if len(inputs) < LEAST:
        return False
    even, odd = inputs[0::2], inputs[1::2]
    size = len(known[0].total)
    for shown, judged in ((even, odd), (odd, even)):
        likely = log_likelihoods([InputSums.empty(size).learn(shown), *known], judged)
        if (likely[:, 0] <= likely[:, 1:].max(1)).any():
            return False
    return True


def place_of(inputs: np.ndarray, known: Sequence[InputSums]) -> int:
    """The index of the ``known`` sums under which the whole batch is likeliest; one past the last if it is new."""
    return len(known) if is_new(inputs, known) else int(log_likelihoods(known, inputs).sum(0).argmax())
