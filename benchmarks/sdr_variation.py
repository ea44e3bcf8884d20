"""Labelled binary codes by variation, for one seed; and a picture of codes and of what they tell.

    python benchmarks/sdr_variation.py --data ../shared/data/mnist --figure docs/images/sdr.png

What is learned, and how, is that of `benchmarks/sdr.py`.
"""

from pathlib import Path

import click
import frame
import numpy as np
from sdr import Learned, labelled, learn

from indeependence import Dataset, load_dataset
from indeependence.binary_codes.embedding import labelled_embedding
from indeependence.binary_codes.reconstruction import counted_decoder, expected_decoder
from indeependence.report.pictures.grid import write_png

VARIATIONS = (0.0, 0.1, 0.2, 0.3, 0.5)
TABLE = (
    "| variation | nearest centroid | reconstruction error | duty entropy |\n"
    "| {variation} | {accuracy:.2f} % | {error:.3f} | {entropy:.1f} bits |"
)


@click.command()
@frame.data_option
@frame.option("--units", default=512)
@frame.option("--active", default=26)
@frame.option("--layers", default="auto")
@frame.figure_option("sdr_variation")
@frame.output_option("sdr_variation")
def main(data: str, units: int, active: int, layers: str, figure: Path, output: Path) -> None:
    """Print one row a variation."""
    facts, dataset = frame.header(), load_dataset(data)
    learned = learn(dataset, (units, active), layers, seed=0)
    test = learned.model.encoder_(dataset.x_test)
    rows = [
        {"variation": f"{one:g}", **labelled(learned, test, dataset.x_test, dataset.y_test, 0, variation=one)}
        for one in VARIATIONS
    ]
    frame.publish(output, facts, sdr_variation=(TABLE, rows))
    draw(figure, learned, test, dataset)


def draw(path: Path, learned: Learned, test: np.ndarray, dataset: Dataset) -> None:
    """Write rows of pictures, their labelled codes, and what labelled and unlabelled codes say of them, as one PNG."""
    x, y, units = dataset.x_test, dataset.y_test, learned.size[0]
    rows = [int(np.flatnonzero(y == label)[0]) for label in np.unique(y)]
    sums, (height, width) = learned.model.moments_, x.shape[1:]
    embedding = labelled_embedding(sums, *learned.size, weights=learned.model.weights)
    codes, fixed = embedding(test[rows]), learned.fixed(test[rows])
    again = expected_decoder(embedding, sums, learned.pictures)(codes), counted_decoder(learned.rows, units)(fixed)
    padded = np.pad(255 * codes.bits, ((0, 0), (0, -units % width))).reshape(len(rows), -1, width)
    strips = [x[rows], padded, *(np.clip(one, 0, 255).reshape(-1, height, width) for one in again)]
    framed = [np.pad(strip, ((0, 0), (1, 1), (1, 1)), constant_values=64) for strip in strips]
    picture = np.vstack([np.hstack(list(strip)) for strip in framed])
    path.parent.mkdir(parents=True, exist_ok=True)
    write_png(path, np.kron(picture.astype(np.uint8), np.ones((2, 2), np.uint8)))


if __name__ == "__main__":
    main()
