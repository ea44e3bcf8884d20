"""Keras layers with sparse weights: every unit sees a fixed random part of its inputs (arXiv 1903.11257)."""

from __future__ import annotations

from functools import cache
from typing import Any

import keras
import numpy as np
from keras import ops

from indeependence.errors import InputError


def chosen_inputs(inputs: int, units: int, fan_in: int, seed: int) -> np.ndarray:
    """Return the inputs that each unit sees, whole numbers ``[fan_in, units]``, different and ascending in each column.

    >>> chosen_inputs(5, 2, 3, seed=0)
    array([[1, 0],
           [3, 1],
           [4, 3]])
    """
    rng = np.random.default_rng(seed)
    return np.sort(np.argsort(rng.random((inputs, units)), axis=0)[:fan_in], axis=0)


def fan_in_of(density: float, inputs: int) -> int:
    """Return the number of inputs that one unit sees: the share ``density`` of them, at least one."""
    if not 0 < density <= 1:
        raise InputError(f"expected a density above 0 and up to 1, got {density}")
    return max(1, round(density * inputs))


def _from_shapes_alone() -> bool:
    """Return whether Keras is tracing a graph, where weights that have no values yet stand for their shapes."""
    return not hasattr(ops.zeros(()), "numpy")


class _SparseWeights(keras.layers.Layer):
    """The common part of both layers: a kernel, its mask as ``[inputs, units]``, its bias and settings."""

    def __init__(
        self,
        density: float,
        *,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "he_normal",
        kernel_regularizer: Any = None,
        seed: int = 0,
        **options: Any,
    ):
        super().__init__(**options)
        fan_in_of(density, 1)
        self.density, self.use_bias, self.seed = density, use_bias, seed
        self.activation = keras.activations.get(activation)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.kernel_regularizer = keras.regularizers.get(kernel_regularizer)

    def _add_kernel(self, shape: tuple[int, ...]) -> None:
        inputs, units = int(np.prod(shape[:-1])), shape[-1]
        fan_in = fan_in_of(self.density, inputs)
        columns = np.arange(units)

        @cache
        def chosen():  # drawn for the first weight that gets values: a model can be built from shapes alone
            return chosen_inputs(inputs, units, fan_in, self.seed)

        def placed(values, kernel_shape, dtype):
            whole = np.zeros((inputs, units), np.float32)
            whole[chosen(), columns] = values
            return ops.convert_to_tensor(whole.reshape(kernel_shape), dtype=dtype)

        def begun(kernel_shape, dtype=None):
            if _from_shapes_alone():
                return ops.zeros(kernel_shape, dtype)
            # The initialiser sees a dense layer of the true fan-in, so its variance is right for what units see.
            values = ops.convert_to_numpy(self.kernel_initializer((fan_in, units), dtype="float32"))
            return placed(values, kernel_shape, dtype)

        def seen(kernel_shape, dtype=None):
            return ops.zeros(kernel_shape, dtype) if _from_shapes_alone() else placed(1, kernel_shape, dtype)

        self.kernel = self.add_weight(
            shape=shape, initializer=begun, regularizer=self.kernel_regularizer, name="kernel"
        )
        self.mask = self.add_weight(
            shape=shape,
            initializer=seen,
            trainable=False,
            name="mask",
        )
        self.bias = self.add_weight(shape=(units,), initializer="zeros", name="bias") if self.use_bias else None

    def _finished(self, outputs):
        if self.bias is not None:
            outputs = outputs + self.bias
        return self.activation(outputs)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "density": self.density,
            "activation": keras.activations.serialize(self.activation),
            "use_bias": self.use_bias,
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
            "kernel_regularizer": keras.regularizers.serialize(self.kernel_regularizer),
            "seed": self.seed,
        }


@keras.saving.register_keras_serializable(package="indeependence")
class SparseDense(_SparseWeights):
    """A dense layer ``activation(x (W ∘ mask) + b)`` of inputs ``[..., D]`` with a fixed random mask.

    The mask is drawn once, with equally many inputs for each unit, and saved with the weights. It is applied in the
    call, so no optimiser, decay or momentum can bring a masked weight back.

    Parameters
    ----------
    units : of the layer.
    density : the share of the inputs that each unit sees.
    options : `activation`, `use_bias`, `kernel_initializer` and `kernel_regularizer` as of `keras.layers.Dense`;
        `seed`, of the mask.

    Attributes
    ----------
    kernel, mask, bias : weights; only after the layer is built.

    Examples
    --------

    >>> layer = SparseDense(4, 0.5)
    >>> layer(ops.ones((2, 6))).shape, layer.mask.value.numpy().sum(0)
    (TensorShape([2, 4]), array([3., 3., 3., 3.], dtype=float32))
    """

    def __init__(self, units: int, density: float, **options: Any):
        super().__init__(density, **options)
        self.units = units

    def build(self, input_shape) -> None:
        self._add_kernel((input_shape[-1], self.units))

    def call(self, inputs):
        return self._finished(ops.matmul(inputs, self.kernel * self.mask))

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], self.units)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "units": self.units}


@keras.saving.register_keras_serializable(package="indeependence")
class SparseConv2D(_SparseWeights):
    """A convolution of maps ``[N, H, W, C]`` whose filters see a fixed random part of their window.

    Parameters
    ----------
    filters, kernel_size, strides, padding : as of `keras.layers.Conv2D`; channels come last.
    density : the share of each window that a filter sees.
    options : the others of `SparseDense`.

    Attributes
    ----------
    kernel, mask, bias : weights; only after the layer is built.

    Examples
    --------

    >>> layer = SparseConv2D(4, 3, 0.3, padding="same")
    >>> layer(ops.ones((2, 8, 8, 2))).shape, layer.mask.value.numpy().sum((0, 1, 2))
    (TensorShape([2, 8, 8, 4]), array([5., 5., 5., 5.], dtype=float32))
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int | tuple[int, int],
        density: float,
        *,
        strides: int | tuple[int, int] = 1,
        padding: str = "valid",
        **options: Any,
    ):
        super().__init__(density, **options)
        self.filters, self.strides, self.padding = filters, strides, padding
        self.kernel_size = (kernel_size,) * 2 if isinstance(kernel_size, int) else tuple(kernel_size)

    def build(self, input_shape) -> None:
        self._add_kernel((*self.kernel_size, input_shape[-1], self.filters))

    def call(self, inputs):
        kernel = self.kernel * self.mask
        return self._finished(
            ops.conv(inputs, kernel, strides=self.strides, padding=self.padding, data_format="channels_last")
        )

    def get_config(self) -> dict[str, Any]:
        own = {"filters": self.filters, "kernel_size": self.kernel_size, "strides": self.strides}
        return {**super().get_config(), **own, "padding": self.padding}
