"""Feature maps of which most are absent: whole planes are stored or not, and absent ones cost nothing."""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf

from indeependence.errors import InputError


class PlaneSparse(tf.experimental.ExtensionType):
    """Maps ``[N, H, W, C]`` of which only P planes, one channel of one example each, are present; all others are 0.

    Planes are in the order of their examples, then of their channels, each at most once. This is an extension type of
    TensorFlow: it goes into and out of a `tf.function`, and gradients flow through its values. Make one with
    `from_dense` or `from_planes`.

    Attributes
    ----------
    values : the present planes ``[P, H, W]``.
    example, channel : which plane each of them is, int64 ``[P]``.
    examples, channels : N and C.

    Examples
    --------

    >>> maps = from_dense(tf.constant([[[[0.0, 5.0, 0.0]]], [[[0.0, 0.0, 0.0]]]]))
    >>> maps.shape, maps.channel.numpy(), maps.example.numpy()
    ((2, 1, 1, 3), array([1]), array([0]))
    """

    values: tf.Tensor  # [P, H, W]
    example: tf.Tensor  # [P] int64
    channel: tf.Tensor  # [P] int64
    examples: int  # N
    channels: int  # C

    @property
    def shape(self) -> tuple:
        """The shape ``(N, H, W, C)`` of the dense tensor."""
        return (self.examples, *self.values.shape[1:], self.channels)

    @property
    def count(self) -> int:
        """P, the number of present planes."""
        return int(tf.shape(self.example)[0])


def from_dense(maps: Any) -> PlaneSparse:
    """Return the planes of ``maps [N, H, W, C]`` that are not all 0; raise `InputError` if N or C are not known."""
    maps = tf.convert_to_tensor(maps)
    if maps.shape.rank != 4 or maps.shape[0] is None or maps.shape[3] is None:
        raise InputError(f"expected maps [N, H, W, C] with N and C known, got {tuple(maps.shape)}")
    where = tf.where(tf.reduce_any(maps != 0, axis=[1, 2]))
    values = tf.gather_nd(tf.transpose(maps, [0, 3, 1, 2]), where)
    return PlaneSparse(values, where[:, 0], where[:, 1], maps.shape[0], maps.shape[3])


def from_planes(values: Any, example: Any, channel: Any, *, examples: int, channels: int) -> PlaneSparse:
    """Return maps of given planes ``values [P, H, W]`` in any order; planes of the same example and channel are added.

    Raise `InputError` for an example or channel that does not exist.
    """
    values, example, channel = tf.convert_to_tensor(values), tf.cast(example, tf.int64), tf.cast(channel, tf.int64)
    if values.shape.rank != 3:
        raise InputError(f"expected planes [P, H, W], got {tuple(values.shape)}")
    for name, place, size in (("example", example, examples), ("channel", channel, channels)):
        if tf.executing_eagerly() and bool(tf.reduce_any((place < 0) | (place >= size))):
            found = f"{int(tf.reduce_min(place))} to {int(tf.reduce_max(place))}"
            raise InputError(f"expected each {name} from 0 to {size - 1}, got {found}")
    return summed(values, example * channels + channel, examples, channels)


def to_dense(maps: PlaneSparse) -> tf.Tensor:
    """Return all planes ``[N, H, W, C]``, absent ones as 0.

    >>> to_dense(from_dense(tf.eye(3)[None, :, :, None])).shape
    TensorShape([1, 3, 3, 1])
    """
    height, width = tf.unstack(tf.shape(maps.values, tf.int64)[1:])
    places = tf.stack([maps.example, maps.channel], 1)
    whole = tf.scatter_nd(places, maps.values, tf.stack([maps.examples, maps.channels, height, width]))
    return tf.transpose(whole, [0, 2, 3, 1])


def add(first: PlaneSparse, second: PlaneSparse) -> PlaneSparse:
    """Return the sum, with the planes that either has; raise `InputError` for another shape."""
    _check_alike(first, second)
    values = tf.concat([first.values, second.values], 0)
    return summed(values, tf.concat([keys(first), keys(second)], 0), first.examples, first.channels)


