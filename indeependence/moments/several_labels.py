"""From the sums of rows, which are codes followed by a byte of 0 or 1 for each label, to a readout of these labels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import expit
from scipy.stats import norm

from indeependence.errors import InputError
from indeependence.moments.moments import Moments
from indeependence.moments.numbers import Joined, joined
from indeependence.moments.penalty import usable_penalty
from indeependence.moments.ridge import best_ridge, cross_validated, least_ridge
from indeependence.moments.weights import Weights

DIGITS = 1  # bytes of a label
LEAST = 1e-6  # variance of scores within a class
TRIED = 401  # thresholds


@dataclass(frozen=True, eq=False)
class LabelsReadout:
    """Ridge regression of all labels with one penalty, and what its scores say about each label.

    The scores ``s`` of a label are taken to be normal, with the same variance, among the examples that have it and
    among the others: linear discriminant analysis along that direction. Means and variance are those that unseen
    examples should have, by the error of generalised cross-validation; all of it follows from the sums.

    Fields are ``[L]``, one for each label.
    """

    weights: Weights  # of targets in standard deviations from their means
    share: np.ndarray  # of the examples that have the label
    with_it: np.ndarray  # mean score of the examples that have it
    without: np.ndarray  # mean score of the others
    within: np.ndarray  # variance of the scores of either
    tells: np.ndarray  # whether scores are nearer to the label than its share is, by cross-validation

    def probabilities(self, codes: np.ndarray) -> np.ndarray:
        """Return the probability ``[N, L]`` that each of ``codes [N, H]`` has each label."""
        slope = (self.with_it - self.without) / self.within
        return expit(self._prior + slope * (self.weights.scores(codes) - (self.with_it + self.without) / 2))

    @property
    def _prior(self) -> np.ndarray:
        return np.log(self.share / (1 - self.share))

    @cached_property
    def best_for_f1(self) -> np.ndarray:
        """The threshold of probability ``[L]`` from which an answer of 1 gives the largest F1 that is expected.

        A half for labels that the codes tell nothing about: F1 would have them answered 1 always (Lipton et al. 2014).
        """
        logits = np.linspace(-12, 12, TRIED)[:, None]
        apart = np.maximum(self.with_it - self.without, LEAST)
        cut = (logits - self._prior) * self.within / apart + (self.with_it + self.without) / 2
        hits, wrong = (norm.sf((cut - mean) / np.sqrt(self.within)) for mean in (self.with_it, self.without))
        f1 = 2 * self.share * hits / (self.share * (1 + hits) + (1 - self.share) * wrong)
        return np.where(self.tells, expit(logits[f1.argmax(0), 0]), 0.5)


def solved_labels(sums: Moments, units: int, penalty: float | str) -> LabelsReadout:
    """Return the readout of the labels behind codes of so many ``units``; "auto": the penalty is cross-validated.

    Raise `InputError` for sums of nothing.
    """
    penalty, found = usable_penalty(penalty), joined(sums, units, DIGITS)
    if not sums.count:
        raise InputError("the model has learned no examples yet: train it first")
    centred = found.centred()
    weights = best_ridge(centred) if isinstance(penalty, str) else least_ridge(centred, penalty)
    absolute = weights.penalty * centred.scale
    explained = np.sum(weights.coefficients * centred.cross, 0)
    shrunk = absolute * np.sum(weights.coefficients**2, 0)
    residual = centred.target_scatter - explained - shrunk
    errors = np.array([cross_validated(one, centred, max(weights.effective_units, 0.0)) for one in residual])
    return _placed(weights, found, (explained - shrunk) / sums.count, errors)


def _placed(weights: Weights, sums: Joined, spread: np.ndarray, errors: np.ndarray) -> LabelsReadout:
    """Return the readout whose scores have the variance ``spread [L]``, and these ``errors [L]`` on unseen examples.

    Of targets ``z`` of variance 1, ``E(s - z)² = var s + 1 - 2 cov(s, z)``; the covariance gives both means.
    """
    share = (sums.target_mean * sums.count + 0.5) / (sums.count + 1)
    known = np.where(np.isfinite(errors), (1 + spread - errors) / 2, spread)
    varies = sums.target_scatter > 0
    shared = np.where(varies, np.clip(known, 0, np.sqrt(np.maximum(spread, 0))), 0.0)
    deviation = np.sqrt(share * (1 - share))
    within = np.maximum(spread - shared**2, LEAST)
    apart = shared / deviation
    return LabelsReadout(weights, share, (1 - share) * apart, -share * apart, within, varies & (errors < 1))
