"""Three ways in which the autoencoder infers labels: closed form, steps of Adam, and the conditional mean.

    python benchmarks/autoencoder_inference.py --data ../shared/data/mnist

On 200 held-out training pictures with unknown labels, after 2,800 others; of a smaller data set, after all others.
"""

import time

import frame
import numpy as np
from findings import Row

from indeependence import Dataset
from indeependence.models.autoencoder.labelled import LabelledAutoencoder

HELD_OUT = 200
TABLE = (
    "| data | layers | way | objective | CPU seconds | labels right |\n"
    "| {data} | `{layers}` | {way} | {objective:.4f} | {seconds:.2f} | {right:.3f} |"
)


@frame.benchmark("autoencoder_inference", TABLE, seeds=1)
@frame.option("--layers", multiple=True, default=["100", "400,250,150"])
@frame.option("--steps", default=1000, help="Of Adam, beside the closed form.")
def main(dataset: Dataset, seed: int, layers: tuple[str, ...], steps: int) -> list[Row]:
    """Measure the objective, the time and the share of right labels."""
    ways = (("closed", 100), ("adam", 100), ("adam", steps), ("mean", 0))
    return [row for text in layers for row in inferred(dataset, text, ways, seed)]


def inferred(dataset: Dataset, layers: str, ways: tuple[tuple[str, int], ...], seed: int) -> list[Row]:
    """Return a row for each way on the same model."""
    x, y = dataset.x_train[:3000], dataset.y_train[:3000]
    model = LabelledAutoencoder(dataset.classes.tolist(), layers, random_state=seed)
    model.bootstrap(x[:-HELD_OUT], y[:-HELD_OUT]).learn([(x[:-HELD_OUT], y[:-HELD_OUT])])
    held, labels = x[-HELD_OUT:], y[-HELD_OUT:]
    model.autoencoder.infer(held, method="adam", steps=1)  # so that loading TensorFlow is not timed
    _ = model.autoencoder.readout
    told = []
    for method, count in ways:
        began = time.process_time()
        found = model.autoencoder.infer(model.quantised(held), method=method, steps=count)
        seconds = time.process_time() - began
        right = float(np.mean(np.array(model.labels)[found.targets.argmax(1)] == labels))
        way = f"{method}, {count:,} steps" if count else "conditional mean"
        objective = found.error.mean().item() if count else None
        told.append({"layers": layers, "way": way, "objective": objective, "seconds": seconds, "right": right})
    return told


if __name__ == "__main__":
    main()
