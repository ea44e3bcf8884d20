"""Small networks on noisy test pictures: dropout, batch normalisation, k-winners and sparse weights beside plain ReLU.

    python benchmarks/noise_layers.py --data ../shared/data/mnist

All have the same sizes, the same optimiser and the same pictures, all of them clean, and differ in one layer each. The
levels of noise are those at which a k-winner network of tiny-dnn was measured (PUBLISHED). Nothing was chosen by this
table.
"""

from typing import Any

import click
import frame
import keras
import numpy as np
from findings import Row

from indeependence import Dataset
from indeependence.experiment.noise import noise_curve
from indeependence.sparse import KWinners, KWinners2D, SparseConv2D, SparseDense

LEVELS = (0.0, 0.3, 0.5, 0.8)
PUBLISHED = (94.4, 69.6, 54.8, 25.7)
UNITS, FILTERS, SIZE, STEP = 300, 16, 5, 2
WINNING, DENSITY = 0.1, 0.3
BATCH, RATE = 64, 1e-3
L = keras.layers
NETWORKS = {
    "dense, ReLU": lambda: [L.Flatten(), L.Dense(UNITS), L.ReLU()],
    "dense, ReLU, dropout": lambda: [L.Flatten(), L.Dense(UNITS), L.ReLU(), L.Dropout(0.5)],
    "dense, batch norm, ReLU": lambda: [L.Flatten(), L.Dense(UNITS), L.BatchNormalization(), L.ReLU()],
    "dense, k-winners": lambda: [L.Flatten(), L.Dense(UNITS), KWinners(WINNING)],
    "sparse weights, ReLU": lambda: [L.Flatten(), SparseDense(UNITS, DENSITY), L.ReLU()],
    "sparse weights, k-winners": lambda: [L.Flatten(), SparseDense(UNITS, DENSITY), KWinners(WINNING)],
    "convolution, ReLU": lambda: [L.Conv2D(FILTERS, SIZE, STEP), L.ReLU(), L.Flatten()],
    "convolution, k-winners": lambda: [L.Conv2D(FILTERS, SIZE, STEP), KWinners2D(WINNING, over="map"), L.Flatten()],
    "sparse convolution, k-winners": lambda: [
        SparseConv2D(FILTERS, SIZE, DENSITY, strides=STEP),
        KWinners2D(WINNING, over="map"),
        L.Flatten(),
    ],
}
TABLE = (
    f"| data | network | {' | '.join(f'noise {level:g}' for level in LEVELS)} | weights |\n"
    f"| {{data}} | {{network}} | {' | '.join(f'{{accuracy[{i}]:.1f}} %' for i in range(len(LEVELS)))} "
    "| {weights.mean:,.0f} |"
)


@frame.benchmark("noise_layers", TABLE)
@frame.option("--network", "networks", multiple=True, type=click.Choice(list(NETWORKS)), default=list(NETWORKS))
@frame.option("--limit", default=10_000, help="Training examples.")
@frame.option("--tests", default=2000, help="Test examples.")
@frame.option("--epochs", default=3)
def main(dataset: Dataset, seed: int, networks: tuple[str, ...], limit: int, tests: int, epochs: int) -> list[Row]:
    """Measure the accuracy of each network in percent, by level of noise on the test pictures."""
    rows = np.random.default_rng(seed).permutation(len(dataset.y_train))[:limit]
    x, y = scaled(dataset.x_train[rows]), np.searchsorted(dataset.classes, dataset.y_train[rows])
    labels, told = np.asarray(dataset.classes), []
    for name in networks:
        keras.utils.set_random_seed(seed)
        top = L.Dense(len(labels))
        model = keras.Sequential([keras.Input(x.shape[1:]), *NETWORKS[name](), top])
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(keras.optimizers.Adam(RATE), loss)
        model.fit(x, y, batch_size=BATCH, epochs=epochs, verbose=0)

        def predict(inputs: np.ndarray, model: Any = model) -> np.ndarray:
            return labels[np.asarray(model(scaled(inputs), training=False)).argmax(1)]

        curve = noise_curve(predict, dataset.x_test[:tests], dataset.y_test[:tests], levels=LEVELS, seed=seed)
        accuracy = (100 * np.array(curve.accuracies)).tolist()
        told.append({"network": name, "accuracy": accuracy, "weights": weights_of(model)})
    return told


def weights_of(model: keras.Model) -> int:
    """Return the number of weights in kernels, without those that a mask keeps out."""
    layers = [layer for layer in model.layers if hasattr(layer, "kernel")]
    return sum(int(np.sum(layer.mask)) if hasattr(layer, "mask") else layer.kernel.numpy().size for layer in layers)


def scaled(inputs: np.ndarray) -> np.ndarray:
    """Return grey pictures as float32 ``[N, H, W, 1]`` from 0 to 1."""
    return (inputs.astype(np.float32) / 255)[..., None]


if __name__ == "__main__":
    main()
