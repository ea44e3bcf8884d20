"""The patch layer: small windows of a picture, compared with bases, thresholded, mirrored, pooled on a grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indeependence.encoder.quantise import TOP
from indeependence.encoder.winners import winners

BLOCK = 4  # pictures at a time: the responses of a few pictures stay in the processor's cache


def windows(pictures: np.ndarray, size: int) -> np.ndarray:
    """All ``size × size`` windows, ``[N, H', W', size·size·channels]``, of pictures ``[N, H, W]`` or ``[N, H, W, 3]``.

    >>> windows(np.arange(9).reshape(1, 3, 3), 2)[0, 0, 1]
    array([1, 2, 4, 5])
    """
    if pictures.ndim == 3:
        pictures = pictures[..., None]
    view = np.lib.stride_tricks.sliding_window_view(pictures, (size, size), axis=(1, 2))
    n, rows, columns = view.shape[:3]
    return view.transpose(0, 1, 2, 4, 5, 3).reshape(n, rows, columns, -1)


@dataclass(frozen=True, eq=False)
class PatchLayer:
    """Pooled mirrored responses of picture windows to bases: pictures uint8 to codes uint8 ``[N, cells · 2 K]``.

    After Coates & Ng (2011), in whole numbers: the bases sum to zero, so a window's mean does not matter; its
    contrast divides the response in one IEEE division; the response is cut to a whole number before it is
    pooled, so pooling is exact as well.
    """

    bases: np.ndarray  # [size·size·channels, K] int16; whitening is folded in; every column sums to zero
    size: int  # side of a window in pixels
    contrast: float  # added, squared, to a window's variance (in pixel steps): quiet windows stay quiet
    gain: float  # response steps per unit of bases and contrast
    threshold: np.float32  # what |response| must exceed, in response steps
    winners: int  # bases that may answer in one window; 0 for all
    pool: int  # side of a pooling cell, in windows
    stride: int  # from one cell to the next
    root: bool  # whether a cell's sum is brought to its square root: strong answers count less
    scale: np.float32  # brings a cell's sum to 0..255

    def units(self, shape: tuple[int, ...]) -> int:
        """The number of code units for pictures of ``shape`` ``(H, W)`` or ``(H, W, 3)``."""
        return len(self._cells(*shape[:2])) * 2 * self.bases.shape[1]

    def __call__(self, pictures: np.ndarray) -> np.ndarray:
        code = np.empty((len(pictures), self.units(pictures.shape[1:])), np.uint8)
        for start in range(0, len(pictures), BLOCK):
            sums = self.pooled(pictures[start : start + BLOCK])
            if self.root:
                np.sqrt(sums, out=sums)  # one IEEE operation on a whole number
            sums *= self.scale
            code[start : start + BLOCK] = np.minimum(sums, TOP)  # the cast cuts towards zero: floor
        return code

    def pooled(self, pictures: np.ndarray) -> np.ndarray:
        """Exact sums of the cut responses in every cell, float32 ``[N, cells · 2 K]``, mirrored."""
        responses = self.respond(pictures)
        cells = self._cells(*pictures.shape[1:3])
        sides = []
        for signed in (responses - self.threshold, -responses - self.threshold):
            np.maximum(signed, 0, out=signed)
            np.trunc(signed, out=signed)
            sides.append(cells @ signed)
        return np.stack(sides, axis=-1).reshape(len(pictures), -1)

    def respond(self, pictures: np.ndarray) -> np.ndarray:
        """Responses ``[N, windows, K]`` float32 over the windows' contrast, before threshold and mirror."""
        patches = windows(pictures, self.size).astype(np.float32)
        n, rows, columns, pixels = patches.shape
        patches = patches.reshape(n * rows * columns, pixels)
        total = patches.sum(1, dtype=np.float64)
        square = np.einsum("ij,ij->i", patches, patches).astype(np.float64)
        variance = (square - total * total / pixels) / pixels
        responses = patches @ self.bases.astype(np.float32)
        responses *= (self.gain / np.sqrt(variance + self.contrast**2)).astype(np.float32)[:, None]
        if self.winners:
            responses[~winners(np.abs(responses), self.winners)] = 0
        return responses.reshape(n, rows * columns, -1)

    def _cells(self, height: int, width: int) -> np.ndarray:
        """Matrix ``[cells, windows]`` of ones where a window lies in a cell: pooling as one exact product."""
        rows, columns = height - self.size + 1, width - self.size + 1
        tops = range(0, rows - self.pool + 1, self.stride)
        lefts = range(0, columns - self.pool + 1, self.stride)
        cells = np.zeros((len(tops), len(lefts), rows, columns), np.float32)
        for i, top in enumerate(tops):
            for j, left in enumerate(lefts):
                cells[i, j, top : top + self.pool, left : left + self.pool] = 1
        return cells.reshape(len(tops) * len(lefts), rows * columns)
