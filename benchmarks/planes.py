"""Maps of few planes beside dense ones: time and memory; planes that vanish in training; pictures from class maps.

    python benchmarks/planes.py --data digits --data ../shared/data/mnist

Each size runs in a process of its own, so that its peak memory is its own. Dense maps are made as long as they fit.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import click

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from accuracy import matrix_rate  # noqa: E402

from indeependence.machine import use_wide_vectors  # noqa: E402

EXAMPLES, SIDE, FILTERS = (
    16,
    14,
    8,
)  # of the maps; each example has its class's map alone
KINDS = ("planes", "dense")
AMOUNTS = (0.0, 0.003, 0.006)  # that ShrinkPlanes takes off after a step


@click.command()
@click.option("--data", multiple=True, default=["digits"], show_default=True)
@click.option("--maps", "sizes", multiple=True, type=int, default=[100, 1000, 10_000, 100_000], show_default=True)
@click.option("--dense-mb", default=400, show_default=True, help="The largest dense maps that are made, in MB.")
@click.option("--seeds", default=5, show_default=True)
@click.option("--epochs", default=20, show_default=True, help="Of the network whose planes vanish.")
@click.option("--limit", default=10_000, show_default=True, help="Training examples of the pictures from class maps.")
@click.option("--output", type=click.Path(path_type=Path), default=Path("artifacts/planes.json"), show_default=True)
@click.option("--one", hidden=True, help="One size in this process: KIND,MAPS,SEEDS.")
def main(data: tuple[str, ...], sizes: tuple[int, ...], output: Path, one: str | None, **choice: Any) -> None:
    """Print three tables and write the pictures beside the JSON."""
    use_wide_vectors()
    if one:
        kind, maps, seeds = one.split(",")
        click.echo(json.dumps([measured(kind, int(maps), seed) for seed in range(int(seeds))]))
        return
    click.echo(f"command: {shlex.join(['python', *sys.argv])}\nmatrix product: {matrix_rate():.0f} GFLOP/s float32\n")
    output.parent.mkdir(parents=True, exist_ok=True)
    found: dict[str, Any] = {"scale": print_scale(sizes, choice), "vanishing": print_vanishing(choice)}
    found["pictures"] = print_pictures(data, choice, output)
    output.write_text(json.dumps(found, indent=2))


def print_scale(sizes: tuple[int, ...], choice: dict[str, Any]) -> list[dict[str, Any]]:
    """Time of a convolution and its gradient, and memory, of planes and dense maps in turn."""
    import numpy as np

    click.echo("| maps | planes: ms | dense: ms | planes: MB | dense: MB | time, dense over planes, each seed |")
    click.echo("| --- " * 6 + "|")
    told = []
    for maps in sizes:
        fits = 4 * EXAMPLES * SIDE**2 * maps <= choice["dense_mb"] * 1e6
        runs = {kind: in_own_process(kind, maps, choice["seeds"]) for kind in (KINDS if fits else KINDS[:1])}
        told.append({"maps": maps, **runs})
        times = [1000 * np.mean([run["seconds"] for run in runs[kind]]) if kind in runs else None for kind in KINDS]
        room = [max(run["bytes"] for run in runs[kind]) / 1e6 if kind in runs else None for kind in KINDS]
        cells = ["too large" if value is None else f"{value:.1f}" for value in (*times, *room)]
        pairs = zip(runs["planes"], runs.get("dense", []), strict=False)
        ratios = [f"{dense['seconds'] / planes['seconds']:.1f}" for planes, dense in pairs]
        click.echo(f"| {maps:,} | {' | '.join(cells)} | {', '.join(ratios) or 'none'} |")
    return told


def in_own_process(kind: str, maps: int, seeds: int) -> list[dict[str, float]]:
    """What `measured` tells of each seed, in one fresh process for all."""
    command = [sys.executable, __file__, "--one", f"{kind},{maps},{seeds}"]
    quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=quiet)
    return json.loads(done.stdout.splitlines()[-1])


def measured(kind: str, maps: int, seed: int) -> dict[str, float]:
    """Seconds of a convolution and its gradient, the least of five; bytes by which the process grew at its peak."""
    import resource

    import numpy as np
    import tensorflow as tf

    from indeependence.planes.convolution import conv2d
    from indeependence.planes.planes import from_planes

    rng = np.random.default_rng(seed)
    values = rng.random((EXAMPLES, SIDE, SIDE), np.float32)
    channel = rng.integers(0, maps, EXAMPLES)
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
    taken = []
    for _ in range(5):
        began = time.perf_counter()
        with tf.GradientTape() as tape:
            answer = conv2d(given, weights) if kind == "planes" else tf.nn.conv2d(given, weights, 1, "SAME")
            loss = tf.reduce_sum(tf.square(answer))
        slope = tape.gradient(loss, weights)
        (slope.values if kind == "planes" else slope).numpy()
        taken.append(time.perf_counter() - began)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"seconds": min(taken), "bytes": 1024.0 * (after - before)}


def print_vanishing(choice: dict[str, Any]) -> list[dict[str, Any]]:
    """A small network on the digits, whose kernels are shortened after every step: how many planes are left."""
    import numpy as np

    head = "| planes shortened by | kernel planes left of 1,024 | filters left of 32 | test accuracy % "
    click.echo(f"\n{head}| each seed: planes left/accuracy |")
    click.echo("| --- " * 5 + "|")
    told = []
    for amount in AMOUNTS:
        runs = [vanishing(amount, seed, choice["epochs"]) for seed in range(choice["seeds"])]
        told += runs
        planes, filters, accuracy = (np.array([run[key] for run in runs]) for key in ("planes", "filters", "accuracy"))
        spread = 100 * accuracy.std(ddof=1) if len(runs) > 1 else 0.0
        each = ", ".join(f"{run['planes']}/{100 * run['accuracy']:.1f}" for run in runs)
        shown = f"{planes.mean():.0f} | {filters.mean():.1f} | {100 * accuracy.mean():.1f} ± {spread:.1f}"
        click.echo(f"| {amount} | {shown} | {each} |")
    return told


def vanishing(amount: float, seed: int, epochs: int) -> dict[str, Any]:
    """One network; its second convolution then runs on the planes that are left, with equal answers."""
    import keras
    import numpy as np

    from indeependence import load_dataset
    from indeependence.planes.convolution import conv2d_sparse, kernel_from_dense
    from indeependence.planes.planes import from_dense, to_dense
    from indeependence.sparse import ShrinkPlanes

    keras.utils.set_random_seed(seed)
    digits = load_dataset("digits", seed=seed)
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            keras.layers.Conv2D(32, 3, padding="same", activation="relu"),
            keras.layers.Conv2D(32, 3, padding="same", use_bias=False, kernel_constraint=ShrinkPlanes(amount)),
            keras.layers.ReLU(),
            keras.layers.GlobalMaxPooling2D(),
            keras.layers.Dense(10),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.003), loss, metrics=["accuracy"])
    x_train, x_test = (x[..., None].astype(np.float32) / 255 for x in (digits.x_train, digits.x_test))
    model.fit(x_train, digits.y_train, batch_size=64, epochs=epochs, verbose=0)
    kernel = model.layers[1].kernel.numpy()
    below = model.layers[0](x_test[:50])
    planes = conv2d_sparse(from_dense(below), kernel_from_dense(kernel))
    np.testing.assert_allclose(to_dense(planes), model.layers[1](below), atol=1e-4)
    accuracy = float(np.mean(model.predict(x_test, verbose=0).argmax(1) == digits.y_test))
    left = kernel.any((0, 1))
    return {
        "amount": amount,
        "seed": seed,
        "planes": int(left.sum()),
        "filters": int(left.any(0).sum()),
        "accuracy": accuracy,
    }


def print_pictures(data: tuple[str, ...], choice: dict[str, Any], output: Path) -> list[dict[str, Any]]:
    """Pictures from a 1 in the map of each class, and how many of them the project's own classifier recognises."""
    import numpy as np

    click.echo("\n| data | means recognised | drawn pictures recognised, of 200 each seed | each seed |")
    click.echo("| --- " * 4 + "|")
    told = []
    for source in data:
        runs = [
            pictured(source, seed, choice["limit"], output if seed == 0 else None) for seed in range(choice["seeds"])
        ]
        told += runs
        drawn = [run["drawn"] for run in runs]
        means, each = np.mean([run["means"] for run in runs]), ", ".join(f"{100 * share:.1f}" for share in drawn)
        click.echo(f"| {Path(source).name} | {means:.1f} of 10 | {100 * np.mean(drawn):.1f} % | {each} |")
    return told


