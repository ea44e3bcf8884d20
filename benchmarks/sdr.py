"""Binary codes of pictures, learned class by class from sums alone: nearest centroid and reconstruction.

    python benchmarks/sdr.py --data ../shared/data/mnist

Every seed has its own order of classes; the encoder and the unlabelled codes know the first class alone. With
--held-out the last sixth of the training part is left out and stands in for the test part.
"""

import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click
import frame
import numpy as np
from findings import Row

from indeependence import ContinualClassifier, Dataset, load_dataset
from indeependence.binary_codes.centroids import code_sums, counted_centroids, expected_centroids
from indeependence.binary_codes.duty import duty_entropy, duty_of
from indeependence.binary_codes.embedding import Embedding, labelled_embedding, unlabelled_embedding
from indeependence.binary_codes.reconstruction import (
    PictureSums,
    counted_decoder,
    expected_decoder,
    picture_rows,
    reconstruction_error,
)
from indeependence.models.readout import predict
from indeependence.moments.centred import centre
from indeependence.moments.gram import mirrored_upper
from indeependence.moments.moments import Moments
from indeependence.moments.regression import joint
from indeependence.moments.ridge import best_ridge

PIECE = 2000  # pictures encoded at a time
CODES = (
    "| code | accuracy | reconstruction error | duty entropy |\n"
    "| {code} | {accuracy:.2f} % | {error:.3f} | {entropy:.1f} bits |"
)


@dataclass(frozen=True, eq=False)
class Learned:
    """What is kept after the last class: never a picture."""

    model: ContinualClassifier
    pictures: PictureSums  # encoder codes with pixels
    fixed: Embedding  # unlabelled, from the sums of the first class
    codes: Moments  # of its binary codes
    rows: Moments  # of its binary codes beside pixels

    @property
    def size(self) -> tuple[int, int]:
        """Return the units of a code, and how many of them are active."""
        return self.codes.units, self.fixed.active

    @property
    def mean(self) -> np.ndarray:
        """Return the mean picture."""
        return joint(self.rows).mean[self.codes.units :]


