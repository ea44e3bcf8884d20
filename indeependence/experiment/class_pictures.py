"""Pictures of classes: sums of each class's pictures, and objects that white noise settles to where a 1 is put."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from indeependence.data.examples import Examples
from indeependence.data.selection import Part, Source
from indeependence.errors import InputError
from indeependence.exact import TOP
from indeependence.experiment.placing import Put, centred, check_put, put_down, window
from indeependence.models.autoencoder.mixture import SPREAD, Mixture
from indeependence.models.autoencoder.relaxing import ROUNDS, relaxed
from indeependence.models.autoencoder.sketching import FEWEST, SAMPLE, fit_sketch
from indeependence.models.sampling import bootstrap_rows
from indeependence.moments.moments import Label, sorted_labels
from indeependence.moments.regions import Regions

LARGEST = 4096  # values of a picture
BATCH = 1024  # pictures added at a time


@dataclass(frozen=True)
class ClassPictures:
    """Settings: what is learned, and which pictures are made; with ``puts`` one picture, else a row for each label."""

    source: Source
    part: Part = Part()
    labels: tuple[str, ...] | None = None  # a row for each; None: for all classes
    count: int = 5  # pictures in a row
    spread: float = SPREAD  # how much drawn pictures vary; 1: as the class
    puts: tuple[tuple[str, int, int], ...] = ()  # a label, and the row and column of its 1
    size: tuple[int, int] | None = None  # rows and columns of the one picture; None: as the data's
    frames: int = 1  # of the one picture, on the way from noise; 1: as it is at the end
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Drawn:
    """The pictures, and what they were made from."""

    pictures: np.ndarray  # uint8 [N, H, W] or [N, H, W, 3]
    columns: int  # pictures in a row
    maps: int
    examples: int


@dataclass(frozen=True, eq=False)
class ClassMaps:
    """A generator of pictures with a map for each class, of sums by class and region."""

    labels: tuple[Label, ...]
    shape: tuple[int, ...]
    regions: Regions

    @classmethod
    def of(cls, train: Examples, shape: tuple[int, ...], seed: int) -> ClassMaps:
        """Return the generator that learned these pictures, each moved so that its mass is in the middle."""
        labels = sorted_labels(train.labels.tolist())
        sample = centred(train.x[np.sort(train.rows[bootstrap_rows(len(train), SAMPLE, seed)])])
        sketch = fit_sketch(sample.reshape(len(sample), -1), len(labels), seed)
        if sketch is None:
            raise InputError(f"expected at least {FEWEST} pictures to learn how they vary, got {len(train)}")
        regions, places = Regions(sketch, len(labels)), {label: place for place, label in enumerate(labels)}
        targets = TOP * np.eye(len(labels), dtype=np.uint8)
        for inputs, given in train.batches(BATCH):
            chosen = targets[[places[label] for label in given.tolist()]]
            regions = regions.learn(np.hstack([centred(inputs).reshape(len(inputs), -1), chosen]))
        return cls(labels, shape, regions)

    @cached_property
    def mixtures(self) -> list[Mixture]:
        """The distribution of each class."""
        return [Mixture.of(self.regions, place) for place in range(len(self.labels))]

    def frames(
        self,
        puts: tuple[Put, ...],
        size: tuple[int, int],
        *,
        count: int = 1,
        spread: float = SPREAD,
        seed: int | Sequence[int] = 0,
    ) -> np.ndarray:
        """Return ``count`` pictures uint8 of ``size``, from white noise to objects where the puts are; the last alone.

        Noise is encoded by the sketch's bases at each put, relaxes towards what its class expects, and is decoded
        by the same bases.
        """
        noise = np.random.default_rng(seed).standard_normal((*size, *self.shape[2:]))
        rounds = np.linspace(ROUNDS, 0, count).round().astype(int)[::-1]
        ways = [(self._way(put, noise, rounds, spread), *put[1:]) for put in puts]
        frames = []
        for index, number in enumerate(rounds):
            canvas = (TOP / 2 + TOP / 4 * noise).clip(0, TOP) * (1 - number / ROUNDS)  # what is left of it
            for way, row, column in ways:
                put_down(canvas, way[index], row, column)
            frames.append(np.rint(canvas).astype(np.uint8))
        return np.stack(frames)

    def _way(self, put: Put, noise: np.ndarray, rounds: np.ndarray, spread: float) -> np.ndarray:
        """Return the pictures float64 ``[F, h, w, …]`` of one object after these rounds."""
        check_put(put, self.labels, noise.shape[:2])
        label, row, column = put
        bases = self.regions.sketch.bases.astype(np.float64)
        start = window(noise, row, column, self.shape).reshape(1, -1) @ (bases / np.linalg.norm(bases, axis=0))
        mixture = self.mixtures[self.labels.index(label)]
        codes = relaxed(mixture, start, spread)
        return mixture.decoded(np.vstack([codes[number] for number in rounds]), spread).reshape(-1, *self.shape)


def draw(asked: ClassPictures) -> Drawn:
    """Learn the sums of each class's pictures and draw the pictures that are asked for.

    Raises `InputError` for inputs that are no 8-bit pictures, too few or too large ones, and unknown labels.
    """
    train = asked.part.of(asked.source.load())
    maps = ClassMaps.of(train, _shape(train, asked.source.data), asked.seed)
    pictures, columns = _one(maps, asked) if asked.puts else _rows(maps, asked)
    return Drawn(pictures, columns, len(maps.labels), maps.regions.count)


def _shape(train: Examples, data: str) -> tuple[int, ...]:
    """Return the shape of one picture."""
    first = train.arrays()[0][:1]
    if first.ndim < 3 or first.dtype != np.uint8:
        raise InputError(f"--data {data}: expected 8-bit pictures, got {first.dtype} of shape {first.shape[1:]}")
    if first[0].size > LARGEST:
        raise InputError(f"--data {data}: expected pictures of at most {LARGEST} values, got {first[0].size}")
    return first.shape[1:]


def _rows(maps: ClassMaps, asked: ClassPictures) -> tuple[np.ndarray, int]:
    """Draw a row for each label."""
    height, width = maps.shape[:2]
    labels = maps.labels if asked.labels is None else [_label(maps, name) for name in asked.labels]
    drawn = []
    for i, label in enumerate(labels):
        put = label, (height - 1) // 2, (width - 1) // 2
        for j in range(asked.count):
            drawn.append(maps.frames((put,), (height, width), spread=asked.spread, seed=(asked.seed, i, j)))
    return np.concatenate(drawn), asked.count


def _one(maps: ClassMaps, asked: ClassPictures) -> tuple[np.ndarray, int]:
    """Draw one picture with everything that was put into it, and what it was before."""
    height, width = maps.shape[:2]
    puts = tuple((_label(maps, name), row, column) for name, row, column in asked.puts)
    size = asked.size or (height, width)
    return maps.frames(puts, size, count=asked.frames, spread=asked.spread, seed=asked.seed), asked.frames


def _label(maps: ClassMaps, name: str) -> Label:
    by_name = {str(label): label for label in maps.labels}
    if name not in by_name:
        raise InputError(f"expected a class of the data, {', '.join(by_name)}, got '{name}'")
    return by_name[name]
