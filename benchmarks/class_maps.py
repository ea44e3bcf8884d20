"""Pictures from a 1 in the map of each class, and how many of them the project's own classifier recognises.

    python benchmarks/class_maps.py --data digits --data ../shared/data/mnist

Kernels come from sums of moved pictures; the classifier has learned the same pictures.
"""

from pathlib import Path
from typing import Any

import click
import frame
import numpy as np
from findings import Row

from indeependence import ContinualClassifier, Dataset
from indeependence.moments.ledger import accumulate_by_class
from indeependence.moments.moments import Moments
from indeependence.planes.class_maps import centred, class_maps, pictures_of, placed
from indeependence.report.pictures.grid import grid, write_png

DRAWN = 20  # pictures of a class
LAYERS = {28: "patches:16:size=7:pool=6:stride=4,+sparse:200"}  # of the classifier, by the side of the pictures
TABLE = (
    f"| data | means recognised | of {DRAWN} drawn pictures a class |\n"
    "| {data} | {means.mean:.1f} of {classes.mean:.0f} | {drawn:.1f} % |"
)


@frame.benchmark("class_maps", TABLE)
@frame.option("--limit", default=10_000, help="Training examples.")
@frame.option("--figure", type=click.Path(path_type=Path), help="Folder for the pictures of the first seed.")
def main(dataset: Dataset, seed: int, limit: int, figure: Path | None) -> list[Row]:
    """Measure how many pictures are recognised."""
    x, y = centred(dataset.x_train[:limit]), dataset.y_train[:limit]
    sums = accumulate_by_class(Moments.empty("pictures", x[0].size), [(x.reshape(len(x), -1), y)])
    found = class_maps(sums, x.shape[1:], variations=20)
    height, width = x.shape[1:3]

    def picture(label: int | str, **drawn: Any) -> np.ndarray:
        place = (label, (height - 1) // 2, (width - 1) // 2)
        return pictures_of(found, placed(found, [place], (height, width), **drawn))[0]

    means = np.stack([picture(label) for label in found.labels])
    drawn = np.stack(
        [[picture(label, spread=0.7, seed=(seed, i, j)) for j in range(DRAWN)] for i, label in enumerate(found.labels)]
    )
    if figure and seed == 0:
        rows = np.concatenate([means[:, None], drawn[:, :7]], 1).reshape(-1, *x.shape[1:])
        figure.mkdir(parents=True, exist_ok=True)
        write_png(figure / f"{Path(dataset.name).stem}.png", grid(rows, columns=8, zoom=max(1, 56 // height)))
    judge = ContinualClassifier(LAYERS.get(height, "auto"), random_state=seed).fit(x, y)
    answers = judge.predict(drawn.reshape(-1, *x.shape[1:])).reshape(len(means), DRAWN)
    share = 100 * float(np.mean(answers == np.array(found.labels)[:, None]))
    return [{"means": int(np.sum(judge.predict(means) == found.labels)), "classes": len(means), "drawn": share}]


if __name__ == "__main__":
    main()
