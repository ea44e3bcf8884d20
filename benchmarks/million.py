"""Large problems on one machine: a million rows, thousands of classes, many units; from a file that is never all read.

    python benchmarks/million.py
    python benchmarks/million.py --classes 10000
    python benchmarks/million.py --rows 25000 --columns 100 --classes 10 --layers wide:10000

One thread, and its processor time. Rows are a class's mean and noise, made from a seed and written once to a file, of
which one part at a time is mapped into memory. Beside the time of learning stands that of the product alone: the same
number of rows, multiplied in the same blocks.
"""

import time
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import frame
import numpy as np
from findings import Row
from scipy.linalg.blas import ssyrk

from indeependence import ContinualClassifier
from indeependence.machine import peak_memory
from indeependence.moments.gram import BLOCK

TABLE = (
    "| rows × columns | classes | units | encoding, CPU s | sums, CPU s | their product alone, CPU s | ratio | solve, "
    "CPU s | sums, MB | peak memory, MB | accuracy |\n"
    "| {size} | {classes} | {units:,} | {encoding:.0f} | {sums:.0f} | {product:.0f} | {ratio:.2f} | {solve:.0f} | "
    "{megabytes:,.0f} | {peak:,.0f} | {accuracy:.1f} % |"
)
PART = 2**14  # rows made, and learned, at a time
TESTED = 10_000


@click.command()
@frame.option("--rows", default=1_000_000)
@frame.option("--columns", default=768)
@frame.option("--classes", default=1000)
@frame.option("--layers", default="auto")
@frame.option("--noise", default=3.0, help="Standard deviation of a row about its class's mean, which has one of 1.")
@frame.output_option("million")
def main(rows: int, columns: int, classes: int, layers: str, noise: float, output: Path) -> None:
    """Learn them and print what it took."""
    facts = frame.header()
    with TemporaryDirectory() as folder:
        path, y = made(Path(folder), rows + TESTED, columns, classes, noise)
        row = measured(path, y, layers)
    names = {"size": f"{rows:,} × {columns}", "classes": f"{classes:,}"}
    frame.publish(output, facts, million=(TABLE, [{**names, **row}]))


def made(folder: Path, rows: int, columns: int, classes: int, noise: float) -> tuple[Path, np.ndarray]:
    """Return a file in the folder with rows float32, and their classes."""
    draws = np.random.default_rng(0)
    means = draws.standard_normal((classes, columns), np.float32)
    y = draws.integers(0, classes, rows)
    path = folder / "rows.npy"
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": (rows, columns)})
        for start in range(0, rows, PART):
            labels = y[start : start + PART]
            noisy = means[labels] + noise * draws.standard_normal((len(labels), columns), np.float32)
            file.write(noisy.tobytes())
    return path, y


def part_of(path: Path, rows: slice) -> np.ndarray:
    """Return some rows, of which no page stays in memory afterwards."""
    return np.array(np.load(path, mmap_mode="r")[rows])


def measured(path: Path, y: np.ndarray, layers: str) -> Row:
    """Return the processor times of each stage, memory, and the accuracy on the last rows."""
    model = ContinualClassifier(layers, n_jobs=1).bootstrap(part_of(path, slice(5000)))
    units, rows = model.encoder_.units, len(y) - TESTED
    parts = [slice(start, min(start + PART, rows)) for start in range(0, rows, PART)]
    encoding = rows * encoding_of_a_row(model, path, parts[:8])
    learning = frame.spent(lambda: model.learn((part_of(path, part), y[part]) for part in parts))[0]
    product = product_alone(units) * rows / BLOCK
    solving = frame.spent(lambda: model.weights)[0]
    peak = (peak_memory() or 0) / 1e6
    right = model.predict(part_of(path, slice(rows, None))) == y[rows:]
    return {
        "units": units,
        "encoding": encoding,
        "sums": learning - encoding,
        "product": product,
        "ratio": (learning - encoding) / product,
        "solve": solving,
        "megabytes": (model.moments_.products.nbytes + model.moments_.cross.nbytes) / 1e6,
        "peak": peak,
        "accuracy": 100 * float(np.mean(right)),
    }


def encoding_of_a_row(model: ContinualClassifier, path: Path, parts: list[slice]) -> float:
    """Return the processor time that the encoder takes for a row, from the first block of each part."""
    seconds, count = 0.0, 0
    for part in parts:
        block = part_of(path, part)[:BLOCK]
        seconds, count = seconds + frame.spent(partial(model.encoder_, block))[0], count + len(block)
    return seconds / count


def product_alone(units: int) -> float:
    """Return the processor time of the product of one block of codes with itself."""
    block = np.random.default_rng(0).integers(0, 60, (BLOCK, units)).astype(np.float32)
    room = np.zeros((units, units), np.float32, order="F")
    return frame.least_seconds(lambda: ssyrk(1.0, block.T, c=room, overwrite_c=1, lower=1), clock=time.process_time)


if __name__ == "__main__":
    main()
