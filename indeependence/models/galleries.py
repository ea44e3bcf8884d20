"""What can be seen inside a model: pictures of its bases and reconstructions, a spectrum, and numbers to watch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from indeependence.encoder.layers import Layer
from indeependence.errors import InputError
from indeependence.moments.average import Average
from indeependence.moments.moments import Moments, sorted_labels
from indeependence.moments.regression import Part, joint
from indeependence.moments.spectrum import Spectrum, spectrum_of

if TYPE_CHECKING:
    from indeependence.data.examples import Examples

SHOWN = 96  # bases
COLUMNS = 16  # of them
LARGEST = 4096  # units of a code whose spectrum is computed: a larger covariance takes too long


@dataclass(frozen=True, eq=False)
class Gallery:
    """Pictures of one size in rows, with a title and a description."""

    title: str
    description: str  # a sentence, shown below the pictures and read out in their place
    pictures: np.ndarray  # uint8 [N, H, W] or [N, H, W, 3], red first
    columns: int

    def __post_init__(self) -> None:
        if self.pictures.dtype != np.uint8 or self.pictures.ndim not in (3, 4) or self.columns < 1:
            raise InputError(f"expected uint8 pictures [N, H, W], got {self.pictures.dtype} {self.pictures.shape}")


@dataclass(frozen=True, eq=False)
class Inside:
    """Everything that is shown of a model's inside; empty if there is nothing to see."""

    galleries: tuple[Gallery, ...] = ()
    spectrum: Spectrum | None = None


@dataclass(frozen=True, eq=False)
class Measures:
    """Numbers and arrays of a model to watch while it learns."""

    numbers: Mapping[str, float] = field(default_factory=dict)
    spread: Mapping[str, np.ndarray] = field(default_factory=dict)  # shown as histograms


def code_spectrum(sums: Moments | Average, code: Part = slice(None), units: int | None = None) -> Spectrum | None:
    """Return the spectrum of the part ``code``, of ``units`` entries, of the rows behind ``sums``.

    None for fewer than two rows or more than `LARGEST` units.
    """
    small = 1 < sums.count and (units or sums.units) <= LARGEST
    return spectrum_of(joint(sums).covariance(code)) if small else None


def bases_gallery(layer: Layer, shape: tuple[int, ...]) -> Gallery | None:
    """Return the bases of a first ``layer``, for inputs of ``shape``, as pictures; None if they are no pictures."""
    bases = layer.pictured_bases(shape)
    if bases is None:
        return None
    side, columns = bases
    total = columns.shape[1]
    which = f"All {total}" if total <= SHOWN else f"The first {SHOWN} of {total:,}"
    return Gallery(
        "Bases",
        f"{which} bases of the first layer, {side[1]}×{side[0]} pixels each; grey is zero, black and white are the "
        "largest weights of either sign.",
        signed_pictures(columns[:, :SHOWN].astype(np.float64), side),
        COLUMNS,
    )


def one_of_each_class(tests: Sequence[Examples]) -> np.ndarray:
    """Return the first input of each class, in the order of the classes; an empty array if there are no examples."""
    found: dict = {}
    for part in tests:
        labels, rows = np.unique(part.labels, return_index=True)
        for label, row in zip(labels.tolist(), rows.tolist(), strict=True):
            if label not in found:
                found[label] = part.part(row, row + 1).arrays()[0][0]
    return np.array([found[label] for label in sorted_labels(found)])


def signed_pictures(columns: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return ``columns [D, K]`` as uint8 pictures ``[K, *shape]``: grey is 0, the largest size is black or white.

    >>> signed_pictures(np.array([[2], [0], [-1], [0]]), (2, 2))[0]
    array([[255, 128],
           [ 64, 128]], dtype=uint8)
    """
    largest = np.maximum(np.abs(columns).max(0), 1e-12)
    return np.round(127.5 + 127.5 * columns / largest).astype(np.uint8).T.reshape(-1, *shape)
