"""The noise table of docs/sparse.md: right answers on noisy test pictures, after learning clean ones.

    python benchmarks/noise.py --data ../shared/data/mnist

Ours learn class-incrementally, two classes a task, each seed with its own class order and encoder of its first task.
"robust" is solved with a penalty that knows the noise: what noise on pictures of the first task does to their codes.
Its layers, penalty and strength were chosen by the noise score on training pictures held out (docs/sparse.md).
"default" and the convolutional networks know of no noise. These are trained on all classes at once, both with the
optimiser and schedule published for the sparse one; the epoch is chosen by clean pictures held out from training.
"""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from accuracy import matrix_rate  # noqa: E402
from contexts import without_tests  # noqa: E402

from indeependence.machine import use_wide_vectors  # noqa: E402

if TYPE_CHECKING:
    import numpy as np

    from indeependence import ContinualClassifier
    from indeependence.data.datasets import Dataset
    from indeependence.moments.ridge import Weights

ROBUST = "patches:256:size=9:pool=6:stride=4:contrast=60:floor=1:root=1:winners=8"
PENALTY, STRENGTH = 0.0156, 0.3  # beside the noise of codes, and how much of that
NOISY = 2000  # pictures of the first task that tell the noise of codes
METHODS = ("robust", "default", "sparse", "dense")  # ours, ours, and two convolutional networks
KINDS = ("pixels", "gaussian", "occlusion")
HELD_OUT = 5000  # training pictures that choose the number of epochs
RATE = 0.02  # of plain SGD; all three as published for "Sparse CNN-2"
SLOWER = 0.8  # its factor from epoch to epoch
FIRST_BATCH = 4  # pictures a step in the first epoch; 64 later


@click.command()
@click.option("--data", default="digits", show_default=True, help="As in evaluate.")
@click.option("--layers", default=ROBUST, show_default=True, help="Of the robust encoder.")
@click.option("--penalty", default=PENALTY, show_default=True, help="Of the robust one.")
@click.option("--strength", default=STRENGTH, show_default=True, help="Of the noise of its codes, as a penalty.")
@click.option("--methods", default=",".join(METHODS), show_default=True)
@click.option("--epochs", type=click.IntRange(1), default=4, show_default=True, help="Of the networks, at most.")
@click.option(
    "--variance", default=1 / 3, show_default=True, help="Of the networks' first weights, by fan-in; He's is 2."
)
@click.option("--limit", type=int, help="Training examples; all if not given.")
@click.option("--tests", type=int, help="Test examples; all if not given.")
@click.option("--others", default=2000, show_default=True, help="Of them, for noise that is not on pixels.")
@click.option("--held-out", is_flag=True, help="Test on 10,000 training examples, not learned.")
@click.option("--seeds", default=5, show_default=True)
@click.option("--earlier", multiple=True, type=click.Path(path_type=Path), help="JSON of another run, to tell again.")
@click.option("--output", type=click.Path(path_type=Path), default=Path("artifacts/noise.json"), show_default=True)
def main(methods: str, seeds: int, earlier: tuple[Path, ...], output: Path, **choice: Any) -> None:
    """Print a table of scores and one of accuracies, then every single value; draw the curves beside the JSON."""
    use_wide_vectors()
    click.echo(f"command: {shlex.join(['python', *sys.argv])}\nmatrix product: {matrix_rate():.0f} GFLOP/s float32\n")
    from indeependence import load_dataset

    names, dataset = [name for name in methods.split(",") if name], load_dataset(choice["data"])
    if not set(names) <= set(METHODS) or dataset.x_train.ndim != 3:
        raise click.UsageError(f"expected grey pictures and methods among {', '.join(METHODS)}")
    dataset = without_tests(dataset, 1000) if choice["held_out"] else dataset
    found = {method: runs for file in earlier for method, runs in json.loads(file.read_text()).items()}
    for method in names:
        found[method] = [run(method, dataset, seed, choice) for seed in range(seeds)]
    print_scores(found)
    print_levels(found)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(found, indent=2))
    draw(found, output.with_suffix(".png"))


