"""How much each of several answers counts: by how likely it made what came, of late."""

from __future__ import annotations

import numpy as np


def shares(
    before: np.ndarray, likelihoods: np.ndarray, *, block: int = 1, half_life: float = 40.0
) -> tuple[np.ndarray, np.ndarray]:
    """Return shares ``[E, N]`` of E answers to each of N rows, and their sums of log-likelihoods ``[E]`` afterwards.

    A share follows from ``likelihoods [E, N]``, logarithms, of rows in earlier blocks alone: the answers are mixed as
    Bayes' rule mixes models, where a row counts half as much after ``half_life`` rows, so that another model can take
    over (Raftery, Kárný & Ettler 2010).

    >>> found, after = shares(np.zeros(2), np.log([[0.5, 0.5], [0.25, 0.25]]))
    >>> found.round(2), (after[0] > after[1]).item()
    (array([[0.5 , 0.67],
           [0.5 , 0.33]]), True)
    """
    sums, found = before.copy(), np.empty_like(likelihoods)
    for start in range(0, likelihoods.shape[1], block):
        rows = slice(start, start + block)
        powers = np.exp(sums - sums.max())
        found[:, rows] = (powers / powers.sum())[:, None]
        new = likelihoods[:, rows]
        sums = sums * 0.5 ** (new.shape[1] / half_life) + new.sum(1)
    return found, sums
