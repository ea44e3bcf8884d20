"""Binary codes trained by gradients: soft k-winners and triplet loss, beside ReLU and softmax in the same network.

    python benchmarks/sdr_gradients.py --data ../shared/data/mnist

All classes at once, as the published figure of about 97.3 % was: 512 units, 5 % of them active, binary code, nearest
class centroid. Epochs and constants were chosen with --held-out, on the last sixth of the training part.
"""

from __future__ import annotations

import shlex
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from accuracy import matrix_rate  # noqa: E402
from sdr import parts_of  # noqa: E402

from indeependence.machine import use_wide_vectors  # noqa: E402

if TYPE_CHECKING:
    import numpy as np

HIDDEN = 512
BATCH = 200
HARDNESS = (5.0, 20.0)  # at the beginning and at the end
MARGINS = {"triplet": 2.0, "contrastive": 7.0}  # of the losses, in distances between codes


@click.command()
@click.option("--data", default="digits", show_default=True)
@click.option("--units", default=512, show_default=True)
@click.option("--active", default=26, show_default=True)
@click.option("--epochs", default=4, show_default=True)
@click.option("--seeds", default=5, show_default=True)
@click.option("--held-out", is_flag=True, help="Measure on a sixth of the training part.")
def main(data: str, units: int, active: int, epochs: int, seeds: int, held_out: bool) -> None:
    """Print one line a network and loss, with each seed's accuracy."""
    use_wide_vectors()
    import numpy as np

    from indeependence import load_dataset

    click.echo(f"command: {shlex.join(['python', *sys.argv])}\nmatrix product: {matrix_rate():.0f} GFLOP/s float32\n")
    x, y, x_test, y_test = parts_of(load_dataset(data), held_out=held_out)
    x, x_test = (part.reshape(len(part), -1) / np.float32(x.max()) for part in (x, x_test))
    classes = np.unique(y)
    parts = (x, np.searchsorted(classes, y), x_test, np.searchsorted(classes, y_test))
    click.echo("| network | accuracy | each seed | duty entropy | CPU seconds |\n| --- | --- | --- | --- | --- |")
    for name in (*MARGINS, "softmax"):
        told = []
        for seed in range(seeds):
            began = time.process_time()
            accuracy, entropy = trained(name, parts, (units, active), epochs, seed)
            told.append((100 * accuracy, entropy, time.process_time() - began))
        click.echo(line(name, told))


def trained(name: str, parts: tuple, size: tuple[int, int], epochs: int, seed: int) -> tuple[float, float]:
    """Accuracy on the test part, and the entropy of the binary codes there (0 for softmax)."""
    import keras
    import numpy as np

    x, y, x_test, y_test = parts
    keras.utils.set_random_seed(seed)
    steps = epochs * -(-len(x) // BATCH)
    model = network(name, x.shape[1], size, int(y.max()) + 1, steps)
    rate = keras.optimizers.schedules.CosineDecay(1e-3, steps)
    model.compile(keras.optimizers.Adam(rate), loss_of(name))
    model.fit(x, y, epochs=epochs, batch_size=BATCH, verbose=0)
    answers, told = (model.predict(part, batch_size=1000, verbose=0) for part in (x_test, x))
    if name == "softmax":
        return float(np.mean(answers.argmax(1) == y_test)), 0.0
    return by_centroid(told, y, answers, y_test)


def network(name: str, inputs: int, size: tuple[int, int], classes: int, steps: int) -> Any:
    """Two layers of 512 with soft k-winners on top, or ReLU and softmax."""
    import keras

    from indeependence.sparse import SoftKWinners

    units, active = size
    hardness = keras.optimizers.schedules.PolynomialDecay(HARDNESS[0], steps, HARDNESS[1])
    code = [keras.layers.BatchNormalization(), SoftKWinners(active, hardness=hardness)]
    top = [keras.layers.ReLU(), keras.layers.Dense(classes, activation="softmax")] if name == "softmax" else code
    layers = [keras.layers.Dense(HIDDEN, activation="relu"), keras.layers.Dense(units), *top]
    return keras.Sequential([keras.Input((inputs,)), *layers])


def loss_of(name: str) -> Any:
    """The Keras loss of that name."""
    from indeependence.sparse import ContrastiveLoss, TripletLoss

    if name == "softmax":
        return "sparse_categorical_crossentropy"
    return TripletLoss(MARGINS[name], mining="all") if name == "triplet" else ContrastiveLoss(MARGINS[name])


def by_centroid(told: np.ndarray, y: np.ndarray, answers: np.ndarray, y_test: np.ndarray) -> tuple[float, float]:
    """Accuracy of the nearest centroid of the training codes, and the entropy of the test codes."""
    import numpy as np

    from indeependence.binary_codes.centroids import counted_centroids
    from indeependence.binary_codes.duty import duty_entropy, duty_of
    from indeependence.binary_codes.sdr import SDR
    from indeependence.moments.moments import Moments, accumulate

    sums = accumulate(Moments.empty("network", told.shape[1]), [(told.astype(np.uint8), y)])
    nearest = counted_centroids(sums).nearest(SDR.of(answers))
    return float(np.mean(nearest == y_test)), duty_entropy(duty_of(answers))


def line(name: str, told: list[tuple[float, float, float]]) -> str:
    """One line of the table."""
    import numpy as np

    accuracies, entropies, seconds = (np.array(column) for column in zip(*told, strict=True))
    deviation = f" ± {accuracies.std(ddof=1):.2f}" if len(told) > 1 else ""
    label = "ReLU + softmax" if name == "softmax" else f"soft k-winners + {name}, nearest centroid"
    entropy = "" if name == "softmax" else f"{entropies.mean():.1f} bits"
    each = ", ".join(f"{value:.2f}" for value in accuracies)
    return f"| {label} | {accuracies.mean():.2f}{deviation} % | {each} | {entropy} | {seconds.mean():.0f} |"


if __name__ == "__main__":
    main()
