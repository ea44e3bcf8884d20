"""What learning costs at any size: constants measured on this machine, a model made of them, and the model checked.

    python benchmarks/scale.py --data ../shared/data/mnist --layers patches:32 --examples 5000

The model: every example is encoded and multiplied once; each shard begins sums of its own, and all sums but one are
added. That is work, measured as CPU time, which other programs on the machine hardly change. How long it takes on
many workers, `benchmarks/network.py` simulates from the same constants. The check runs one process, and new workers on
this machine, which share its cores; what Dask's processes spend on themselves, every second they are there, is measured
while they idle, and added. Its wall time means something on an idle machine only.
"""

import time
from functools import partial
from pathlib import Path
from typing import Any

import click
import frame
import numpy as np
from findings import Row
from network import TABLE as SIMULATED
from network import Constants, Network, piece_of, simulated, simulations, sum_bytes
from threadpoolctl import threadpool_limits

from indeependence import ContinualClassifier, load_dataset
from indeependence.distributed.cluster import connected
from indeependence.distributed.shards import Located, added, sum_shards
from indeependence.encoder.encoder import Encoder
from indeependence.machine import available_cores
from indeependence.moments.centred import centre
from indeependence.moments.moments import Moments
from indeependence.moments.ridge import ridge
from indeependence.moments.storage import pack

ROUNDS = 5  # of the check: constants and runs in turn, so that a machine that slows down slows down both
CONSTANTS = "| constant, CPU time of one thread | measured |\n| {constant} | {value:,.4g} {unit} |"
CHECK = (
    "| workers | CPU time, predicted | measured | their ratio | wall, simulated | wall, measured | their ratio |\n"
    "| {workers} | {work.mean:.2f} s | {cpu.mean:.2f} s | {ratio:.2f} | {wall.mean:.2f} s | {took.mean:.2f} s "
    "| {wall_ratio:.2f} |"
)
CLASSES = (
    "| classes C | sums of one class, 8 H | of all | all sums in memory |\n"
    "| {classes:,} | {one:,.1f} kB | {columns:,.1f} MB | {total:,.1f} MB |"
)
MEMORY = (
    "| memory of a worker | most units whole, two sums of 8 H² | with --gram-blocks 10 |\n"
    "| {gigabytes} GB | {units:,} | {blocked:,} |"
)


@click.command()
@frame.data_option
@frame.option("--layers", default="auto")
@frame.option("--examples", default=4000, help="Measured and checked on that many.")
@frame.option("--workers", default="1,2,4", help="Numbers of them, for the check.")
@frame.option("--piece", default=1e6, help="Examples for every worker between two checkpoints.")
@frame.output_option("scale")
def main(data: str, layers: str, examples: int, workers: str, piece: float, output: Path) -> None:
    """Print the constants, the check and the projection."""
    with threadpool_limits(1):
        facts, dataset = frame.header(), load_dataset(data)
        model = ContinualClassifier(layers, n_jobs=1).bootstrap(dataset.x_train[:1000])
        x, y = dataset.x_train[:examples], dataset.y_train[:examples]
        constants = measured(model.encoder_, x, y, times=3)
        checked = check(model, x, y, data, [int(count) for count in workers.split(",")])
    frame.publish(
        output,
        facts,
        constants=(CONSTANTS, told(constants)),
        check=(CHECK, checked),
        simulated=(SIMULATED, simulations(constants, piece)),
        classes=(CLASSES, [columns(constants.units, classes) for classes in (10, 1000, 100_000)]),
        memory=(MEMORY, [largest(gigabytes) for gigabytes in (4, 16, 64, 256)]),
    )


def measured(encoder: Encoder, x: np.ndarray, y: np.ndarray, *, times: int) -> Constants:
    """Return the constants on these examples, each the least of so many measurements."""
    codes = encoder(x, jobs=1)
    empty = Moments.empty(encoder.fingerprint, encoder.units)
    whole = empty.learn([(codes, y)])
    sums, batches = pack(whole), [x[i : i + 256] for i in range(0, len(x), 256)]
    least = partial(frame.least_seconds, times=times)
    start = least(lambda: pack(empty.learn([(codes[:1], y[:1])])))
    return Constants(
        units=encoder.units,
        encode=least(lambda: [encoder(batch, jobs=1) for batch in batches]) / len(x),
        products=max(least(lambda: pack(empty.learn([(codes, y)]))) - start, 0.0) / len(x),
        start=start,
        add=least(lambda: added(sums, sums)),
        solve=least(lambda: ridge(centre(whole), 0.01)),
    )


