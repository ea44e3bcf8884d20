"""What learning costs at any size: constants measured on this machine, a model made of them, and the model checked.

    python benchmarks/scale.py --data ../shared/data/mnist --layers patches:32 --examples 5000

The model: every example is encoded and multiplied once; each shard begins sums of its own, and all sums but one are
added. That is work, measured as CPU time, which other programs on the machine hardly change. How long it takes on
many workers, `benchmarks/network.py` simulates from the same constants. The check runs one process and two workers;
what Dask's processes spend on themselves, every second they are there, is measured while they idle, and added.
"""

from __future__ import annotations

import os
import shlex
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from accuracy import matrix_rate  # noqa: E402
from network import Constants, Network, piece_of, simulated, sum_bytes, tell  # noqa: E402

from indeependence.machine import use_wide_vectors  # noqa: E402

if TYPE_CHECKING:
    import numpy as np

    from indeependence import ContinualClassifier
    from indeependence.encoder.encoder import Encoder


ROUNDS = 5  # of the check: constants and runs in turn, so that a machine that slows down slows down both


@click.command()
@click.option("--data", default="digits", show_default=True)
@click.option("--layers", default="auto", show_default=True)
@click.option("--examples", default=4000, show_default=True, help="Measured and checked on that many.")
@click.option("--piece", default=1e6, show_default=True, help="Examples for every worker between two checkpoints.")
def main(data: str, layers: str, examples: int, piece: float) -> None:
    """Print the constants, the check and the projection."""
    use_wide_vectors()
    click.echo(f"command: {shlex.join(['python', *sys.argv])}")
    from threadpoolctl import threadpool_limits

    from indeependence import ContinualClassifier, load_dataset

    with threadpool_limits(1):
        click.echo(f"matrix product, one thread: {matrix_rate():.0f} GFLOP/s float32")
        dataset = load_dataset(data)
        model = ContinualClassifier(layers, n_jobs=1).bootstrap(dataset.x_train[:1000])
        x, y = dataset.x_train[:examples], dataset.y_train[:examples]
        constants = measured(model.encoder_, x, y, times=3)
        click.echo(f"{os.cpu_count()} cores; load average of the last minute {os.getloadavg()[0]:.1f}\n")
        click.echo(told(constants))
        check(model, x, y, data)
    click.echo("\nSimulated:\n")
    tell(constants, piece)
    limits(constants)


def measured(encoder: Encoder, x: np.ndarray, y: np.ndarray, *, times: int) -> Constants:
    """The constants on these examples, each the least of so many measurements."""
    from indeependence.distributed.shards import added
    from indeependence.moments.moments import Moments, accumulate
    from indeependence.moments.ridge import centre, ridge
    from indeependence.moments.storage import pack

    codes = encoder(x, jobs=1)
    empty = Moments.empty(encoder.fingerprint, encoder.units)
    whole = accumulate(empty, [(codes, y)])
    sums = pack(whole)

    def cpu_time(act: Callable[[], object]) -> float:
        return min(spent(act, time.process_time)[0] for _ in range(times))

    start = cpu_time(lambda: pack(accumulate(empty, [(codes[:1], y[:1])])))
    batches = [x[i : i + 256] for i in range(0, len(x), 256)]
    return Constants(
        units=encoder.units,
        encode=cpu_time(lambda: [encoder(batch, jobs=1) for batch in batches]) / len(x),
        products=max(cpu_time(lambda: pack(accumulate(empty, [(codes, y)]))) - start, 0.0) / len(x),
        start=start,
        add=cpu_time(lambda: added(sums, sums)),
        solve=cpu_time(lambda: ridge(centre(whole), 0.01)),
    )


def spent(act: Callable[[], object], clock: Callable[[], float]) -> tuple[float, float]:
    """Seconds that a call takes by a ``clock`` of processor time, and by the wall's."""
    cpu, wall = clock(), time.perf_counter()
    act()
    return clock() - cpu, time.perf_counter() - wall