def multiply(first: PlaneSparse, second: PlaneSparse) -> PlaneSparse:
    """Return the product, with the planes that both have; raise `InputError` for another shape."""
    _check_alike(first, second)
    mine, theirs = keys(first), keys(second)
    place = tf.searchsorted(theirs, mine)
    known = tf.concat([theirs, [-1]], 0)  # so that a place behind the last one is no match
    shared = tf.where(tf.gather(known, place) == mine)[:, 0]
    values = tf.gather(first.values, shared) * tf.gather(second.values, tf.gather(place, shared))
    return _some(first, shared, values)


def concat(parts: Sequence[PlaneSparse]) -> PlaneSparse:
    """Return the maps of all parts, joined along the channels; raise `InputError` if other sizes differ."""
    first = parts[0]
    if any(part.shape[:3] != first.shape[:3] for part in parts):
        raise InputError(f"expected maps that differ in channels alone, got {[part.shape for part in parts]}")
    channels = sum(part.channels for part in parts)
    all_keys, start = [], 0
    for part in parts:
        all_keys.append(part.example * channels + part.channel + start)
        start += part.channels
    return summed(tf.concat([part.values for part in parts], 0), tf.concat(all_keys, 0), first.examples, channels)


def apply(maps: PlaneSparse, function: Callable) -> PlaneSparse:
    """Return the maps with ``function``, e.g. `tf.nn.relu`, of every value.

    Raise `InputError` if it changes 0, as it would make all absent planes present.
    """
    if tf.executing_eagerly() and float(function(tf.zeros([], maps.values.dtype))) != 0:
        raise InputError("expected a function that leaves 0 at 0: any other makes all absent planes present")
    values = function(maps.values)
    return PlaneSparse(values, maps.example, maps.channel, maps.examples, maps.channels)


def without_zeros(maps: PlaneSparse) -> PlaneSparse:
    """Return the same maps without the planes that have become all 0."""
    alive = tf.where(tf.reduce_any(maps.values != 0, axis=[1, 2]))[:, 0]
    return _some(maps, alive, tf.gather(maps.values, alive))


def strongest(maps: PlaneSparse, k: int) -> PlaneSparse:
    """Return the ``k`` planes of each example with the largest sum of absolute values, or all if there are at most k.

    These are k-winners over planes: winners keep their values and have gradient 1, all others become absent. Ties go to
    the lower channel. Raise `InputError` for a k below 1.

    >>> strongest(from_dense(tf.constant([[[[3.0, -5.0, 1.0]]]])), 1).channel.numpy()
    array([1])
    """
    if k < 1:
        raise InputError(f"expected at least 1 winner, got {k}")
    strength = tf.reduce_sum(tf.abs(maps.values), axis=[1, 2])
    order = tf.argsort(-strength, stable=True)  # planes stand in the order of their channels: the lower comes first
    order = tf.gather(order, tf.argsort(tf.gather(maps.example, order), stable=True))
    example = tf.gather(maps.example, order)
    rank = tf.range(tf.size(example, tf.int64)) - tf.searchsorted(example, example, out_type=tf.int64)
    won = tf.sort(tf.gather(order, tf.where(rank < k)[:, 0]))
    return _some(maps, won, tf.gather(maps.values, won))


def keys(maps: PlaneSparse) -> tf.Tensor:
    """Return one whole number for each plane, ascending: ``example · C + channel``."""
    return maps.example * maps.channels + maps.channel


def summed(values: tf.Tensor, places: tf.Tensor, examples: int, channels: int) -> PlaneSparse:
    """Return maps of planes ``values`` at ``places``, `keys` in any order; planes at the same place are added."""
    order = tf.argsort(places, stable=True)
    found, index = tf.unique(tf.gather(places, order), out_idx=tf.int64)
    together = tf.math.segment_sum(tf.gather(values, order), index)
    return PlaneSparse(together, found // channels, found % channels, examples, channels)


def _some(maps: PlaneSparse, places: tf.Tensor, values: tf.Tensor) -> PlaneSparse:
    example, channel = tf.gather(maps.example, places), tf.gather(maps.channel, places)
    return PlaneSparse(values, example, channel, maps.examples, maps.channels)


def _check_alike(first: PlaneSparse, second: PlaneSparse) -> None:
    if first.shape != second.shape:
        raise InputError(f"expected maps of one shape, got {first.shape} and {second.shape}")
