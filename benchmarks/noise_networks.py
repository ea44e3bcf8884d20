"""Convolutional networks on noisy test pictures, with k-winners and sparse weights or without.

    python benchmarks/noise_networks.py --data ../shared/data/mnist

They are trained on all classes at once and know of no noise, both with the optimiser and schedule published for the
sparse one ("Sparse CNN-2"); the epoch is chosen by clean pictures held out from training. Tables and figure are those
of `benchmarks/noise.py`, and the rows go to the same file.
"""

from typing import Any

import click
import frame
import keras
import numpy as np
from findings import Row
from noise import Labels, measure, tested

from indeependence import Dataset
from indeependence.sparse import convolutional_network

METHODS = ("sparse", "dense")
HELD_OUT = 5000  # training pictures that choose the number of epochs
RATE = 0.02  # of plain SGD; all three as published
SLOWER = 0.8  # its factor from epoch to epoch
FIRST_BATCH = 4  # pictures a step in the first epoch; 64 later


@click.command()
@frame.option("--method", "methods", multiple=True, type=click.Choice(METHODS), default=METHODS)
@frame.option("--epochs", type=click.IntRange(1), default=4, help="At most.")
@frame.option("--variance", default=1 / 3, help="Of the first weights, by fan-in; He's is 2.")
@tested
def main(methods: tuple[str, ...], **choice: Any) -> None:
    """Print scores and accuracies, and draw the curves of all runs in the file."""
    measure(methods, trained, choice)


def trained(method: str, dataset: Dataset, choice: dict[str, Any], seed: int) -> tuple[Labels, Row]:
    """Return a network trained on all classes, as labels of inputs; the best epoch on held-out pictures."""
    keras.utils.set_random_seed(seed)
    rows = np.random.default_rng(seed).permutation(len(dataset.y_train))[: choice["limit"]]
    x, y = scaled(dataset.x_train[rows]), np.searchsorted(dataset.classes, dataset.y_train[rows])
    held = min(HELD_OUT, len(rows) // 5)
    model = network(method, x.shape[1:], len(dataset.classes), choice["variance"], seed)
    best, chosen, about = -1.0, model.get_weights(), {}
    for epoch in range(choice["epochs"]):
        model.optimizer.learning_rate = RATE * SLOWER**epoch
        model.fit(x[held:], y[held:], batch_size=64 if epoch else FIRST_BATCH, epochs=1, verbose=0)
        accuracy = model.evaluate(x[:held], y[:held], batch_size=500, verbose=0)[1]
        if accuracy > best:
            best, chosen, about = accuracy, model.get_weights(), {"epochs": epoch + 1, "held_out": accuracy}
    model.set_weights(chosen)
    labels = np.asarray(dataset.classes)
    return lambda inputs: labels[model(scaled(inputs)).numpy().argmax(1)], about


def network(method: str, shape: tuple[int, ...], classes: int, variance: float, seed: int) -> keras.Model:
    """Return the network of that name, ready to be trained."""
    boost = keras.optimizers.schedules.ExponentialDecay(1.5, 800, 0.85)
    model = convolutional_network(shape, classes, sparse=method == "sparse", boost=boost, variance=variance, seed=seed)
    model.compile(keras.optimizers.SGD(RATE), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def scaled(inputs: np.ndarray) -> np.ndarray:
    """Return grey pictures as float32 ``[N, H, W, 1]`` of about mean 0 and deviation 1, as MNIST's are scaled."""
    return ((inputs.astype(np.float32) / 255 - 0.1307) / 0.3081)[..., None]


if __name__ == "__main__":
    main()
