"""How far machines agree on the outputs of a Keras front, in single and in double precision.

    python benchmarks/front_precision.py --front squeezenet.keras --data cifar10.npz

The same pictures pass through the same network here and in one more process a setting; each setting makes the sums of
the network in another order, as other processors and libraries do. Compared with this one: how far outputs differ,
relative to the range of each output; how many of them differ after rounding to single precision; and how many
whole-number codes would be different ones if the outputs were cut into 256, 64, 16, 4 or 2 levels.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click
import frame
import numpy as np
from findings import Row

from indeependence import load_dataset
from indeependence.encoder.edges import fit_edges

LEVELS = (256, 64, 16, 4, 2)
PRECISIONS = ("single", "double")
APART = "--apart"  # the first word of a process of its own


@dataclass(frozen=True)
class Setting:
    """One way to compute the same network."""

    batch: int = 32
    threads: int = 0  # as many as there are cores
    compiled: bool = False  # by XLA, all but the resizing of pictures, which it does not know
    onednn: str = ""  # what oneDNN may use; "0" for none of it

    def environment(self) -> dict[str, str]:
        """Return the environment of a process with this setting."""
        onednn = {} if not self.onednn else {"ONEDNN_MAX_CPU_ISA": self.onednn}
        onednn = {"TF_ENABLE_ONEDNN_OPTS": "0"} if self.onednn == "0" else onednn
        return {**os.environ, **onednn, "TF_CPP_MIN_LOG_LEVEL": "3"}


HERE = Setting()  # what all others are compared with, in this process
SETTINGS = {
    "oneDNN without AVX": Setting(onednn="SSE41"),
    "oneDNN off": Setting(onednn="0"),
    "1 thread": Setting(threads=1),
    "oneDNN with AVX2": Setting(onednn="AVX2"),
    "1 at a time": Setting(batch=1),
    "64 at a time": Setting(batch=64),
    "2 threads": Setting(threads=2),
    "XLA": Setting(compiled=True),
}
TABLE = (
    "| front | setting | pictures | largest difference / range | outputs that differ | "
    f"{' | '.join(f'codes of {levels}' for levels in LEVELS)} | CPU ms a picture |\n"
    "| {precision} | {setting} | {pictures} | {difference:.0e} | {outputs:,} | "
    f"{' | '.join(f'{{codes{levels}:,}}' for levels in LEVELS)} | {{cpu:.1f}} |"
)


@click.command()
@frame.data_option
@frame.option("--front", type=click.Path(path_type=Path), help="A .keras file; if not given, a small untrained one.")
@frame.option("--limit", default=320, help="Pictures that pass through it.")
@frame.option("--settings", "count", default=len(SETTINGS), help="How many of the settings are tried.")
@frame.output_option("front_precision")
def main(data: str, front: Path | None, limit: int, count: int, output: Path) -> None:
    """Table the differences of each precision and setting."""
    facts = frame.header()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        pictures = load_dataset(data).x_train[:limit]
        np.save(place / "pictures.npy", pictures)
        save_fronts(front, pictures.shape[1:], place)
        rows = rows_of(list(SETTINGS)[:count], place)
    frame.publish(output, facts, front_precision=(TABLE, rows))


def save_fronts(path: Path | None, shape: tuple[int, ...], place: Path) -> None:
    """Write the front in both precisions."""
    from indeependence.encoder.fronts.pretrained import pretrained

    single = pretrained(untrained(shape) if path is None else path)
    for precision, made in zip(PRECISIONS, (single, pretrained(single, double=True)), strict=True):
        (place / f"{precision}.keras").write_bytes(made.network.archive)


def untrained(shape: tuple[int, ...]):
    """Return a small network of two convolutions for pictures of that shape."""
    from indeependence.quiet_keras import keras

    keras.utils.set_random_seed(0)
    layers = keras.layers
    convolved = [layers.Conv2D(16, 3, activation="relu"), layers.Conv2D(32, 3, activation="relu")]
    channels = shape[2] if len(shape) > 2 else 1
    return keras.Sequential([keras.Input((*shape[:2], channels)), *convolved, layers.Flatten()])


def rows_of(names: list[str], place: Path) -> list[Row]:
    """Return one row a precision and setting: how its outputs differ from those that are computed here."""
    here, others = outputs_of(HERE, place), [outputs_of_another(SETTINGS[name], place) for name in names]
    rows = [
        {"precision": precision, "setting": name, **differences(here[precision], outputs[precision])}
        for precision in PRECISIONS
        for name, outputs in zip(names, others, strict=True)
    ]
    for row in rows:
        row["cpu"] = 1e3 * float(here[f"{row['precision']}_seconds"]) / len(here[row["precision"]])
    return rows


def differences(first: np.ndarray, outputs: np.ndarray) -> Row:
    """Return how outputs ``[N, D]`` differ from the first ones, and how many codes of each number of levels do."""
    rounded, others = first.astype(np.float32), outputs.astype(np.float32)
    span = np.ptp(first, axis=0)
    edges = fit_edges(rounded)
    codes = edges(rounded).astype(int), edges(others).astype(int)
    counts = {f"codes{levels}": differing(*(one * levels // 256 for one in codes)) for levels in LEVELS}
    largest = float((np.abs(outputs - first) / np.where(span > 0, span, 1)).max())
    return {"pictures": f"{len(first):,}", "difference": largest, "outputs": differing(rounded, others), **counts}


def differing(one: np.ndarray, other: np.ndarray) -> int:
    """Return how many values differ."""
    return int((one != other).sum())


def outputs_of_another(setting: Setting, place: Path) -> dict[str, np.ndarray]:
    """Return what `outputs_of` does, from a process of its own."""
    words = [str(place), str(setting.batch), str(setting.threads), str(int(setting.compiled))]
    subprocess.run([sys.executable, __file__, APART, *words], env=setting.environment(), check=True)
    with np.load(place / "outputs.npz") as found:
        return dict(found)


def outputs_of(setting: Setting, place: Path) -> dict[str, np.ndarray]:
    """Return outputs of all pictures, each front's in its own precision, and the seconds of processor time."""
    from indeependence.quiet_keras import keras

    pictures = np.load(place / "pictures.npy").astype(np.float32)
    pictures = pictures[..., None] if pictures.ndim == 3 else pictures
    done: dict[str, Any] = {}
    for precision in PRECISIONS:
        run = prepared(keras.saving.load_model(place / f"{precision}.keras", compile=False), setting)
        run(np.zeros((setting.batch, *pictures.shape[1:]), np.float32))  # what is compiled now is not counted
        began, blocks = time.process_time(), []
        for start in range(0, len(pictures), setting.batch):
            block = pictures[start : start + setting.batch]
            full = np.pad(block, [(0, setting.batch - len(block)), *[(0, 0)] * (block.ndim - 1)])
            blocks.append(run(full)[: len(block)])
        done |= {precision: np.concatenate(blocks), f"{precision}_seconds": time.process_time() - began}
    return done


