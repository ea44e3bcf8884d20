"""The README's comparison with other methods: `compare` on each data set, over several seeds and class orders.

    python benchmarks/comparison.py --data digits --data ../shared/data/mnist

The baselines' settings are fixed and printed; nothing is chosen on a test set.
"""

from __future__ import annotations

import json
import os
import shlex
import sys
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from speed import rate_of_one_core  # noqa: E402

from indeependence.machine import use_wide_vectors  # noqa: E402


@click.command()
@click.option("--data", multiple=True, default=["digits"], show_default=True, help="As in compare; may be repeated.")
@click.option("--tasks", default=5, show_default=True)
@click.option("--seeds", default=5, show_default=True)
@click.option("--methods", default="all", show_default=True, help="As in compare.")
@click.option("--replay", multiple=True, default=[500, 5000], show_default=True, help="Examples that replay stores.")
@click.option("--steps", default=500, show_default=True, help="Of each network, for each task.")
@click.option("--layers", default="auto", show_default=True)
@click.option("--output", type=click.Path(path_type=Path), default=Path("artifacts/comparison.json"), show_default=True)
def main(
    data: tuple[str, ...],
    tasks: int,
    seeds: int,
    methods: str,
    replay: tuple[int, ...],
    steps: int,
    layers: str,
    output: Path,
) -> None:
    """Print a table and every single value for each data set."""
    use_wide_vectors()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    from indeependence import load_dataset, split_tasks
    from indeependence.data.scenarios import shuffled_classes
    from indeependence.experiment.comparison import NAMES, Settings, compare
    from indeependence.report.comparison import comparison_json, comparison_markdown

    click.echo(f"command: {shlex.join(['python', *sys.argv])}")
    click.echo(f"matrix product: {rate_of_one_core() / 1e9:.0f} GFLOP/s float32 a core")
    told = {}
    names = NAMES if methods == "all" else methods.split(",")
    for source in data:
        dataset = load_dataset(source)
        orders = [shuffled_classes(dataset, seed).tolist() for seed in range(seeds)]
        scenarios = [
            split_tasks(dataset, tasks=tasks, class_order=order, seed=seed) for seed, order in enumerate(orders)
        ]
        entries = compare(scenarios, names, Settings(layers, replay, steps), data=Path(source).name)
        click.echo(f"\n{Path(source).name}: {seeds} seeds, each with its own class order\n")
        click.echo(comparison_markdown(entries))
        told[source] = comparison_json(entries)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
