"""A simulated network: how long 1 to 1,000 workers take to sum, where messages take time and some workers are slow.

    python benchmarks/network.py

Follows what `distributed.sum_shards` asks for: the scheduler hands out one shard after another, in turn, and a free
worker takes over what a slower one has not begun; sums meet two by two where one of them is, those of one worker first,
and the last one comes here. Each message has a link of its own; a switch that is shared by all is not simulated.
"""

import heapq
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import frame
from findings import Row

from indeependence.distributed.shards import joined, shards_of

LARGEST = 255**2  # of a product of two codes


@dataclass(frozen=True)
class Network:
    """What a message and a task cost beyond the work itself; all assumed."""

    latency: float = 1e-3  # seconds of a message, however short
    bandwidth: float = 1.25e9  # bytes a second: ten gigabits
    dispatch: float = 1e-3  # seconds in which the scheduler does nothing but hand out one task

    def message(self, size: float) -> float:
        """Return the seconds that so many bytes are on their way."""
        return self.latency + size / self.bandwidth


@dataclass(frozen=True)
class Work:
    """One piece of the data, as it is handed out."""

    shards: int
    seconds: float  # for one shard
    add: float  # seconds to add two sums
    size: float  # bytes of a sum


def simulated(work: Work, network: Network, speeds: list[float]) -> float:
    """Return the seconds until the sum of all shards is here, with workers of these ``speeds`` (1: as measured).

    >>> simulated(Work(4, 10.0, 1.0, 1e9), Network(0.0, 1e9, 0.0), [1.0, 1.0])
    24.0
    """
    free = [(0.0, worker) for worker in range(len(speeds))]
    sums: list[tuple[float, int]] = []  # when and where each is ready
    for shard in range(work.shards):
        at, worker = heapq.heappop(free)
        end = max(at, shard * network.dispatch) + work.seconds / speeds[worker]
        heapq.heappush(free, (end, worker))
        sums.append((end, worker))
    busy = dict(sorted((worker, at) for at, worker in free))

    def join(one: tuple[float, int], other: tuple[float, int]) -> tuple[float, int]:
        """Return when and where two sums are added: where the first one is."""
        (at, worker), (later, elsewhere) = one, other
        arrived = later if elsewhere == worker else later + network.message(work.size)
        busy[worker] = max(at, arrived, busy[worker]) + work.add / speeds[worker]
        return busy[worker], worker

    return joined(sums, len(speeds), join)[0] + network.message(work.size)


@dataclass(frozen=True)
class Constants:
    """Seconds measured with one thread by `benchmarks/scale.py`."""

    units: int
    encode: float  # for one example
    products: float  # for one example
    start: float  # of new sums, before any example
    add: float  # two sums as they travel, of few classes
    solve: float  # weights for one penalty


def sum_bytes(units: int, classes: int, examples: float) -> float:
    """Return the bytes of a sum as it travels: a triangle and a column a class, in the narrowest whole numbers.

    >>> sum_bytes(1000, 10, 1e4), sum_bytes(1000, 10, 1e6)
    (2042000.0, 4084000.0)
    """
    width = 4 if examples * LARGEST < 2**32 else 8
    return float(width * (units * (units + 1) // 2 + units * classes))


def piece_of(constants: Constants, examples: float, workers: int, classes: int = 10) -> Work:
    """Return how a piece of so many examples is handed out to so many workers."""
    shards = min(shards_of(int(examples), constants.units, workers=workers), int(examples))
    here = examples / shards
    size = sum_bytes(constants.units, classes, examples / workers)
    add = constants.add * size / sum_bytes(constants.units, 10, here)
    return Work(shards, constants.start + here * (constants.encode + constants.products), add, size)


def seconds(constants: Constants, examples: float, workers: int, *, piece: float, **more) -> float:
    """Return the seconds for all examples, one piece after another; ``more`` as in `CASES`."""
    network, slow = more.get("network", Network()), more.get("slow", 0.0)
    if workers == 1:
        return examples * (constants.encode + constants.products)  # in one process, nothing is sent
    speeds = [0.5 if slow and worker % math.ceil(1 / slow) == 0 else 1.0 for worker in range(workers)]
    one = min(piece, examples)
    return examples / one * simulated(piece_of(constants, one, workers, more.get("classes", 10)), network, speeds)


def readable(took: float) -> str:
    """Return seconds as people say them.

    >>> readable(90), readable(90_000_000)
    ('1.5 min', '2.9 years')
    """
    for unit, length in (("years", 31_557_600), ("days", 86_400), ("h", 3600), ("min", 60)):
        if took >= length:
            return f"{took / length:,.1f} {unit}"
    return f"{took:.1f} s"


MEASURED = Constants(units=1600, encode=1e-4, products=4e-5, start=5e-3, add=1e-2, solve=0.05)
CASES: dict[str, dict[str, Any]] = {
    "1 ms latency, 10 Gbit/s": {},
    "100 ms latency, 1 Gbit/s": {"network": Network(0.1, 1.25e8)},
    "one worker in ten half as quick": {"slow": 0.1},
    "100,000 classes": {"classes": 100_000},
}
WORKERS = (1, 10, 100, 1000)
TABLE = (
    "| network | examples | 1 worker | 10 | 100 | 1,000 workers |\n"
    f"| {{network}} | {{examples}} | {' | '.join(f'{{w{workers}}}' for workers in WORKERS)} |"
)


@click.command()
@frame.option("--piece", default=1e6, help="Examples between two checkpoints; grows with workers.")
@frame.output_option("network")
def main(piece: float, output: Path) -> None:
    """Print the times for round figures near the measured ones."""
    facts = frame.header()
    frame.publish(
        output, {**facts, "assumed": f"{MEASURED}, {Network()}"}, network=(TABLE, simulations(MEASURED, piece))
    )


def simulations(constants: Constants, piece: float) -> list[Row]:
    """Return one row a network and number of classes for 10⁶ to 10¹² examples and 1 to 1,000 workers."""
    rows = []
    for name, more in CASES.items():
        for exponent in (6, 8, 10, 12) if not more else (12,):
            times = {
                f"w{workers}": readable(seconds(constants, 10.0**exponent, workers, piece=piece * workers, **more))
                for workers in WORKERS
            }
            rows.append({"network": name, "examples": f"10^{exponent}", **times})
    return rows


if __name__ == "__main__":
    main()
