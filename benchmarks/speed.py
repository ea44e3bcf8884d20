"""How near learning comes to the speed of its own matrix products, and how its time grows.

    python benchmarks/speed.py --data ../shared/data/mnist

One thread throughout, and its processor time, so that other work on the machine disturbs little. Every share is of
figures of this one run. The encoder's own products are windows by bases and codes by bases, nothing else.
"""

from __future__ import annotations

import os
import shlex
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from indeependence.machine import use_wide_vectors  # noqa: E402

if TYPE_CHECKING:
    import numpy as np

    from indeependence.encoder.encoder import Encoder

SIZE = 2048  # of the square product that the rate is measured on


@click.command()
@click.option("--data", default="digits", show_default=True)
@click.option("--layers", default="auto", show_default=True)
@click.option("--examples", default=4096, show_default=True, help="Encoded and learned.")
@click.option("--widths", default="500,1000,2000,4000", show_default=True, help="Of codes, for the growth with H.")
def main(data: str, layers: str, examples: int, widths: str) -> None:
    """Print the shares, the speeds and the growth."""
    use_wide_vectors()
    click.echo(f"command: {shlex.join(['python', *sys.argv])}")
    from threadpoolctl import threadpool_limits

    from indeependence import ContinualClassifier, load_dataset
    from indeependence.machine import peak_memory

    dataset = load_dataset(data)
    model = ContinualClassifier(layers, n_jobs=1).bootstrap(dataset.x_train[:2000])
    x, y = dataset.x_train[:examples], dataset.y_train[:examples]
    with threadpool_limits(1):
        rate = rate_of_one_core()
        click.echo(f"matrix product: {rate / 1e9:.0f} GFLOP/s float32, one thread; load {os.getloadavg()[0]:.1f}")
        click.echo(f"encoder: {model.encoder_.layers_text}, H = {model.encoder_.units:,}, {len(x):,} examples")
        from indeependence.encoder.layers.pooling import numba_pool

        click.echo(f"pooling: {'Numba' if numba_pool() else 'NumPy'}\n")
        codes = shares(model.encoder_, x, rate)
        click.echo("")
        speeds(model, x, y)
        click.echo("")
        growth(codes, y, [int(width) for width in widths.split(",")])
    click.echo(
        f"\npeak memory: {(peak_memory() or 0) / 1e6:.0f} MB; sums 8 H² = {8 * model.encoder_.units**2 / 1e6:.0f} MB"
    )


def shares(encoder: Encoder, x: np.ndarray, rate: float) -> np.ndarray:
    """Prints what encoding and adding products take beside the products alone; returns the codes."""
    import numpy as np
    from scipy.linalg.blas import ssyrk

    from indeependence.moments.gram import add_gram

    encoder(x[:1], jobs=1)  # whatever is made once
    alone = products_alone(encoder, x)
    encoding = cpu(lambda: encoder(x, jobs=1)) / len(x)
    codes = encoder(x, jobs=1)
    units = codes.shape[1]
    rows = np.asfortranarray(codes[:1024].astype(np.float32).T)
    room = np.zeros((units, units), np.float32, order="F")
    symmetric = cpu(lambda: ssyrk(1.0, rows, c=room, overwrite_c=1, lower=1)) / rows.shape[1]
    total = np.zeros((units, units), np.int64)
    adding = cpu(lambda: add_gram(total, codes)) / len(x)
    click.echo("| work on one example | µs | its products alone, µs | share |\n| --- | --- | --- | --- |")
    click.echo(f"| encoding | {1e6 * encoding:.0f} | {1e6 * alone:.0f} | {100 * alone / encoding:.0f} % |")
    click.echo(
        f"| Σ h hᵀ, exact | {1e6 * adding:.0f} | {1e6 * symmetric:.0f} (symmetric product) "
        f"| {100 * symmetric / adding:.0f} % |"
    )
    click.echo(
        f"\nΣ h hᵀ runs at {100 * units**2 / adding / rate:.0f} % of the rate above, of H² operations an example"
    )
    return codes


