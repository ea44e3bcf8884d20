"""Synaptic scaling: weights grow where a unit is active too rarely and shrink where it is too often.

Turrigiano 2008: all synapses of a neuron by one factor, so that their proportions stay.
"""

from __future__ import annotations

import keras
import numpy as np

from indeependence.errors import InputError


def scaled(kernel: np.ndarray, activity: np.ndarray, target: float, rate: float) -> np.ndarray:
    """The kernel ``[..., K]`` one step nearer to a mean ``activity [K]`` of its units equal to ``target``.

    With ``f = exp(rate·(target - activity)/target)``, cut to at most e^±rate, positive weights are multiplied by f and
    negative ones divided by it. Multiplying both would push a unit whose drive is negative further down; and f is
    positive, so no weight changes its sign, whatever the activity.

    >>> scaled(np.array([[2.0, 2.0], [-2.0, -2.0]]), np.array([0.0, 0.1]), target=0.1, rate=0.5).round(2)
    array([[ 3.3 ,  2.  ],
           [-1.21, -2.  ]])
    """
    if target <= 0:
        raise InputError(f"expected a target activity above 0, got {target:g}")
    factor = np.exp(rate * np.clip((target - activity) / target, -1, 1)).astype(kernel.dtype)
    return np.where(kernel > 0, kernel * factor, kernel / factor)


class SynapticScaling(keras.callbacks.Callback):
    """Scales the kernel of one layer after every few batches, by the running duty cycles of the winners behind it.

    Parameters
    ----------
    scaled_layer, winners_layer : names of the layer with the kernel, and of the `KWinners`, `KWinners2D` or
        `SoftKWinners` that it feeds; that layer's ``duty`` is the running estimate and its ``target`` the aim.
    rate : of one step.
    every : batches between two steps.
    """

    def __init__(self, scaled_layer: str, winners_layer: str, *, rate: float = 0.01, every: int = 10):
        super().__init__()
        if rate <= 0 or every < 1:
            raise InputError(f"expected a rate above 0 and steps of at least 1 batch, got {rate:g} and {every}")
        self.scaled_layer, self.winners_layer, self.rate, self.every = scaled_layer, winners_layer, rate, every

    def on_train_batch_end(self, batch, logs=None) -> None:
        if (batch + 1) % self.every:
            return
        winners = self.model.get_layer(self.winners_layer)
        kernel = self.model.get_layer(self.scaled_layer).kernel
        duty, weights = (np.asarray(keras.ops.convert_to_tensor(one)) for one in (winners.duty, kernel))
        kernel.assign(scaled(weights, duty, winners.target, self.rate))
