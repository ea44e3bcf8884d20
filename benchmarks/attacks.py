"""Readings of the same codes under attack: least squares beside softmax, and the margin as a detector.

    python benchmarks/attacks.py --data digits --data ../shared/data/mnist

A white box: gradients go through encoder and reading, cuts to whole numbers count as the identity; accuracy is that of
the real encoder on 8-bit pictures. Each attack is made twice, up the reading's own loss and up the margin; an example
counts as right only if it stands both. The detector is the margin of the scores: its AUROC between clean pictures and
attacked ones that changed a right answer into a wrong one, for each of the two attacks. The softmax's penalty is chosen
on held-out training examples.
"""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from typing import Any

import click

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from accuracy import matrix_rate  # noqa: E402

from indeependence.machine import use_wide_vectors  # noqa: E402

LAYERS = {8: "patches:16:size=3:pool=2:stride=2,+sparse:150", 28: "patches:16:size=7:pool=6:stride=4,+sparse:200"}
READINGS = ("least squares", "softmax")
ATTACKS = ("FGSM", "PGD")
STRENGTHS = (0.01, 0.1, 1.0, 10.0)  # of the softmax's weights, in scikit-learn's C


@click.command()
@click.option("--data", multiple=True, default=["digits"], show_default=True)
@click.option("--layers", help="As in evaluate; if not given, a small encoder.")
@click.option("--limit", default=3000, show_default=True, help="Training examples.")
@click.option("--pictures", default=200, show_default=True, help="Test examples that are attacked, drawn by the seed.")
@click.option("--reach", "reaches", multiple=True, type=int, default=[8, 16, 32, 64], show_default=True)
@click.option("--steps", default=10, show_default=True, help="Of PGD.")
@click.option("--seeds", default=5, show_default=True)
@click.option("--output", type=click.Path(path_type=Path), default=Path("artifacts/attacks.json"), show_default=True)
def main(data: tuple[str, ...], seeds: int, output: Path, **choice: Any) -> None:
    """Print one row for each reading, attack and reach, and draw the accuracies beside the JSON."""
    use_wide_vectors()
    click.echo(f"command: {shlex.join(['python', *sys.argv])}\nmatrix product: {matrix_rate():.0f} GFLOP/s float32\n")
    found: dict[str, list[list[dict[str, Any]]]] = {}
    for source in data:
        found[source] = [run(source, seed, choice) for seed in range(seeds)]
        print_rows(Path(source).name, found[source])
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(found, indent=2))
    draw(found, output.with_suffix(".png"))


def run(source: str, seed: int, choice: dict[str, Any]) -> list[dict[str, Any]]:
    """One seed: its own encoder and pictures; a row for each reading, attack and reach."""
    import numpy as np

    from indeependence import ContinualClassifier, load_dataset

    dataset = load_dataset(source)
    text = choice["layers"] or LAYERS.get(dataset.x_train.shape[1], "auto")
    model = ContinualClassifier(text, random_state=seed)
    model.fit(dataset.x_train[: choice["limit"]], dataset.y_train[: choice["limit"]])
    rows = np.random.default_rng(seed).permutation(len(dataset.y_test))[: choice["pictures"]]
    x, right = dataset.x_test[rows], np.searchsorted(model.classes_, dataset.y_test[rows])
    told = []
    for reading in READINGS:
        solve = solved if reading == "least squares" else descended
        weights = solve(model, dataset.x_train[: choice["limit"]], dataset.y_train[: choice["limit"]], seed)
        told += attacked(model.encoder_, weights, reading, (x, right), {**choice, "seed": seed})
        click.echo(f"{source} seed {seed} {reading} done", err=True)
    return told


def solved(model: Any, x: Any, y: Any, seed: int) -> tuple[Any, Any]:
    """Weights ``[H, C]`` and intercept of the model itself."""
    return model.weights.coefficients, model.weights.intercept


