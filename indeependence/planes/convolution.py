"""Convolution and pooling of the planes that are present, equal to the dense operations, also in their gradients."""

from typing import Any

import tensorflow as tf

from indeependence.errors import InputError
from indeependence.planes.planes import PlaneSparse, summed


class PlaneKernel(tf.experimental.ExtensionType):
    """Weights ``[h, w, C, F]`` of a convolution of which only Q planes are present, each from a channel to a filter.

    >>> kernel_from_dense(tf.reshape(tf.constant([0.0, 3.0]), [1, 1, 2, 1])).channel.numpy()
    array([1])
    """

    values: tf.Tensor  # [Q, h, w]
    channel: tf.Tensor  # [Q] int64, ascending
    filter: tf.Tensor  # [Q] int64
    channels: int  # C
    filters: int  # F


def kernel_from_dense(kernel: Any) -> PlaneKernel:
    """Return the planes of a kernel ``[h, w, C, F]``, as for `tf.nn.conv2d`, that are not all 0."""
    kernel = tf.convert_to_tensor(kernel)
    where = tf.where(tf.reduce_any(kernel != 0, axis=[0, 1]))
    values = tf.gather_nd(tf.transpose(kernel, [2, 3, 0, 1]), where)
    return PlaneKernel(values, where[:, 0], where[:, 1], kernel.shape[2], kernel.shape[3])


def conv2d(maps: PlaneSparse, kernel: Any, *, strides: int = 1, padding: str = "SAME") -> tf.Tensor:
    """Return dense maps ``[N, H', W', F]``, the convolution of the present planes with ``kernel [C, h, w, F]``.

    They equal ``tf.nn.conv2d(to_dense(maps), tf.transpose(kernel, [1, 2, 0, 3]), strides, padding)``. Channels come
    first in the kernel, so that only those present are read, and its gradient is a `tf.IndexedSlices` of just these.
    """
    _check_channels(maps, kernel.shape[0])
    return _correlated(maps, tf.gather(kernel, maps.channel), strides, padding)


def conv2d_sparse(maps: PlaneSparse, kernel: PlaneKernel, *, strides: int = 1, padding: str = "SAME") -> PlaneSparse:
    """Return the convolution with a kernel of few planes; only filters that some plane reaches are present in it.

    The work grows with the number of pairs of a plane and a plane of the kernel for its channel.
    """
    _check_channels(maps, kernel.channels)
    plane, weight = _pairs(maps.channel, kernel.channel)
    rows, columns = kernel.values.shape[1:]
    (height, above), (width, left) = (
        _extent(size, window, strides, padding)
        for size, window in zip(maps.values.shape[1:], (rows, columns), strict=True)
    )
    room = (height - 1) * strides + rows, (width - 1) * strides + columns
    padded = _placed(maps.values, above, left, *room)
    total = tf.zeros([tf.size(plane), height, width], maps.values.dtype)
    for i in range(rows):
        for j in range(columns):
            seen = padded[:, i : i + room[0] - rows + 1 : strides, j : j + room[1] - columns + 1 : strides]
            total += tf.gather(seen, plane) * tf.gather(kernel.values[:, i, j], weight)[:, None, None]
    reached = tf.gather(maps.example, plane) * kernel.filters + tf.gather(kernel.filter, weight)
    return summed(total, reached, maps.examples, kernel.filters)


