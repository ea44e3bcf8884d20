"""Figures of the autoencoder: running error and cost, sums beside a moving average, closed form beside Adam.

    python benchmarks/autoencoder.py --data ../shared/data/mnist

Nothing is chosen on a test set. Every single value is printed.
"""

from __future__ import annotations

import json
import shlex
import sys
import time
from pathlib import Path
from typing import Any

import click

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from indeependence.machine import use_wide_vectors  # noqa: E402

HELD_OUT = 200  # pictures for the comparison of inferences


@click.command()
@click.option("--data", default="digits", show_default=True)
@click.option("--layers", multiple=True, default=["100", "400,250,150"], show_default=True)
@click.option("--limit", default=1000, show_default=True, help="Examples of a run.")
@click.option("--seeds", default=3, show_default=True)
@click.option("--steps", default=1000, show_default=True, help="Of Adam, beside the closed form.")
@click.option("--tasks", default=5, show_default=True)
@click.option("--output", type=click.Path(path_type=Path), default=Path("artifacts/autoencoder.json"))
def main(data: str, layers: tuple[str, ...], limit: int, seeds: int, steps: int, tasks: int, output: Path) -> None:
    """Print three tables."""
    use_wide_vectors()
    from indeependence import load_dataset

    dataset, name = load_dataset(data), Path(data).name
    click.echo(f"command: {shlex.join(['python', *sys.argv])}\n")
    found: dict[str, Any] = {"running": [], "inference": [], "split": []}
    click.echo("| data | layers | seed | error after half | error after all | CPU ms per example | drift |")
    click.echo("| --- | --- | --- | --- | --- | --- | --- |")
    for text in layers:
        for seed in range(seeds):
            one = running(dataset, text, limit, seed)
            found["running"].append(one)
            click.echo(
                f"| {name} | {text} | {seed} | {one['half']:.3f} | {one['error']:.3f} | {one['cpu_ms']:.2f} "
                f"| {', '.join(f'{share:.3f}' for share in one['drift'])} |"
            )
    click.echo(f"\n| data | layers | way | objective | seconds for {HELD_OUT} pictures | labels right |")
    click.echo("| --- | --- | --- | --- | --- | --- |")
    for text in layers:
        for one in inference(dataset, text, steps):
            found["inference"].append(one)
            click.echo(
                f"| {name} | {text} | {one['way']} | {one['objective']:.4f} | {one['seconds']:.2f} "
                f"| {one['right']:.3f} |"
            )
    click.echo("\n| data | sums | average accuracy | forgetting | CPU seconds |\n| --- | --- | --- | --- | --- |")
    for coeff in (None, 0.01):
        one = split(dataset, data, tasks, coeff)
        found["split"].append(one)
        kind = "exact" if coeff is None else f"moving average, {coeff}"
        click.echo(
            f"| {name} | {kind} | {100 * one['average_accuracy']:.2f} % | {100 * one['forgetting']:.2f} points "
            f"| {one['cpu_seconds']:.0f} |"
        )
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(found, indent=2))


def running(dataset: Any, text: str, limit: int, seed: int) -> dict[str, Any]:
    """One run over the first training examples, bootstrapped on the first, as the original program did."""
    from threadpoolctl import threadpool_limits

    from indeependence.models.autoencoder.labelled import LabelledAutoencoder
    from indeependence.models.autoencoder.online import run

    model = LabelledAutoencoder(dataset.classes.tolist(), text, random_state=seed, frozen=False)
    model.bootstrap(dataset.x_train[:1], dataset.y_train[:1])
    examples = zip(dataset.x_train[:limit], dataset.y_train[:limit].tolist(), strict=True)
    with threadpool_limits(1):
        cpu = time.process_time()
        errors = [step.error for step in run(model, examples)]
        cpu = time.process_time() - cpu
    told = {"layers": text, "seed": seed, "half": errors[len(errors) // 2 - 1], "error": errors[-1]}
    return {**told, "cpu_ms": 1000 * cpu / len(errors), "drift": model.autoencoder.drift}


def inference(dataset: Any, text: str, steps: int) -> list[dict[str, Any]]:
    """Objective, time and labels of the ways to infer, on held-out training pictures after 3,000 others."""
    import numpy as np

    from indeependence.models.autoencoder.labelled import LabelledAutoencoder

    x, y = dataset.x_train[:3000], dataset.y_train[:3000]
    learned, held = slice(0, len(x) - HELD_OUT), slice(len(x) - HELD_OUT, None)
    model = LabelledAutoencoder(dataset.classes.tolist(), text).bootstrap(x[learned], y[learned])
    model.learn([(x[learned], y[learned])])
    model.autoencoder.infer(x[held], method="adam", steps=1)  # so that loading TensorFlow is not timed
    _ = model.autoencoder.readout
    told = []
    for method, count in (("closed", 100), ("adam", 100), ("adam", steps), ("mean", 0)):
        began = time.perf_counter()
        found = model.autoencoder.infer(model.quantised(x[held]), method=method, steps=count)
        seconds = time.perf_counter() - began
        right = float(np.mean(np.array(model.labels)[found.targets.argmax(1)] == y[held]))
        way = f"{method}, {count} steps" if count else "conditional mean"
        told.append(
            {"layers": text, "way": way, "objective": found.error.mean().item(), "seconds": seconds, "right": right}
        )
    return told


def split(dataset: Any, data: str, tasks: int, coeff: float | None) -> dict[str, Any]:
    """Classes in tasks one after another, with exact sums or a moving average."""
    from indeependence import evaluate, split_tasks
    from indeependence.models.autoencoder.labelled import LabelledAutoencoder

    model = LabelledAutoencoder(dataset.classes.tolist(), coeff=coeff)
    return evaluate(split_tasks(dataset, tasks=tasks), model, data=data).to_json()


if __name__ == "__main__":
    main()
