"""The simulation of `benchmarks/network.py` beside Dask's own scheduler, with sleep in the place of work and messages.

    python benchmarks/delays.py

More workers than this machine has cores, on a network slower than its own: each of the workers, all in this process,
sleeps as long as a shard takes, and two sums meet after the sleep of a message, where they are not on one worker, and
of adding. What Dask decides, which worker gets which task, and what it takes itself, are real.
"""

import time
from pathlib import Path

import click
import frame
from findings import Row
from network import MEASURED, Network, Work, piece_of, simulated

from indeependence.distributed.shards import joined

NETWORKS = {
    "1 ms latency, 10 Gbit/s": Network(),
    "100 ms latency, 1 Gbit/s": Network(0.1, 1.25e8),
    "300 ms latency, 0.1 Gbit/s": Network(0.3, 1.25e7),
}
TABLE = (
    "| network | workers | shards | simulated | with Dask | their ratio |\n"
    "| {network} | {workers} | {shards} | {simulated:.2f} s | {took:.2f} s | {ratio:.2f} |"
)


@click.command()
@frame.option("--workers", default="1,4,20", help="Numbers of them.")
@frame.option("--examples", default=50_000.0, help="For each worker.")
@frame.option("--seeds", default=3, help="Rounds.")
@frame.output_option("delays")
def main(workers: str, examples: float, seeds: int, output: Path) -> None:
    """Print the table."""
    facts = frame.header(range(seeds))
    counts = [int(count) for count in workers.split(",")]
    rows = frame.over_seeds(lambda _: [row for count in counts for row in both(count, examples * count)], range(seeds))
    frame.publish(output, {**facts, "assumed": str(MEASURED)}, delays=(TABLE, rows))


def both(count: int, examples: float) -> list[Row]:
    """Return a row a network, of so many workers."""
    from distributed import Client, LocalCluster

    rows = []
    with (
        LocalCluster(n_workers=count, threads_per_worker=1, processes=False, dashboard_address=None) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        for name, network in NETWORKS.items():
            work = piece_of(MEASURED, examples, count)
            least = simulated(work, network, [1.0] * count)
            took = frame.spent(lambda: asleep(client, work, network, count), time.perf_counter)[0]  # noqa: B023
            told = {"network": name, "workers": str(count), "shards": str(work.shards)}
            rows.append({**told, "simulated": least, "took": took, "ratio": took / least})
    return rows


def asleep(client, work: Work, network: Network, workers: int) -> None:
    """Ask for the same tasks as `distributed.shards.sum_shards`, and wait for the last one."""
    places = list(client.scheduler_info(n_workers=-1)["workers"])
    sums = [
        client.submit(shard, work.seconds, workers=places[i % workers], allow_other_workers=True, pure=False)
        for i in range(work.shards)
    ]
    message = network.message(work.size)
    last = joined(sums, workers, lambda one, other: client.submit(add, one, other, message, work.add, pure=False))
    last.result()
    time.sleep(message)


def shard(seconds: float) -> str:
    """Sleep, and return where."""
    time.sleep(seconds)
    return here()


def add(one: str, other: str, message: float, seconds: float) -> str:
    """Sleep until both sums are here and added, and return where."""
    time.sleep(seconds + message * len({one, other} - {here()}))
    return here()


def here() -> str:
    """Return the address of the worker that this runs on."""
    from distributed import get_worker

    return get_worker().address


if __name__ == "__main__":
    main()
