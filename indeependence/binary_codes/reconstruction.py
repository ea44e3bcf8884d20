"""The inverse of k-winners: pictures from binary codes by least squares, from sums, counted or expected."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from indeependence.binary_codes.centroids import DRAWS, drawn
from indeependence.binary_codes.embedding import Embedding
from indeependence.binary_codes.sdr import SDR
from indeependence.exact import TOP
from indeependence.files.container import damage_told, read_arrays, write_arrays
from indeependence.files.schema import expect, is_whole
from indeependence.moments.gram import add_cross
from indeependence.moments.moments import Label, Moments, sorted_labels
from indeependence.moments.regression import joint, regress
from indeependence.moments.scatter import within_class_scatter

KIND = "decoder"
EXACT_ROWS = 256  # products of two bytes that float32 adds up exactly
PENALTY = 1e-3  # of the regression on expected codes, in mean variances of a unit


@dataclass(frozen=True, eq=False)
class Decoder:
    """A linear function from binary codes to pictures ``[N, D]`` in grey steps."""

    weights: np.ndarray  # [U, D] float64
    intercept: np.ndarray  # [D]
    shape: tuple[int, ...] = ()  # of one picture, where it is known

    def __call__(self, codes: SDR) -> np.ndarray:
        """Return pictures float64 ``[N, D]`` of the codes."""
        return codes.bits.astype(np.float64) @ self.weights + self.intercept

    @property
    def units(self) -> int:
        """U, the number of bits of a code."""
        return len(self.weights)

    def save(self, path: str | Path) -> None:
        """Write the decoder to ``path``; on any failure the old file stays."""
        arrays = {"weights": self.weights.astype(np.float32), "intercept": self.intercept.astype(np.float32)}
        write_arrays(path, KIND, {"shape": list(self.shape)}, arrays)

    @classmethod
    def load(cls, path: str | Path) -> Decoder:
        """Return the decoder in the file ``path``; raise `InputError` for another kind of file or a damaged one."""
        header, arrays = read_arrays(path, KIND)
        with damage_told(path):
            weights, intercept, shape = arrays["weights"], arrays["intercept"], header["shape"]
            sides = isinstance(shape, list) and len(shape) in (2, 3) and all(is_whole(side, 1, 2**31) for side in shape)
            expect(sides, "the shape of a picture")
            expect(weights.dtype == intercept.dtype == np.float32, "a decoder's weights")
            expect(weights.ndim == 2 and weights.shape[1:] == intercept.shape == (int(np.prod(shape)),), "its sizes")
            expect(bool(np.isfinite(weights).all() and np.isfinite(intercept).all()), "finite weights")
            return cls(weights.astype(np.float64), intercept.astype(np.float64), tuple(shape))


def picture_rows(codes: SDR, pictures: np.ndarray) -> np.ndarray:
    """Return rows uint8 ``[N, U + D]`` of bits and pixels, whose sums are `Moments`; a set bit is 255, like white."""
    return np.hstack([TOP * codes.bits.astype(np.uint8), pictures.reshape(len(pictures), -1)])


def counted_decoder(sums: Moments, units: int) -> Decoder:
    """Return the decoder of least squared error from sums of `picture_rows`.

    The penalty is chosen by generalised cross-validation.

    >>> from indeependence.moments.regression import add_rows
    >>> bits = SDR.of(np.array([[1, 0], [0, 1], [1, 0], [0, 1]]))
    >>> pictures = np.array([[9, 0], [0, 5], [9, 0], [0, 5]], np.uint8)
    >>> sums = add_rows(Moments.empty("embedding", 4), picture_rows(bits, pictures))
    >>> counted_decoder(sums, 2)(bits[:2]).round()
    array([[9., 0.], [0., 5.]])
    """
    weights = regress(joint(sums), slice(0, units), slice(units, sums.units))
    return Decoder(TOP * weights.coefficients, weights.intercept)


@dataclass(frozen=True, eq=False)
class PictureSums:
    """Sums that tie encoder codes to pixels, in addition to `Moments` of the codes: ``Σ h xᵀ`` and ``Σ x`` by class."""

    cross: np.ndarray  # [H, D] int64
    by_class: dict[Label, np.ndarray]  # label → [D] int64

    @classmethod
    def empty(cls, units: int, pixels: int) -> PictureSums:
        """Return empty sums."""
        return cls(np.zeros((units, pixels), np.int64), {})

    def learn(self, codes: np.ndarray, pictures: np.ndarray, labels: np.ndarray) -> PictureSums:
        """Return these sums plus those of codes ``[N, H]`` and pictures ``[N, …]``, both uint8, with labels ``[N]``."""
        flat, cross, by_class = pictures.reshape(len(pictures), -1), self.cross.copy(), dict(self.by_class)
        for start in range(0, len(codes), EXACT_ROWS):
            add_cross(cross, codes[start : start + EXACT_ROWS], flat[start : start + EXACT_ROWS])
        for label in sorted_labels(labels.tolist()):
            by_class[label] = by_class.get(label, 0) + flat[labels == label].sum(0, dtype=np.int64)
        return replace(self, cross=cross, by_class=by_class)


def expected_decoder(
    embedding: Embedding, moments: Moments, pictures: PictureSums, *, draws: int = DRAWS, seed: int = 0
) -> Decoder:
    """Return the decoder for an embedding that changes with the sums, by least squares on drawn scores.

    In each class, scores are drawn as in `expected_centroids`; the picture of a draw is the class's mean picture plus
    the regression of pixels on scores within classes. All of that is known from the sums.
    """
    told = moments.only(moments.counts > 0)
    means = np.stack([pictures.by_class[label] for label in told.labels]) / told.counts[:, None]
    bases = embedding.bases.astype(np.float64)
    within = (pictures.cross - told.cross.astype(np.float64) @ means) / told.count
    covariance = bases.T @ (within_class_scatter(told) / told.count @ bases)
    regression = np.linalg.solve(_ridged(covariance, 1e-6), bases.T @ within)
    products, targets = np.zeros((embedding.units,) * 2), np.zeros((embedding.units, means.shape[1]))
    code_mean, picture_mean = np.zeros(embedding.units), np.zeros(means.shape[1])
    for place, deviations, won in drawn(embedding, told, draws, seed):
        share, bits = told.counts[place] / told.count, won.astype(np.float64)
        drawn_pictures = means[place] + deviations @ regression
        products += share * (bits.T @ bits) / draws
        targets += share * (bits.T @ drawn_pictures) / draws
        code_mean += share * bits.mean(0)
        picture_mean += share * drawn_pictures.mean(0)
    products -= np.outer(code_mean, code_mean)
    weights = np.linalg.solve(_ridged(products, PENALTY), targets - np.outer(code_mean, picture_mean))
    return Decoder(weights, picture_mean - code_mean @ weights)


def reconstruction_error(pictures: np.ndarray, again: np.ndarray, mean: np.ndarray) -> float:
    """Return the squared error over the squared distance from the mean picture ``[D]``: 0 is perfect, 1 like the mean.

    >>> reconstruction_error(np.array([[0, 4]]), np.array([[0, 2]]), np.array([0, 0]))
    0.25
    """
    flat = pictures.reshape(len(pictures), -1).astype(np.float64)
    return float(np.sum((flat - again) ** 2) / np.sum((flat - mean) ** 2))


def _ridged(symmetric: np.ndarray, penalty: float) -> np.ndarray:
    return symmetric + penalty * max(float(symmetric.diagonal().mean()), 1e-12) * np.eye(len(symmetric))
