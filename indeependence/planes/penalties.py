"""Ways to make planes vanish while a network is trained: penalties, an exact shrinking step, winners over planes."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from indeependence.errors import InputError
from indeependence.keras_layers.k_winners import count_of, exact_winners

LEAST = 1e-7  # of a share, so that logarithms stay finite


@keras.saving.register_keras_serializable(package="indeependence")
class PlaneL1(keras.regularizers.Regularizer):
    """The penalty ``strength · Σ ‖plane‖₂``: group lasso (Yuan & Lin 2006), which makes whole planes vanish.

    A plane of zeros has gradient 0.

    Parameters
    ----------
    strength : of the penalty, at least 0.
    of : the planes of a tensor. "kernel" ``[h, w, C, F]``: one for each channel and filter; "filters": all of a kernel
        that leads to one filter; "maps" ``[N, H, W, C]``, as an activity regulariser: one for each example and
        channel, averaged over examples.

    Examples
    --------

    >>> float(PlaneL1(2.0)(ops.array([[[[3.0]]], [[[4.0]]]])))
    10.0
    """

    AXES = {"kernel": (0, 1), "filters": (0, 1, 2), "maps": (1, 2)}

    def __init__(self, strength: float, *, of: str = "kernel"):
        if of not in self.AXES:
            raise InputError(f"expected planes of {', '.join(self.AXES)}, got {of!r}")
        self.strength, self.of = _positive(strength), of

    def __call__(self, x):
        total = self.strength * ops.sum(plane_lengths(x, self.AXES[self.of]))
        return total / ops.cast(ops.shape(x)[0], total.dtype) if self.of == "maps" else total

    def get_config(self) -> dict[str, Any]:
        return {"strength": self.strength, "of": self.of}


@keras.saving.register_keras_serializable(package="indeependence")
class PlaneKL(keras.regularizers.Regularizer):
    """The penalty ``strength · Σ_c KL(target ‖ share_c)`` over channels of maps ``[N, H, W, C]``: most stay near 0.

    The Kullback–Leibler divergence of two coins (Lee, Ekanadham & Ng 2008). The share of a channel is the mean over
    examples of ``1 - exp(-mean |plane|)``, which is between 0 and 1 for any activation.

    Parameters
    ----------
    strength : of the penalty, at least 0.
    target : the wanted share, between 0 and 1.

    Examples
    --------
    >>> round(float(PlaneKL(1.0, target=0.5)(ops.full((2, 1, 1, 1), 0.6931472))), 4) + 0.0
    0.0
    """

    def __init__(self, strength: float, *, target: float = 0.05):
        if not 0 < target < 1:
            raise InputError(f"expected a target share between 0 and 1, got {target}")
        self.strength, self.target = _positive(strength), target

    def __call__(self, x):
        share = ops.mean(1 - ops.exp(-ops.mean(ops.abs(x), axis=(1, 2))), axis=0)
        share = ops.clip(share, LEAST, 1 - LEAST)
        on, off = self.target, 1 - self.target
        return self.strength * ops.sum(on * ops.log(on / share) + off * ops.log(off / (1 - share)))

    def get_config(self) -> dict[str, Any]:
        return {"strength": self.strength, "target": self.target}


@keras.saving.register_keras_serializable(package="indeependence")
class ShrinkPlanes(keras.constraints.Constraint):
    """A constraint that shortens every plane of a kernel ``[h, w, C, F]`` by ``amount``, short ones to exactly 0.

    Applied by Keras after each step, it is the proximal step of `PlaneL1` (Beck & Teboulle 2009) with a strength of
    amount over learning rate. A gradient alone stays near 0; this step reaches it.

    Parameters
    ----------
    amount : by which the Euclidean length of each plane shrinks, at least 0.
    of : the planes, "kernel" or "filters", as of `PlaneL1`.

    Examples
    --------
    >>> ops.convert_to_numpy(ShrinkPlanes(1.0)(ops.array([[[[4.0, 0.5]]]]))).ravel()
    array([3., 0.], dtype=float32)
    """

    def __init__(self, amount: float, *, of: str = "kernel"):
        if of not in ("kernel", "filters"):
            raise InputError(f"expected planes of kernel or filters, got {of!r}")
        self.amount, self.of = _positive(amount), of

    def __call__(self, w):
        lengths = plane_lengths(w, PlaneL1.AXES[self.of], keepdims=True)
        return w * ops.maximum(1 - self.amount / ops.maximum(lengths, LEAST), 0)

    def get_config(self) -> dict[str, Any]:
        return {"amount": self.amount, "of": self.of}


@keras.saving.register_keras_serializable(package="indeependence")
class PlaneWinners(keras.layers.Layer):
    """A layer that keeps, in each example of maps ``[N, H, W, C]``, the ``k`` planes with the largest absolute sums.

    Ties go to the lower channel; the gradient is 1 at winners and 0 elsewhere.

    Parameters
    ----------
    k : winners, or their share of the channels if below 1.

    Examples
    --------

    >>> ops.convert_to_numpy(PlaneWinners(1)(ops.array([[[[3.0, -5.0, 1.0]]]]))).ravel()
    array([ 0., -5.,  0.], dtype=float32)
    """

    def __init__(self, k: float, **options: Any):
        super().__init__(**options)
        self.k = k

    def build(self, input_shape) -> None:
        if len(input_shape) != 4 or input_shape[-1] is None:
            raise InputError(f"expected maps [N, H, W, C] with C known, got inputs of shape {tuple(input_shape)}")
        self.winners = count_of(self.k, input_shape[-1])

    def call(self, inputs):
        won = exact_winners(ops.sum(ops.abs(inputs), axis=(1, 2)), self.winners)
        return ops.where(won[:, None, None, :], inputs, ops.zeros_like(inputs))

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "k": self.k}


def plane_lengths(x, axes: tuple[int, ...], *, keepdims: bool = False):
    """Return Euclidean lengths over ``axes``, with gradient 0, not NaN, where a plane is all 0."""
    squares = ops.sum(ops.square(x), axis=axes, keepdims=keepdims)
    nothing = ops.equal(squares, 0)
    return ops.where(nothing, ops.zeros_like(squares), ops.sqrt(ops.where(nothing, ops.ones_like(squares), squares)))


def _positive(strength: float) -> float:
    if strength < 0:
        raise InputError(f"expected a strength of at least 0, got {strength:g}")
    return float(strength)
