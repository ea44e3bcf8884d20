"""Synaptic scaling: the weights of a unit grow if it is active too rarely, and shrink if it is active too often.

Source: Turrigiano 2008. All synapses of a neuron are scaled by one factor, so their proportions stay.
"""

from __future__ import annotations

import keras
import numpy as np

from indeependence.errors import InputError


def scaled(kernel: np.ndarray, activity: np.ndarray, target: float, rate: float) -> np.ndarray:
    """Return the kernel ``[..., K]`` after a step that brings the mean ``activity [K]`` nearer to ``target``.

    With ``f = exp(rate·(target - activity)/target)``, cut to at most e^±rate, positive weights are multiplied by f and
    negative ones divided by it. Multiplying both would push a unit whose drive is negative further down; and f is
    positive, so no weight ever changes its sign. Raise `InputError` unless the target is above 0.

    >>> scaled(np.array([[2.0, 2.0], [-2.0, -2.0]]), np.array([0.0, 0.1]), target=0.1, rate=0.5).round(2)
    array([[ 3.3 ,  2.  ],
           [-1.21, -2.  ]])
    """
    if target <= 0:
        raise InputError(f"expected a target activity above 0, got {target:g}")
    factor = np.exp(rate * np.clip((target - activity) / target, -1, 1)).astype(kernel.dtype)
    return np.where(kernel > 0, kernel * factor, kernel / factor)


class SynapticScaling(keras.callbacks.Callback):
    """A callback that scales the kernel of one layer every few batches, by the duty cycles of the winners after it.

    Parameters
    ----------
    scaled_layer, winners_layer : names of the layer with the kernel, and of the `KWinners`, `KWinners2D` or
        `SoftKWinners` that it feeds; that layer's ``duty`` is the running estimate and its ``target`` the aim.
    rate : of one step.
    every : batches between two steps.

    Examples
    --------
    >>> from indeependence.keras_layers.k_winners import KWinners
    >>> layers = keras.layers.Dense(8, name="dense"), KWinners(2, name="winners")
    >>> model = keras.Sequential([keras.Input((4,)), *layers])
    >>> model.compile("sgd", "mse")
    >>> scaling = SynapticScaling("dense", "winners", every=1)
    >>> history = model.fit(np.ones((4, 4)), np.ones((4, 8)), callbacks=[scaling], verbose=0)
    >>> bool(np.isfinite(layers[0].kernel).all())
    True
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
