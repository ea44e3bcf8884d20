"""The mirror as a Keras layer."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable(package="indeependence")
class MirroredReLU(keras.layers.Layer):
    """A layer that replaces each value v by ``[relu(v), relu(-v)]``, so that nothing is lost.

    The last axis ``D`` becomes ``2 D``. The order is that of `indeependence.encoder.layers.mirror.mirror`: both sides
    of the first value, both of the second, and so on. (The concatenated ReLU of Shang et al. 2016 has all positive
    sides first.) A mask passes through.

    Examples
    --------
    >>> import numpy as np
    >>> keras.ops.convert_to_numpy(MirroredReLU()(np.array([[3.0, -2.0]])))
    array([[3., 0., 0., 2.]], dtype=float32)
    """

    def __init__(self, **options: Any):
        super().__init__(**options)
        self.supports_masking = True

    def call(self, values: Any) -> Any:
        sides = keras.ops.stack([keras.ops.relu(values), keras.ops.relu(-values)], axis=-1)
        *outer, units = keras.ops.shape(values)
        return keras.ops.reshape(sides, (*outer, 2 * units))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        *outer, units = input_shape
        return (*outer, None if units is None else 2 * units)
