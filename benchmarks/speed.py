"""How near learning comes to the speed of its own matrix products.

    python benchmarks/speed.py --data ../shared/data/mnist

One thread throughout, and its processor time, so that other work on the machine disturbs little. Every share is of
figures of this one run. The encoder's own products are windows by bases and codes by bases, nothing else.
"""

from pathlib import Path

import click
import frame
import numpy as np
from findings import Row
from scipy.linalg.blas import ssyrk
from threadpoolctl import threadpool_limits

from indeependence import ContinualClassifier, load_dataset
from indeependence.encoder.encoder import Encoder, climb, flat
from indeependence.encoder.layers.patches import PatchLayer, windows
from indeependence.encoder.layers.pooling import numba_pool
from indeependence.machine import peak_memory
from indeependence.moments.gram import add_gram

SHARES = (
    "| work on one example | µs | its products alone, µs | share |\n"
    "| {work} | {microseconds:.0f} | {products:.0f} | {share:.0f} % |"
)
FIGURES = "| what | figure | unit |\n| {what} | {figure:,.4g} | {unit} |"


@click.command()
@frame.data_option
@frame.option("--layers", default="auto")
@frame.option("--examples", default=4096, help="Encoded and learned.")
@frame.output_option("speed")
def main(data: str, layers: str, examples: int, output: Path) -> None:
    """Print the shares and the speeds."""
    dataset = load_dataset(data)
    model = ContinualClassifier(layers, n_jobs=1).bootstrap(dataset.x_train[:2000])
    x, y = dataset.x_train[:examples], dataset.y_train[:examples]
    with threadpool_limits(1):
        facts = frame.header()
        rate = frame.rate_of_one_core()
        tables = {"speed": (SHARES, shares(model.encoder_, x)), "figures": (FIGURES, figures(model, x, y, rate))}
    frame.publish(output, facts, **tables)


def shares(encoder: Encoder, x: np.ndarray) -> list[Row]:
    """Return what encoding and adding products take beside the products alone."""
    encoder(x[:1], jobs=1)  # whatever is made once
    alone = products_alone(encoder, x)
    encoding = frame.least_seconds(lambda: encoder(x, jobs=1)) / len(x)
    codes = encoder(x, jobs=1)
    rows = np.asfortranarray(codes[:1024].astype(np.float32).T)
    room = np.zeros((encoder.units, encoder.units), np.float32, order="F")
    symmetric = frame.least_seconds(lambda: ssyrk(1.0, rows, c=room, overwrite_c=1, lower=1)) / rows.shape[1]
    adding = seconds_to_add(codes)
    return [
        {"work": work, "microseconds": 1e6 * took, "products": 1e6 * least, "share": 100 * least / took}
        for work, took, least in (("encoding", encoding, alone), ("Σ h hᵀ, exact (symmetric)", adding, symmetric))
    ]


def seconds_to_add(codes: np.ndarray) -> float:
    """Return the seconds of one example's ``h hᵀ``."""
    total = np.zeros((codes.shape[1], codes.shape[1]), np.int64)
    return frame.least_seconds(lambda: add_gram(total, codes)) / len(codes)


def products_alone(encoder: Encoder, x: np.ndarray) -> float:
    """Return the seconds for one example of the encoder's products, on their true operands, 256 rows at a time."""
    seconds, codes = 0.0, encoder.quantiser(x[:256])
    for layer, keeps_input in zip(encoder.layers, encoder.keeps_input, strict=True):
        if isinstance(layer, PatchLayer):
            bases, some = layer.bases.astype(np.float32), windows(codes[:8], layer.size)
            once = frame.least_seconds(lambda: [picture.T @ bases for picture in some])  # noqa: B023
            seconds += (2 if layer.flip else 1) * once / len(some)
        elif hasattr(layer, "bases"):
            rows, bases = flat(codes).astype(np.float32), layer.bases.astype(np.float32)
            seconds += frame.least_seconds(lambda: rows @ bases) / len(rows)  # noqa: B023
        codes = climb(codes, layer, keeps_input=keeps_input)
    return seconds


def figures(model: ContinualClassifier, x: np.ndarray, y: np.ndarray, rate: float) -> list[Row]:
    """Return examples a second for learning and for prediction, and what they rest on."""
    encoder, units = model.encoder_, model.encoder_.units
    learning = frame.least_seconds(lambda: model.start(encoder).learn([(x, y)]))
    solving = frame.least_seconds(lambda: model.start(encoder, model.ledger_).weights, times=1)
    predicting = frame.least_seconds(lambda: model.predict(x))
    one = frame.least_seconds(lambda: [model.predict(x[i : i + 1]) for i in range(20)]) / 20
    adding = seconds_to_add(encoder(x, jobs=1))
    rows = (
        ("code units H", units, encoder.layers_text),
        ("pooling", None, "Numba" if numba_pool() else "NumPy"),
        ("Σ h hᵀ, of H² operations an example", 100 * units**2 / adding / rate, "% of the rate of one core"),
        ("learning", len(x) / learning, "examples a second"),
        ("prediction", len(x) / predicting, "examples a second"),
        ("prediction of a single example", 1e3 * one, "ms"),
        ("weights with the penalty chosen, once", solving, "s"),
        ("peak memory", (peak_memory() or 0) / 1e6, "MB"),
        ("sums, 8 H²", 8e-6 * units**2, "MB"),
    )
    return [{"what": what, "figure": figure, "unit": unit} for what, figure, unit in rows]


if __name__ == "__main__":
    main()
