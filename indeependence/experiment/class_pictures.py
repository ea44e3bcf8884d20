"""Pictures of classes: each class's pictures are added up, and a 1 in the map of a class becomes a picture of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indeependence.data.examples import Examples
from indeependence.data.selection import Part, Source
from indeependence.errors import InputError
from indeependence.moments.ledger import accumulate_by_class
from indeependence.moments.moments import Label, Moments
from indeependence.planes.class_maps import ClassMaps, centred, class_maps, pictures_of, placed

MOST = 4 * 2**30  # bytes of sums by class
BATCH = 1024  # pictures added at a time


@dataclass(frozen=True)
class ClassPictures:
    """Settings: what is learned, and which pictures are made; with ``puts`` one picture, else a row for each label."""

    source: Source
    part: Part = Part()
    labels: tuple[str, ...] | None = None  # a row for each; None: for all classes
    count: int = 5  # pictures in a row, the mean first
    variations: int = 20  # maps of a class, in addition to that of its mean
    spread: float = 0.7  # how much drawn pictures vary; 1: as the class
    puts: tuple[tuple[str, int, int], ...] = ()  # a label, and the row and column of its 1
    size: tuple[int, int] | None = None  # rows and columns of the one picture; None: as the data's
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Drawn:
    """The pictures, and what they were made from."""

    pictures: np.ndarray  # uint8 [N, H, W] or [N, H, W, 3]
    columns: int  # pictures in a row
    maps: int
    examples: int


def draw(asked: ClassPictures) -> Drawn:
    """Learn the sums of each class's pictures and draw the pictures that are asked for.

    Raises `InputError` for inputs that are no 8-bit pictures, sums that need too much memory and unknown labels.
    """
    train = asked.part.of(asked.source.load())
    shape = _shape(train, asked.source.data)
    sums = _sums(train, int(np.prod(shape)))
    variations = min(asked.variations, min(part.units for part in sums.values()) - 1)
    found = class_maps(sums, shape, variations=variations)
    pictures, columns = _one(found, shape[:2], asked) if asked.puts else _rows(found, shape[:2], asked)
    return Drawn(pictures, columns, len(found.kernels), sum(part.count for part in sums.values()))


def _shape(train: Examples, data: str) -> tuple[int, ...]:
    """Return the shape of one picture."""
    first = train.arrays()[0][:1]
    if first.ndim < 3 or first.dtype != np.uint8:
        raise InputError(f"--data {data}: expected 8-bit pictures, got {first.dtype} of shape {first.shape[1:]}")
    return first.shape[1:]


def _sums(train: Examples, size: int) -> dict[Label, Moments]:
    """Return the sums of each class's pictures of ``size`` values, moved to the middle."""
    if 8 * size**2 * len(train.classes) > MOST:
        raise InputError(
            f"the sums of {len(train.classes)} classes of {size} pixels need more than {MOST / 2**30:.0f} GiB: "
            "expected fewer --classes or smaller pictures"
        )
    batches = ((centred(inputs).reshape(len(inputs), -1), labels) for inputs, labels in train.batches(BATCH))
    return accumulate_by_class(Moments.empty("pictures", size), batches)


def _rows(found: ClassMaps, extent: tuple[int, ...], asked: ClassPictures) -> tuple[np.ndarray, int]:
    """Draw a row for each label: the mean, then pictures that vary."""
    height, width = extent
    labels = found.labels if asked.labels is None else [_label(found, name) for name in asked.labels]
    row, column = (height - 1) // 2, (width - 1) // 2
    drawn = []
    for i, label in enumerate(labels):
        for j in range(asked.count):
            spread, seed = (asked.spread if j else 0.0), (asked.seed, i, j)
            maps = placed(found, [(label, row, column)], (height, width), spread=spread, seed=seed)
            drawn.append(pictures_of(found, maps))
    return np.concatenate(drawn), asked.count


def _one(found: ClassMaps, extent: tuple[int, ...], asked: ClassPictures) -> tuple[np.ndarray, int]:
    """Draw one picture with everything that was put into it, as it is on average."""
    height, width = asked.size or extent
    puts = [(_label(found, name), row, column) for name, row, column in asked.puts]
    return pictures_of(found, placed(found, puts, (height, width))), 1


def _label(found: ClassMaps, name: str) -> Label:
    by_name = {str(label): label for label in found.labels}
    if name not in by_name:
        raise InputError(f"expected a class of the data, {', '.join(by_name)}, got '{name}'")
    return by_name[name]
