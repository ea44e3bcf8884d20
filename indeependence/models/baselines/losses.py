"""Terms of a network's loss: functions of its scores and of arrays, and the examples that each is the mean over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from indeependence.quiet_keras import tf

UNSEEN = -1e9  # added to the scores of labels that take no part


@dataclass(frozen=True, eq=False)
class Term:
    """``weight`` times the ``loss`` of the scores of ``codes`` uint8 ``[N, D]`` and of ``targets``, a tensor."""

    loss: Callable  # (scores [N, C], *targets) to a number
    codes: np.ndarray
    targets: tuple[np.ndarray, ...]
    weight: float = 1.0


def labelled(codes: np.ndarray, columns: np.ndarray, among: np.ndarray, weight: float = 1.0) -> Term:
    """Return the cross-entropy of examples with their labels; only labels ``among`` (bool ``[C]``) compete."""
    return Term(cross_entropy, codes, (columns, mask_of(among)), weight)


def mask_of(among: np.ndarray) -> np.ndarray:
    """Return what to add to scores so that only labels ``among`` (bool ``[C]``) compete."""
    return np.where(among, 0.0, UNSEEN).astype(np.float32)


def cross_entropy(scores, columns, mask):
    """Return the mean of ``-log softmax(scores + mask)`` of the right columns."""
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(columns, scores + mask))


def distillation(scores, before, mask, temperature):
    """Return the mean of ``-Σ_c p_c log q_c``, p and q the softmax of scores before and now over the temperature.

    Source: Li & Hoiem, "Learning without forgetting", ECCV 2016, equations 2 and 3: a power ``1/T`` of probabilities
    that is scaled to a sum of 1 is the softmax of scores over T.
    """
    shares = tf.nn.softmax((before + mask) / temperature)
    return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(shares, (scores + mask) / temperature))


def squared_distance(scores, before):
    """Return the mean of ``‖scores - before‖²``.

    Source: Buzzega et al., "Dark experience for general continual learning", NeurIPS 2020, equation 5.
    """
    return tf.reduce_mean(tf.reduce_sum((scores - before) ** 2, axis=1))


def binary_cross_entropy(scores, shares, part):
    """Return the mean of ``-Σ_c part_c (s_c log σ(score_c) + (1 - s_c) log(1 - σ(score_c)))`` with shares s.

    Source: Rebuffi et al., "iCaRL", CVPR 2017, algorithm 3.
    """
    each = tf.nn.sigmoid_cross_entropy_with_logits(shares, scores)
    return tf.reduce_mean(tf.reduce_sum(each * part, axis=1))
