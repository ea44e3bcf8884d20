"""The patch layer: small windows of a picture, compared with bases, thresholded, mirrored, pooled on a grid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from indeependence.encoder.layers.pooling import Grid, pool_for
from indeependence.encoder.layers.winners import winners
from indeependence.exact import TOP

CACHED = 2**17  # responses at a time, so that they stay in a core's cache


def windows(pictures: np.ndarray, size: int) -> np.ndarray:
    """Return all ``size × size`` windows of pictures ``[N, H, W(, 3)]``, float32 ``[N, pixels, windows]``.

    A window is a column, so that whole rows of a picture are copied at once, which is fast.

    >>> windows(np.arange(9).reshape(1, 3, 3), 2)[0, :, 1]
    array([1., 2., 4., 5.], dtype=float32)
    """
    if pictures.ndim == 3:
        pictures = pictures[..., None]
    rows, columns = (side - size + 1 for side in pictures.shape[1:3])
    view = np.lib.stride_tricks.sliding_window_view(pictures.astype(np.float32), (rows, columns), axis=(1, 2))
    return view.reshape(len(pictures), -1, rows * columns)


@dataclass(frozen=True, eq=False)
class PatchLayer:
    """Pooled mirrored responses of picture windows to bases: pictures uint8 to codes uint8 ``[N, cells · 2 K]``.

    After Coates & Ng (2011), in whole numbers: the bases sum to zero, so a window's mean does not matter; its
    contrast divides the response in one IEEE division; the response is cut to a whole number before it is
    pooled, so pooling is exact as well.
    """

    kind: ClassVar[str] = "patches"
    takes_pictures: ClassVar[bool] = True

    bases: np.ndarray  # [size·size·channels, K] int16; whitening is folded in; every column sums to zero
    size: int  # side of a window in pixels
    contrast: float  # added, squared, to a window's variance (in pixel steps): quiet windows stay quiet
    gain: float  # response steps per unit of bases and contrast
    threshold: np.float32  # that |response| must exceed, in response steps
    winners: int  # bases that may answer in one window; 0 for all
    pool: int  # side of a pooling cell, in windows
    stride: int  # from one cell to the next
    root: bool  # whether the square root of a cell's sum is taken: strong answers then count less
    shift: int  # pixels by which the copies learned in addition to each picture are moved; 0 for no copies
    flip: bool  # whether a picture and its left-right mirror image have one code: the sum of both
    scale: np.float32  # brings a cell's sum to 0..255
    pad: int = 0  # rows and columns added around a picture, so that windows see its edge as a whole
    frame: int = 0  # the value of the added pixels
    slopes: int = 0  # cells along each side in which near windows count more, instead of pool and stride; 0 for these

    def width(self, shape: tuple[int, ...]) -> int:
        """Return the number of code units for pictures of ``shape`` ``(H, W)`` or ``(H, W, 3)``."""
        return self.grid(*shape[:2]).cells * 2 * self.bases.shape[1]

    def cells(self, height: int, width: int) -> np.ndarray:
        """Return the matrix ``[cells, windows]``: how much a window of a picture counts in a cell."""
        return self.grid(height, width).matrix

    def grid(self, height: int, width: int) -> Grid:
        """Return the cells over the windows of a picture."""
        rows, columns = (side + 2 * self.pad - self.size + 1 for side in (height, width))
        return self.over(rows, columns)

    def over(self, rows: int, columns: int) -> Grid:
        """Return the cells over so many rows and columns of windows."""
        return Grid(rows, columns, self.pool, self.stride, self.slopes)

    def pictured_bases(self, shape: tuple[int, ...]) -> tuple[tuple[int, ...], np.ndarray] | None:
        """Return the shape of a window and all bases ``[D, K]``."""
        return (self.size, self.size, *shape[2:]), self.bases

    def __call__(self, pictures: np.ndarray) -> np.ndarray:
        sums = self.pooled(pictures)
        if self.root:
            np.sqrt(sums, out=sums)  # one IEEE operation on a whole number
        sums *= self.scale
        return np.minimum(sums, TOP).astype(np.uint8)  # the cast cuts towards zero: floor

    def pooled(self, pictures: np.ndarray) -> np.ndarray:
        """Return exact sums of the cut, mirrored responses in every cell, float32 ``[N, cells · 2 K]``."""
        sums = self._pooled(pictures)
        return sums + self._pooled(pictures[:, :, ::-1]) if self.flip else sums

    def _pooled(self, pictures: np.ndarray) -> np.ndarray:
        grid = self.grid(*pictures.shape[1:3])
        pool = pool_for(len(pictures) * grid.windows * self.bases.shape[1])
        sums = np.empty((len(pictures), len(grid.matrix), self.bases.shape[1], 2), np.float32)
        block = max(1, CACHED // (grid.windows * self.bases.shape[1]))
        for start in range(0, len(pictures), block):
            for columns, responses in self.respond(pictures[start : start + block]):
                sums[start : start + block, :, columns] = pool(responses, self.threshold, grid)
        return sums.reshape(len(pictures), -1)

    def respond(self, pictures: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
        """Yield columns of bases and their responses ``[N, windows, columns]`` float32 over the windows' contrast."""
        patches = windows(framed(pictures, self.pad, self.frame), self.size)
        pixels, count = patches.shape[1], self.bases.shape[1]
        total = np.matmul(np.ones(pixels, np.float32), patches).astype(np.float64)  # of whole numbers: exact
        square = np.einsum("npw,npw->nw", patches, patches).astype(np.float64)
        variance = (square - total * total / pixels) / pixels
        gain = (self.gain / np.sqrt(variance + self.contrast**2)).astype(np.float32)[:, :, None]
        step = count if self.winners else max(16, CACHED // gain.size)  # winners compete among all bases
        for left in range(0, count, step):
            responses = np.matmul(patches.swapaxes(1, 2), self.bases[:, left : left + step].astype(np.float32))
            responses *= gain
            if self.winners:
                responses[~winners(np.abs(responses), self.winners)] = 0
            yield slice(left, left + step), responses


def framed(pictures: np.ndarray, pixels: int, value: int) -> np.ndarray:
    """Return ``pictures [N, H, W, …]`` with ``pixels`` rows and columns of ``value`` added on every side.

    >>> framed(np.array([[[7]]], np.uint8), 1, 0)[0].tolist()
    [[0, 0, 0], [0, 7, 0], [0, 0, 0]]
    """
    sides = [(0, 0), (pixels, pixels), (pixels, pixels)]
    if not pixels:
        return pictures
    return np.pad(pictures, sides + [(0, 0)] * (pictures.ndim - 3), constant_values=value)


def moved(pictures: np.ndarray, pixels: int) -> Iterator[np.ndarray]:
    """Yield four copies of ``pictures [N, H, W, …]``, moved down, up, right and left; the edge is repeated.

    >>> [copy.tolist() for copy in moved(np.array([[[1, 2], [3, 4]]], np.uint8), 1)][:2]
    [[[[1, 2], [1, 2]]], [[[3, 4], [3, 4]]]]
    """
    height, width = pictures.shape[1:3]
    for step in (-pixels, pixels):
        yield pictures[:, np.clip(np.arange(height) + step, 0, height - 1)]
    for step in (-pixels, pixels):
        yield pictures[:, :, np.clip(np.arange(width) + step, 0, width - 1)]
