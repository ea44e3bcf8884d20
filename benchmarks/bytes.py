"""Accuracy per byte: encoders of growing width, and beside each a replay buffer that makes as many bytes.

    python benchmarks/bytes.py --data ../shared/data/mnist

Bytes are all that is needed to go on learning: the encoder and the sums as a file holds them (one triangle, in the
narrowest whole-number type), or a network and its stored examples with their labels. A buffer that would be larger
than the data holds all of it. One seed; nothing is chosen on a test set; --train takes a part of
the training examples, drawn by the seed.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from speed import rate_of_one_core  # noqa: E402

from indeependence.machine import use_wide_vectors  # noqa: E402

if TYPE_CHECKING:
    from indeependence.data.scenarios import Scenario

GREY = (
    *(f"patches:{count}" for count in (8, 16, 32, 64)),
    *(f"patches:64,+sparse:{count}" for count in (1500, 3000, 4500)),
)
COLOUR = tuple(f"patches:{count}:size=6:pool=14:stride=13:floor=0.03:flip=1" for count in (50, 100, 200, 400))
SMALL = tuple(f"patches:{count}:size=3:pool=2:stride=2" for count in (4, 8))
NETWORK = 400  # hidden units of the network with the buffer
LABEL = 4  # bytes of a stored label


@click.command()
@click.option("--data", default="digits", show_default=True)
@click.option("--layers", multiple=True, help="Encoders, narrow to wide; some for the shape of the data if not given.")
@click.option("--train", type=int, help="Training examples, drawn by the seed; all if not given.")
@click.option("--tasks", default=5, show_default=True)
@click.option("--seed", default=0, show_default=True)
@click.option("--output", type=click.Path(path_type=Path), default=Path("artifacts/bytes.json"), show_default=True)
def main(data: str, layers: tuple[str, ...], train: int | None, tasks: int, seed: int, output: Path) -> None:
    """Print a row for each encoder and its buffer; write the values, and a plot beside them."""
    use_wide_vectors()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import numpy as np

    from indeependence import load_dataset, split_tasks
    from indeependence.data.scenarios import shuffled_classes

    click.echo(f"command: {shlex.join(['python', *sys.argv])}")
    click.echo(f"matrix product: {rate_of_one_core() / 1e9:.0f} GFLOP/s float32 a core\n")
    dataset = load_dataset(data)
    if train is not None:
        rows = np.sort(np.random.default_rng(seed).permutation(len(dataset.y_train))[:train])
        dataset = replace(dataset, x_train=dataset.x_train[rows], y_train=dataset.y_train[rows])
    scenario = split_tasks(dataset, tasks=tasks, class_order=shuffled_classes(dataset, seed).tolist(), seed=seed)
    shape = dataset.x_train.shape[1:]
    texts = layers or (COLOUR if len(shape) == 3 else GREY if min(shape) >= 20 else SMALL)
    click.echo("| encoder | H | bytes | accuracy, % | CPU s | replay of as many bytes | accuracy, % | CPU s |")
    click.echo("| --- " * 8 + "|")
    points = [point(scenario, text, seed, Path(data).name) for text in texts]
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(points, indent=2))
    plot(points, scenario.train[0].x.nbytes, output.with_suffix(".png"))


def point(scenario: Scenario, text: str, seed: int, data: str) -> dict[str, Any]:
    """One encoder and the buffer beside it, printed as a row."""
    import numpy as np

    from indeependence.experiment.comparison import Settings, compare
    from indeependence.report.formatting import percent, readable_bytes

    [own] = compare([scenario], ["indeependence"], Settings(layers=text, seed=seed), data=data)
    pixels, classes = int(np.prod(scenario.train[0].x.shape[1:])), len(own.results[0].classes)
    network = 4 * ((pixels + 1) * NETWORK + (NETWORK + 1) * classes)
    all_examples = sum(own.results[0].examples_per_task)
    size = min((own.bytes.total - network) // (pixels + LABEL), all_examples)
    head = f"| `{text}` | {own.results[0].code_units:,} | {readable_bytes(own.bytes.total)} "
    head += f"| {percent(own.average_accuracy)} | {own.cpu_seconds:.0f} "
    if size < 1:
        click.echo(f"{head}| the network alone is larger | – | – |")
        return {"own": own.to_json(), "replay": None}
    [replay] = compare([scenario], ["replay"], Settings(replay=(size,), seed=seed), data=data)
    stored = f"{size:,} examples" + (": all" if size == all_examples else "")
    click.echo(f"{head}| {stored} | {percent(replay.average_accuracy)} | {replay.cpu_seconds:.0f} |")
    return {"own": own.to_json(), "replay": replay.to_json()}


def plot(points: list[dict[str, Any]], data_bytes: int, path: Path) -> None:
    """Writes accuracy against bytes of both as a PNG."""
    from indeependence.report.plots import plots

    figure, axes = plots.new_figure(8.0, 4.6)
    for i, name in enumerate(("own", "replay")):
        shown = [one[name] for one in points if one[name]]
        if not shown:
            continue
        pairs = [(one["bytes"], 100 * one["average_accuracy"]) for one in shown]
        label = "sums, no example stored" if name == "own" else "replay"
        axes.plot(*zip(*pairs, strict=True), color=plots.COLOURS[i], marker=plots.MARKERS[i], label=label)
    axes.axvline(data_bytes, color=plots.INK, linewidth=1, linestyle=":", label="all data")
    axes.set_xscale("log")
    axes.set_xlabel("bytes kept between tasks", fontsize=12)
    axes.set_ylabel("average accuracy, %", fontsize=12)
    axes.grid(alpha=0.15)
    axes.legend(frameon=False)
    path.write_bytes(plots.png(figure))


if __name__ == "__main__":
    main()