def conv2d_transpose(maps: PlaneSparse, kernel: Any, *, strides: int = 1, padding: str = "SAME") -> tf.Tensor:
    """Return dense maps ``[N, H', W', F]``, to which every value adds itself times its channel's kernel.

    The kernels are ``[C, h, w, F]``. The maps are equal to `tf.nn.conv2d_transpose` of the dense maps: ``H' =
    H·strides`` with padding SAME, and ``(H - 1)·strides + h`` with VALID.
    """
    _check_channels(maps, kernel.shape[0])
    rows, columns = kernel.shape[1:3]
    height, width = maps.values.shape[1:]
    spread = _dilated(maps.values, strides)
    # With as many zeros around it as the kernel reaches, it is a convolution with the kernel turned around. Kernels may
    # be as large as a picture here, so no windows are laid out.
    reach = (height - 1) * strides + 2 * rows - 1, (width - 1) * strides + 2 * columns - 1
    wide = _placed(spread, rows - 1, columns - 1, *reach)
    whole = _each_by_its_own(wide, tf.gather(kernel, maps.channel)[:, ::-1, ::-1])
    whole = tf.math.unsorted_segment_sum(whole, maps.example, maps.examples)
    if padding == "VALID":
        return whole
    top, left = (max(window - strides, 0) // 2 for window in (rows, columns))
    short = max(strides - rows, 0), max(strides - columns, 0)
    whole = tf.pad(whole, [[0, 0], [0, short[0]], [0, short[1]], [0, 0]])
    return whole[:, top : top + height * strides, left : left + width * strides]


def pool(maps: PlaneSparse, size: int, *, strides: int | None = None, padding: str = "VALID", by: str = "max"):
    """Return every plane pooled by its maximum or mean, as by `tf.nn.pool`; an absent plane stays absent."""
    if by not in ("max", "mean"):
        raise InputError(f"expected pooling by 'max' or 'mean', got {by!r}")
    kind = "MAX" if by == "max" else "AVG"
    steps = [strides or size] * 2
    values = tf.nn.pool(maps.values[..., None], [size, size], kind, strides=steps, padding=padding)[..., 0]
    return _with_values(maps, values)


def _correlated(maps: PlaneSparse, chosen: tf.Tensor, strides: int, padding: str) -> tf.Tensor:
    """Return each plane's windows times its kernel in ``chosen [P, h, w, F]``, added up over each example's planes."""
    rows, columns, filters = chosen.shape[1:]
    sizes, steps = [1, rows, columns, 1], [1, strides, strides, 1]
    windows = tf.image.extract_patches(maps.values[..., None], sizes, steps, [1, 1, 1, 1], padding)
    height, width = windows.shape[1:3]
    answers = tf.reshape(windows, [-1, height * width, rows * columns]) @ tf.reshape(
        chosen, [-1, rows * columns, filters]
    )
    total = tf.math.unsorted_segment_sum(answers, maps.example, maps.examples)
    return tf.reshape(total, [maps.examples, height, width, filters])


def _each_by_its_own(values: tf.Tensor, chosen: tf.Tensor) -> tf.Tensor:
    """Return ``[P, H', W', F]``: each plane of ``[P, H, W]`` with its own kernel of ``[P, h, w, F]``, unpadded."""
    # TensorFlow refuses to do this for no plane at all, so there is always one more, of zeros.
    values, chosen = tf.pad(values, [[0, 1], [0, 0], [0, 0]]), tf.pad(chosen, [[0, 1], [0, 0], [0, 0], [0, 0]])
    side_by_side = tf.transpose(values, [1, 2, 0])[None]
    answers = tf.nn.depthwise_conv2d(side_by_side, tf.transpose(chosen, [1, 2, 0, 3]), [1, 1, 1, 1], "VALID")[0]
    answers = tf.reshape(answers, [*answers.shape[:2], -1, chosen.shape[3]])
    return tf.transpose(answers, [2, 0, 1, 3])[:-1]


def _pairs(channel: tf.Tensor, weights: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Return all pairs of a plane and a kernel's plane of the same channel, as two lists; ``weights`` ascend."""
    first = tf.searchsorted(weights, channel, side="left", out_type=tf.int64)
    counts = tf.searchsorted(weights, channel, side="right", out_type=tf.int64) - first
    plane = tf.repeat(tf.range(tf.size(channel, tf.int64)), counts)
    within = tf.range(tf.size(plane, tf.int64)) - tf.gather(tf.cumsum(counts, exclusive=True), plane)
    return plane, tf.gather(first, plane) + within


def _extent(size: int, window: int, strides: int, padding: str) -> tuple[int, int]:
    """Return how many places a window has, and how many zeros go before the first value, as in TensorFlow."""
    if padding == "VALID":
        return (size - window) // strides + 1, 0
    count = -(-size // strides)
    return count, max((count - 1) * strides + window - size, 0) // 2


def _placed(values: tf.Tensor, above: int, left: int, height: int, width: int) -> tf.Tensor:
    """Return planes with zeros around them, cut to ``[P, height, width]``."""
    below, right = (
        max(0, size - start - had)
        for size, start, had in zip((height, width), (above, left), values.shape[1:], strict=True)
    )
    return tf.pad(values, [[0, 0], [above, below], [left, right]])[:, :height, :width]


def _dilated(values: tf.Tensor, strides: int) -> tf.Tensor:
    """Return planes with ``strides - 1`` zeros between any two values."""
    height, width = values.shape[1:]
    wide = tf.pad(values[:, :, None, :, None], [[0, 0], [0, 0], [0, strides - 1], [0, 0], [0, strides - 1]])
    whole = tf.reshape(wide, [-1, height * strides, width * strides])
    return whole[:, : (height - 1) * strides + 1, : (width - 1) * strides + 1]


def _with_values(maps: PlaneSparse, values: tf.Tensor) -> PlaneSparse:
    return PlaneSparse(values, maps.example, maps.channel, maps.examples, maps.channels)


def _check_channels(maps: PlaneSparse, channels: int) -> None:
    if maps.channels != channels:
        raise InputError(f"expected a kernel for {maps.channels} channels, got one for {channels}")
