"""Soft k-winners: the same choice with slopes, for training binary codes by gradients."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from indeependence.binary_codes.duty import record
from indeependence.errors import InputError
from indeependence.keras_layers.k_winners import count_of, exact_winners
from indeependence.keras_layers.schedule import Setting, checked, plain, value_at


@keras.saving.register_keras_serializable(package="indeependence")
class SoftKWinners(keras.layers.Layer):
    """A layer with outputs ``σ(hardness·(x - θ))`` of inputs ``[N, n]``, θ between the k-th and the next largest input.

    About k outputs are near 1. The larger the hardness, the nearer they are to exact k-winners, and the smaller the
    slopes away from θ; so start soft and let the hardness grow. When not training, the code is binary: exactly k ones.

    Parameters
    ----------
    k : winners in each row, or their share if below 1; fewer than all units.
    k_training : the same while training, also as a `keras.optimizers.schedules` schedule of the training steps, so that
        many win at first and ever fewer later; ``k`` if not given.
    hardness : a number or a `keras.optimizers.schedules` schedule of the training steps.
    period : rows over which the duty cycle is averaged.

    Attributes
    ----------
    duty : the share of rows in which each unit won; only after the layer is built.
    target : the mean duty cycle.

    Examples
    --------

    >>> layer = SoftKWinners(1, hardness=2.0)
    >>> x = ops.array([[1.0, 3.0, 2.0]])
    >>> ops.convert_to_numpy(layer(x, training=True)).round(2), ops.convert_to_numpy(layer(x))
    (array([[0.05, 0.73, 0.27]], dtype=float32), array([[0., 1., 0.]], dtype=float32))
    """

    def __init__(
        self,
        k: float,
        *,
        k_training: Setting | None = None,
        hardness: Setting = 1.0,
        period: int = 1000,
        **options: Any,
    ):
        super().__init__(**options)
        self.k, self.period = k, period
        self.k_training = None if k_training is None else checked(k_training, "k_training")
        self.hardness = checked(hardness, "hardness")

    def build(self, input_shape) -> None:
        units = input_shape[-1]
        self.winners = count_of(self.k, units)
        if self.winners == units:
            raise InputError(f"expected fewer winners than the {units} units, got {self.k}")
        self.target = self.winners / units
        fixed: dict[str, Any] = {"trainable": False, "initializer": "zeros"}
        self.duty = self.add_weight(shape=(units,), name="duty", dtype="float32", autocast=False, **fixed)
        self.seen = self.add_weight(shape=(), name="seen", dtype="float32", autocast=False, **fixed)
        self.steps = self.add_weight(shape=(), name="steps", dtype="int", **fixed)

    def call(self, inputs, training=False):
        if not training:
            return ops.cast(exact_winners(inputs, self.winners), self.compute_dtype)
        threshold = self._threshold(inputs)
        hardness = ops.cast(value_at(self.hardness, self.steps), inputs.dtype)
        record(self.duty, self.seen, exact_winners(inputs, self.winners), self.period)
        self.steps.assign(self.steps + 1)
        return ops.sigmoid(hardness * (inputs - threshold))

    def _threshold(self, inputs):
        """Return θ ``[N, 1]``, midway between the last winner of each row and the next largest input."""
        if self.k_training is None:
            largest = ops.top_k(inputs, self.winners + 1)[0]
            return (largest[..., -2:-1] + largest[..., -1:]) / 2
        units = inputs.shape[-1]
        asked = value_at(self.k_training, self.steps)
        count = ops.cast(ops.round(ops.where(asked < 1, asked * units, asked)), "int32")
        last = ops.clip(count, 1, units - 1) - 1
        falling = ops.flip(ops.sort(inputs, axis=-1), axis=-1)
        return (ops.take(falling, last, axis=-1) + ops.take(falling, last + 1, axis=-1))[..., None] / 2

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self) -> dict[str, Any]:
        settings = {"k": self.k, "hardness": plain(self.hardness), "period": self.period}
        training = {} if self.k_training is None else {"k_training": plain(self.k_training)}
        return {**super().get_config(), **settings, **training}
