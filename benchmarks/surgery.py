"""Forgetting a class by surgery beside exact forgetting; how alike codes are; and encoders merged by importance.

    python benchmarks/surgery.py --data digits --data ../shared/data/mnist

Surgery sets the weights of the units to 0 that work most for a class. "Read again" solves from the sums of the units
that are left and tells how much of the class is still known to them: surgery hides, `forget` removes.
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

FRACTIONS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7)
LAYERS = {8: "auto", 28: "patches:16:size=7:pool=6:stride=4,+sparse:200"}  # by the side of the pictures
MERGED = {8: "patches:16:size=3:pool=2:stride=2,+sparse:100", 28: "patches:16:size=7:pool=6:stride=4,+sparse:100"}
ENCODERS = ("first half's classes", "second half's classes", "plain average", "average by importance", "all classes")


@click.command()
@click.option("--data", multiple=True, default=["digits"], show_default=True)
@click.option("--layers", help="As in evaluate; if not given, auto for small pictures, and fewer bases for large ones.")
@click.option("--limit", default=5000, show_default=True, help="Training examples.")
@click.option("--seeds", default=5, show_default=True)
@click.option("--output", type=click.Path(path_type=Path), default=Path("artifacts/surgery.json"), show_default=True)
def main(data: tuple[str, ...], layers: str | None, limit: int, seeds: int, output: Path) -> None:
    """Print a curve, cosines and accuracies of merged encoders, and draw the curve beside the JSON."""
    use_wide_vectors()
    click.echo(f"command: {shlex.join(['python', *sys.argv])}\nmatrix product: {matrix_rate():.0f} GFLOP/s float32\n")
    found: dict[str, list[dict[str, Any]]] = {}
    for source in data:
        found[source] = [run(source, layers, limit, seed) for seed in range(seeds)]
        print_curve(Path(source).name, found[source])
        print_cosines(Path(source).name, found[source])
        print_merged(Path(source).name, found[source])
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(found, indent=2))
    draw(found, output.with_suffix(".png"))


def run(source: str, layers: str | None, limit: int, seed: int) -> dict[str, Any]:
    """One seed: its own encoder, and its own class to forget."""
    from indeependence import ContinualClassifier, load_dataset

    dataset = load_dataset(source)
    side = dataset.x_train.shape[1]
    model = ContinualClassifier(layers or LAYERS.get(side, "auto"), random_state=seed, ledger="class")
    x, y = dataset.x_train[:limit], dataset.y_train[:limit]
    model.fit(x, y)
    told: dict[str, Any] = {"seed": seed, "target": model.classes_.tolist()[seed % len(model.classes_)]}
    told |= cosines(model)
    told |= forgetting(model, dataset, told["target"])
    told["merged"] = merging(dataset, layers or MERGED.get(side, "auto"), limit, seed)
    click.echo(f"{source} seed {seed} done", err=True)
    return told


def forgetting(model: Any, dataset: Any, target: Any) -> dict[str, Any]:
    """Accuracies on the target class and on all others: by fraction cut, read again, and after exact forgetting."""
    from indeependence.moments.ridge import centre, ridge
    from indeependence.pruning.remove import shrunk
    from indeependence.pruning.surgery import cut, most_salient_of_class

    weights, moments, test = model.weights, model.moments_, model.encoder_(dataset.x_test)
    points = []
    for fraction in FRACTIONS:
        units = most_salient_of_class(weights, moments, target, fraction)
        again = ridge(centre(shrunk(moments, ~units, "left")), weights.penalty) or weights
        points.append(
            {
                "fraction": fraction,
                **two(model.label(cut(weights, units).scores(test)), dataset.y_test, target),
                "read_again": two(model.label(again.scores(test[:, ~units])), dataset.y_test, target)["target"],
            }
        )
    model.forget_class(target)
    return {"curve": points, "exact": two(model.predict(dataset.x_test), dataset.y_test, target)}


def two(answers: Any, labels: Any, target: Any) -> dict[str, float]:
    """The accuracy on one class, and on all others."""
    right, of_target = answers == labels, labels == target
    return {"target": float(right[of_target].mean()), "others": float(right[~of_target].mean())}


def cosines(model: Any) -> dict[str, Any]:
    """Within- and between-class cosines of codes, from the sums."""
    from indeependence.pruning.similarity import similarity

    plain, centred = (similarity(model.moments_, centred=taken) for taken in (False, True))
    return {"cosines": [plain.within, plain.between, centred.within, centred.between]}


def merging(dataset: Any, layers: str, limit: int, seed: int) -> dict[str, float]:
    """Test accuracy on all classes with encoders of one half of the classes, of the other, merged, and of all."""
    import numpy as np

    from indeependence import ContinualClassifier
    from indeependence.encoder.encoder import layers_with_bases
    from indeependence.pruning.encoder_merging import base_importance, merged
    from indeependence.pruning.saliency import unit_saliency

    x, y = dataset.x_train[:limit], dataset.y_train[:limit]
    halves = np.array_split(np.random.default_rng(seed).permutation(dataset.classes), 2)
    models = []
    for index, half in enumerate(halves):
        rows = np.isin(y, half)
        models.append(ContinualClassifier(layers, random_state=2 * seed + index).fit(x[rows], y[rows]))
    one, other = (model.encoder_ for model in models)
    saliency = [unit_saliency(model.weights, model.moments_, "maav") for model in models]
    by_importance = (base_importance(one, saliency[0]), base_importance(other, saliency[1]))
    alike = tuple([np.ones(layer.bases.shape[1]) for layer in layers_with_bases(one)] for _ in models)
    encoders = (
        one,
        other,
        merged(one, other, (alike[0], alike[1])),
        merged(one, other, by_importance),
        ContinualClassifier(layers, random_state=2 * seed).bootstrap(x).encoder_,
    )
    scores = [
        ContinualClassifier().start(encoder).learn([(x, y)]).score(dataset.x_test, dataset.y_test)
        for encoder in encoders
    ]
    return dict(zip(ENCODERS, map(float, scores), strict=True))


def print_curve(name: str, runs: list[dict[str, Any]]) -> None:
    """Mean accuracies in percent over seeds."""
    import numpy as np

    click.echo(f"| {name}: units cut | " + " | ".join(f"{100 * f:g} %" for f in FRACTIONS) + " | exact forget |")
    click.echo("| --- " * (len(FRACTIONS) + 2) + "|")
    for key, label in (("target", "target class"), ("others", "other classes"), ("read_again", "target, read again")):
        values = 100 * np.mean([[point[key] for point in one["curve"]] for one in runs], axis=0)
        exact = f"{100 * np.mean([one['exact'][key] for one in runs]):.1f}" if key in runs[0]["exact"] else "not there"
        click.echo(f"| {label} | " + " | ".join(f"{value:.1f}" for value in values) + f" | {exact} |")
    for one in runs:
        pairs = ", ".join(f"{100 * point['target']:.1f}/{100 * point['others']:.1f}" for point in one["curve"])
        click.echo(f"\n{name} seed {one['seed']} forgets {one['target']}, target/others: {pairs}")
    click.echo()


def print_cosines(name: str, runs: list[dict[str, Any]]) -> None:
    """Means and single values."""
    import numpy as np

    click.echo(f"| {name}: cosine of codes | within classes | between classes | each seed |\n| --- | --- | --- | --- |")
    for start, label in ((0, "as they are"), (2, "mean code taken off")):
        within, between = np.mean([one["cosines"][start : start + 2] for one in runs], axis=0)
        each = ", ".join(f"{one['cosines'][start]:.3f}/{one['cosines'][start + 1]:.3f}" for one in runs)
        click.echo(f"| {label} | {within:.3f} | {between:.3f} | {each} |")
    click.echo()


def print_merged(name: str, runs: list[dict[str, Any]]) -> None:
    """Means, deviations (N - 1) and single values."""
    import numpy as np

    click.echo(f"| {name}: encoder | accuracy on all classes | each seed |\n| --- | --- | --- |")
    for encoder in ENCODERS:
        values = 100 * np.array([one["merged"][encoder] for one in runs])
        spread = values.std(ddof=1) if len(values) > 1 else 0.0
        click.echo(f"| {encoder} | {values.mean():.2f} ± {spread:.2f} % | {', '.join(f'{v:.2f}' for v in values)} |")
    click.echo()


def draw(found: dict[str, list[dict[str, Any]]], path: Path) -> None:
    """Accuracy on the target class and on the others over the fraction cut, and exact forgetting as level lines."""
    import numpy as np
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from indeependence.report.plots.plots import COLOURS, MARKERS

    figure = Figure(figsize=(5 * len(found), 3.6), layout="constrained")
    FigureCanvasAgg(figure)
    for axes, (source, runs) in zip(np.atleast_1d(figure.subplots(1, len(found))), found.items(), strict=True):
        for index, (key, label) in enumerate(
            (("target", "target"), ("others", "others"), ("read_again", "target, read again"))
        ):
            values = 100 * np.mean([[point[key] for point in one["curve"]] for one in runs], axis=0)
            axes.plot([100 * f for f in FRACTIONS], values, color=COLOURS[index], marker=MARKERS[index], label=label)
            if key in runs[0]["exact"]:
                level = 100 * np.mean([one["exact"][key] for one in runs])
                axes.axhline(level, color=COLOURS[index], linestyle="--", label=f"{label}, exact forget")
        axes.set(title=Path(source).name, xlabel="units cut, %", ylabel="test accuracy, %", ylim=(-3, 103))
        axes.grid(alpha=0.2)
    axes.legend(fontsize=8)
    figure.savefig(path, dpi=90)


if __name__ == "__main__":
    main()
