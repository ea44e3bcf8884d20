"""The tables of docs/contexts.md: permuted tasks with one shared label set, and what contexts do where there are none.

    python benchmarks/contexts.py --data ../shared/data/mnist --tasks 10
    python benchmarks/contexts.py --data ../shared/data/mnist --tasks 100 --layers drawn:600 --measure own
    python benchmarks/contexts.py --scenario split --tasks 5 --contexts one --contexts task --contexts auto
    python benchmarks/contexts.py --data ../shared/data/mnist --tasks 1 --limit 20000 --held-out --layers sparse:1500

No task identity is given at test time. Nothing is chosen on a test set: layers were chosen on held-out training
examples (--held-out) under other permutations, the penalty by generalised cross-validation from the sums.
"""

from __future__ import annotations

import json
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from accuracy import matrix_rate  # noqa: E402

from indeependence.machine import use_wide_vectors  # noqa: E402

if TYPE_CHECKING:
    from indeependence.data.datasets import Dataset
    from indeependence.data.scenarios import Scenario
    from indeependence.models.contexts.classifier import ContextualClassifier

HEAD = (
    "| data | scenario | contexts | opened | layers | examples a task | average accuracy | forgetting | own context "
    "| kept | closed, each | data seen | CPU seconds |"
)


@click.command()
@click.option("--data", default="digits", show_default=True, help="As in evaluate.")
@click.option("--scenario", type=click.Choice(["permuted", "rotated", "split", "stream"]), default="permuted")
@click.option("--tasks", default=10, show_default=True)
@click.option("--contexts", multiple=True, type=click.Choice(["one", "task", "auto"]), default=["task"])
@click.option("--layers", default="auto", show_default=True)
@click.option("--limit", type=int, help="Training examples of each task; all if not given.")
@click.option("--held-out", is_flag=True, help="Test on 10,000 training examples, not learned; seeds from 1000.")
@click.option("--measure", type=click.Choice(["all", "own"]), default="all", show_default=True)
@click.option("--seeds", default=1, show_default=True)
@click.option("--output", type=click.Path(path_type=Path), default=Path("artifacts/contexts.json"), show_default=True)
def main(contexts: tuple[str, ...], seeds: int, output: Path, **choice: Any) -> None:
    """Print one row a run, and every single value below the table."""
    use_wide_vectors()
    click.echo(f"command: {shlex.join(['python', *sys.argv])}\nmatrix product: {matrix_rate():.0f} GFLOP/s float32\n")
    click.echo(HEAD + "\n" + "| --- " * HEAD.count(" | ") + "| --- |")
    first = 1000 if choice["held_out"] else 0
    runs = [run(which, seed, choice) for which in contexts for seed in range(first, first + seeds)]
    for one in runs:
        click.echo(row(one))
    for one in runs:
        values = ", ".join(f"{100 * value:.2f}" for value in one["accuracy_matrix"][-1])
        click.echo(f"\n{one['contexts']}, seed {one['seed']}, each test set at the end: {values}")
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(runs, indent=2))


def run(contexts: str, seed: int, choice: dict[str, Any]) -> dict[str, Any]:
    """One run: its own permutations, class order and encoders."""
    from indeependence import ContextualClassifier, ContinualClassifier, evaluate

    scenario = make_scenario(seed, choice)
    model: ContextualClassifier | ContinualClassifier = (
        ContinualClassifier(choice["layers"], random_state=seed)
        if contexts == "one"
        else ContextualClassifier(choice["layers"], contexts=contexts, random_state=seed)
    )
    told = evaluate(scenario, model, data=choice["data"], measure=choice["measure"]).to_json()
    click.echo(f"{contexts} seed {seed}: {100 * told['average_accuracy']:.2f}", err=True)
    return {
        **told,
        "contexts": contexts,
        **(opened(model, scenario) if isinstance(model, ContextualClassifier) else {}),
    }


def opened(model: ContextualClassifier, scenario: Scenario) -> dict[str, Any]:
    """How many contexts there are, the bytes of one when closed, and how many test inputs of a task share one."""
    import numpy as np

    shares = []
    for number, part in enumerate(scenario.test, 1):
        chosen = np.concatenate([model.context_of(inputs) for inputs, _ in part.batches(1000)])
        own = number if model.contexts == "task" else np.bincount(chosen).argmax()
        shares.append(np.mean(chosen == own))
    first = model.moments_.parts[0].close()
    return {"opened": len(model.moments_.parts), "closed_bytes": first.nbytes, "own_context": float(np.mean(shares))}


def make_scenario(seed: int, choice: dict[str, Any]) -> Scenario:
    """The tasks, of `--limit` training examples each if that is given."""
    from indeependence import load_dataset, permuted_tasks, split_tasks
    from indeependence.data import scenarios

    dataset, tasks = load_dataset(choice["data"]), choice["tasks"]
    dataset = without_tests(dataset, seed) if choice["held_out"] else dataset
    if choice["scenario"] == "split":
        order = scenarios.shuffled_classes(dataset, seed).tolist()
        scenario = split_tasks(dataset, tasks=tasks, class_order=order, seed=seed)
    elif choice["scenario"] == "stream":
        scenario = scenarios.stream_tasks(dataset, parts=tasks, order="class", seed=seed)
    else:
        make = permuted_tasks if choice["scenario"] == "permuted" else scenarios.rotated_tasks
        scenario = make(dataset, tasks=tasks, seed=seed)
    if choice["limit"] is None:
        return scenario
    return replace(scenario, train=tuple(part.take(choice["limit"]) for part in scenario.train))


def without_tests(dataset: Dataset, seed: int, count: int = 10_000) -> Dataset:
    """The training part alone, the last ``count`` of it in a random order to test on."""
    import numpy as np

    order = np.random.default_rng(seed).permutation(len(dataset.y_train))
    x, y, rest = dataset.x_train, dataset.y_train, order[:-count]
    return replace(dataset, x_train=x[rest], y_train=y[rest], x_test=x[order[-count:]], y_test=y[order[-count:]])


def row(one: dict[str, Any]) -> str:
    """A line of the table."""
    own = f"{100 * one['own_context']:.2f} %" if "own_context" in one else "–"
    closed = f"{one['closed_bytes'] / 1e6:.2f} MB" if "closed_bytes" in one else "–"
    return (
        f"| {Path(one['data']).name} | {one['scenario']}, {len(one['task_names'])} | {one['contexts']} "
        f"| {one.get('opened', 1)} | `{one['encoder']}` | {max(one['examples_per_task']):,} "
        f"| {100 * one['average_accuracy']:.2f} % | {100 * one['forgetting']:.2f} points | {own} "
        f"| {one['statistics_bytes'] / 1e6:.1f} MB | {closed} | {one['data_bytes'] / 1e6:.1f} MB "
        f"| {one['cpu_seconds']:.0f} |"
    )


if __name__ == "__main__":
    main()
