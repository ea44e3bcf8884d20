"""How the time of the sums grows: with examples, code units, classes and tasks.

    python benchmarks/growth.py --data ../shared/data/mnist

One thread and its processor time.
"""

from collections.abc import Iterator
from pathlib import Path

import click
import frame
import numpy as np
from findings import Row
from threadpoolctl import threadpool_limits

from indeependence import ContinualClassifier, load_dataset
from indeependence.moments.moments import Moments

TABLE = "| grows with | sums, seconds | for one example |\n| {with} | {seconds:.3f} | {each:.1f} {unit} |"


@click.command()
@frame.data_option
@frame.option("--layers", default="auto")
@frame.option("--examples", default=4096, help="Encoded and learned.")
@frame.option("--widths", default="500,1000,2000,4000", help="Of codes, for the growth with H.")
@frame.output_option("growth")
def main(data: str, layers: str, examples: int, widths: str, output: Path) -> None:
    """Print one row for each size."""
    dataset = load_dataset(data)
    encoder = ContinualClassifier(layers, n_jobs=1).bootstrap(dataset.x_train[:2000]).encoder_
    with threadpool_limits(1):
        facts = frame.header()
        codes = encoder(dataset.x_train[:examples], jobs=1)
        rows = list(growth(codes, dataset.y_train[:examples], [int(width) for width in widths.split(",")]))
    frame.publish(output, facts, growth=(TABLE, rows))


def growth(codes: np.ndarray, y: np.ndarray, widths: list[int]) -> Iterator[Row]:
    """Give the seconds by size, and what that is for one example, or for each of its H² products."""
    narrow, count = np.ascontiguousarray(codes[:, :2000]), len(codes)
    for some in (count // 4, count // 2, count):
        yield row(f"N = {some:,}", seconds(narrow[:some], y[:some]), some)
    for width in (width for width in widths if width <= codes.shape[1]):
        took = seconds(np.ascontiguousarray(codes[:, :width]), y)
        yield {
            "with": f"H = {width:,}",
            "seconds": took,
            "each": 1e12 * took / count / width**2,
            "unit": "ps for each of H²",
        }
    for classes in (10, 100, 1000):
        yield row(f"C = {classes:,}", seconds(narrow, np.arange(count) % classes), count)
    for parts in (1, 5, 20):
        yield row(f"tasks = {parts}", seconds(narrow, y, parts), count)


def row(size: str, took: float, examples: int) -> Row:
    """Return a row with microseconds an example."""
    return {"with": size, "seconds": took, "each": 1e6 * took / examples, "unit": "µs"}


def seconds(rows: np.ndarray, labels: np.ndarray, parts: int = 1) -> float:
    """Return the seconds of the sums, added up in so many parts."""

    def learn() -> None:
        sums = Moments.empty("growth", rows.shape[1])
        for piece in np.array_split(np.arange(len(rows)), parts):
            sums = sums.learn([(rows[piece], labels[piece])])

    return frame.least_seconds(learn)


if __name__ == "__main__":
    main()