def told(constants: Constants) -> str:
    """The constants as a table."""
    size = sum_bytes(constants.units, 10, 60_000)
    rows = [
        ("code units H", f"{constants.units:,}"),
        ("encoding, one example", f"{1e3 * constants.encode:.3f} ms"),
        ("products, one example", f"{1e3 * constants.products:.3f} ms"),
        ("beginning and packing new sums", f"{1e3 * constants.start:.1f} ms"),
        ("adding two packed sums", f"{1e3 * constants.add:.1f} ms"),
        ("weights for one penalty", f"{constants.solve:.2f} s"),
        ("sums in memory, 8 H²", f"{8e-6 * constants.units**2:.1f} MB"),
        ("sums as they travel, 10 classes, up to 66,000 examples", f"{1e-6 * size:.1f} MB"),
    ]
    head = ["| constant, CPU time of one thread | measured |", "| --- | --- |"]
    return "\n".join([*head, *(f"| {name} | {value} |" for name, value in rows)])


def check(model: ContinualClassifier, x: np.ndarray, y: np.ndarray, data: str) -> None:
    """Prints predicted beside measured CPU seconds and wall seconds, in one process and on two workers."""
    import numpy as np

    from indeependence.distributed.cluster import connected
    from indeependence.distributed.shards import Located, sum_shards

    encoder, source, rows = model.encoder_, Located(data), np.arange(len(x))
    found: dict[int, list[tuple[float, ...]]] = {1: [], 2: []}
    with connected(workers=2) as client:
        sum_shards(client, encoder, source, rows[:8])  # workers load the data
        sums = client.submit(np.ones, encoder.units**2, pure=False)
        sums.result()
        transfer = min(spent(lambda: client.gather(sums), time.process_time)[1] for _ in range(3))
        here = Network(bandwidth=8 * encoder.units**2 / transfer)

        def of_workers() -> float:
            return sum(client.run(time.process_time).values())

        for _ in range(ROUNDS):
            now = measured(encoder, x, y, times=1)
            work = len(x) * (now.encode + now.products)
            found[1].append((work, work, *spent(lambda: model.start(encoder).partial_fit(x, y), time.process_time)))
            piece = piece_of(now, len(x), 2)
            work = piece.shards * piece.seconds + (piece.shards - 1) * piece.add
            wall = simulated(piece, here, [1.0, 1.0])
            idle, waited = spent(lambda: time.sleep(1), of_workers)
            cpu, took = spent(lambda: sum_shards(client, encoder, source, rows), of_workers)
            found[2].append((work + idle / waited * took, wall, cpu, took))
    click.echo(f"\nmedians of {ROUNDS} rounds; between processes of this machine {here.bandwidth / 1e9:.2f} GB/s\n")
    click.echo("| workers | CPU time, predicted | measured | their ratio, in each round | wall, simulated | measured |")
    click.echo("| --- | --- | --- | --- | --- | --- |")
    for workers, rounds in found.items():
        work, wall, cpu, took = np.median(rounds, 0)
        ratios = ", ".join(f"{one[2] / one[0]:.2f}" for one in rounds)
        click.echo(f"| {workers} | {work:.2f} s | {cpu:.2f} s | {ratios} | {wall:.2f} s | {took:.2f} s |")


def limits(constants: Constants) -> None:
    """Prints the bytes for many classes and the units that a machine's memory holds."""
    click.echo("\n| classes C | sums of one class, 8 H | of all | all sums in memory |\n| --- | --- | --- | --- |")
    for classes in (10, 1000, 100_000):
        one, square = 8 * constants.units, 8 * constants.units**2
        columns, total = one * classes / 1e6, (one * classes + square) / 1e6
        click.echo(f"| {classes:,} | {one / 1e3:,.1f} kB | {columns:,.1f} MB | {total:,.1f} MB |")
    click.echo(
        "\n| memory of a worker | most units whole, two sums of 8 H² | with --gram-blocks 10 |\n| --- | --- | --- |"
    )
    for gigabytes in (4, 16, 64, 256):
        most = int((gigabytes * 1e9 / 16) ** 0.5)
        click.echo(f"| {gigabytes} GB | {most:,} | {10 * most:,} |")


if __name__ == "__main__":
    main()
