"""Judges of drawn pictures: two classifiers, the Fréchet distance to real ones in a code, diversity and nearness.

Pictures are uint8 ``[N, H, W]``, with labels ``[N]``.
"""

from dataclasses import dataclass, replace

import frame  # noqa: F401 (before NumPy)
import numpy as np
from findings import Row

from indeependence import ContinualClassifier, Dataset

LEARNED = 20_000  # pictures that the classifiers learn, at most
COMPARED = 10_000  # training pictures among which the nearest is looked for
DIMENSIONS = 64  # of the code in which distributions are compared: principal components of the classifier's code
STEPS, EPOCHS, BATCH = 1000, 20, 64  # of the convolutional network: whatever comes first, and pictures a step


@dataclass(frozen=True, eq=False)
class Judge:
    """Classifiers and a code that know training pictures, and real pictures that drawn ones are compared with."""

    classifier: ContinualClassifier
    network: object  # a Keras model, from pictures [N, H, W, 1] of 0..1 to scores of the classes in order
    classes: np.ndarray
    mean: np.ndarray  # [H] of the codes
    axes: np.ndarray  # [H, DIMENSIONS]
    near: np.ndarray  # [M, D] float32 training pictures
    real: np.ndarray  # [N, H, W] pictures that were not learned
    labels: np.ndarray  # [N] of these

    @classmethod
    def of(cls, dataset: Dataset, each: int, seed: int) -> "Judge":
        """Return the judge that learned the training part; real pictures are ``each`` of every class of the tests."""
        x, y = dataset.x_train[:LEARNED], dataset.y_train[:LEARNED]
        classifier = ContinualClassifier(random_state=seed).fit(x, y)
        codes = classifier.encoder_(x[:2000]).astype(np.float32)
        mean = codes.mean(0)
        _, _, axes = np.linalg.svd(codes - mean, full_matrices=False)
        near = x[:COMPARED].reshape(len(x[:COMPARED]), -1).astype(np.float32)
        real, labels = some_of_each(dataset.x_test, dataset.y_test, each, seed)
        network = convolution(x, np.searchsorted(dataset.classes, y), len(dataset.classes), seed)
        return cls(classifier, network, dataset.classes, mean, axes[:DIMENSIONS].T, near, real, labels)

    def __call__(self, pictures: np.ndarray, labels: np.ndarray) -> Row:
        """Return what is found of ``pictures`` drawn for ``labels``: shares in percent, and relative to real ones."""
        scores = self.network.predict(as_inputs(pictures), verbose=0, batch_size=500)  # type: ignore[attr-defined]
        others = replace(self, real=pictures, labels=labels)
        return {
            "recognised": 100 * float(np.mean(self.classifier.predict(pictures) == labels)),
            "by network": 100 * float(np.mean(self.classes[scores.argmax(1)] == labels)),
            "distance": frechet_distance(self.code(self.real), self.code(pictures)) / 1000,
            "diversity": others.diversity() / self.diversity(),
            "nearest": others.nearest() / self.nearest(),
        }

    def code(self, pictures: np.ndarray) -> np.ndarray:
        """Return the principal components ``[N, DIMENSIONS]`` of the frozen code of pictures."""
        return (self.classifier.encoder_(pictures).astype(np.float32) - self.mean) @ self.axes

    def diversity(self) -> float:
        """Return the mean distance of two pictures of one class."""
        found = []
        for label in self.classes:
            rows = self.real[self.labels == label].reshape(-1, self.near.shape[1]).astype(np.float32)
            found.append(distances(rows, rows).sum() / (len(rows) * (len(rows) - 1)))
        return float(np.mean(found))

    def nearest(self) -> float:
        """Return the mean distance to the nearest training picture: near 0 for copies."""
        rows = self.real.reshape(-1, self.near.shape[1]).astype(np.float32)
        return float(distances(rows, self.near).min(1).mean())


def distances(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return Euclidean distances ``[N, M]`` of rows ``[N, D]`` and ``[M, D]``."""
    squares = (first**2).sum(1)[:, None] + (second**2).sum(1) - 2 * first @ second.T
    return np.sqrt(np.maximum(squares, 0))


def frechet_distance(first: np.ndarray, second: np.ndarray) -> float:
    """Return the squared Fréchet distance of the Gaussians of two samples (Dowson & Landau 1982; Heusel et al. 2017).

    >>> round(frechet_distance(np.array([[0.0], [2.0]]), np.array([[3.0], [5.0]])), 6)
    9.0
    """
    one, other = (np.atleast_2d(np.cov(rows.astype(np.float64), rowvar=False)) for rows in (first, second))
    apart = first.mean(0, dtype=np.float64) - second.mean(0, dtype=np.float64)
    variances, vectors = np.linalg.eigh(one)
    root = (vectors * np.sqrt(np.maximum(variances, 0))) @ vectors.T
    shared = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ other @ root), 0)).sum()
    return float(apart @ apart + np.trace(one) + np.trace(other) - 2 * shared)


def some_of_each(x: np.ndarray, y: np.ndarray, each: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return ``each`` pictures of every class, at random, and their labels."""
    rng = np.random.default_rng(seed)
    rows = np.concatenate([rng.permutation(np.flatnonzero(y == label))[:each] for label in np.unique(y)])
    return x[rows], y[rows]


def as_inputs(pictures: np.ndarray) -> np.ndarray:
    """Return pictures as float32 ``[N, H, W, 1]`` of 0..1."""
    return (pictures.reshape(*pictures.shape[:3], -1) / 255).astype(np.float32)


def convolution(x: np.ndarray, y: np.ndarray, classes: int, seed: int) -> object:
    """Return a small convolutional network that learned the pictures: nothing of it is the project's."""
    import tensorflow as tf

    layers = tf.keras.layers
    tf.keras.utils.set_random_seed(seed)
    network = tf.keras.Sequential(
        [
            layers.Input(as_inputs(x[:1]).shape[1:]),
            layers.Conv2D(16, 3, strides=2, activation="relu"),
            layers.Conv2D(32, 3, strides=2, activation="relu", padding="same"),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(64, activation="relu"),
            layers.Dense(classes),
        ]
    )
    network.compile("adam", tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    epochs = min(EPOCHS, max(1, round(STEPS * BATCH / len(x))))
    network.fit(as_inputs(x), y, epochs=epochs, batch_size=BATCH, verbose=0)
    return network
