"""Rotation and noise of pictures, with the same result on every machine."""

import math

import numpy as np

_HALF = 1 << 15  # OpenCV addresses pixels with 16 bits in fixed-point maps


def rotate(pictures: np.ndarray, degrees: float) -> np.ndarray:
    """Return pictures of the same shape and type, turned counter-clockwise about their centre; new corners are 0.

    Interpolation is bilinear, with positions rounded to 1/32 pixel. For that grid OpenCV's `remap` is used and not its
    `warpAffine`: from a fixed-point map it interpolates in integers, so 8-bit pictures are the same on every
    processor, while `warpAffine` of OpenCV 5 differs between processors with and without AVX2 (measured).

    >>> rotate(np.array([[[1, 2], [3, 4]]], dtype=np.uint8), 90.0)
    array([[[2, 4],
            [1, 3]]], dtype=uint8)
    """
    import cv2

    whole, fraction = _rotation_map(pictures.shape[1], pictures.shape[2], degrees)
    turned = np.empty_like(pictures)
    for index, picture in enumerate(pictures):
        turned[index] = cv2.remap(
            picture, whole, fraction, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0
        )
    return turned


def _rotation_map(height: int, width: int, degrees: float) -> tuple[np.ndarray, np.ndarray]:
    """Return where each pixel comes from, as `cv2.remap` expects it: whole pixels [H, W, 2] and 32nds [H, W]."""
    cosine, sine = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    down, right = np.mgrid[:height, :width]
    down, right = down - (height - 1) / 2, right - (width - 1) / 2
    from_x = np.rint(32 * (cosine * right - sine * down + (width - 1) / 2)).astype(np.int64)
    from_y = np.rint(32 * (sine * right + cosine * down + (height - 1) / 2)).astype(np.int64)
    whole = np.clip(np.stack([from_x >> 5, from_y >> 5], axis=-1), -_HALF, _HALF - 1)
    return whole.astype(np.int16), ((from_y & 31) << 5 | (from_x & 31)).astype(np.uint16)


def add_salt(inputs: np.ndarray, rows: np.ndarray, *, level: float, key: np.ndarray) -> np.ndarray:
    """Return 8-bit inputs [N, …] in which each pixel (all its colours) or entry is 255 with probability `level`.

    The level is 0 to 1. The result for an example depends on its number in `rows` [N] and on `key` ([2] uint64) alone,
    so neither batch size nor order matters.

    >>> add_salt(np.zeros((1, 8), np.uint8), np.array([5]), level=0.5, key=np.array([1, 2], np.uint64))
    array([[255, 255,   0, 255, 255,   0, 255,   0]], dtype=uint8)
    """
    threshold = round(level * 2**16)
    pixels = inputs.reshape(len(inputs), math.prod(inputs.shape[1:3]), 3 if inputs.ndim == 4 else 1)
    salted = pixels.copy()
    for index, row in enumerate(rows):
        draws = _draws(key, row, -(-pixels.shape[1] // 4)).view("<u2")[: pixels.shape[1]]
        salted[index, draws < threshold] = 255
    return salted.reshape(inputs.shape)


def add_gaussian(inputs: np.ndarray, rows: np.ndarray, *, level: float, key: np.ndarray) -> np.ndarray:
    """Return 8-bit inputs [N, …] plus Gaussian noise of standard deviation `level * 255`, rounded and cut to 0…255.

    The normal variate is the scaled sum of eight uniform bytes: integers, unlike a logarithm, are the same on every
    machine. Its distribution function is within 0.004 of the normal one. `rows` and `key` as in `add_salt`.

    >>> add_gaussian(np.full((1, 4), 128, np.uint8), np.array([5]), level=0.1, key=np.array([1, 2], np.uint64))
    array([[117, 116, 115,  76]], dtype=uint8)
    """
    entries = inputs.reshape(len(inputs), math.prod(inputs.shape[1:]))
    noisy = np.empty_like(entries)
    scale = level * 255 / np.sqrt(8 * (256**2 - 1) / 12)  # the variance of a uniform byte is (256² − 1) / 12
    for index, row in enumerate(rows):
        sums = _draws(key, row, entries.shape[1]).view(np.uint8).reshape(-1, 8).sum(axis=1, dtype=np.int64)
        noisy[index] = np.clip(np.rint(entries[index] + scale * (sums - 8 * 255 // 2)), 0, 255)
    return noisy.reshape(inputs.shape)


def set_pixels(inputs: np.ndarray, rows: np.ndarray, *, level: float, value: int, key: np.ndarray) -> np.ndarray:
    """Return 8-bit inputs [N, …] with exactly ⌊level · pixels⌋ random pixels of each (all their colours) at `value`.

    `rows` and `key` as in `add_salt`.

    >>> set_pixels(np.zeros((1, 8), np.uint8), np.array([5]), level=0.5, value=9, key=np.array([1, 2], np.uint64))
    array([[9, 0, 0, 9, 0, 9, 0, 9]], dtype=uint8)
    """
    pixels = inputs.reshape(len(inputs), math.prod(inputs.shape[1:3]), 3 if inputs.ndim == 4 else 1).copy()
    count = math.floor(level * pixels.shape[1] + 1e-9)  # 0.55 * 20 is a little below 11
    for index, row in enumerate(rows):
        pixels[index, np.argsort(_draws(key, row, pixels.shape[1]), kind="stable")[:count]] = value
    return pixels.reshape(inputs.shape)


def occlude(inputs: np.ndarray, rows: np.ndarray, *, level: float, key: np.ndarray) -> np.ndarray:
    """Return 8-bit pictures [N, H, W, …] with a rectangle of 0 at a random place, with that share of the pixels.

    The share is `level`; the rectangle has the shape of the picture.
    `rows` and `key` as in `add_salt`.

    >>> occlude(np.ones((1, 2, 4), np.uint8), np.array([3]), level=0.25, key=np.array([1, 2], np.uint64))
    array([[[1, 1, 1, 1],
            [1, 0, 0, 1]]], dtype=uint8)
    """
    height, width = (round(side * math.sqrt(level)) for side in inputs.shape[1:3])
    hidden = inputs.copy()
    for index, row in enumerate(rows):
        down, right = (int(draw) for draw in _draws(key, row, 2))
        top, left = down % (inputs.shape[1] - height + 1), right % (inputs.shape[2] - width + 1)
        hidden[index, top : top + height, left : left + width] = 0
    return hidden


def _draws(key: np.ndarray, row: int, count: int) -> np.ndarray:
    """Return the first `count` random words of a row.

    Philox is a function of key and counter (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011), and
    NumPy promises that its raw words never change.
    """
    generator = np.random.Philox(key=key, counter=np.array([0, 0, row, 0], np.uint64))
    return generator.random_raw(count).astype("<u8", copy=False)
