"""The README's table of accuracies: split scenarios, class-incremental, over several seeds and class orders.

    python benchmarks/accuracy.py --data digits --data ../shared/data/mnist --data ../shared/data/fashion-mnist

Nothing is chosen on a test set: one default for all, the penalty by generalised cross-validation from the sums.
"""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Any

import click

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from indeependence.machine import use_wide_vectors  # noqa: E402

HEAD = "| data | tasks × classes | seeds | average accuracy | forgetting | sums | data seen | CPU seconds |"


@click.command()
@click.option("--data", multiple=True, default=["digits"], show_default=True, help="As in evaluate; may be repeated.")
@click.option("--tasks", default=5, show_default=True)
@click.option("--seeds", default=5, show_default=True)
@click.option("--layers", default="auto", show_default=True)
@click.option("--output", type=click.Path(path_type=Path), default=Path("artifacts/accuracy.json"), show_default=True)
def main(data: tuple[str, ...], tasks: int, seeds: int, layers: str, output: Path) -> None:
    """Print one row a data set, and every single value below the table."""
    use_wide_vectors()
    click.echo(f"command: {shlex.join(['python', *sys.argv])}\nmatrix product: {matrix_rate():.0f} GFLOP/s float32\n")
    click.echo(HEAD + "\n" + "| --- " * HEAD.count(" | ") + "| --- |")
    runs = {source: [run(source, tasks, seed, layers) for seed in range(seeds)] for source in data}
    for source, results in runs.items():
        click.echo(row(source, results))
    for source, results in runs.items():
        values = ", ".join(f"seed {one['seed']}: {100 * one['average_accuracy']:.2f}" for one in results)
        click.echo(f"\n{source}: {values}")
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(runs, indent=2))


def run(source: str, tasks: int, seed: int, layers: str) -> dict[str, Any]:
    """One seed: its own class order, encoder and order of examples."""
    from indeependence import ContinualClassifier, evaluate, load_dataset, split_tasks
    from indeependence.data.scenarios import shuffled_classes

    dataset = load_dataset(source)
    order = shuffled_classes(dataset, seed).tolist()
    scenario = split_tasks(dataset, tasks=tasks, class_order=order, seed=seed)
    told = evaluate(scenario, ContinualClassifier(layers, random_state=seed), data=source).to_json()
    click.echo(f"{source} seed {seed} order {order}: {100 * told['average_accuracy']:.2f}", err=True)
    return {**told, "class_order": order}


def row(source: str, results: list[dict[str, Any]]) -> str:
    """A line of the table: means and deviations (N - 1) over seeds."""
    import numpy as np

    accuracy = 100 * np.array([one["average_accuracy"] for one in results])
    forgetting = 100 * np.mean([one["forgetting"] for one in results])
    first = results[0]
    deviation = f" ± {accuracy.std(ddof=1):.2f}" if len(results) > 1 else ""
    return (
        f"| {Path(source).name} | {len(first['task_names'])} × {len(first['classes']) // len(first['task_names'])} "
        f"| {len(results)} | {accuracy.mean():.2f}{deviation} % | {forgetting:.2f} points "
        f"| {first['statistics_bytes'] / 1e6:.1f} MB | {first['data_bytes'] / 1e6:.1f} MB "
        f"| {np.mean([one['cpu_seconds'] for one in results]):.0f} |"
    )


def matrix_rate(size: int = 2048) -> float:
    """GFLOP/s of this machine's float32 matrix product, now: the best of five."""
    import time

    import numpy as np

    square = np.ones((size, size), np.float32)
    times = []
    for _ in range(5):
        began = time.perf_counter()
        square @ square
        times.append(time.perf_counter() - began)
    return 2 * size**3 / min(times) / 1e9


if __name__ == "__main__":
    main()
