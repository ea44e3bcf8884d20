"""Planes that vanish in training, in five ways: a small network on the digits, and its second convolution.

    python benchmarks/vanishing.py

A plane of the kernel counts as left if it is at least a hundredth as long as the longest; the others are set to 0, and
only then is accuracy measured. The convolution then runs on the planes that are left; that its answers are those of the
dense layer is checked. A map of an example is present if any of its values is more than a hundredth of the largest.
Nothing was chosen by this table.
"""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click
import frame
import keras
import numpy as np
from findings import Row

from indeependence import load_dataset
from indeependence.planes.convolution import conv2d_sparse, kernel_from_dense
from indeependence.planes.planes import from_dense, to_dense
from indeependence.sparse import PlaneKL, PlaneL1, PlaneWinners, ShrinkPlanes

LEAST = 0.01  # of the longest: below it a plane counts as absent
TABLE = (
    "| way | planes of the kernel left of 1,024 | exactly 0 | maps present of 32 | test accuracy |\n"
    "| {way} | {planes.mean:.0f} | {zeros.mean:.0f} | {maps.mean:.1f} | {accuracy:.1f} % |"
)


@dataclass(frozen=True)
class Way:
    """What is done to the kernel of the second convolution, to its maps, and after it."""

    kernel: dict[str, Any]  # options of the layer
    maps: Any = None  # a penalty on its maps
    winners: int = 0  # maps that win in each example; 0: all


def ways() -> dict[str, Way]:
    """Return all ways by name; made anew for each network."""
    shrunk = {
        f"`ShrinkPlanes({amount})`, a step after each": Way({"kernel_constraint": ShrinkPlanes(amount)})
        for amount in (0.003, 0.006)
    }
    lasso = {
        f"`PlaneL1({strength})` on the kernel": Way({"kernel_regularizer": PlaneL1(strength)})
        for strength in (0.003, 0.01)
    }
    return {
        "nothing": Way({}),
        **shrunk,
        **lasso,
        "`PlaneL1(0.1)` on the maps": Way({}, PlaneL1(0.1, of="maps")),
        "`PlaneKL(10, target=0.02)` on the maps": Way({}, PlaneKL(10.0, target=0.02)),
        "`PlaneWinners(16)`": Way({}, winners=16),
    }


@click.command()
@frame.option("--epochs", default=20)
@frame.option("--seeds", default=5)
@frame.output_option("vanishing")
def main(epochs: int, seeds: int, output: Path) -> None:
    """Print one row a way."""
    facts = frame.header(range(seeds))
    rows = [row for way in ways() for row in frame.over_seeds(partial(vanishing, way, epochs), range(seeds), way=way)]
    frame.publish(output, facts, vanishing=(TABLE, rows))


def vanishing(way: str, epochs: int, seed: int) -> list[Row]:
    """Return planes, maps and accuracy in percent of one network."""
    keras.utils.set_random_seed(seed)
    digits = load_dataset("digits", seed=seed)
    x_train, x_test = (x[..., None].astype(np.float32) / 255 for x in (digits.x_train, digits.x_test))
    model = network(ways()[way])
    model.fit(x_train, digits.y_train, batch_size=64, epochs=epochs, verbose=0)
    second = model.get_layer("second")
    kernel = second.kernel.numpy()
    lengths = np.sqrt(np.square(kernel).sum((0, 1)))
    left = lengths > LEAST * lengths.max()
    second.kernel.assign(kernel * left)
    check_planes(model, x_test[:50])
    maps = keras.Model(model.inputs, model.get_layer("top").output).predict(x_test, verbose=0)
    accuracy = 100 * float(np.mean(model.predict(x_test, verbose=0).argmax(1) == digits.y_test))
    present = float((maps.max((1, 2)) > LEAST * maps.max()).sum(1).mean())
    return [{"planes": int(left.sum()), "zeros": int((lengths == 0).sum()), "maps": present, "accuracy": accuracy}]


def check_planes(model: keras.Model, pictures: np.ndarray) -> None:
    """Check that the convolution of planes answers as the dense one does."""
    below, second = model.layers[0](pictures), model.get_layer("second")
    planes = conv2d_sparse(from_dense(below), kernel_from_dense(second.kernel.numpy()))
    np.testing.assert_allclose(to_dense(planes), second(below), atol=1e-3)


def network(way: Way) -> keras.Model:
    """Return the network, ready to be trained."""
    top = keras.layers.ReLU(name="rectified", activity_regularizer=way.maps)
    winners = PlaneWinners(way.winners or 32, name="top")
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            keras.layers.Conv2D(32, 3, padding="same", activation="relu"),
            keras.layers.Conv2D(32, 3, padding="same", use_bias=False, name="second", **way.kernel),
            top,
            winners,
            keras.layers.GlobalMaxPooling2D(),
            keras.layers.Dense(10),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.003), loss, metrics=["accuracy"])
    return model


if __name__ == "__main__":
    main()
