"""Accuracy against the fraction of code units that is taken out.

    python benchmarks/pruning.py --data digits --data ../shared/data/mnist

Units are chosen from the sums of the training examples; the test set is only looked at for the curve. "cut" reads
with the whole model's weights, those of the units taken out being 0; "solved" solves again from the smaller sums, at
the penalty of the whole model.
"""

from itertools import product
from pathlib import Path

import frame
import numpy as np
from findings import Row, where

from indeependence import Dataset
from indeependence.moments.centred import centre
from indeependence.moments.ridge import ridge
from indeependence.moments.scores import best_labels
from indeependence.pruning.remove import shrunk
from indeependence.pruning.saliency import most_salient, unit_saliency
from indeependence.pruning.surgery import cut

FRACTIONS = (0.0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98)
LAYERS = {8: "auto", 28: "patches:16:size=7:pool=6:stride=4,+sparse:400"}  # by the side of the pictures
WAYS = ("maav", "magnitude", "moment", "random")
LINES = {"cut": ":", "solved": "-"}
TABLE = (
    f"| data, units | removed | {' | '.join(f'{100 * fraction:g} %' for fraction in FRACTIONS)} |\n"
    "| {data}, {units.mean:.0f} | {way}, {reading} "
    f"| {' | '.join(f'{{accuracy[{i}]:.2f}}' for i in range(len(FRACTIONS)))} |"
)


def draw(rows: list[Row], path: Path) -> None:
    """Draw accuracy over fraction for each data set, dotted where nothing is solved again."""
    labels = {"xlabel": "units taken out, %", "ylabel": "test accuracy, %", "ylim": (50, 100)}
    with frame.figure(path, [row["data"] for row in rows], **labels) as panels:
        for data, (index, way), (reading, line) in product(panels, enumerate(WAYS), LINES.items()):
            [row] = where(rows, data=data, way=way, reading=reading)
            means = np.mean(row["accuracy"], axis=0)
            panels[data].plot(100 * np.array(FRACTIONS), means, **frame.look(index, line), label=f"{way}, {reading}")


@frame.benchmark("pruning", TABLE, draw=draw)
@frame.small_layers
@frame.option("--limit", default=10_000, help="Training examples.")
def main(dataset: Dataset, seed: int, layers: str | None, limit: int) -> list[Row]:
    """Measure accuracies in percent by the fraction removed, each seed with an encoder of its own."""
    model = frame.fitted(dataset, layers, LAYERS, limit, seed)
    whole, test, told = model.weights, model.encoder_(dataset.x_test), []
    for way in WAYS:
        saliency = unit_saliency(whole, model.moments_, way, seed=seed)
        curves: dict[str, list[float]] = {"cut": [], "solved": []}
        for fraction in FRACTIONS:
            kept = most_salient(saliency, fraction)
            solved = ridge(centre(shrunk(model.moments_, kept, "pruned")), whole.penalty) or whole
            scores = {"cut": cut(whole, ~kept).scores(test), "solved": solved.scores(test[:, kept])}
            for reading, curve in curves.items():
                curve.append(100 * float(np.mean(best_labels(scores[reading], model.weights.labels) == dataset.y_test)))
        units = model.encoder_.units
        told += [
            {"way": way, "reading": reading, "units": units, "accuracy": curve} for reading, curve in curves.items()
        ]
    return told


if __name__ == "__main__":
    main()
