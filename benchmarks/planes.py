"""Maps of few planes beside dense ones: time and memory of a convolution and its gradient.

    python benchmarks/planes.py

Each size runs in a process of its own, so that its peak memory is its own. Dense maps are made as long as they fit.
"""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import click
import frame
import numpy as np
import tensorflow as tf
from findings import Row

from indeependence.planes.convolution import conv2d
from indeependence.planes.planes import from_planes

EXAMPLES, SIDE, FILTERS = 16, 14, 8  # of the maps; each example has its class's map alone
TABLE = (
    "| maps | planes: ms | dense: ms | planes: MB | dense: MB | time, dense over planes |\n"
    "| {maps} | {planes_ms.mean:.1f} | {dense_ms.mean:.1f} | {planes_mb:.1f} | {dense_mb:.1f} | {ratio:.1f} |"
)


@click.command()
@frame.option("--maps", "sizes", multiple=True, type=int, default=[100, 1000, 10_000, 100_000])
@frame.option("--dense-mb", default=400, help="The largest dense maps that are made, in MB.")
@frame.option("--seeds", default=5)
@frame.output_option("planes")
@frame.option("--one", hidden=True, help="One size in this process: KIND,MAPS,SEEDS.")
def main(sizes: tuple[int, ...], dense_mb: int, seeds: int, output: Path, one: str | None) -> None:
    """Print one row a size."""
    if one:
        kind, maps, count = one.split(",")
        click.echo(json.dumps([measured(kind, int(maps), seed) for seed in range(int(count))]))
        return
    facts = frame.header(range(seeds))
    rows = [compared(maps, seeds, 4 * EXAMPLES * SIDE**2 * maps <= dense_mb * 1e6) for maps in sizes]
    frame.publish(output, facts, planes=(TABLE, rows))


def compared(maps: int, seeds: int, fits: bool) -> Row:
    """Return times of all seeds and the largest growth of memory; of dense maps only where they fit."""
    row: Row = {"maps": f"{maps:,}"}
    for kind in ("planes", "dense") if fits else ("planes",):
        command = [sys.executable, __file__, "--one", f"{kind},{maps},{seeds}"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        runs = json.loads(done.stdout.splitlines()[-1])
        row[f"{kind}_ms"] = [1000 * run["seconds"] for run in runs]
        row[f"{kind}_mb"] = max(run["bytes"] for run in runs) / 1e6
    if fits:
        row["ratio"] = [dense / planes for planes, dense in zip(row["planes_ms"], row["dense_ms"], strict=True)]
    return row


def measured(kind: str, maps: int, seed: int) -> dict[str, float]:
    """Return the seconds of a convolution and its gradient, least of five, and the bytes by which the process grew."""
    rng = np.random.default_rng(seed)
    values, channel = rng.random((EXAMPLES, SIDE, SIDE), np.float32), rng.integers(0, maps, EXAMPLES)
    tf.nn.conv2d(tf.zeros((1, 3, 3, 1)), tf.zeros((3, 3, 1, 1)), 1, "SAME")  # what TensorFlow itself needs, before
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # later seeds of a process hardly raise it
    if kind == "planes":
        given = from_planes(values, np.arange(EXAMPLES), channel, examples=EXAMPLES, channels=maps)
        weights = tf.Variable(tf.random.stateless_normal((maps, 3, 3, FILTERS), (0, seed)))
    else:
        dense = np.zeros((EXAMPLES, SIDE, SIDE, maps), np.float32)
        dense[np.arange(EXAMPLES), :, :, channel] = values
        given = tf.constant(dense)
        weights = tf.Variable(tf.random.stateless_normal((3, 3, maps, FILTERS), (0, seed)))

    def act() -> None:
        with tf.GradientTape() as tape:
            answer = conv2d(given, weights) if kind == "planes" else tf.nn.conv2d(given, weights, 1, "SAME")
            loss = tf.reduce_sum(tf.square(answer))
        slope = tape.gradient(loss, weights)
        (slope.values if kind == "planes" else slope).numpy()

    seconds = frame.least_seconds(act, times=5, clock=time.perf_counter)
    return {"seconds": seconds, "bytes": 1024.0 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)}


if __name__ == "__main__":
    main()
