"""From class maps to pictures: a 1 in the map of a class becomes a picture of it, by kernels from sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import eigh
from scipy.ndimage import shift

from indeependence.errors import InputError
from indeependence.moments.moments import Label, Moments, sorted_labels
from indeependence.moments.regression import joint

if TYPE_CHECKING:
    from indeependence.planes.planes import PlaneSparse


@dataclass(frozen=True, eq=False)
class ClassMaps:
    """A generator of pictures with ``1 + V`` maps for each class: its mean picture, and V ways in which it varies."""

    labels: tuple[Label, ...]
    variations: int  # V
    kernels: np.ndarray  # [C · (1 + V), h, w, channels] float32, in pixel steps; the picture that a 1 in each map adds


Put = tuple[Label, int, int]  # a class, and the row and column of its 1


def class_maps(parts: Mapping[Label, Moments], shape: tuple[int, ...], *, variations: int = 0) -> ClassMaps:
    """Return kernels of a transposed convolution from sums of each class's pictures, ``shape`` is (h, w) or (h, w, 3).

    If each picture of a class is made by one 1 in its map, the least-squares kernel is the class mean: maps of
    different classes are never both present, so the normal equations separate into one for each class. The
    leading eigenvectors of a class's covariance, times their standard deviation, are further maps; values drawn from a
    normal distribution there give pictures that vary as the class does (probabilistic principal components, Tipping &
    Bishop 1999). Raise `InputError` for as many variations as values, or more.
    """
    labels = sorted_labels(parts)
    size = int(np.prod(shape))
    if not 0 <= variations < size:
        raise InputError(f"expected 0 to {size - 1} variations of pictures of {size} values, got {variations}")
    kernels = np.concatenate([_class_kernels(parts[label], variations) for label in labels])
    return ClassMaps(labels, variations, kernels.reshape(-1, *shape[:2], *(shape[2:] or (1,))).astype(np.float32))


def _class_kernels(sums: Moments, variations: int) -> np.ndarray:
    """Return the mean and the leading deviations ``[1 + V, D]`` of one class."""
    rows = joint(sums)
    if not variations:
        return rows.mean[None]
    first = len(rows.mean) - variations
    variances, vectors = eigh(rows.covariance(slice(None)), subset_by_index=(first, len(rows.mean) - 1))
    return np.vstack([rows.mean, (vectors * np.sqrt(np.maximum(variances, 0))).T[::-1]])


def centred(pictures: np.ndarray) -> np.ndarray:
    """Return pictures uint8 ``[N, H, W]`` or ``[N, H, W, 3]``, moved by whole pixels so that their mass is centred.

    The place of a 1 in a map is then the place of the picture. Pixels that leave the picture are lost; 0 comes in.

    >>> centred(np.array([[[9, 0, 0], [0, 0, 0], [0, 0, 0]]], np.uint8))[0, 1]
    array([0, 9, 0], dtype=uint8)
    """
    moved = np.empty_like(pictures)
    for index, picture in enumerate(pictures):
        mass = picture.reshape(*picture.shape[:2], -1).sum(2, dtype=np.float64)
        total = max(mass.sum(), 1.0)
        sides = mass.sum(1), mass.sum(0)
        steps = [
            (len(side) - 1) // 2 - round(float(side @ np.arange(len(side))) / total) if mass.any() else 0
            for side in sides
        ]
        moved[index] = shift(picture, [*steps, *([0] * (picture.ndim - 2))], order=0, prefilter=False)
    return moved


def placed(
    maps: ClassMaps, puts: Sequence[Put], size: tuple[int, int], *, spread: float = 0.0, seed: int | Sequence[int] = 0
) -> PlaneSparse:
    """Return maps of one picture of ``size`` rows and columns: a 1 for each put, plus random variations.

    ``spread`` scales the variations, drawn by ``seed``. Only the planes of classes that are put somewhere are present,
    however many classes there are. Raise `InputError` for an unknown class or a place outside.
    """
    from indeependence.planes.planes import from_planes

    rng, each = np.random.default_rng(seed), 1 + maps.variations
    used = range(each if spread else 1)
    planes, channels = np.zeros((len(puts) * len(used), *size), np.float32), []
    for index, (label, row, column) in enumerate(puts):
        if label not in maps.labels:
            raise InputError(
                f"expected a class among {', '.join(map(str, maps.labels))}: no class {label!r} was learned"
            )
        if not (0 <= row < size[0] and 0 <= column < size[1]):
            raise InputError(f"expected a place within {size[0]}x{size[1]}, got row {row}, column {column}")
        values = np.concatenate([[1.0], spread * rng.standard_normal(maps.variations)])[: len(used)]
        planes[index * len(used) : (index + 1) * len(used), row, column] = values
        channels += [maps.labels.index(label) * each + map_of_class for map_of_class in used]
    nobody = np.zeros(len(channels), np.int64)
    return from_planes(planes, nobody, channels, examples=1, channels=len(maps.labels) * each)


def pictures_of(maps: ClassMaps, planes: PlaneSparse) -> np.ndarray:
    """Return pictures uint8 ``[N, H, W]`` or ``[N, H, W, 3]`` of class maps, by transposed convolution."""
    from indeependence.planes.convolution import conv2d_transpose

    whole = conv2d_transpose(planes, maps.kernels).numpy()
    pictures = np.clip(np.round(whole), 0, 255).astype(np.uint8)
    return pictures[..., 0] if pictures.shape[-1] == 1 else pictures
