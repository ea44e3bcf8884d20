"""Layers for photographs: what the defaults were chosen by. No test picture is looked at.

    python ../shared/data/unpack_cifar10.py cifar10.npz
    OPENBLAS_NUM_THREADS=1 python benchmarks/photographs.py --data cifar10.npz --learned 6000 --judged 4000 --bases 150

Of the training pictures some are learned, and others tell how good the layers are. The encoder sees those of the first
two classes only, as in five tasks. One encoder is shown beside members with as many bytes of sums.

A first look was taken on a graphics card, at a rough copy of the layers in PyTorch, 25,000 pictures learned and
6,400 code units. On cells with slopes, thresholds by rank in each window, an end of the responses, other powers than
a root, another contrast and another floor each changed the accuracy by at most 0.4 points: none of these was built.
"""

import time

import frame
import numpy as np
from findings import Row

from indeependence import ContinualClassifier, Dataset

TABLE = (
    "| encoder | code units | sums | accuracy | log loss | CPU seconds |\n"
    "| {encoder} | {units.mean:,.0f} | {sums.mean:.1f} MB | {accuracy:.2f} % | {loss:.3f} | {seconds.mean:.0f} |"
)
REST = "contrast=20:floor=0.003:threshold=0.5:root=1:flip=1"
FIRST = 2  # classes that the encoder sees


@frame.benchmark("photographs", TABLE, seeds=3)
@frame.option("--learned", default=10_000, help="Training pictures to learn.")
@frame.option("--judged", default=5_000, help="Training pictures to judge by.")
@frame.option("--bases", default=200, help="Of an encoder with four cells.")
@frame.option("--only", multiple=True, help="Encoders by their names; all if none is given.")
def main(dataset: Dataset, seed: int, learned: int, judged: int, bases: int, only: tuple[str, ...]) -> list[Row]:
    """Measure one encoder after another."""
    held_out = frame.held_out(dataset, judged, seed)
    chosen = {name: layers for name, layers in encoders(bases).items() if name in only or not only}
    return [{"encoder": name, **judge(held_out, learned, layers, seed)} for name, layers in chosen.items()]


def encoders(bases: int) -> dict[str, str]:
    """Return the layers of each encoder by its name; four cells have as many code units as others with fewer bases."""

    def patches(count: float, size: int, cells: str, rounds: int = 3) -> str:
        return f"patches:{count:.0f}:size={size}:{cells}:{REST}:rounds={rounds}"

    return {
        "2 × 2 boxes, 20 rounds": patches(bases, 6, "pool=14:stride=13", 20),
        "2 × 2 slopes, 20 rounds": patches(bases, 6, "slopes=2", 20),
        "2 × 2 boxes": patches(bases, 6, "pool=14:stride=13"),
        "2 × 2 slopes": patches(bases, 6, "slopes=2"),
        "3 × 3 slopes": patches(bases * 4 / 9, 6, "slopes=3"),
        "4 × 4 slopes": patches(bases / 4, 6, "slopes=4"),
        "windows of 4": patches(bases, 4, "slopes=2"),
        "windows of 8": patches(bases, 8, "slopes=2"),
        "bytes of three": patches(bases * 3**0.5, 6, "slopes=2"),
        "three members": " | ".join([patches(bases, 6, "slopes=2")] * 3),
        "members of 4, 6, 8": " | ".join(patches(bases, size, "slopes=2") for size in (4, 6, 8)),
    }


def judge(dataset: Dataset, learned: int, layers: str, seed: int) -> Row:
    """Return accuracy in percent, bytes in MB and seconds of an encoder that saw the first classes alone."""
    began = time.process_time()
    x, y = dataset.x_train[:learned], dataset.y_train[:learned]
    model = ContinualClassifier(layers, random_state=seed)
    model.bootstrap(x[np.isin(y, dataset.classes[:FIRST])]).partial_fit(x, y)
    found = model.predict_proba(dataset.x_test)
    right = np.searchsorted(model.classes_, dataset.y_test)
    return {
        "units": model.encoder_.units,
        "sums": model.moments_.nbytes / 1e6,
        "accuracy": 100 * float(np.mean(found.argmax(1) == right)),
        "loss": float(-np.log(found[np.arange(len(right)), right] + 1e-12).mean()),
        "seconds": time.process_time() - began,
    }


if __name__ == "__main__":
    main()
