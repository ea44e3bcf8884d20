"""Detection of batches from a new distribution, for a stream of inputs without task boundaries."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indeependence.models.contexts.gaussian import InputSums, log_likelihoods

LEAST = 32  # rows; fewer do not show their distribution


def is_new(inputs: np.ndarray, known: Sequence[InputSums]) -> bool:
    """Return whether a batch fits none of the ``known`` sums, so that a context of its own is recognised without error.

    Each half of the batch (even and odd rows) makes a Gaussian that the other half is judged by. The batch is new if
    every single row is likelier under it than under any known sums. So a context opens only if single inputs show
    their context, as they must at test time; other classes of the same kind of picture are not new. There is no
    threshold to choose. Fewer than 32 rows are never new, unless nothing is known.

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
    """Return the index of the ``known`` sums under which the whole batch is likeliest; the next index if it is new."""
    return len(known) if is_new(inputs, known) else int(log_likelihoods(known, inputs).sum(0).argmax())
