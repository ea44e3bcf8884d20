"""What binary codes know about pictures and about labels in the course of training: by gradients, and from sums.

    python benchmarks/information_plane.py --data ../shared/data/mnist --figure docs/images/information.png

Both kinds of codes have 100 units, 5 active. The network is that of `benchmarks/soft_winners.py`, with a falling number
of winners; codes from sums are the labelled ones of `sparse embed`. Both are measured on test pictures.

Bits about the picture: mutual information with its 30 principal components, as if both were Gaussian. Bits about the
label: those that a readout can use, solved from sums of the codes of the training part; a lower bound.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import frame
import keras
import numpy as np
from findings import Cell, Row
from soft_winners import ACTIVE, UNITS, fit, network

from indeependence import ContinualClassifier, Dataset
from indeependence.binary_codes.embedding import labelled_embedding
from indeependence.moments.centred import centre
from indeependence.moments.information import mutual_information, usable_information
from indeependence.moments.moments import Moments
from indeependence.moments.regression import Joint
from indeependence.moments.ridge import best_ridge

COMPONENTS = 30  # of a picture
TOP = 255  # of a set bit, like white
AFTER = (0, 3, 10, 30, 100, 300)  # steps of gradient descent
LEARNED = (30, 100, 300, 1000, 3000)  # examples in the sums
LAYERS = {28: "patches:16:size=7:pool=6:stride=4,+sparse:200"}  # by the side of the pictures
TABLE = (
    "| codes | after | accuracy | bits about the picture | bits about the label |\n"
    "| {codes} | {after} | {accuracy:.1f} % | {picture:.2f} | {label:.2f} |"
)
Bits = Callable[[np.ndarray], np.ndarray]  # of pictures


def draw(rows: list[Row], path: Path) -> None:
    """Draw the plane: a point for each moment of training, joined in their order."""
    labels = {"xlabel": "bits about the picture", "ylabel": "bits about the label"}
    data = dict.fromkeys(row["data"] for row in rows)
    with frame.figure(path, data, **labels) as panels:
        for title, axes in panels.items():
            axes.axhline(np.log2(10), color="grey", linestyle="--", label="entropy of ten labels")
            for index, codes in enumerate(dict.fromkeys(row["codes"] for row in rows)):
                own = [row for row in rows if (row["data"], row["codes"]) == (title, codes)]
                x, y = ([Cell.of(row[name]).value for row in own] for name in ("picture", "label"))
                axes.plot(x, y, **frame.look(index), label=codes)
                for number, place in enumerate(zip(x, y, strict=True)):
                    offset = (4, -10) if number % 2 else (-4, 6)
                    name = own[number]["after"].split()[0]
                    axes.annotate(name, place, offset, textcoords="offset points", fontsize=7)


@frame.benchmark("information_plane", TABLE, draw=draw)
@frame.option("--limit", default=5000, help="Training examples.")
@frame.option("--tests", default=5000, help="Test examples at most.")
def main(dataset: Dataset, seed: int, limit: int, tests: int) -> list[Row]:
    """Measure the points of both paths."""
    rows = np.random.default_rng(seed).permutation(len(dataset.y_train))[:limit]
    x, x_test = dataset.x_train[rows], dataset.x_test[:tests]
    y, y_test = (np.searchsorted(dataset.classes, part) for part in (dataset.y_train[rows], dataset.y_test[:tests]))
    parts = principal(x, x_test)
    told = []
    for name, path in (("trained by gradients", by_gradients), ("from sums", from_sums)):
        for after, learned, bits in path(x, y, x_test, seed):
            told.append({"codes": name, "after": after, **point(learned, y, bits, y_test, parts)})
    return told


def principal(x: np.ndarray, x_test: np.ndarray) -> np.ndarray:
    """Return the leading components ``[N, 30]`` of test pictures, along directions of the training part."""
    flat = x.reshape(len(x), -1).astype(np.float64)
    vectors = np.linalg.eigh(np.cov(flat.T))[1][:, -COMPONENTS:]
    return (x_test.reshape(len(x_test), -1) - flat.mean(0)) @ vectors


def point(learned: np.ndarray, y: np.ndarray, bits: np.ndarray, y_test: np.ndarray, parts: np.ndarray) -> Row:
    """Return accuracy in percent, and bits about picture and label, of codes ``bits [N, U]`` of test pictures."""
    rows = np.hstack([TOP * bits.astype(np.float64), parts])
    mean = rows.mean(0)
    joint = Joint(len(rows), mean, (rows - mean).T @ (rows - mean))
    weights = best_ridge(centre(Moments.empty("codes", UNITS).learn([(learned.astype(np.uint8), y)])))
    scores = weights.scores(bits)
    return {
        "accuracy": 100 * float(np.mean(scores.argmax(1) == y_test)),
        "picture": mutual_information(joint, slice(0, UNITS), slice(UNITS, rows.shape[1])),
        "label": usable_information(weights.probabilities(scores), y_test),
    }


def by_gradients(x: np.ndarray, y: np.ndarray, x_test: np.ndarray, seed: int) -> Iterator[tuple]:
    """Yield the step, and codes of training and test pictures after it."""
    keras.utils.set_random_seed(seed)
    flat, flat_test = (part.reshape(len(part), -1) / np.float32(x.max()) for part in (x, x_test))
    model, found = network(flat.shape[1], AFTER[-1], falling=True), []

    def note(step: int) -> None:
        if step in AFTER:
            learned, bits = (
                np.concatenate([model(part[i : i + 1000]) for i in range(0, len(part), 1000)])
                for part in (flat, flat_test)
            )
            found.append((f"{step} steps", learned, bits))

    note(0)
    steps = iter(range(1, 10**9))
    fit(
        model,
        flat,
        y,
        AFTER[-1],
        [keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: note(next(steps)))],
    )
    yield from found


def from_sums(x: np.ndarray, y: np.ndarray, x_test: np.ndarray, seed: int) -> Iterator[tuple]:
    """Yield the number of examples in the sums, and codes of training and test pictures from these sums."""
    layers = LAYERS.get(x.shape[1], "auto")
    model = ContinualClassifier(layers, random_state=seed).bootstrap(x[:1000])
    codes, test = model.encoder_(x), model.encoder_(x_test)
    for count in (*(count for count in LEARNED if count < len(x)), len(x)):
        sums = Moments.empty(model.encoder_.fingerprint, model.encoder_.units).learn([(codes[:count], y[:count])])
        embedding = labelled_embedding(sums, UNITS, ACTIVE, seed=seed)
        yield f"{count:,} examples", embedding(codes).bits, embedding(test).bits


if __name__ == "__main__":
    main()