@click.command()
@frame.data_option
@frame.option("--units", default=512)
@frame.option("--active", default=26)
@frame.option("--layers", default="auto")
@frame.option(
    "--held-out", is_flag=True, help="Measure on a sixth of the training part; the test part is not looked at."
)
@frame.option("--seeds", default=5)
@frame.output_option("sdr")
def main(data: str, units: int, active: int, layers: str, held_out: bool, seeds: int, output: Path) -> None:
    """Print the figures of each kind of code."""
    facts, dataset = frame.header(range(seeds)), load_dataset(data)
    dataset = frame.held_out(dataset, -(-len(dataset.y_train) // 6)) if held_out else dataset
    rows = frame.over_seeds(partial(run, dataset, (units, active), layers), range(seeds))
    frame.publish(output, facts, codes=(CODES, rows))


def run(dataset: Dataset, size: tuple[int, int], layers: str, seed: int) -> list[Row]:
    """Return all figures of one seed: a row for each kind of code."""
    began = time.process_time()
    learned = learn(dataset, size, layers, seed)
    test = learned.model.encoder_(dataset.x_test)
    codes = measure(learned, test, dataset.x_test, dataset.y_test, seed)
    codes["classifier"]["cpu_seconds"] = time.process_time() - began
    return [{"code": code, **row} for code, row in codes.items()]


def learn(dataset: Dataset, size: tuple[int, int], layers: str, seed: int) -> Learned:
    """Learn one class after another; nothing stays of a class but its sums when the next one begins."""
    x, y, order = dataset.x_train, dataset.y_train, np.random.default_rng(seed).permutation(dataset.classes)
    model = ContinualClassifier(layers, random_state=seed).bootstrap(x[y == order[0]])
    encoder = model.encoder_
    pictures, rows = PictureSums.empty(encoder.units, x[0].size), Moments.empty("rows", size[0] + x[0].size)
    for number, label in enumerate(order):
        places = np.flatnonzero(y == label)
        pieces = [places[start : start + PIECE] for start in range(0, len(places), PIECE)]
        pairs = [(encoder(x[piece]), y[piece]) for piece in pieces]
        model.add(Moments.empty(encoder.fingerprint, encoder.units).learn(pairs))
        if number == 0:
            fixed = unlabelled_embedding(model.moments_, *size, seed=seed)
            codes = Moments.empty(fixed.fingerprint, size[0])
        for (part, labels), piece in zip(pairs, pieces, strict=True):
            bits = fixed(part)
            pictures = pictures.learn(part, x[piece], labels)
            codes += code_sums(fixed, bits, labels)
            rows = rows.learn([(picture_rows(bits, x[piece]), labels)])
    return Learned(model, pictures, fixed, codes, rows)


def measure(learned: Learned, test: np.ndarray, x: np.ndarray, y: np.ndarray, seed: int) -> dict[str, Row]:
    """Return accuracy in percent, reconstruction error and entropy of the test part's codes of each kind."""
    fixed, model = learned.fixed(test), learned.model
    reading = best_ridge(centre(learned.codes))
    read = np.array(reading.labels)[reading.scores(fixed.bits).argmax(1)]
    decoded = counted_decoder(learned.rows, learned.size[0])(fixed)
    return {
        "classifier": {"accuracy": share(predict(model.weights, test), y)},
        "labelled": labelled(learned, test, x, y, seed),
        "class scores alone": labelled(learned, test, x, y, seed, variation=0.0),
        "unlabelled": {
            "accuracy": share(counted_centroids(learned.codes).nearest(fixed), y),
            "error": reconstruction_error(x, decoded, learned.mean),
            "entropy": duty_entropy(duty_of(fixed.bits)),
        },
        "unlabelled, ridge on the bits": {"accuracy": share(read, y)},
        "unlabelled scores before k-winners": {
            "error": reconstruction_error(x, from_scores(learned, test), learned.mean)
        },
        "class means": {"error": reconstruction_error(x, class_means(learned, y), learned.mean)},
    }


def share(answers: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of right answers in percent."""
    return 100 * float(np.mean(answers == labels))


def labelled(learned: Learned, test: np.ndarray, x: np.ndarray, y: np.ndarray, seed: int, **options: Any) -> Row:
    """Return the figures of labelled codes; all but the test comes from sums."""
    sums, weights = learned.model.moments_, learned.model.weights
    embedding = labelled_embedding(sums, *learned.size, seed=seed, weights=weights, **options)
    codes = embedding(test)
    decoded = expected_decoder(embedding, sums, learned.pictures, seed=seed)(codes)
    return {
        "accuracy": share(expected_centroids(embedding, sums, seed=seed).nearest(codes), y),
        "error": reconstruction_error(x, decoded, learned.mean),
        "entropy": duty_entropy(duty_of(codes.bits)),
    }


def from_scores(learned: Learned, test: np.ndarray) -> np.ndarray:
    """Return pictures told linearly from the real-valued scores, from sums: what binarising starts from."""
    sums, bases, mean = learned.model.moments_, learned.fixed.bases.astype(np.float64), learned.mean
    code_mean = sums.code_sum / sums.count
    covariance = bases.T @ (mirrored_upper(sums.products) / sums.count - np.outer(code_mean, code_mean)) @ bases
    cross = bases.T @ (learned.pictures.cross / sums.count - np.outer(code_mean, mean))
    scale = covariance.diagonal().mean()
    weights = np.linalg.solve(covariance + 1e-6 * scale * np.eye(len(covariance)), cross)
    return (learned.fixed.scores(test) + learned.fixed.offset - code_mean @ bases) @ weights + mean


def class_means(learned: Learned, labels: np.ndarray) -> np.ndarray:
    """Return the mean picture of each example's class ``[N, D]``."""
    sums = learned.model.moments_
    counts = dict(zip(sums.labels, sums.counts.tolist(), strict=True))
    return np.stack([learned.pictures.by_class[label] / counts[label] for label in labels.tolist()])


if __name__ == "__main__":
    main()