def told(constants: Constants) -> list[Row]:
    """Return the constants by name, and the sizes that follow."""
    rows = (
        ("code units H", constants.units, ""),
        ("encoding, one example", 1e3 * constants.encode, "ms"),
        ("products, one example", 1e3 * constants.products, "ms"),
        ("beginning and packing new sums", 1e3 * constants.start, "ms"),
        ("adding two packed sums", 1e3 * constants.add, "ms"),
        ("weights for one penalty", constants.solve, "s"),
        ("sums in memory, 8 H²", 8e-6 * constants.units**2, "MB"),
        ("sums as they travel, 10 classes, up to 66,000 examples", 1e-6 * sum_bytes(constants.units, 10, 60_000), "MB"),
    )
    return [{"constant": name, "value": value, "unit": unit} for name, value, unit in rows]


def check(model: ContinualClassifier, x: np.ndarray, y: np.ndarray, data: str, counts: list[int]) -> list[Row]:
    """Return predicted beside measured seconds of all rounds: in one process, and on each number of workers."""
    encoder = model.encoder_
    rows = frame.over_seeds(partial(alone, model, x, y), range(ROUNDS))
    for count in counts:
        with connected(workers=count) as client:
            sum_shards(client, encoder, Located(data), np.arange(len(x)))  # workers load the data, and all code
            here = network_of(client, encoder.units)
            once = partial(on_workers, client, model, x, y, data, count, here)
            rows += frame.over_seeds(once, range(ROUNDS))
    return rows


def alone(model: ContinualClassifier, x: np.ndarray, y: np.ndarray, _: int) -> list[Row]:
    """Return the seconds of one round in one process."""
    now = measured(model.encoder_, x, y, times=1)
    work = len(x) * (now.encode + now.products)
    cpu, took = frame.spent(lambda: model.start(model.encoder_).partial_fit(x, y), time.process_time)
    return [compared("none", work, cpu, work, took)]


def on_workers(client: Any, model: Any, x: Any, y: Any, data: str, count: int, here: Network, _: int) -> list[Row]:
    """Return the seconds of one round on so many workers, which share the cores of this machine."""
    now = measured(model.encoder_, x, y, times=1)
    piece = piece_of(now, len(x), count)
    work = piece.shards * piece.seconds + (piece.shards - 1) * piece.add
    idle, waited = frame.spent(lambda: time.sleep(1), lambda: of_workers(client))
    rows = np.arange(len(x))
    busy, wall = frame.spent(
        lambda: sum_shards(client, model.encoder_, Located(data), rows), lambda: of_workers(client)
    )
    speed = min(1.0, available_cores() / count)
    return [compared(str(count), work + idle / waited * wall, busy, simulated(piece, here, [speed] * count), wall)]


def compared(workers: str, work: float, cpu: float, wall: float, took: float) -> Row:
    """Return a row of seconds: processor time and the wall's, as predicted, as measured, and as a ratio."""
    return {
        "workers": workers,
        "work": work,
        "cpu": cpu,
        "ratio": cpu / work,
        "wall": wall,
        "took": took,
        "wall_ratio": took / wall,
    }


def network_of(client: Any, units: int) -> Network:
    """Return what messages between processes of this machine cost: a task, there and back, and bytes."""
    array = client.submit(np.ones, units**2, pure=False)
    array.result()
    carrying = frame.least_seconds(lambda: client.gather(array), clock=time.perf_counter)
    tasks = 100
    handing = frame.least_seconds(
        lambda: client.gather([client.submit(int, pure=False) for _ in range(tasks)]), clock=time.perf_counter
    )
    back = frame.least_seconds(lambda: client.submit(int, pure=False).result(), clock=time.perf_counter)
    return Network(latency=back / 2, bandwidth=8 * units**2 / carrying, dispatch=handing / tasks)


def of_workers(client: Any) -> float:
    """Return the processor time of all workers so far."""
    return sum(client.run(time.process_time).values())


def columns(units: int, classes: int) -> Row:
    """Return the bytes that many classes take."""
    one, square = 8 * units, 8 * units**2
    return {
        "classes": classes,
        "one": one / 1e3,
        "columns": one * classes / 1e6,
        "total": (one * classes + square) / 1e6,
    }


def largest(gigabytes: int) -> Row:
    """Return the units that a machine's memory holds."""
    units = int((gigabytes * 1e9 / 16) ** 0.5)
    return {"gigabytes": gigabytes, "units": units, "blocked": 10 * units}


if __name__ == "__main__":
    main()