def prepared(model, setting: Setting) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function from inputs to outputs of the model."""
    from indeependence.quiet_keras import tf

    before, rest = split(model) if setting.compiled else (tf.identity, model)
    run = tf.function(partial(rest, training=False), jit_compile=setting.compiled)
    return lambda block: run(before(tf.constant(block))).numpy()


def split(model):
    """Return the resizing that a model begins with, if it does, and the rest of the model."""
    from indeependence.quiet_keras import keras, tf

    first = model.layers[1] if isinstance(model.layers[0], keras.layers.InputLayer) else model.layers[0]
    if not isinstance(first, keras.layers.Resizing):
        return tf.identity, model
    return first, keras.Model(first.output, model.output)


def apart(place: str, batch: str, threads: str, compiled: str) -> None:
    """Write what `outputs_of` returns; this is what each new process does."""
    from indeependence.quiet_keras import tf

    tf.config.threading.set_intra_op_parallelism_threads(int(threads))
    tf.config.threading.set_inter_op_parallelism_threads(int(threads))
    setting = Setting(int(batch), int(threads), compiled == "1")
    found: dict[str, Any] = outputs_of(setting, Path(place))
    np.savez(Path(place) / "outputs.npz", **found)


if __name__ == "__main__":
    apart(*sys.argv[2:]) if sys.argv[1:2] == [APART] else main()
