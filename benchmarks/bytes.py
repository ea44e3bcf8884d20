"""Accuracy per byte: encoders of growing width, and beside each a replay buffer that makes as many bytes.

    python benchmarks/bytes.py --data ../shared/data/mnist

Bytes are all that is needed to go on learning: the encoder and the sums as a file holds them (one triangle, in the
narrowest whole-number type), or a network and its stored examples with their labels. A buffer that would be larger
than the data holds all of it. Cells that are boxes stand beside those that are slopes, and the discriminant beside
ridge from the same sums. Nothing is chosen on a test set; --train takes a part of the training examples, drawn by the
seed.
"""

from dataclasses import replace
from pathlib import Path

import frame
import numpy as np
from findings import Row, where

from indeependence import ContinualClassifier, Dataset, Scenario, evaluate
from indeependence.experiment.comparison import compare, held_by
from indeependence.experiment.methods import Settings

BOX, SLOPE = "patches:{}:size=7:pool=6:stride=4", "patches:{}:size=7:slopes=4"
COLOUR_BOX = "patches:{}:size=6:pool=14:stride=13:floor=0.03:flip=1"
COLOUR_SLOPE = "patches:{}:size={}:contrast=20:floor=0.003:threshold=0.5:slopes=2:root=1:flip=1:rounds=3"
GREY = {
    **{f"{count} bases, boxes": BOX.format(count) for count in (8, 32)},
    "64 bases, boxes, 3,000 directions": f"{BOX.format(64)},+sparse:3000",
    **{f"{count} bases, slopes": SLOPE.format(count) for count in (6, 16, 64)},
    **{f"64 bases, slopes, {count:,} directions": f"{SLOPE.format(64)},+sparse:{count}" for count in (1500, 5400)},
    "three of 64 bases, slopes, 5,400 directions": " | ".join([f"{SLOPE.format(64)},+sparse:5400"] * 3),
}
COLOUR = {
    **{f"{count} bases, boxes": COLOUR_BOX.format(count) for count in (50, 400)},
    **{f"{count:,} bases, slopes": COLOUR_SLOPE.format(count, 6) for count in (25, 100, 400, 1200)},
    "three of 1,200 bases, slopes": " | ".join(COLOUR_SLOPE.format(1200, size) for size in (4, 6, 8)),
}
SMALL = {f"{count} bases, boxes": f"patches:{count}:size=3:pool=2:stride=2" for count in (4, 8)}
NETWORK = 400  # hidden units of the network with the buffer
LABEL = 4  # bytes of a stored label
TABLE = (
    "| data | encoder | H | kept | accuracy | by ridge | CPU seconds | replay of as many bytes | accuracy "
    "| CPU seconds |\n"
    "| {data} | {encoder} | {units.mean:,.0f} | {kept.mean:,.4g} MB | {accuracy:.2f} % | {ridge:.2f} % "
    "| {cpu_seconds.mean:.0f} "
    "| {replay} | {replay_accuracy:.2f} % | {replay_cpu_seconds.mean:.0f} |"
)


def draw(rows: list[Row], path: Path) -> None:
    """Draw accuracy against bytes of both."""
    labels = {"xlabel": "MB kept between tasks", "ylabel": "average accuracy, %", "xscale": "log"}
    with frame.figure(path, [row["data"] for row in rows], **labels) as panels:
        for data, axes in panels.items():
            shown = where(rows, data=data)
            for index, (label, kind, answer, some) in enumerate(series(shown)):
                values = ([np.mean(row[kind + name]) for row in some] for name in ("kept", answer))
                axes.plot(*values, **frame.look(index), label=label)
            axes.axvline(shown[0]["all_data"][0], color="black", linewidth=1, linestyle=":", label="all data")


def series(rows: list[Row]) -> list[tuple[str, str, str, list[Row]]]:
    """Return what is drawn as lines: label, the kind of its figures, which of them, and its rows: at least one."""
    slopes = [row for row in rows if "slopes" in row["layers"]]
    boxes = [row for row in rows if "slopes" not in row["layers"]]
    replay = sorted((row for row in rows if row["replay_kept"][0] is not None), key=lambda row: np.mean(row["kept"]))
    lines = [
        ("sums, cells that are slopes", "", "accuracy", slopes),
        ("the same, by ridge", "", "ridge", slopes),
        ("sums, cells that are boxes", "", "accuracy", boxes),
        ("replay", "replay_", "accuracy", replay),
    ]
    return [line for line in lines if line[-1]]


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
    usual = COLOUR if len(shape) == 3 else GREY if min(shape) >= 20 else SMALL
    encoders = {f"`{text.replace(' | ', ' and ')}`": text for text in layers} or usual
    return [{"encoder": name, **point(scenario, dataset, text, seed)} for name, text in encoders.items()]


def point(scenario: Scenario, dataset: Dataset, layers: str, seed: int) -> Row:
    """Return the figures of one encoder and of the buffer beside it."""
    learner = ContinualClassifier(layers, random_state=seed)
    own, kept = evaluate(scenario, learner, data=dataset.name), held_by(learner).total
    learner.readout = "ridge"
    pixels, classes, examples = dataset.x_train[0].size, len(dataset.classes), len(dataset.y_train)
    network = 4 * ((pixels + 1) * NETWORK + (NETWORK + 1) * classes)
    size = min((kept - network) // (pixels + LABEL), examples)
    row = {
        "layers": layers,
        "units": own.code_units,
        "kept": kept / 1e6,
        "accuracy": 100 * own.average_accuracy,
        "ridge": 100 * float(np.mean([learner.score(*part.arrays()) for part in scenario.test])),
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
