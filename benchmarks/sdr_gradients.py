"""Binary codes trained by gradients: soft k-winners and triplet loss, beside ReLU and softmax in the same network.

    python benchmarks/sdr_gradients.py --data ../shared/data/mnist

All classes at once, as the published figure of about 97.3 % was: 512 units, 5 % of them active, binary code, nearest
class centroid. Epochs and constants were chosen with --held-out, on the last sixth of the training part.
"""

import time
from typing import Any

import frame
import keras
import numpy as np
from findings import Row

from indeependence import Dataset
from indeependence.binary_codes.centroids import counted_centroids
from indeependence.binary_codes.duty import duty_entropy, duty_of
from indeependence.binary_codes.sdr import SDR
from indeependence.moments.moments import Moments
from indeependence.sparse import ContrastiveLoss, SoftKWinners, TripletLoss

HIDDEN = 512
BATCH = 200
HARDNESS = (5.0, 20.0)  # at the beginning and at the end
LOSSES = {  # margins are distances between codes
    "soft k-winners + triplet, nearest centroid": TripletLoss(2.0, mining="all"),
    "soft k-winners + contrastive, nearest centroid": ContrastiveLoss(7.0),
    "ReLU + softmax": "sparse_categorical_crossentropy",
}
TABLE = (
    "| data | network | accuracy | duty entropy | CPU seconds |\n"
    "| {data} | {network} | {accuracy:.2f} % | {entropy.mean:.1f} bits | {cpu_seconds.mean:.0f} |"
)


@frame.benchmark("sdr_gradients", TABLE)
@frame.option("--units", default=512)
@frame.option("--active", default=26)
@frame.option("--epochs", default=4)
@frame.option("--held-out", is_flag=True, help="Measure on a sixth of the training part.")
def main(dataset: Dataset, seed: int, units: int, active: int, epochs: int, held_out: bool) -> list[Row]:
    """Measure accuracy, the entropy of the binary codes, and processor time of each network."""
    dataset = frame.held_out(dataset, -(-len(dataset.y_train) // 6)) if held_out else dataset
    told = []
    for name in LOSSES:
        began = time.process_time()
        accuracy, entropy = trained(name, dataset, (units, active), epochs, seed)
        seconds = time.process_time() - began
        told.append({"network": name, "accuracy": 100 * accuracy, "entropy": entropy, "cpu_seconds": seconds})
    return told


def trained(name: str, dataset: Dataset, size: tuple[int, int], epochs: int, seed: int) -> tuple[float, float | None]:
    """Return the accuracy on the test part, and the entropy of the binary codes there; none of softmax."""
    keras.utils.set_random_seed(seed)
    top = np.float32(dataset.x_train.max())
    x, x_test = (part.reshape(len(part), -1) / top for part in (dataset.x_train, dataset.x_test))
    y, y_test = (np.searchsorted(dataset.classes, labels) for labels in (dataset.y_train, dataset.y_test))
    steps = epochs * -(-len(x) // BATCH)
    model = network(LOSSES[name], x.shape[1], size, len(dataset.classes), steps)
    model.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(1e-3, steps)), LOSSES[name])
    model.fit(x, y, epochs=epochs, batch_size=BATCH, verbose=0)
    answers, told = (model.predict(part, batch_size=1000, verbose=0) for part in (x_test, x))
    if isinstance(LOSSES[name], str):
        return float(np.mean(answers.argmax(1) == y_test)), None
    sums = Moments.empty("network", told.shape[1]).learn([(told.astype(np.uint8), y)])
    nearest = counted_centroids(sums).nearest(SDR.of(answers))
    return float(np.mean(nearest == y_test)), duty_entropy(duty_of(answers))


def network(loss: Any, inputs: int, size: tuple[int, int], classes: int, steps: int) -> keras.Model:
    """Return two layers of 512 with soft k-winners on top, or ReLU and softmax."""
    units, active = size
    hardness = keras.optimizers.schedules.PolynomialDecay(HARDNESS[0], steps, HARDNESS[1])
    top = [keras.layers.BatchNormalization(), SoftKWinners(active, hardness=hardness)]
    if isinstance(loss, str):
        top = [keras.layers.ReLU(), keras.layers.Dense(classes, activation="softmax")]
    layers = [keras.layers.Dense(HIDDEN, activation="relu"), keras.layers.Dense(units), *top]
    return keras.Sequential([keras.Input((inputs,)), *layers])


if __name__ == "__main__":
    main()
