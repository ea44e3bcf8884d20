"""Forgetting a class by surgery beside exact forgetting.

    python benchmarks/surgery.py --data digits --data ../shared/data/mnist

Surgery sets the weights of the units to 0 that work most for a class. "Read again" solves from the sums of the units
that are left and tells how much of the class is still known to them: surgery hides, `forget` removes.
"""

from pathlib import Path

import frame
import numpy as np
from findings import Row

from indeependence import Dataset
from indeependence.models.readout import predict
from indeependence.moments.centred import centre
from indeependence.moments.ridge import ridge
from indeependence.pruning.remove import shrunk
from indeependence.pruning.surgery import cut, most_salient_of_class

FRACTIONS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7)
LAYERS = {8: "auto", 28: "patches:16:size=7:pool=6:stride=4,+sparse:200"}  # by the side of the pictures
ASKED = ("target class", "other classes", "target, read again")
TABLE = (
    f"| data | units cut | {' | '.join(f'{100 * fraction:g} %' for fraction in FRACTIONS)} | exact forget |\n"
    f"| {{data}} | {{asked}} | {' | '.join(f'{{accuracy[{i}].mean:.1f}}' for i in range(len(FRACTIONS)))} "
    "| {exact.mean:.1f} |"
)


def draw(rows: list[Row], path: Path) -> None:
    """Draw accuracies over the fraction cut, and exact forgetting as level lines."""
    labels = {"xlabel": "units cut, %", "ylabel": "test accuracy, %", "ylim": (-3, 103)}
    with frame.figure(path, [row["data"] for row in rows], **labels) as panels:
        for row in rows:
            axes, style = panels[row["data"]], frame.look(ASKED.index(row["asked"]))
            axes.plot(100 * np.array(FRACTIONS), np.mean(row["accuracy"], axis=0), **style, label=row["asked"])
            if None not in row["exact"]:
                level = {"color": style["color"], "linestyle": "--", "label": f"{row['asked']}, exact forget"}
                axes.axhline(np.mean(row["exact"]), **level)


@frame.benchmark("surgery", TABLE, draw=draw)
@frame.small_layers
@frame.option("--limit", default=5_000, help="Training examples.")
def main(dataset: Dataset, seed: int, layers: str | None, limit: int) -> list[Row]:
    """Measure accuracies by the units cut; each seed has its own encoder, and its own class to forget."""
    model = frame.fitted(dataset, layers, LAYERS, limit, seed, ledger="class")
    target = model.classes_.tolist()[seed % len(model.classes_)]
    weights, moments, test = model.weights, model.moments_, model.encoder_(dataset.x_test)
    curves: list[tuple[float, ...]] = []
    for fraction in FRACTIONS:
        units = most_salient_of_class(weights, moments, target, fraction)
        again = ridge(centre(shrunk(moments, ~units, "left")), weights.penalty) or weights
        shown = both(predict(cut(weights, units), test), dataset.y_test, target)
        curves.append((*shown, both(predict(again, test[:, ~units]), dataset.y_test, target)[0]))
    model.forget_class(target)
    exact = (*both(model.predict(dataset.x_test), dataset.y_test, target), None)
    return [
        {"asked": asked, "forgotten": [target], "accuracy": list(curve), "exact": after}
        for asked, curve, after in zip(ASKED, zip(*curves, strict=True), exact, strict=True)
    ]


def both(answers: np.ndarray, labels: np.ndarray, target: int | str) -> tuple[float, float]:
    """Return the accuracy in percent on one class, and on all others."""
    right, of_target = answers == labels, labels == target
    return 100 * float(right[of_target].mean()), 100 * float(right[~of_target].mean())


if __name__ == "__main__":
    main()
