"""Pictures that white noise settles to where a 1 is put into the map of a class, and how many of them are recognised.

    python benchmarks/class_maps.py --data digits --data ../shared/data/mnist

Sums are of pictures moved to the middle; the classifier has learned the same pictures, and no drawn one.
"""

from pathlib import Path

import click
import frame
import numpy as np
from findings import Row

from indeependence import ContinualClassifier, Dataset
from indeependence.data.selection import Part
from indeependence.experiment.class_pictures import ClassMaps
from indeependence.experiment.placing import centred
from indeependence.report.pictures.grid import grid, write_png

DRAWN = 20  # pictures of a class
LAYERS = {28: "patches:16:size=7:pool=6:stride=4,+sparse:200"}  # of the classifier, by the side of the pictures
TABLE = (
    f"| data | of {DRAWN} drawn pictures a class | real test pictures |\n"
    "| {data} | {drawn:.1f} % recognised | {real:.1f} % recognised |"
)


@frame.benchmark("class_maps", TABLE)
@frame.option("--limit", default=10_000, help="Training examples.")
@frame.option("--figure", type=click.Path(path_type=Path), help="Folder for pictures of the first seed.")
def main(dataset: Dataset, seed: int, limit: int, figure: Path | None) -> list[Row]:
    """Measure how many pictures are recognised."""
    train = Part(limit=limit).of(dataset)
    maps = ClassMaps.of(train, dataset.x_train.shape[1:], seed)
    height, width = maps.shape[:2]
    middle = (height - 1) // 2, (width - 1) // 2

    def drawn(label: int | str, number: int, count: int = 1) -> np.ndarray:
        return maps.frames(((label, *middle),), (height, width), count=count, seed=(seed, number))

    pictures = np.concatenate([drawn(label, number) for label in maps.labels for number in range(DRAWN)])
    if figure and seed == 0:
        ways = np.concatenate([drawn(label, 0, 10) for label in maps.labels])
        figure.mkdir(parents=True, exist_ok=True)
        write_png(figure / f"{Path(dataset.name).stem}.png", grid(ways, columns=10, zoom=max(1, 56 // height)))
    x, y = train.arrays()
    judge = ContinualClassifier(LAYERS.get(height, "auto"), random_state=seed).fit(centred(x), y)
    right = judge.predict(pictures) == np.repeat(np.array(maps.labels), DRAWN)
    real = judge.predict(centred(dataset.x_test)) == dataset.y_test
    return [{"drawn": 100 * float(right.mean()), "real": 100 * float(real.mean())}]


if __name__ == "__main__":
    main()