def pictured(source: str, seed: int, limit: int, output: Path | None) -> dict[str, Any]:
    """Kernels from sums of moved pictures, 20 drawn ones for each class, and the answers of a classifier to them."""
    import numpy as np

    from indeependence import ContinualClassifier, load_dataset
    from indeependence.moments.ledger import accumulate_by_class
    from indeependence.moments.moments import Moments
    from indeependence.planes.class_maps import centred, class_maps, pictures_of, placed
    from indeependence.report.pictures.grid import grid, write_png

    dataset = load_dataset(source)
    x, y = centred(dataset.x_train[:limit]), dataset.y_train[:limit]
    sums = accumulate_by_class(Moments.empty("pictures", x[0].size), [(x.reshape(len(x), -1), y)])
    found = class_maps(sums, x.shape[1:], variations=20)
    height, width = x.shape[1:3]
    row, column = (height - 1) // 2, (width - 1) // 2
    means = [pictures_of(found, placed(found, [(label, row, column)], (height, width)))[0] for label in found.labels]
    drawn = [
        pictures_of(found, placed(found, [(label, row, column)], (height, width), spread=0.7, seed=(seed, i, j)))[0]
        for i, label in enumerate(found.labels)
        for j in range(20)
    ]
    layers = "auto" if height < 20 else "patches:16:size=7:pool=6:stride=4,+sparse:200"
    judge = ContinualClassifier(layers, random_state=seed).fit(x, y)
    if output is not None:
        rows = [picture for i, mean in enumerate(means) for picture in (mean, *drawn[20 * i : 20 * i + 7])]
        path = output.with_name(f"{output.stem}_{Path(source).name}.png")
        write_png(path, grid(np.stack(rows), columns=8, zoom=max(1, 56 // height)))
    return {
        "data": source,
        "seed": seed,
        "means": int(np.sum(judge.predict(np.stack(means)) == found.labels)),
        "drawn": float(np.mean(judge.predict(np.stack(drawn)) == np.repeat(found.labels, 20))),
    }


if __name__ == "__main__":
    main()
