"""Noisy test pictures after learning clean ones: with a penalty that knows the noise, and with one that does not.

    python benchmarks/noise.py --data ../shared/data/mnist

Both learn class-incrementally, two classes a task, each seed with its own class order and encoder of its first task.
"robust" is solved with a penalty that knows the noise: what noise on pictures of the first task does to their codes.
Its layers, penalty and strength were chosen by the noise score on training pictures held out. "default" knows of no
noise. `benchmarks/noise_networks.py` adds convolutional networks to the same tables.
"""

import time
from collections.abc import Callable, Sequence
from functools import partial, reduce
from pathlib import Path
from typing import Any

import click
import frame
import numpy as np
from findings import Cell, Row, load

from indeependence import ContinualClassifier, Dataset, load_dataset
from indeependence.binary_codes.duty import evenness
from indeependence.experiment.noise import LEVELS, noise_covariance, noise_curve
from indeependence.moments.centred import centre
from indeependence.moments.noise import with_noise
from indeependence.moments.ridge import ridge
from indeependence.moments.weights import Weights

ROBUST = "patches:256:size=9:pool=6:stride=4:contrast=60:floor=1:root=1:winners=8"
NOISY = 2000  # pictures of the first task that tell the noise of codes
METHODS = ("robust", "default")
KINDS = ("pixels", "gaussian", "occlusion")
SCORES = (
    "| learned | clean | noise score | gaussian, mean | occlusion, mean | CPU seconds |\n"
    "| {learned} | {clean:.2f} % | {score:,.0f} | {gaussian_mean:.2f} % | {occlusion_mean:.2f} % "
    "| {cpu_seconds.mean:.0f} |"
)
CURVES = (
    f"| noise on pixels | {' | '.join(f'{level:g}' for level in LEVELS)} |\n"
    f"| {{learned}} | {' | '.join(f'{{pixels[{i}].mean:.1f}}' for i in range(len(LEVELS)))} |"
)
Labels = Callable[[np.ndarray], np.ndarray]


def tested(main: Callable) -> Callable:
    """Add the options that say on what is learned and tested."""
    options = (
        frame.data_option,
        frame.option("--limit", type=int, help="Training examples; all if not given."),
        frame.option("--tests", type=int, help="Test examples; all if not given."),
        frame.option("--others", default=2000, help="Of them, for noise that is not on pixels."),
        frame.option("--held-out", is_flag=True, help="Test on 10,000 training examples, not learned."),
        frame.option("--seeds", default=5),
        frame.output_option("noise"),
        frame.figure_option("noise"),
    )
    return reduce(lambda command, option: option(command), reversed(options), main)


@click.command()
@frame.option("--method", "methods", multiple=True, type=click.Choice(METHODS), default=METHODS)
@frame.option("--layers", default=ROBUST, help="Of the robust encoder.")
@frame.option("--penalty", default=0.0156, help="Of the robust one, beside the noise of its codes.")
@frame.option("--strength", default=0.3, help="Of the noise of its codes, as a penalty.")
@tested
def main(methods: tuple[str, ...], **choice: Any) -> None:
    """Print scores and accuracies, and draw the curves of all runs in the file."""
    measure(methods, learned, choice)


def measure(methods: Sequence[str], learn: Callable, choice: dict[str, Any]) -> None:
    """Learn with each method, test on noisy pictures, and publish what all seeds came to."""
    seeds, output, dataset = range(choice["seeds"]), choice["output"], load_dataset(choice["data"])
    facts = frame.header(seeds)
    dataset = frame.held_out(dataset, seed=1000) if choice["held_out"] else dataset
    rows = [
        row
        for method in methods
        for row in frame.over_seeds(partial(run, learn, method, dataset, choice), seeds, learned=method)
    ]
    scores = [{name: value for name, value in row.items() if name not in KINDS} for row in rows]
    curves = [{name: row[name] for name in ("learned", *KINDS)} for row in rows]
    frame.publish(output, facts, noise=(SCORES, scores), curves=(CURVES, curves))
    draw(load(output, "curves")[1], choice["figure"])


def run(learn: Callable, method: str, dataset: Dataset, choice: dict[str, Any], seed: int) -> list[Row]:
    """Return one seed's accuracies in percent: learned on clean pictures, tested on noisy ones of its own."""
    began = time.process_time()
    predict, about = learn(method, dataset, choice, seed)
    about["cpu_seconds"] = time.process_time() - began
    for kind in KINDS:
        count = choice["tests"] if kind == "pixels" else choice["others"]
        curve = noise_curve(predict, dataset.x_test[:count], dataset.y_test[:count], kind=kind, seed=seed)
        about |= {
            kind: (100 * np.array(curve.accuracies)).tolist(),
            f"{kind}_mean": 100 * float(np.mean(curve.accuracies)),
        }
        about |= {"clean": about["pixels"][0], "score": curve.score} if kind == "pixels" else {}
    return [about]


def learned(method: str, dataset: Dataset, choice: dict[str, Any], seed: int) -> tuple[Labels, Row]:
    """Return a classifier that learned task after task, as labels of inputs, and what is to be told of it."""
    robust = method == "robust"
    model = ContinualClassifier(choice["layers"] if robust else "auto", random_state=seed)
    share = 1.0 if choice["limit"] is None else choice["limit"] / len(dataset.y_train)
    parts = [part.take(round(share * len(part))) for part in frame.shuffled_tasks(dataset, 5, seed).train]
    first = parts[0].take(model.bootstrap_limit).arrays()[0]
    model.bootstrap(first)
    noise = noise_covariance(model.encoder_, first[:NOISY], seed=seed) if robust else None
    for part in parts:
        model.learn(part.batches(model.batch_size))
    weights = model.weights if noise is None else hardened(model, noise, choice)
    even = evenness(model.encoder_(dataset.x_test[:1000]))
    evenly = even["duty_entropy_bits"] / even["largest_entropy_bits"]
    about = {"layers": model.encoder_.layers_text, "penalty": weights.penalty, "entropy_share": evenly}
    labels = np.asarray(weights.labels)
    return lambda inputs: labels[weights.scores(model.encoder_(inputs)).argmax(1)], about


def hardened(model: ContinualClassifier, noise: np.ndarray, choice: dict[str, Any]) -> Weights:
    """Return weights from the sums as if the noise had been on every code that was learned."""
    weights = ridge(with_noise(centre(model.moments_), noise, choice["strength"]), choice["penalty"])
    if weights is None:
        raise click.UsageError(f"expected a penalty that the sums have a solution for, got {choice['penalty']}")
    return weights


def draw(rows: list[Row], path: Path) -> None:
    """Draw mean accuracy over level for each kind of noise."""
    with frame.figure(path, KINDS, xlabel="level of noise", ylabel="test accuracy, %", ylim=(-3, 103)) as panels:
        for kind, axes in panels.items():
            for index, row in enumerate(rows):
                if kind in row:  # not all were kept of older runs
                    axes.plot(LEVELS, Cell.of(row[kind]).value, **frame.look(index), label=row["learned"])


if __name__ == "__main__":
    main()
