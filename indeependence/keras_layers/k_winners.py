"""k-winners as Keras layers: the k units with the highest scores keep their value (arXiv 1903.11257)."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from indeependence.binary_codes.duty import record
from indeependence.errors import InputError
from indeependence.keras_layers.schedule import Setting, checked, plain, value_at


def exact_winners(scores, k: int):
    """Return a mask of exactly the ``k`` largest of each row ``[..., n]``; ties go to the lower index, as in `winners`.

    >>> ops.convert_to_numpy(exact_winners(ops.array([[5, 9, 5, 1]]), 2))
    array([[ True,  True, False, False]])
    """
    last = ops.top_k(scores, k)[0][..., -1:]
    above, tied = scores > last, scores == last
    places = k - ops.sum(ops.cast(above, "int32"), -1, keepdims=True)
    return ops.logical_or(above, ops.logical_and(tied, ops.cumsum(ops.cast(tied, "int32"), -1) <= places))


def count_of(k: float, units: int) -> int:
    """Return how many of ``units`` win: ``k`` of them, or that share of them if ``k`` is a fraction below 1.

    Raise `InputError` for a number or a share that is not possible.

    >>> count_of(3, 10), count_of(0.25, 10), count_of(0.01, 10)
    (3, 2, 1)
    """
    count = max(1, round(k * units)) if isinstance(k, float) and 0 < k < 1 else int(k)
    if not 0 < count <= units or (count != k and not 0 < k < 1):
        raise InputError(f"expected 1 to {units} winners, or a share between 0 and 1, got {k}")
    return count


@keras.saving.register_keras_serializable(package="indeependence")
class KWinners(keras.layers.Layer):
    """A layer that keeps the ``k`` units of inputs ``[..., n]`` with the highest scores, and sets all others to 0.

    The score is ``x·exp(β(k/n - duty))``: units that won rarely are helped, and the winners keep their unboosted
    value. The gradient is 1 at winners and 0 elsewhere. A winner that is 0 does not count as active.

    Parameters
    ----------
    k : winners in each row, or their share if below 1.
    k_inference : the same when not training; ``k`` if not given.
    boost : β, a number or a `keras.optimizers.schedules` schedule of the training steps, so that it can decay.
    period : rows over which the duty cycle is averaged.

    Attributes
    ----------
    duty : the duty cycle of each unit, the share of rows in which it won and was not 0; only after the layer is built.
    target : the mean duty cycle that boosting aims at.

    Examples
    --------
    >>> layer = KWinners(1, boost=0.0)
    >>> ops.convert_to_numpy(layer(ops.array([[1.0, 3.0, 2.0]])))
    array([[0., 3., 0.]], dtype=float32)
    """

    def __init__(
        self, k: float, *, k_inference: float | None = None, boost: Setting = 1.0, period: int = 1000, **options: Any
    ):
        super().__init__(**options)
        if period < 1:
            raise InputError(f"expected a period of at least 1 row, got {period}")
        self.k, self.k_inference, self.period = k, k_inference, period
        self.boost = checked(boost, "boost")
        self.supports_masking = True

    def build(self, input_shape) -> None:
        self._set_counts(input_shape[-1], competing=input_shape[-1])

    def _set_counts(self, units: int | None, *, competing: int | None) -> None:
        """Add weights for the duty of ``units``, and set how many of the ``competing`` ones win."""
        if units is None or competing is None:
            raise InputError("expected inputs of a known number of units, got None: give the model its input shape")
        self.winners = count_of(self.k, competing)
        self.winners_inference = self.winners if self.k_inference is None else count_of(self.k_inference, competing)
        self.target = self.winners / competing
        fixed: dict[str, Any] = {"trainable": False, "initializer": "zeros"}
        self.duty = self.add_weight(shape=(units,), name="duty", dtype="float32", autocast=False, **fixed)
        self.seen = self.add_weight(shape=(), name="seen", dtype="float32", autocast=False, **fixed)
        self.steps = self.add_weight(shape=(), name="steps", dtype="int", **fixed)

    def call(self, inputs, training=False):
        boost = value_at(self.boost, self.steps)
        scores = ops.cast(inputs, "float32") * ops.exp(boost * (self.target - self.duty))
        mask = self._mask(scores, self.winners if training else self.winners_inference)
        outputs = ops.where(mask, inputs, ops.zeros_like(inputs))
        if training:
            record(self.duty, self.seen, outputs != 0, self.period)
            self.steps.assign(self.steps + 1)
        return outputs

    def _mask(self, scores, k: int):
        return exact_winners(scores, k)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self) -> dict[str, Any]:
        settings = {"k": self.k, "k_inference": self.k_inference, "boost": plain(self.boost), "period": self.period}
        return {**super().get_config(), **settings}


@keras.saving.register_keras_serializable(package="indeependence")
class KWinners2D(KWinners):
    """A layer that keeps k winners of maps ``[N, H, W, C]``, at each place over the channels or over the whole map.

    Duty cycles belong to channels: a channel is the same detector at every place. Channels come last, whatever
    Keras's own default says.

    Parameters
    ----------
    k : winners, or their share if below 1.
    over : "channels", or "map": k then counts among all ``H·W·C`` values.
    options : those of `KWinners`.

    Examples
    --------

    >>> layer = KWinners2D(1, over="map", boost=0.0)
    >>> ops.convert_to_numpy(layer(ops.array([[[[1.0, 3.0], [4.0, 2.0]]]])))[0, 0]
    array([[0., 0.],
           [4., 0.]], dtype=float32)
    """

    def __init__(self, k: float, *, over: str = "channels", **options: Any):
        super().__init__(k, **options)
        if over not in ("channels", "map"):
            raise InputError(f"expected winners over 'channels' or 'map', got {over!r}")
        self.over = over

    def build(self, input_shape) -> None:
        if len(input_shape) != 4:
            raise InputError(f"expected maps [N, H, W, C], got inputs of shape {tuple(input_shape)}")
        height, width, channels = input_shape[1:]
        if self.over == "map":
            known = None not in (height, width, channels)
            self._set_counts(channels, competing=height * width * channels if known else None)
        else:
            self._set_counts(channels, competing=channels)

    def _mask(self, scores, k: int):
        if self.over == "channels":
            return exact_winners(scores, k)
        height, width, channels = scores.shape[1:]
        flat = ops.reshape(scores, (-1, height * width * channels))
        return ops.reshape(exact_winners(flat, k), (-1, height, width, channels))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "over": self.over}
