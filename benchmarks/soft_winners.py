"""What synaptic scaling and a falling number of winners add to binary codes that are trained by gradients.

    python benchmarks/soft_winners.py --data digits --data ../shared/data/mnist

The network and the triplet loss are those of `benchmarks/sdr_gradients.py`, with a fifth of the units. Each seed draws
the training examples and the first weights; nothing was chosen by this table.
"""

from typing import Any

import frame
import keras
import numpy as np
from findings import Row
from sdr_gradients import HARDNESS

from indeependence import Dataset
from indeependence.binary_codes.centroids import counted_centroids
from indeependence.binary_codes.duty import duty_entropy, duty_of
from indeependence.binary_codes.sdr import SDR
from indeependence.moments.moments import Moments
from indeependence.sparse import SoftKWinners, SynapticScaling, TripletLoss

UNITS, ACTIVE = 100, 5
FIRST = 30  # that win at the beginning, where their number falls
BATCH = 100
WAYS = {  # whether weights are scaled, whether the number of winners falls
    "soft k-winners": (False, False),
    "with synaptic scaling": (True, False),
    "with a falling number of winners": (False, True),
    "with both": (True, True),
}
TABLE = (
    "| data | network | accuracy | duty entropy | units never active |\n"
    "| {data} | {network} | {accuracy:.2f} % | {entropy:.1f} bits | {silent:.1f} |"
)


@frame.benchmark("soft_winners", TABLE)
@frame.option("--limit", default=5000, help="Training examples.")
@frame.option("--steps", default=300)
def main(dataset: Dataset, seed: int, limit: int, steps: int) -> list[Row]:
    """Measure accuracy by the nearest centroid, and how evenly the units are used, of each way."""
    rows = np.random.default_rng(seed).permutation(len(dataset.y_train))[:limit]
    top = np.float32(dataset.x_train.max())
    x, x_test = (part.reshape(len(part), -1) / top for part in (dataset.x_train[rows], dataset.x_test))
    y, y_test = (np.searchsorted(dataset.classes, part) for part in (dataset.y_train[rows], dataset.y_test))
    told = []
    for name, way in WAYS.items():
        model = trained(x, y, steps, seed, *way)
        learned, found = (model.predict(part, batch_size=1000, verbose=0) for part in (x, x_test))
        sums = Moments.empty("network", UNITS).learn([(learned.astype(np.uint8), y)])
        right = np.mean(counted_centroids(sums).nearest(SDR.of(found)) == y_test)
        duty = duty_of(found)
        silent = int((duty == 0).sum())
        told.append({"network": name, "accuracy": 100 * right, "entropy": duty_entropy(duty), "silent": silent})
    return told


def trained(x: np.ndarray, y: np.ndarray, steps: int, seed: int, scaling: bool, falling: bool) -> keras.Model:
    """Return the network after so many steps."""
    keras.utils.set_random_seed(seed)
    model = network(x.shape[1], steps, falling)
    fit(model, x, y, steps, [SynapticScaling("scaled", "winners")] if scaling else [])
    return model


def network(inputs: int, steps: int, falling: bool) -> keras.Model:
    """Return the network, ready to be trained for so many steps."""
    decay = keras.optimizers.schedules.PolynomialDecay
    options: dict[str, Any] = {"hardness": decay(HARDNESS[0], steps, HARDNESS[1])}
    if falling:
        options["k_training"] = decay(float(FIRST), steps // 2, float(ACTIVE))
    layers = [
        keras.layers.Dense(UNITS, activation="relu"),
        keras.layers.Dense(UNITS, name="scaled"),
        SoftKWinners(ACTIVE, name="winners", **options),
    ]
    model = keras.Sequential([keras.Input((inputs,)), *layers])
    rate = keras.optimizers.schedules.CosineDecay(1e-3, steps)
    model.compile(keras.optimizers.Adam(rate), TripletLoss(2.0, mining="all"))
    return model


def fit(model: keras.Model, x: np.ndarray, y: np.ndarray, steps: int, callbacks: list) -> None:
    """Train for as many epochs as have so many steps."""
    epochs = -(-steps // -(-len(x) // BATCH))
    model.fit(x, y, batch_size=BATCH, epochs=epochs, callbacks=callbacks, verbose=0)


if __name__ == "__main__":
    main()
