"""How well `predict_proba` tells how often the model is right, at the temperature known from the sums alone.

    python benchmarks/calibration.py --data digits --data ../shared/data/mnist

Learns the first 80 % of the training examples and measures on the other 20 %: the expected calibration error in 15
bins (Guo et al. 2017), and the cross-entropy beside the least that any temperature could reach.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from indeependence.machine import use_wide_vectors  # noqa: E402


@click.command()
@click.option("--data", multiple=True, default=["digits"], show_default=True)
@click.option("--seed", default=0, show_default=True)
@click.option("--layers", default="auto", show_default=True)
def main(data: tuple[str, ...], seed: int, layers: str) -> None:
    """Print one row a data set."""
    use_wide_vectors()
    click.echo(f"command: {shlex.join(['python', *sys.argv])}\n")
    click.echo("| data | temperature from the sums | best on held-out | calibration error | cross-entropy | best |")
    click.echo("| --- | --- | --- | --- | --- | --- |")
    for source in data:
        click.echo(row(source, seed, layers))


def row(source: str, seed: int, layers: str) -> str:
    """One line: temperature and what it leads to, beside the best temperature in hindsight."""
    import numpy as np

    from indeependence import ContinualClassifier, load_dataset

    dataset = load_dataset(source)
    order = np.random.default_rng(seed).permutation(len(dataset.y_train))
    learned, held_out = np.split(order, [len(order) * 4 // 5])
    model = ContinualClassifier(layers, random_state=seed)
    model.fit(dataset.x_train[learned], dataset.y_train[learned])
    weights = model.weights
    scores = weights.scores(model.encoder_(dataset.x_train[held_out]))
    right = np.searchsorted(np.array(weights.labels), dataset.y_train[held_out])
    tried = {temperature: cross_entropy(scores, right, temperature) for temperature in np.geomspace(0.01, 1, 60)}
    best = min(tried, key=lambda temperature: tried[temperature])
    own = weights.temperature
    return (
        f"| {Path(source).name} | {own:.3f} | {best:.3f} | {calibration_error(scores, right, own):.4f} "
        f"| {cross_entropy(scores, right, own):.4f} | {tried[best]:.4f} |"
    )


def softmax(scores, temperature: float):
    """Probabilities of scores."""
    import numpy as np

    powers = np.exp((scores - scores.max(1, keepdims=True)) / temperature)
    return powers / powers.sum(1, keepdims=True)


def cross_entropy(scores, right, temperature: float) -> float:
    """Mean negative logarithm of the right class's probability."""
    import numpy as np

    return float(-np.log(softmax(scores, temperature)[np.arange(len(right)), right] + 1e-12).mean())


def calibration_error(scores, right, temperature: float, bins: int = 15) -> float:
    """Mean distance between confidence and accuracy over bins of confidence."""
    import numpy as np

    probabilities = softmax(scores, temperature)
    confidence, correct = probabilities.max(1), probabilities.argmax(1) == right
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [abs((confidence[place == b] - correct[place == b]).sum()) for b in range(bins)]
    return float(np.sum(gaps) / len(right))


if __name__ == "__main__":
    main()
