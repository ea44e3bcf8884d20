"""Permuted tasks with one shared label set, and what contexts do where there are none.

    python benchmarks/contexts.py --data ../shared/data/mnist --tasks 10
    python benchmarks/contexts.py --data ../shared/data/mnist --tasks 100 --layers drawn:600 --measure own
    python benchmarks/contexts.py --scenario split --tasks 5 --contexts one --contexts task --contexts auto
    python benchmarks/contexts.py --data ../shared/data/mnist --tasks 1 --limit 20000 --held-out --layers sparse:1500

No task identity is given at test time. Nothing is chosen on a test set: layers were chosen on held-out training
examples (--held-out) under other permutations, the penalty by generalised cross-validation from the sums.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import click
import frame
import numpy as np
from findings import Row

from indeependence import ContextualClassifier, ContinualClassifier, Dataset, Scenario, evaluate, permuted_tasks
from indeependence.data.scenarios import rotated_tasks, stream_tasks

SCENARIOS: dict[str, Callable[..., Scenario]] = {
    "permuted": permuted_tasks,
    "rotated": rotated_tasks,
    "split": frame.shuffled_tasks,
    "stream": lambda dataset, tasks, seed: stream_tasks(dataset, parts=tasks, order="class", seed=seed),
}
TABLE = (
    "| data | scenario | contexts | opened | layers | average accuracy | forgetting | own context | kept "
    "| closed, each | CPU seconds |\n"
    "| {data} | {scenario} | {contexts} | {opened.mean:.0f} | `{layers}` | {accuracy:.2f} % "
    "| {forgetting.mean:.2f} points | {own_context.mean:.2f} % | {sums.mean:.1f} MB | {closed.mean:.2f} MB "
    "| {cpu_seconds.mean:.0f} |"
)


@frame.benchmark("contexts", TABLE, seeds=1)
@frame.option("--scenario", type=click.Choice(list(SCENARIOS)), default="permuted")
@frame.option("--tasks", default=10)
@frame.option("--contexts", multiple=True, type=click.Choice(["one", "task", "auto"]), default=["task"])
@frame.option("--layers", default="auto")
@frame.option("--limit", type=int, help="Training examples of each task; all if not given.")
@frame.option("--held-out", is_flag=True, help="Test on 10,000 training examples, not learned; seeds from 1000.")
@frame.option("--measure", type=click.Choice(["all", "own"]), default="all")
def main(
    dataset: Dataset, seed: int, scenario: str, tasks: int, contexts: tuple[str, ...], held_out: bool, **choice: Any
) -> list[Row]:
    """Measure one row a kind of contexts; each seed has its own permutations, class order and encoders."""
    if held_out:
        seed += 1000
        dataset = frame.held_out(dataset, seed=seed)
    made = SCENARIOS[scenario](dataset, tasks=tasks, seed=seed)
    made = replace(made, train=tuple(part.take(choice["limit"] or len(part)) for part in made.train))
    return [
        {"scenario": f"{scenario}, {tasks}", "contexts": kind, **run(made, kind, seed, choice)} for kind in contexts
    ]


def run(scenario: Scenario, contexts: str, seed: int, choice: dict[str, Any]) -> Row:
    """Return the figures of one model."""
    make = ContinualClassifier if contexts == "one" else partial(ContextualClassifier, contexts=contexts)
    model = make(choice["layers"], random_state=seed)
    result = evaluate(scenario, model, measure=choice["measure"])
    return {
        "layers": result.encoder,
        "examples": max(result.examples_per_task),
        **frame.figures_of(result),
        **(opened(model, scenario) if isinstance(model, ContextualClassifier) else {}),
    }


def opened(model: ContextualClassifier, scenario: Scenario) -> Row:
    """Return how many contexts there are, the MB of one when closed, and how many test inputs find their own."""
    shares = []
    for number, part in enumerate(scenario.test, 1):
        chosen = np.concatenate([model.context_of(inputs) for inputs, _ in part.batches(1000)])
        own = number if model.contexts == "task" else np.bincount(chosen).argmax()
        shares.append(np.mean(chosen == own))
    closed = model.moments_.parts[0].close().nbytes / 1e6
    return {"opened": len(model.moments_.parts), "closed": closed, "own_context": 100 * float(np.mean(shares))}


if __name__ == "__main__":
    main()
