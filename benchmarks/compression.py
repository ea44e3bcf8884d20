"""What lossless compression would save of the sums in a file, and what it costs: the products of one triangle.

    python benchmarks/compression.py --data ../shared/data/mnist --limit 20000

A file holds the triangle in the narrowest whole-number type, as it is. Planes put the first bytes of all numbers side
by side, then the second ones, and so on. Differences are from what units that have nothing to do with each other would
give, the product of two code sums divided by the number of examples. Nothing of this is built into the files: they can
be mapped into memory as they are.
"""

import lzma
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import click
import frame
import numpy as np
from findings import Row

from indeependence import ContinualClassifier, load_dataset
from indeependence.moments.moments import Moments
from indeependence.moments.storage import pack

TABLE = (
    "| data | H | triangle | way | of its bytes | CPU seconds |\n"
    "| {data} | {units:,.0f} | {size:.1f} MB | {way} | {share:.1f} % | {cpu_seconds:.2f} |"
)
Way = Callable[[np.ndarray, np.ndarray], bytes]
WAYS: dict[str, Way] = {
    "zlib, level 1": lambda kept, apart: zlib.compress(kept.tobytes(), 1),
    "zlib, level 6": lambda kept, apart: zlib.compress(kept.tobytes(), 6),
    "planes, zlib, level 1": lambda kept, apart: zlib.compress(planes(kept), 1),
    "planes, xz": lambda kept, apart: lzma.compress(planes(kept), preset=1),
    "planes of differences, zlib, level 1": lambda kept, apart: zlib.compress(planes(apart), 1),
}


@click.command()
@frame.several_data
@frame.option("--layers", default="auto")
@frame.option("--limit", default=20_000, help="Examples learned.")
@frame.output_option("compression")
def main(data: tuple[str, ...], layers: str, limit: int, output: Path) -> None:
    """Print one row a way for each data set."""
    facts, rows = frame.header(), []
    for source in data:
        dataset = load_dataset(source)
        model = ContinualClassifier(layers).fit(dataset.x_train[:limit], dataset.y_train[:limit])
        rows += [{"data": Path(source).stem, **row} for row in ways(model.moments_)]
    frame.publish(output, facts, compression=(TABLE, rows))


def ways(sums: Moments) -> list[Row]:
    """Return the share of the bytes that each way keeps, in percent, and how long it took."""
    kept = pack(sums)[1]["products"]
    about: Row = {"units": sums.units, "size": kept.nbytes / 1e6}
    apart = differences(kept, sums)
    found = []
    for name, way in WAYS.items():
        began = time.process_time()
        size = len(way(kept, apart))
        took = time.process_time() - began
        found.append({**about, "way": name, "share": 100 * size / kept.nbytes, "cpu_seconds": took})
    return found


def differences(kept: np.ndarray, sums: Moments) -> np.ndarray:
    """Return the triangle ``[H (H + 1) / 2]`` less its expectation for independent units; signs in the last bit."""
    total = sums.code_sum.astype(np.int64)
    rows, columns = np.triu_indices(sums.units)
    apart = kept.astype(np.int64) - total[rows] * total[columns] // sums.count
    return ((apart << 1) ^ (apart >> 63)).astype(kept.dtype)


def planes(numbers: np.ndarray) -> bytes:
    """Return the bytes of whole numbers, those of equal weight side by side.

    >>> planes(np.array([1, 258], "<u2"))
    b'\\x01\\x02\\x00\\x01'
    """
    return numbers.view(np.uint8).reshape(len(numbers), -1).T.tobytes()


if __name__ == "__main__":
    main()
