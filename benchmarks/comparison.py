"""The README's comparison with other methods: `compare` on each data set, over several seeds and class orders.

    python benchmarks/comparison.py --data digits --data ../shared/data/mnist

The baselines' settings are printed; nothing is chosen on a test set (`benchmarks/tuning.py`). Bytes are all that is
needed to go on learning: encoder, sums, weights, examples.
"""

import frame
from findings import Row

from indeependence import Dataset
from indeependence.experiment.comparison import compare
from indeependence.experiment.methods import Settings, names_of

TABLE = (
    "| data | method | stored examples | last | incremental | forgetting | kept | CPU seconds | settings |\n"
    "| {data} | {method} | {stored.mean:,.0f} | {accuracy:.2f} % | {incremental.mean:.2f} % "
    "| {forgetting.mean:.2f} points | {kept.mean:.3g} MB "
    "| {cpu_seconds.mean:.3g} | {settings} |"
)


@frame.benchmark("comparison", TABLE)
@frame.option("--tasks", default=5)
@frame.option("--methods", default="all", help="As in compare.")
@frame.option("--steps", default=500, help="Of each network, for each task.")
@frame.option("--layers", default="auto")
def main(dataset: Dataset, seed: int, tasks: int, methods: str, steps: int, layers: str) -> list[Row]:
    """Measure every method on the same tasks in the same process."""
    settings = Settings(layers, steps, seed)
    entries = compare([frame.shuffled_tasks(dataset, tasks, seed)], names_of(methods), settings, data=dataset.name)
    return [
        {
            "method": entry.name,
            "settings": entry.about,
            "stored": entry.stored_examples,
            "accuracy": 100 * entry.average_accuracy,
            "incremental": 100 * float(entry.curve.mean()),
            "forgetting": None if entry.forgetting is None else 100 * entry.forgetting,
            "kept": entry.bytes.total / 1e6,
            "cpu_seconds": entry.cpu_seconds,
        }
        for entry in entries
    ]


if __name__ == "__main__":
    main()
