"""What (ε, δ) costs: test accuracy of weights from noisy sums, over ε, with and without a bound on the codes.

    python benchmarks/privacy.py --data ../shared/data/mnist --layers patches:16 --layers patches:16,norm

The encoder is bootstrapped on the first --public training examples, which are then not learned, so that the promise
covers all that are. Seeds are those of the noise; the command `export` takes its noise from the operating system.
"""

import math
from functools import partial
from pathlib import Path

import click
import frame
import numpy as np
from findings import Row

from indeependence import ContinualClassifier, Dataset, load_dataset
from indeependence.models.classifier.privacy import Privacy, private_weights

TABLE = (
    "| data | layers | code units | longest code | ε | accuracy |\n"
    "| {data} | `{layers}` | {units.mean:.0f} | {longest.mean:,.0f} | {epsilon} | {accuracy:.1f} % |"
)


@click.command()
@frame.data_option
@frame.option("--layers", multiple=True, default=["20", "20,norm"], help="May be repeated.")
@frame.option("--public", default=200, help="Examples for the encoder alone.")
@frame.option("--epsilon", "epsilons", multiple=True, type=float, default=[0.1, 0.3, 1, 3, 10])
@frame.option("--delta", default=1e-5)
@frame.option("--seeds", default=5)
@frame.output_option("privacy")
def main(
    data: str,
    layers: tuple[str, ...],
    public: int,
    epsilons: tuple[float, ...],
    delta: float,
    seeds: int,
    output: Path,
) -> None:
    """Print one row a choice of layers and ε."""
    facts, dataset, rows = frame.header(range(seeds)), load_dataset(data), []
    for text in layers:
        model = ContinualClassifier(text).bootstrap(dataset.x_train[:public])
        model.partial_fit(dataset.x_train[public:], dataset.y_train[public:])
        noisy = partial(run, model, dataset, epsilons, delta)
        rows += frame.over_seeds(noisy, range(seeds), data=Path(data).stem, layers=text)
    frame.publish(output, facts, privacy=(TABLE, rows))


def run(
    model: ContinualClassifier, dataset: Dataset, epsilons: tuple[float, ...], delta: float, seed: int
) -> list[Row]:
    """Return the accuracy in percent for one drawing of the noise and each ε, and without noise."""
    codes, told = model.encoder_(dataset.x_test), []
    for epsilon in (*epsilons, math.inf):
        weights = model.weights
        if math.isfinite(epsilon):
            normal = np.random.default_rng(seed).standard_normal
            weights, _ = private_weights(model.moments_, model.encoder_, Privacy(epsilon, delta), normal=normal)
        answers = np.array(weights.labels)[weights.scores(codes).argmax(1)]
        told.append(
            {
                "epsilon": "no noise" if math.isinf(epsilon) else f"{epsilon:g}",
                "units": model.encoder_.units,
                "longest": model.encoder_.longest,
                "accuracy": 100 * float(np.mean(answers == dataset.y_test)),
            }
        )
    return told


if __name__ == "__main__":
    main()
