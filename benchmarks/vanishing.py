"""Planes that vanish in training: a small network on the digits whose second kernel is shortened after every step.

    python benchmarks/vanishing.py

The second convolution then runs on the planes that are left; that its answers are those of the dense layer is checked.
"""

from functools import partial
from pathlib import Path

import click
import frame
import keras
import numpy as np
from findings import Row

from indeependence import load_dataset
from indeependence.planes.convolution import conv2d_sparse, kernel_from_dense
from indeependence.planes.planes import from_dense, to_dense
from indeependence.sparse import ShrinkPlanes

AMOUNTS = (0.0, 0.003, 0.006)  # that ShrinkPlanes takes off after a step
TABLE = (
    "| planes shortened by | kernel planes left of 1,024 | filters left of 32 | test accuracy |\n"
    "| {amount} | {planes.mean:.0f} | {filters.mean:.1f} | {accuracy:.1f} % |"
)


@click.command()
@frame.option("--epochs", default=20)
@frame.option("--seeds", default=5)
@frame.output_option("vanishing")
def main(epochs: int, seeds: int, output: Path) -> None:
    """Print one row an amount."""
    facts = frame.header(range(seeds))
    rows = [
        row
        for amount in AMOUNTS
        for row in frame.over_seeds(partial(vanishing, amount, epochs), range(seeds), amount=str(amount))
    ]
    frame.publish(output, facts, vanishing=(TABLE, rows))


def vanishing(amount: float, epochs: int, seed: int) -> list[Row]:
    """Return planes, filters and accuracy in percent of one network."""
    keras.utils.set_random_seed(seed)
    digits = load_dataset("digits", seed=seed)
    x_train, x_test = (x[..., None].astype(np.float32) / 255 for x in (digits.x_train, digits.x_test))
    model = network(amount)
    model.fit(x_train, digits.y_train, batch_size=64, epochs=epochs, verbose=0)
    kernel = model.layers[1].kernel.numpy()
    below = model.layers[0](x_test[:50])
    planes = conv2d_sparse(from_dense(below), kernel_from_dense(kernel))
    np.testing.assert_allclose(to_dense(planes), model.layers[1](below), atol=1e-4)
    left = kernel.any((0, 1))
    accuracy = 100 * float(np.mean(model.predict(x_test, verbose=0).argmax(1) == digits.y_test))
    return [{"planes": int(left.sum()), "filters": int(left.any(0).sum()), "accuracy": accuracy}]


def network(amount: float) -> keras.Model:
    """Return the network, ready to be trained."""
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
    return model


if __name__ == "__main__":
    main()