def descended(model: Any, x: Any, y: Any, seed: int) -> tuple[Any, Any]:
    """Weights ``[H, C]`` and intercept of logistic regression on the same codes; its C from a held-out fifth."""
    import warnings

    import numpy as np
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    codes = model.encoder_(x) / 255.0
    order = np.random.default_rng(seed).permutation(len(y))
    held, learned = np.split(order, [len(order) // 5])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        tried = {
            c: LogisticRegression(C=c, max_iter=300).fit(codes[learned], y[learned]).score(codes[held], y[held])
            for c in STRENGTHS
        }
        best = LogisticRegression(C=max(tried, key=lambda c: tried[c]), max_iter=300).fit(codes, y)
    return best.coef_.T / 255.0, best.intercept_


def attacked(
    encoder: Any, weights: tuple[Any, Any], reading: str, pictures: tuple[Any, Any], choice: dict[str, Any]
) -> list[dict[str, Any]]:
    """A row for each attack and reach on one reading."""
    from indeependence.attacks.gradient import cross_entropy_loss, fgsm, gradient_of, margin_loss, pgd, squared_loss

    x, right = pictures
    own = squared_loss if reading == "least squares" else cross_entropy_loss
    gradients = [gradient_of(encoder, *weights, loss) for loss in (own, margin_loss)]

    def scores(changed: Any) -> Any:
        return encoder(changed) @ weights[0] + weights[1]

    clean, told = scores(x), []
    for attack in ATTACKS:
        for reach in choice["reaches"]:
            more = {"steps": choice["steps"], "seed": choice["seed"]} if attack == "PGD" else {}
            work = pgd if attack == "PGD" else fgsm
            found = [scores(work(gradient, x, right, reach, **more)) for gradient in gradients]
            told.append({"reading": reading, "attack": attack, "reach": reach, **measures(clean, found, right)})
    return told


def measures(clean: Any, found: list[Any], right: Any) -> dict[str, float | None]:
    """Accuracies before and after, and how well the margin tells attacked pictures that succeeded from clean ones."""
    import numpy as np
    from sklearn.metrics import roc_auc_score

    from indeependence.attacks.gradient import margins

    stood = np.all([scores.argmax(1) == right for scores in found], axis=0)
    told: dict[str, float | None] = {"clean": float(np.mean(clean.argmax(1) == right)), "accuracy": float(stood.mean())}
    for name, scores in zip(("auroc_own", "auroc_margin"), found, strict=True):
        broken = (clean.argmax(1) == right) & (scores.argmax(1) != right)
        both = np.concatenate([margins(clean), margins(scores)[broken]])
        suspicious = np.repeat([0, 1], [len(clean), broken.sum()])
        told[name] = float(roc_auc_score(suspicious, -both)) if broken.any() else None
    return told


def print_rows(name: str, runs: list[list[dict[str, Any]]]) -> None:
    """Means and deviations (N - 1) over seeds, and each seed's accuracy."""
    import numpy as np

    head = "| data | reading | attack | reach of 255 | clean % | accuracy % | AUROC, own loss | AUROC, margin loss "
    click.echo(f"{head}| each seed |")
    click.echo("| --- " * 9 + "|")
    for index, first in enumerate(runs[0]):
        accuracies = 100 * np.array([one[index]["accuracy"] for one in runs])
        spread = accuracies.std(ddof=1) if len(runs) > 1 else 0.0
        clean = 100 * np.mean([one[index]["clean"] for one in runs])
        detected = []
        for key in ("auroc_own", "auroc_margin"):
            known = [one[index][key] for one in runs if one[index][key] is not None]
            detected.append(f"{np.mean(known):.3f}" if known else "none broken")
        click.echo(
            f"| {name} | {first['reading']} | {first['attack']} | {first['reach']} | {clean:.1f} "
            f"| {accuracies.mean():.1f} ± {spread:.1f} | {' | '.join(detected)} "
            f"| {', '.join(f'{value:.1f}' for value in accuracies)} |"
        )
    click.echo()


def draw(found: dict[str, list[list[dict[str, Any]]]], path: Path) -> None:
    """One plot a data set: accuracy over reach."""
    import numpy as np
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from indeependence.report.plots.plots import COLOURS, MARKERS

    figure = Figure(figsize=(5 * len(found), 3.4), layout="constrained")
    FigureCanvasAgg(figure)
    for axes, (source, runs) in zip(np.atleast_1d(figure.subplots(1, len(found))), found.items(), strict=True):
        for reading, colour, marker in zip(READINGS, COLOURS, MARKERS, strict=False):
            for attack, line in zip(ATTACKS, (":", "-"), strict=True):
                rows = [i for i, one in enumerate(runs[0]) if (one["reading"], one["attack"]) == (reading, attack)]
                values = 100 * np.mean([[one[i]["accuracy"] for i in rows] for one in runs], axis=0)
                start = 100 * np.mean([one[rows[0]]["clean"] for one in runs])
                axes.plot(
                    [0, *(runs[0][i]["reach"] for i in rows)], [start, *values], line, color=colour, marker=marker,
                    label=f"{reading}, {attack}",
                )  # fmt: skip
        axes.set(title=Path(source).name, xlabel="reach, steps of 255", ylabel="accuracy, %", ylim=(-3, 103))
        axes.grid(alpha=0.2)
    axes.legend(fontsize=8)
    figure.savefig(path, dpi=90)


if __name__ == "__main__":
    main()
