"""The running error of the autoencoder, which infers each example before it learns it, and what an example costs.

    python benchmarks/autoencoder_running.py --data ../shared/data/mnist

One run over the first training examples, bootstrapped on the first, as the original program did; one thread.
"""

import time

import frame
from findings import Row
from threadpoolctl import threadpool_limits

from indeependence import Dataset
from indeependence.models.autoencoder.labelled import LabelledAutoencoder
from indeependence.models.autoencoder.online import run

TABLE = (
    "| data | layers | error after half | after all | CPU ms per example | drift of each layer |\n"
    "| {data} | `{layers}` | {half:.3f} | {all:.3f} | {cpu_ms:.2f} | {drift.mean:.3f} |"
)


@frame.benchmark("autoencoder_running", TABLE, seeds=3)
@frame.option("--layers", multiple=True, default=["100", "400,250,150"])
@frame.option("--limit", default=1000, help="Training examples.")
def main(dataset: Dataset, seed: int, layers: tuple[str, ...], limit: int) -> list[Row]:
    """Measure error, processor time and drift."""
    return [{"layers": text, **running(dataset, text, limit, seed)} for text in layers]


def running(dataset: Dataset, layers: str, limit: int, seed: int) -> Row:
    """Return the figures of one run."""
    model = LabelledAutoencoder(dataset.classes.tolist(), layers, random_state=seed, frozen=False)
    model.bootstrap(dataset.x_train[:1], dataset.y_train[:1])
    examples = zip(dataset.x_train[:limit], dataset.y_train[:limit].tolist(), strict=True)
    with threadpool_limits(1):
        began = time.process_time()
        errors = [step.error for step in run(model, examples)]
        cpu = time.process_time() - began
    told = {"half": errors[len(errors) // 2 - 1], "all": errors[-1], "cpu_ms": 1000 * cpu / len(errors)}
    return {**told, "drift": list(model.autoencoder.drift)}


if __name__ == "__main__":
    main()
