"""What learning costs at any size: constants measured on this machine, a model made of them, and the model checked.

    python benchmarks/scale.py --data ../shared/data/mnist

The model: W workers share the encoding and the products of each piece of P examples; each of a worker's shards costs
sums of its own, begun and added; then sums meet in a tree of depth log2 W over a network of B bytes a second, and
once more in this process. Nothing else grows with the data. The check runs one process and two on examples of the
same data, with B measured between processes of this machine, and prints what was predicted beside it.
"""

from __future__ import annotations

import math
import os
import shlex
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from indeependence.commands.machine import use_wide_vectors  # noqa: E402

BANDWIDTH = 1.25e9  # bytes a second: ten gigabits, assumed for the projection, not measured


@dataclass(frozen=True)
class Constants:
    """Seconds and bytes, measured with one thread."""

    units: int
    encode: float  # for one example
    products: float  # for one example
    start: float  # of new sums, before any example
    add: float  # two models' sums
    solve: float  # weights for one penalty

    @property
    def model_bytes(self) -> int:
        """Sums as they are added and sent."""
        return 8 * self.units**2


def seconds(constants: Constants, examples: float, workers: int, *, piece: int, bandwidth: float) -> float:
    """Predicted wall seconds to learn: work shared by the workers, and a tree of sums after each piece.

    >>> constants = Constants(units=1000, encode=1e-3, products=1e-3, start=0.0, add=1e-3, solve=1.0)
    >>> seconds(constants, 1e6, 1, piece=20_000, bandwidth=1e9)
    2000.0
    """
    from indeependence.distributed import shards_of

    work = examples / workers * (constants.encode + constants.products)
    if workers == 1:
        return work
    shards = shards_of(int(min(examples, piece)), constants.units, workers=workers) / workers
    meetings = math.ceil(math.log2(workers)) + 1
    step = constants.add + constants.model_bytes / bandwidth
    return work + math.ceil(examples / piece) * (
        shards * constants.start + (shards - 1) * constants.add + meetings * step
    )


@click.command()
@click.option("--data", default="digits", show_default=True)
@click.option("--layers", default="auto", show_default=True)
@click.option("--examples", default=4000, show_default=True, help="Measured on that many; checked on them and on half.")
@click.option("--piece", default=1_000_000, show_default=True, help="--checkpoint-every of the projection.")
def main(data: str, layers: str, examples: int, piece: int) -> None:
    """Print the constants, the check and the projection."""
    use_wide_vectors()
    click.echo(f"command: {shlex.join(['python', *sys.argv])}\n")
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        constants = measured(data, layers, examples)
        click.echo(f"{os.cpu_count()} cores; load average of the last minute {os.getloadavg()[0]:.1f}\n")
        click.echo(told(constants))
        check(constants, data, layers, examples)
    project(constants, piece)


def measured(data: str, layers: str, examples: int) -> Constants:
    """The constants on up to ``examples`` of the data."""

    from indeependence import ContinualClassifier, load_dataset
    from indeependence.moments.accumulator import Moments, accumulate
    from indeependence.moments.solvers import centre, ridge

    dataset = load_dataset(data)
    x, y = dataset.x_train[:examples], dataset.y_train[:examples]
    encoder = ContinualClassifier(layers, n_jobs=1).bootstrap(dataset.x_train[:1000]).encoder_
    codes = encoder(x, jobs=1)
    empty = Moments.empty(encoder.fingerprint, encoder.units)
    sums = accumulate(empty, [(codes, y)])
    start = timed(lambda: accumulate(empty, [(codes[:1], y[:1])]))
    return Constants(
        units=encoder.units,
        encode=timed(lambda: encoder(x, jobs=1)) / len(x),
        products=max(timed(lambda: accumulate(empty, [(codes, y)])) - start, 0.0) / len(x),
        start=start,
        add=timed(lambda: sums + sums),
        solve=timed(lambda: ridge(centre(sums), 0.01)),
    )


def timed(act: Callable[[], object]) -> float:
    """Seconds that a call takes: the least of three."""
    times = []
    for _ in range(3):
        began = time.perf_counter()
        act()
        times.append(time.perf_counter() - began)
    return min(times)


def told(constants: Constants) -> str:
    """The constants as a table."""
    rows = [
        ("code units H", f"{constants.units:,}"),
        ("encoding, one example, one thread", f"{1e3 * constants.encode:.3f} ms"),
        ("products, one example, one thread", f"{1e3 * constants.products:.3f} ms"),
        ("beginning new sums", f"{1e3 * constants.start:.1f} ms"),
        ("adding two models", f"{1e3 * constants.add:.1f} ms"),
        ("weights for one penalty", f"{constants.solve:.2f} s"),
        ("sums in memory, 8 H²", f"{constants.model_bytes / 1e6:.1f} MB"),
    ]
    return "\n".join(["| constant | measured |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in rows)])


def check(constants: Constants, data: str, layers: str, examples: int) -> None:
    """Prints predicted beside measured seconds, in one process and on two workers."""
    import numpy as np

    from indeependence import ContinualClassifier, load_dataset
    from indeependence.distributed import Source, connected, sum_shards

    dataset = load_dataset(data)
    model = ContinualClassifier(layers, n_jobs=1).bootstrap(dataset.x_train[:1000])
    encoder, source = model.encoder_, Source(data)
    counts = [min(count, len(dataset.x_train)) for count in (examples // 2, examples)]
    lines = []
    with connected(workers=2) as client:
        warm = client.submit(np.ones, constants.units**2, pure=False)
        sum_shards(client, encoder, source, np.arange(8))  # workers load the data
        bandwidth = constants.model_bytes / timed(lambda: client.gather(warm))
        for count in counts:
            rows = np.arange(count)
            took = timed(lambda: sum_shards(client, encoder, source, rows))  # noqa: B023
            lines.append((count, 2, took, seconds(constants, count, 2, piece=count, bandwidth=bandwidth)))
    for count in counts:
        x, y = dataset.x_train[:count], dataset.y_train[:count]
        took = timed(lambda: model.start(encoder).partial_fit(x, y))  # noqa: B023
        lines.append((count, 1, took, seconds(constants, count, 1, piece=count, bandwidth=bandwidth)))
    click.echo(f"\nbetween processes of this machine: {bandwidth / 1e9:.2f} GB/s\n")
    click.echo("| examples | workers | predicted | measured |\n| --- | --- | --- | --- |")
    for count, workers, took, predicted in sorted(lines):
        click.echo(f"| {count:,} | {workers} | {predicted:.2f} s | {took:.2f} s |")


def project(constants: Constants, piece: int) -> None:
    """Prints the projection for 10⁶ to 10¹² examples and 1 to 1,000 workers, and the bytes for many classes."""
    click.echo("\n| examples | 1 worker | 10 | 100 | 1,000 workers |\n| --- | --- | --- | --- | --- |")
    for exponent in (6, 8, 10, 12):
        times = [seconds(constants, 10.0**exponent, w, piece=piece, bandwidth=BANDWIDTH) for w in (1, 10, 100, 1000)]
        click.echo(f"| 10^{exponent} | " + " | ".join(f"{took / 3600:,.2f} h" for took in times) + " |")
    click.echo("\n| classes C | sums per class, 8 H C | all sums in memory |\n| --- | --- | --- |")
    for classes in (10, 1000, 100_000):
        columns = 8 * constants.units * classes
        click.echo(f"| {classes:,} | {columns / 1e6:,.1f} MB | {(columns + constants.model_bytes) / 1e6:,.1f} MB |")


if __name__ == "__main__":
    main()