def run(method: str, dataset: Dataset, seed: int, choice: dict[str, Any]) -> dict[str, Any]:
    """One seed: learned on clean pictures, tested on noisy ones of its own."""
    import time

    from indeependence.experiment.noise import noise_curve

    began = time.process_time()
    learn = network if method in ("sparse", "dense") else ours
    predict, about = learn(method, dataset, seed, choice)
    about["cpu_seconds"] = time.process_time() - began
    tests = {kind: choice["tests"] if kind == "pixels" else choice["others"] for kind in KINDS}
    curves = {
        kind: noise_curve(predict, dataset.x_test[:count], dataset.y_test[:count], kind=kind, seed=seed)
        for kind, count in tests.items()
    }
    told = {kind: {"score": one.score, "accuracies": one.accuracies} for kind, one in curves.items()}
    click.echo(f"{method} seed {seed}: {curves['pixels'].accuracies[0]:.4f} {curves['pixels'].score}", err=True)
    return {"seed": seed, **about, **told}


def ours(method: str, dataset: Dataset, seed: int, choice: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """A classifier that learned task after task, as labels of inputs."""
    import numpy as np

    from indeependence import ContinualClassifier, split_tasks
    from indeependence.binary_codes.duty import evenness
    from indeependence.data.scenarios import shuffled_classes
    from indeependence.experiment.noise import noise_covariance

    robust = method == "robust"
    model = ContinualClassifier(choice["layers"] if robust else "auto", random_state=seed)
    tasks = split_tasks(dataset, class_order=shuffled_classes(dataset, seed).tolist(), seed=seed).train
    share = 1.0 if choice["limit"] is None else choice["limit"] / len(dataset.y_train)
    parts = [part.take(round(share * len(part))) for part in tasks]
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
    """Weights from the sums as if the noise had been on every code that was learned."""
    from indeependence.moments.noise import with_noise
    from indeependence.moments.ridge import centre, ridge

    weights = ridge(with_noise(centre(model.moments_), noise, choice["strength"]), choice["penalty"])
    if weights is None:
        raise click.UsageError(f"expected a penalty that the sums have a solution for, got {choice['penalty']}")
    return weights


def network(method: str, dataset: Dataset, seed: int, choice: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """A convolutional network trained on all classes, as labels of inputs; the best epoch on held-out pictures."""
    import keras
    import numpy as np

    from indeependence.sparse import convolutional_network

    keras.utils.set_random_seed(seed)
    rows = np.random.default_rng(seed).permutation(len(dataset.y_train))[: choice["limit"]]
    held = min(HELD_OUT, len(rows) // 5)
    x, y = scaled(dataset.x_train[rows]), np.searchsorted(dataset.classes, dataset.y_train[rows])
    boost = keras.optimizers.schedules.ExponentialDecay(1.5, 800, 0.85)
    shape, classes = x.shape[1:], len(dataset.classes)
    begun: dict[str, Any] = {"boost": boost, "variance": choice["variance"], "seed": seed}
    model = convolutional_network(shape, classes, sparse=method == "sparse", **begun)
    model.compile(keras.optimizers.SGD(RATE), "sparse_categorical_crossentropy", metrics=["accuracy"])
    best, chosen = -1.0, model.get_weights()
    for epoch in range(choice["epochs"]):
        model.optimizer.learning_rate = RATE * SLOWER**epoch
        model.fit(x[held:], y[held:], batch_size=64 if epoch else FIRST_BATCH, epochs=1, verbose=0)
        accuracy = model.evaluate(x[:held], y[:held], batch_size=500, verbose=0)[1]
        if accuracy > best:
            best, chosen, about = accuracy, model.get_weights(), {"epochs": epoch + 1, "held_out": accuracy}
    model.set_weights(chosen)
    labels = np.asarray(dataset.classes)
    return lambda inputs: labels[model(scaled(inputs)).numpy().argmax(1)], about


def scaled(inputs: np.ndarray) -> np.ndarray:
    """Grey pictures as float32 ``[N, H, W, 1]`` of about mean 0 and deviation 1, as MNIST's are scaled."""
    import numpy as np

    return ((inputs.astype(np.float32) / 255 - 0.1307) / 0.3081)[..., None]


def print_scores(found: dict[str, list[dict[str, Any]]]) -> None:
    """Means and deviations (N - 1) over seeds, then each seed's."""
    import numpy as np

    click.echo(
        "| learned | clean | noise score | gaussian, mean | occlusion, mean | CPU seconds |\n" + "| --- " * 6 + "|"
    )
    for method, runs in found.items():
        clean = spread([100 * one["pixels"]["accuracies"][0] for one in runs], ".2f")
        means = [spread([100 * np.mean(one[kind]["accuracies"]) for one in runs], ".2f") for kind in KINDS[1:]]
        score = spread([one["pixels"]["score"] for one in runs], ",.0f")
        seconds = sum(one["cpu_seconds"] for one in runs) / len(runs)
        click.echo(f"| {method} | {clean} % | {score} | {means[0]} % | {means[1]} % | {seconds:.0f} |")
    for method, runs in found.items():
        each = [f"{100 * one['pixels']['accuracies'][0]:.2f} % {one['pixels']['score']:,}" for one in runs]
        more = [f"epoch {one['epochs']}" if "epochs" in one else f"{one['entropy_share']:.3f}" for one in runs]
        what = "epochs chosen" if "epochs" in runs[0] else "entropy of the duty over its maximum"
        click.echo(f"\n{method}, clean and score of each seed: {'; '.join(each)}\n{what}: {', '.join(more)}")
    click.echo()


def print_levels(found: dict[str, list[dict[str, Any]]]) -> None:
    """Mean accuracies in percent at each level of noise on pixels."""
    import numpy as np

    from indeependence.experiment.noise import LEVELS

    click.echo("| noise on pixels | " + " | ".join(f"{level:g}" for level in LEVELS) + " |")
    click.echo("| --- " * (len(LEVELS) + 1) + "|")
    for method, runs in found.items():
        means = 100 * np.mean([one["pixels"]["accuracies"] for one in runs], axis=0)
        click.echo(f"| {method} | " + " | ".join(f"{mean:.1f}" for mean in means) + " |")


def spread(values: list[float], form: str) -> str:
    """Mean ± deviation."""
    import numpy as np

    deviation = f" ± {np.std(values, ddof=1):{form}}" if len(values) > 1 else ""
    return f"{np.mean(values):{form}}{deviation}"


def draw(found: dict[str, list[dict[str, Any]]], path: Path) -> None:
    """One plot a kind of noise: mean accuracy over level."""
    import numpy as np
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from indeependence.experiment.noise import LEVELS
    from indeependence.report.plots.plots import COLOURS, MARKERS

    figure = Figure(figsize=(12, 3.6), layout="constrained")
    FigureCanvasAgg(figure)
    for axes, kind in zip(figure.subplots(1, len(KINDS), sharey=True), KINDS, strict=True):
        for (method, runs), colour, marker in zip(found.items(), COLOURS, MARKERS, strict=False):
            means = 100 * np.mean([one[kind]["accuracies"] for one in runs], axis=0)
            axes.plot(LEVELS, means, color=colour, marker=marker, label=method)
        axes.set(title=kind, xlabel="level of noise")
        axes.grid(alpha=0.2)
    figure.axes[0].set_ylabel("test accuracy, %")
    figure.axes[0].legend(fontsize=8)
    figure.savefig(path, dpi=90)


if __name__ == "__main__":
    main()
