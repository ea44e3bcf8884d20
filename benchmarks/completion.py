"""Pictures completed and cleaned: the autoencoder beside what else is used for it, by the PSNR of the result.

    python benchmarks/completion.py --data ../shared/data/mnist --data ../shared/data/fashion-mnist --data cifar10.npz

A part of each test picture is hidden (the upper or left half, the centre, half of all pixels at random), or Gaussian
noise is added and cut to 0..255. All methods learn the same training pictures. Bases, components, penalties and
strengths are those with the best PSNR on other training pictures. The error of a completion is that of the hidden
pixels alone.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import frame
import numpy as np
from findings import Row

from indeependence import Autoencoder, Dataset
from indeependence.data.masks import known_part
from indeependence.encoder.quantise import as_bytes
from indeependence.report.pictures.grid import write_grid

TABLE = (
    "| data | missing | as given | mean fill | PCA | ridge | non-local means | autoencoder: mean | closed | adam |\n"
    "| {data} | {missing} | {nothing:.2f} | {fill:.2f} | {pca:.2f} | {ridge:.2f} | {nlm:.2f} | {mean:.2f} "
    "| {closed:.2f} | {adam:.2f} |"
)
NOISE = (0.1, 0.3, 0.5)
PARTS = {"upper half": "top", "left half": "left", "centre": "centre", "half of the pixels": None}
COMPONENTS = (10, 20, 40, 80, 160, 320)
BASES = (10, 20, 50, 100, 200)
PENALTIES = tuple(10.0**power for power in range(-2, 5))
STRENGTHS = (5, 10, 15, 20, 30, 40, 60, 80)  # of non-local means, in bytes
WINDOWS = (3, 5, 7)
SHOWN = 6

Pictures = np.ndarray  # [N, D] of values 0..1


@dataclass(frozen=True, eq=False)
class Asked:
    """Pictures of which something is missing: ``given`` with a noise, or where they are ``known``."""

    right: Pictures
    given: Pictures
    known: np.ndarray  # [N, D] bool; nothing where there is noise
    noise: float = 0.0

    def psnr(self, found: Pictures) -> float:
        """Return the peak signal-to-noise ratio in dB, of what was hidden or of all."""
        wrong = (np.clip(found, 0, 1) - self.right) ** 2
        return float(-10 * np.log10(np.mean(wrong[~self.known])))


Method = Callable[[Asked], Pictures]


@frame.benchmark("completion", TABLE, seeds=1)
@frame.option("--limit", default=4000, help="Training pictures.")
@frame.option("--tests", default=200, help="Test pictures, and as many other training pictures to choose on.")
@frame.option("--steps", default=100, help="Of the ways closed and adam.")
@frame.option("--pictures", default="artifacts/completion", help="Folder for a grid of each data set.")
def main(dataset: Dataset, seed: int, limit: int, tests: int, steps: int, pictures: str) -> list[Row]:
    """Measure the PSNR of every method on everything that can be missing."""
    shape, rng = dataset.x_train.shape[1:], np.random.default_rng(seed)
    order = rng.permutation(len(dataset.x_train))[: limit + tests]
    learned, held = (flat(dataset.x_train[order[part]]) for part in (slice(limit), slice(limit, None)))
    tested = flat(dataset.x_test[rng.permutation(len(dataset.x_test))[:tests]])
    methods, rows, shown = Methods(learned, shape, seed, steps), [], []
    asked = zip(missing(tested, shape, seed), missing(held, shape, seed + 1000), strict=True)
    for (name, test), (_, chosen_on) in asked:
        found = {method: best(ways, chosen_on)(test) for method, ways in methods.of(test).items()}
        psnr: dict[str, float | None] = {
            method: None for method in ("fill", "pca", "ridge", "nlm", "mean", "closed", "adam")
        }
        psnr |= {method: test.psnr(pictures) for method, pictures in found.items()}
        rows.append({"missing": name, "nothing": test.psnr(test.given), **psnr})
        shown += [(test.given, found["mean"])]
    if not seed:
        draw(Path(pictures) / f"{dataset.name}.png", tested, shown, shape)
    return rows


def flat(pictures: np.ndarray) -> Pictures:
    """Return pictures as rows of values of 0..1."""
    return pictures.reshape(len(pictures), -1) / 255


def missing(pictures: Pictures, shape: tuple[int, ...], seed: int) -> Iterator[tuple[str, Asked]]:
    """Yield what can be missing of pictures, hidden values being black."""
    rng = np.random.default_rng(seed)
    for name, part in PARTS.items():
        size = (len(pictures), *shape[:2], *[1] * (len(shape) - 2))
        known = known_part(part, shape)[None] if part else rng.random(size) < 0.5
        known = np.broadcast_to(known, (len(pictures), *shape)).reshape(pictures.shape)
        yield name, Asked(pictures, np.where(known, pictures, 0), known)
    for noise in NOISE:
        noisy = as_bytes(np.clip(pictures + noise * rng.standard_normal(pictures.shape), 0, 1)) / 255
        yield f"noise, σ = {noise}", Asked(pictures, noisy, np.zeros(pictures.shape, bool), noise)


def best(ways: list[Method], asked: Asked) -> Method:
    """Return the way with the best PSNR."""
    return ways[0] if len(ways) == 1 else max(ways, key=lambda way: asked.psnr(way(asked)))


class Methods:
    """All methods, after the same pictures."""

    def __init__(self, learned: Pictures, shape: tuple[int, ...], seed: int, steps: int):
        self.learned, self.shape, self.steps, self.average = learned, shape, steps, learned.mean(0)
        self.covariance = np.cov(learned.T, bias=True)
        self.components = np.linalg.eigh(self.covariance)[1][:, ::-1]
        self.models = [self.model(bases, seed) for bases in BASES if bases <= learned.shape[1]]

    def model(self, bases: int, seed: int) -> Autoencoder:
        """Return an autoencoder of pictures alone, in one layer."""
        targets = np.zeros((len(self.learned), 0))
        made = Autoencoder(self.learned.shape[1], 0, (bases,), frozen=True, seed=seed)
        return made.bootstrap(self.learned, targets).learn(self.learned, targets)

    def of(self, asked: Asked) -> dict[str, list[Method]]:
        """Return the ways of each method that goes with what is asked for."""
        pca: list[Method] = [partial(self.projected, count) for count in COMPONENTS if count <= len(self.average)]
        if asked.noise:
            nlm: list[Method] = [partial(self.non_local, one, window) for one in STRENGTHS for window in WINDOWS]
            return {
                "pca": pca,
                "nlm": nlm,
                "mean": [lambda asked: self.models[0].denoise(asked.given, noise=asked.noise)],
            }
        ways: dict[str, list[Method]] = {"fill": [self.filled], "pca": pca}
        ways["ridge"] = [partial(self.regressed, penalty) for penalty in PENALTIES]
        ways["mean"] = [partial(self.inferred, self.models[0], "mean")]
        for method in ("closed", "adam"):
            ways[method] = [partial(self.inferred, model, method) for model in self.models]
        return ways

    def filled(self, asked: Asked) -> Pictures:
        """Return the mean of all that was learned, where nothing is known."""
        return np.where(asked.known, asked.given, self.average)

    def projected(self, count: int, asked: Asked) -> Pictures:
        """Return the nearest pictures in the span of so many principal components, by what is known of them."""
        bases, away = self.components[:, :count], asked.given - self.average
        if asked.noise:
            return self.average + away @ bases @ bases.T
        found = np.empty_like(away)
        for rows, known in patterns(asked.known):
            found[rows] = np.linalg.lstsq(bases[known], away[rows][:, known].T, rcond=1e-6)[0].T @ bases.T
        return np.where(asked.known, asked.given, self.average + found)

    def regressed(self, penalty: float, asked: Asked) -> Pictures:
        """Return what ridge regression on the known pixels says of the others."""
        found, scatter = asked.given.copy(), self.covariance * len(self.learned)
        for rows, known in patterns(asked.known):
            away = asked.given[rows][:, known] - self.average[known]
            weights = np.linalg.solve(
                scatter[known][:, known] + penalty * np.eye(known.sum()), scatter[known][:, ~known]
            )
            found[np.ix_(rows, np.flatnonzero(~known))] = self.average[~known] + away @ weights
        return found

    def non_local(self, strength: float, window: int, asked: Asked) -> Pictures:
        """Return OpenCV's non-local means (Buades et al. 2005)."""
        import cv2

        def clean(picture: np.ndarray) -> np.ndarray:
            if picture.ndim == 2:
                return cv2.fastNlMeansDenoising(picture, None, strength, window, 21)
            return cv2.fastNlMeansDenoisingColored(picture, None, strength, strength, window, 21)

        pictures = as_bytes(asked.given).reshape(-1, *self.shape)
        return flat(np.stack([clean(np.ascontiguousarray(picture)) for picture in pictures]))

    def inferred(self, model: Autoencoder, method: str, asked: Asked) -> Pictures:
        """Return what an autoencoder infers."""
        return model.infer(asked.given, mask=asked.known, method=method, steps=self.steps).inputs


def patterns(known: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the rows of each pattern of known pixels, and the pattern."""
    unique, which = np.unique(known, axis=0, return_inverse=True)
    for index, pattern in enumerate(unique):
        yield np.flatnonzero(which.ravel() == index), pattern


def draw(path: Path, right: Pictures, shown: list[tuple[Pictures, Pictures]], shape: tuple[int, ...]) -> None:
    """Write a grid: the pictures as they are, then what is given and what becomes of it, two rows for each."""
    rows: list[Any] = [right, *(row for pair in shown for row in pair)]
    write_grid(path, np.vstack([row[:SHOWN] for row in rows]), shape, min(SHOWN, len(right)))


if __name__ == "__main__":
    main()