def products_alone(encoder: Encoder, x: np.ndarray) -> float:
    """Seconds for one example of the encoder's products of matrices, on their true operands, 256 rows at a time."""
    import numpy as np

    from indeependence.encoder.encoder import climb, flat
    from indeependence.encoder.layers.patches import PatchLayer, windows

    seconds, codes = 0.0, encoder.quantiser(x[:256])
    for layer, beside in zip(encoder.layers, encoder.keeps_input, strict=True):
        if isinstance(layer, PatchLayer):
            bases, some = layer.bases.astype(np.float32), windows(codes[:8], layer.size)
            times = 2 if layer.flip else 1
            seconds += times * cpu(lambda: [picture.T @ bases for picture in some]) / len(some)  # noqa: B023
        elif hasattr(layer, "bases"):
            rows, bases = flat(codes).astype(np.float32), layer.bases.astype(np.float32)
            seconds += cpu(lambda: rows @ bases) / len(rows)  # noqa: B023
        codes = climb(codes, layer, keeps_input=beside)
    return seconds


def speeds(model: Any, x: np.ndarray, y: np.ndarray) -> None:
    """Prints examples a second for learning and for prediction."""
    learning = cpu(lambda: model.start(model.encoder_).learn([(x, y)]))
    solving = cpu(lambda: model.start(model.encoder_, model.ledger_).weights, times=1)
    predicting = cpu(lambda: model.predict(x))
    one = cpu(lambda: [model.predict(x[i : i + 1]) for i in range(20)]) / 20
    click.echo("| what | figure |\n| --- | --- |")
    click.echo(f"| learning | {len(x) / learning:,.0f} examples a second |")
    click.echo(f"| prediction | {len(x) / predicting:,.0f} examples a second |")
    click.echo(f"| prediction of a single example | {1e3 * one:.2f} ms |")
    click.echo(f"| weights with the penalty chosen, once | {solving:.2f} s |")


def growth(codes: np.ndarray, y: np.ndarray, widths: list[int]) -> None:
    """Prints the time of the sums against N, H, classes and tasks."""
    import numpy as np

    from indeependence.moments.moments import Moments, accumulate

    def seconds(rows: np.ndarray, labels: np.ndarray, parts: int = 1) -> float:
        def learn() -> None:
            sums = Moments.empty("speed", rows.shape[1])
            for piece in np.array_split(np.arange(len(rows)), parts):
                sums = accumulate(sums, [(rows[piece], labels[piece])])

        return cpu(learn)

    click.echo("| grows with | sums, seconds | for one example |\n| --- | --- | --- |")
    narrow = np.ascontiguousarray(codes[:, : min(2000, codes.shape[1])])
    for count in (len(codes) // 4, len(codes) // 2, len(codes)):
        took = seconds(narrow[:count], y[:count])
        click.echo(f"| N = {count:,} | {took:.3f} | {1e6 * took / count:.1f} µs |")
    for width in (width for width in widths if width <= codes.shape[1]):
        took = seconds(np.ascontiguousarray(codes[:, :width]), y)
        click.echo(f"| H = {width:,} | {took:.3f} | {1e12 * took / len(codes) / width**2:.1f} ps for each of H² |")
    for classes in (10, 100, 1000):
        took = seconds(narrow, np.arange(len(codes)) % classes)
        click.echo(f"| C = {classes:,} | {took:.3f} | {1e6 * took / len(codes):.1f} µs |")
    for parts in (1, 5, 20):
        took = seconds(narrow, y, parts)
        click.echo(f"| tasks = {parts} | {took:.3f} | {1e6 * took / len(codes):.1f} µs |")


def rate_of_one_core() -> float:
    """Operations a second of one core in this machine's float32 matrix product, now."""
    import numpy as np

    square = np.ones((SIZE, SIZE), np.float32)
    return 2 * SIZE**3 / cpu(lambda: square @ square)


def cpu(act: Callable[[], object], times: int = 3) -> float:
    """Processor seconds of a call: the least of some."""
    taken = []
    for _ in range(times):
        began = time.process_time()
        act()
        taken.append(time.process_time() - began)
    return min(taken)


if __name__ == "__main__":
    main()
