"""Drawn pictures before judges: from sums, and by a variational autoencoder.

    python benchmarks/generation.py --data ../shared/data/mnist --data ../shared/data/fashion-mnist

All have seen the same training pictures. Shares are recognised by the project's classifier and by a convolutional
network. The distance is that of Fréchet to test pictures, in the classifier's code, in thousands. Diversity is the mean
distance of two pictures of a class, and nearest that to the nearest training picture, both relative to test pictures.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import frame
import numpy as np
from findings import Row
from picture_judge import Judge, some_of_each
from vae import ConditionalVAE

from indeependence import Dataset
from indeependence.encoder.quantise import as_bytes
from indeependence.models.autoencoder.conditional import leading
from indeependence.models.autoencoder.labelled import LabelledAutoencoder
from indeependence.models.autoencoder.mixture import drawn
from indeependence.moments.ledger import accumulate_by_class
from indeependence.moments.moments import Moments
from indeependence.moments.regression import joint
from indeependence.report.pictures.grid import write_grid

TABLE = (
    "| data | pictures | learned | recognised | by the network | distance | diversity | nearest | MB |\n"
    "| {data} | {way} | {learned} | {recognised:.1f} % | {by network:.1f} % | {distance:.0f} "
    "| {diversity.mean:.2f} | {nearest.mean:.2f} | {mb.mean:.1f} |"
)
COMPONENTS = 30  # of the Gaussian of each class
HIDDEN = 1000  # units of each half of the variational autoencoder: it is about as large as the sums by region
SHOWN = 2  # pictures of a class that each way has in the figure


class Ways:
    """Ways to draw pictures ``[N, D]`` of 0..1 for labels, each with the MB that it keeps."""

    def __init__(self, dataset: Dataset, layers: str, epochs: int, seed: int):
        self.x, self.y = dataset.x_train, dataset.y_train
        self.classes, self.layers, self.epochs, self.seed = dataset.classes, layers, epochs, seed

    @cached_property
    def model(self) -> LabelledAutoencoder:
        """The autoencoder that learned all pictures."""
        model = LabelledAutoencoder(self.classes.tolist(), self.layers, random_state=self.seed)
        return model.bootstrap(self.x).learn([(self.x, self.y)])

    @cached_property
    def parts(self) -> dict[int | str, Moments]:
        """The sums of the pixels of each class."""
        flat = self.x.reshape(len(self.x), -1)
        return accumulate_by_class(Moments.empty("pictures", flat.shape[1]), [(flat, self.y)])

    def means(self, labels: np.ndarray) -> tuple[np.ndarray, float]:
        """Draw the mean of each class."""
        each = {label: joint(sums).mean / 255 for label, sums in self.parts.items()}
        return np.stack([each[label] for label in labels.tolist()]), 8e-6 * self.x[0].size * len(each)

    def gaussians(self, labels: np.ndarray) -> tuple[np.ndarray, float]:
        """Draw from the principal components of each class."""
        rng, drawn = np.random.default_rng(self.seed), np.empty((len(labels), self.x[0].size))
        for label, sums in self.parts.items():
            rows, chosen = joint(sums), labels == label
            variances, vectors = leading(rows.covariance(slice(None)), COMPONENTS)
            deviations = rng.standard_normal((chosen.sum(), COMPONENTS)) * np.sqrt(variances)
            drawn[chosen] = (rows.mean + deviations @ vectors.T) / 255
        return drawn, sum(sums.nbytes for sums in self.parts.values()) / 1e6

    def code(self, labels: np.ndarray) -> tuple[np.ndarray, float]:
        """Draw from the Gaussian of the code given the label."""
        found = self.model.autoencoder.generate(self.model.targets(labels), seed=self.seed)
        return found, self.model.autoencoder.sums.nbytes / 1e6

    def regions(self, labels: np.ndarray) -> tuple[np.ndarray, float]:
        """Draw from a Gaussian for each class and region, as `generate` does."""
        sums = self.model.autoencoder.regions
        return drawn(self.model, labels.tolist(), seed=self.seed), 0.0 if sums is None else sums.nbytes / 1e6

    def _vae(self, labels: np.ndarray, parts: Iterable[np.ndarray]) -> tuple[np.ndarray, float]:
        numbers = np.searchsorted(self.classes, self.y)
        model = ConditionalVAE(self.x[0].size, len(self.classes), HIDDEN, self.seed)
        flat = self.x.reshape(len(self.x), -1) / np.float32(255)
        for rows in parts:
            model.learn(flat[rows], numbers[rows], self.epochs)
        return model.draw(np.searchsorted(self.classes, labels), self.seed), model.bytes_ / 1e6

    def vae(self, labels: np.ndarray) -> tuple[np.ndarray, float]:
        """Draw by a variational autoencoder that was trained on all classes at once."""
        return self._vae(labels, [np.arange(len(self.y))])

    def vae_by_class(self, labels: np.ndarray) -> tuple[np.ndarray, float]:
        """Draw by the same one, trained on one class after another."""
        return self._vae(labels, (np.flatnonzero(self.y == label) for label in self.classes))

    @property
    def named(self) -> dict[str, Callable[[np.ndarray], tuple[np.ndarray, float]]]:
        """All ways by their names in the table."""
        return {
            "class means": self.means,
            f"a Gaussian for each class, {COMPONENTS} components": self.gaussians,
            "a Gaussian of the code given the class": self.code,
            "a Gaussian for each class and region, as `generate`": self.regions,
            "VAE, all classes at once": self.vae,
            "VAE, class by class": self.vae_by_class,
        }


@frame.benchmark("generation", TABLE, seeds=1)
@frame.option("--limit", default=60_000, help="Training pictures.")
@frame.option("--each", default=100, help="Pictures of each class that are judged.")
@frame.option("--layers", default="400", help="Of the autoencoder.")
@frame.option("--epochs", default=10, help="Of the variational autoencoder.")
@frame.option("--only", multiple=True, help="Rows, by a part of their names.")
@frame.option("--held-out", is_flag=True, help="Judge on the last training pictures, as for choosing constants.")
@frame.option("--figure", type=Path, help="Folder for a picture: the first of each class, way after way.")
def main(
    dataset: Dataset,
    seed: int,
    limit: int,
    each: int,
    layers: str,
    epochs: int,
    only: tuple[str, ...],
    held_out: bool,
    figure: Path | None,
) -> list[Row]:
    """Print what judges find in pictures of every way to draw."""
    dataset = frame.held_out(dataset, len(dataset.y_train) // 6) if held_out else dataset
    judge = Judge.of(dataset, each, seed)
    learned = replace(dataset, x_train=dataset.x_train[:limit], y_train=dataset.y_train[:limit])
    pictures, labels = some_of_each(dataset.x_train, dataset.y_train, each, seed)
    told: Row = {"learned": f"{len(learned.y_train):,}"}
    rows = [{"way": "real training pictures", **told, **judge(pictures, labels), "mb": pictures.nbytes / 1e6}]
    shown = [first_of_each(pictures, labels)]
    for way, draw in Ways(learned, layers, epochs, seed).named.items():
        if only and not any(part in way for part in only):
            continue
        values, megabytes = draw(labels)
        found = as_bytes(np.clip(values, 0, 1)).reshape(-1, *dataset.x_train.shape[1:])
        rows.append({"way": way, **told, **judge(found, labels), "mb": megabytes})
        shown.append(first_of_each(found, labels))
    if figure and not seed:
        whole = np.concatenate(shown).reshape(-1, pictures[0].size) / 255
        write_grid(figure / f"{Path(dataset.name).stem}.png", whole, pictures.shape[1:], len(dataset.classes))
    return rows


def first_of_each(pictures: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return rows of the first pictures, one class in each column, ``[SHOWN, C, H, W]``."""
    return np.stack([pictures[labels == label][:SHOWN] for label in np.unique(labels)], axis=1)


if __name__ == "__main__":
    main()
