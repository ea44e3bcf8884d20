"""What (ε, δ) costs: test accuracy of weights from noisy sums, over ε, with and without a bound on the codes.

    python benchmarks/privacy.py --data ../shared/data/mnist --layers patches:16 --layers patches:16,norm

The encoder is bootstrapped on the first --public training examples, which are then not learned, so that the promise
covers all that are. Seeds are those of the noise; the command `export` takes its noise from the operating system.
"""

from __future__ import annotations

import math
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from accuracy import matrix_rate  # noqa: E402

from indeependence.machine import use_wide_vectors  # noqa: E402

if TYPE_CHECKING:
    from indeependence import ContinualClassifier, Dataset


@click.command()
@click.option("--data", default="digits", show_default=True)
@click.option("--layers", multiple=True, default=["20", "20,norm"], show_default=True, help="May be repeated.")
@click.option("--public", default=200, show_default=True, help="Examples for the encoder alone.")
@click.option("--epsilon", "epsilons", multiple=True, type=float, default=[0.1, 0.3, 1, 3, 10], show_default=True)
@click.option("--delta", default=1e-5, show_default=True)
@click.option("--seeds", default=5, show_default=True, help="Drawings of the noise.")
def main(
    data: str, layers: tuple[str, ...], public: int, epsilons: tuple[float, ...], delta: float, seeds: int
) -> None:
    """Print one row a choice of layers and ε, and every single value."""
    use_wide_vectors()
    click.echo(f"command: {shlex.join(['python', *sys.argv])}\nmatrix product: {matrix_rate():.0f} GFLOP/s float32\n")
    from indeependence import ContinualClassifier, load_dataset

    dataset = load_dataset(data)
    click.echo(f"{len(dataset.y_train) - public:,} examples learned, delta {delta:g}, {seeds} drawings of the noise\n")
    click.echo(
        "| layers | code units | longest code | ε | accuracy | of each drawing |\n| --- | --- | --- | --- | --- | --- |"
    )
    for text in layers:
        model = ContinualClassifier(text).bootstrap(dataset.x_train[:public])
        model.partial_fit(dataset.x_train[public:], dataset.y_train[public:])
        for epsilon in (*epsilons, math.inf):
            click.echo(row(model, dataset, epsilon, delta, seeds))


def row(model: ContinualClassifier, dataset: Dataset, epsilon: float, delta: float, seeds: int) -> str:
    """A line of the table; without noise for an infinite ``epsilon``."""
    import numpy as np

    from indeependence.models.classifier.privacy import Privacy, private_weights

    codes = model.encoder_(dataset.x_test)
    head = f"| {model.layers} | {model.encoder_.units} | {model.encoder_.longest:,.0f} |"
    if math.isinf(epsilon):
        right = (model.label(model.weights.scores(codes)) == dataset.y_test).mean()
        return f"{head} no noise | {100 * right:.1f} % | |"
    reached = []
    for seed in range(seeds):
        normal = np.random.default_rng(seed).standard_normal
        weights, _ = private_weights(model.moments_, model.encoder_, Privacy(epsilon, delta), normal=normal)
        answers = np.array(weights.labels)[weights.scores(codes).argmax(1)]
        reached.append(100 * float((answers == dataset.y_test).mean()))
    values = ", ".join(f"{value:.1f}" for value in reached)
    return f"{head} {epsilon:g} | {np.mean(reached):.1f} ± {np.std(reached, ddof=min(1, seeds - 1)):.1f} % | {values} |"


if __name__ == "__main__":
    main()
