"""The README's table: split scenarios, class-incremental, over several seeds and class orders.

    python benchmarks/accuracy.py --data digits --data ../shared/data/mnist --data ../shared/data/fashion-mnist

Each seed has its own class order, encoder and order of examples. Nothing is chosen on a test set: one default for all,
the penalty by generalised cross-validation from the sums.
"""

import frame
from findings import Row

from indeependence import ContinualClassifier, Dataset, evaluate

TABLE = (
    "| data | tasks × classes | layers | seeds | average accuracy | forgetting | sums | data seen | CPU seconds |\n"
    "| {data} | {tasks} | `{layers}` | {seeds} | {accuracy:.2f} % | {forgetting.mean:.2f} points "
    "| {sums.mean:.1f} MB | {data_seen.mean:.1f} MB | {cpu_seconds.mean:.0f} |"
)


@frame.benchmark("accuracy", TABLE)
@frame.option("--tasks", default=5)
@frame.option("--layers", default="auto")
def main(dataset: Dataset, seed: int, tasks: int, layers: str) -> list[Row]:
    """Measure accuracy and forgetting in percent, sums and data in MB."""
    scenario = frame.shuffled_tasks(dataset, tasks, seed)
    result = evaluate(scenario, ContinualClassifier(layers, random_state=seed), data=dataset.name)
    shape = f"{tasks} × {len(result.classes) // tasks}"
    return [{"tasks": shape, "layers": layers, **frame.figures_of(result)}]


if __name__ == "__main__":
    main()
