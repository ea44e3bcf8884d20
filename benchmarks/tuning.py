"""Settings of other methods, tried on a held-out part of the training data: what their defaults were chosen by.

    python benchmarks/tuning.py --data ../shared/data/mnist

The last tenth or so of the training rows is answered, the others are learned; the test part is never looked at. Each
method has a small grid of the settings that its paper leaves open, and all other settings are the same for all.
"""

import click
import frame
from findings import Row

from indeependence import Dataset
from indeependence.experiment.comparison import compare
from indeependence.experiment.methods import Settings

FIRST_ORDER = 100  # seed of the order of classes: none of those that the comparison has
GRID = {
    "lda": ("shrinkage=0.001", "shrinkage=0.01", "shrinkage=0.1"),
    "ewc": ("strength=100", "strength=5000", "strength=100000"),
    "si": ("strength=0.1", "strength=1", "strength=10"),
    "lwf": ("strength=0.3", "strength=1", "strength=3"),
    "replay": ("rate=0.0003", "rate=0.001"),
    "a-gem": ("rate=0.0003", "rate=0.001"),
    "der++": ("alpha=0.1,beta=0.5", "alpha=0.1,beta=1", "alpha=0.3,beta=0.5", "alpha=0.3,beta=1"),
    "icarl": ("rate=0.0003", "rate=0.001", "rate=0.003"),
    "deep-slda": ("shrinkage=0.0001", "shrinkage=0.01"),
}
TABLE = (
    "| method | settings tried | held-out accuracy | best | CPU seconds |\n"
    "| {method} | {settings} | {accuracy.mean:.2f} % | {best} | {cpu_seconds.mean:.3g} |"
)


@frame.benchmark("tuning", TABLE, seeds=1)
@frame.option("--tasks", default=5)
@frame.option("--steps", default=200, help="Of each network, for each task.")
@frame.option("--held-out", "count", default=5000, help="Training rows that are answered.")
@frame.option("--methods", default=",".join(GRID), help="Those to try.")
def main(dataset: Dataset, seed: int, tasks: int, steps: int, count: int, methods: str) -> list[Row]:
    """Measure every setting on the same tasks of the training data."""
    tuned = frame.shuffled_tasks(frame.held_out(dataset, count, FIRST_ORDER), tasks, FIRST_ORDER + seed)
    rows = []
    for method in methods.split(","):
        rows += _tried(method, tuned, Settings(steps=steps, seed=seed))
        click.echo(f"{method} is tried", err=True)
    return rows


def _tried(method: str, scenario, settings: Settings) -> list[Row]:
    entries = compare([scenario], [f"{method}:{tried}" for tried in GRID[method]], settings)
    best = max(entry.average_accuracy for entry in entries)
    return [
        {
            "method": method,
            "settings": tried,
            "accuracy": 100 * entry.average_accuracy,
            "best": "best" if entry.average_accuracy == best else "",
            "cpu_seconds": entry.cpu_seconds,
        }
        for tried, entry in zip(GRID[method], entries, strict=True)
    ]


if __name__ == "__main__":
    main()
