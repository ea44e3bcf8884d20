"""Accuracy per byte: encoders of growing width, and beside each a replay buffer that makes as many bytes.

    python benchmarks/bytes.py --data ../shared/data/mnist

Bytes are all that is needed to go on learning: the encoder and the sums as a file holds them (one triangle, in the
narrowest whole-number type), or a network and its stored examples with their labels. A buffer that would be larger
than the data holds all of it. Nothing is chosen on a test set; --train takes a part of the training examples, drawn by
the seed.
"""

from dataclasses import replace
from pathlib import Path

import frame
import numpy as np
from findings import Row, where

from indeependence import Dataset, Scenario
from indeependence.experiment.comparison import compare
from indeependence.experiment.methods import Settings

GREY = (
    *(f"patches:{count}" for count in (8, 16, 32, 64)),
    *(f"patches:64,+sparse:{count}" for count in (1500, 3000, 4500)),
)
COLOUR = tuple(f"patches:{count}:size=6:pool=14:stride=13:floor=0.03:flip=1" for count in (50, 100, 200, 400))
SMALL = tuple(f"patches:{count}:size=3:pool=2:stride=2" for count in (4, 8))
NETWORK = 400  # hidden units of the network with the buffer
LABEL = 4  # bytes of a stored label
TABLE = (
    "| data | encoder | H | kept | accuracy | CPU seconds | replay of as many bytes | accuracy | CPU seconds |\n"
    "| {data} | `{encoder}` | {units.mean:,.0f} | {kept.mean:.3g} MB | {accuracy:.2f} % | {cpu_seconds.mean:.0f} "
    "| {replay} | {replay_accuracy:.2f} % | {replay_cpu_seconds.mean:.0f} |"
)


def draw(rows: list[Row], path: Path) -> None:
    """Draw accuracy against bytes of both."""
    labels = {"xlabel": "MB kept between tasks", "ylabel": "average accuracy, %", "xscale": "log"}
    with frame.figure(path, [row["data"] for row in rows], **labels) as panels:
        for data, axes in panels.items():
            shown = where(rows, data=data)
            for index, (kind, label) in enumerate((("", "sums, no example stored"), ("replay_", "replay"))):
                known = [row for row in shown if row[f"{kind}kept"][0] is not None]
                values = ([np.mean(row[kind + name]) for row in known] for name in ("kept", "accuracy"))
                axes.plot(*values, **frame.look(index), label=label)
            axes.axvline(shown[0]["all_data"][0], color="black", linewidth=1, linestyle=":", label="all data")


@frame.benchmark("bytes", TABLE, seeds=1, draw=draw)
@frame.option("--layers", multiple=True, help="Encoders, narrow to wide; some for the shape of the data if not given.")
@frame.option("--train", type=int, help="Training examples, drawn by the seed; all if not given.")
@frame.option("--tasks", default=5)
def main(dataset: Dataset, seed: int, layers: tuple[str, ...], train: int | None, tasks: int) -> list[Row]:
    """Measure each encoder and the buffer of as many bytes."""
    rows = np.sort(np.random.default_rng(seed).permutation(len(dataset.y_train))[:train])
    dataset = replace(dataset, x_train=dataset.x_train[rows], y_train=dataset.y_train[rows])
    shape = dataset.x_train.shape[1:]
    scenario = frame.shuffled_tasks(dataset, tasks, seed)
    encoders = layers or (COLOUR if len(shape) == 3 else GREY if min(shape) >= 20 else SMALL)
    return [point(scenario, dataset, text, seed) for text in encoders]


def point(scenario: Scenario, dataset: Dataset, layers: str, seed: int) -> Row:
    """Return the figures of one encoder and of the buffer beside it."""
    [own] = compare([scenario], ["indeependence"], Settings(layers=layers, seed=seed), data=dataset.name)
    pixels, classes, examples = dataset.x_train[0].size, len(dataset.classes), len(dataset.y_train)
    network = 4 * ((pixels + 1) * NETWORK + (NETWORK + 1) * classes)
    size = min((own.bytes.total - network) // (pixels + LABEL), examples)
    row = {
        "encoder": layers,
        "units": own.results[0].code_units,
        "kept": own.bytes.total / 1e6,
        "accuracy": 100 * own.average_accuracy,
        "cpu_seconds": own.cpu_seconds,
        "all_data": dataset.x_train.nbytes / 1e6,
    }
    if size < 1:
        none = dict.fromkeys(("replay_kept", "replay_accuracy", "replay_cpu_seconds"))
        return {**row, "replay": "the network alone is larger", **none}
    [replay] = compare([scenario], [f"replay:examples={size}"], Settings(seed=seed), data=dataset.name)
    return {
        **row,
        "replay": f"{size:,} examples" + (": all" if size == examples else ""),
        "replay_kept": replay.bytes.total / 1e6,
        "replay_accuracy": 100 * replay.average_accuracy,
        "replay_cpu_seconds": replay.cpu_seconds,
    }


if __name__ == "__main__":
    main()
