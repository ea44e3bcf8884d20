"""Accuracy against the fraction of code units that is taken out, and what a smaller model costs.

    python benchmarks/pruning.py --data digits --data ../shared/data/mnist

Units are chosen from the sums of the training examples; the test set is only looked at for the curve. "cut" reads
with the whole model's weights, those of the units taken out being 0; "solved" solves again from the smaller sums, at
the penalty of the whole model.
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
sys.path.insert(0, str(Path(__file__).resolve().parent))

from accuracy import matrix_rate  # noqa: E402

from indeependence.machine import use_wide_vectors  # noqa: E402

FRACTIONS = (0.0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98)
LAYERS = {8: "auto", 28: "patches:16:size=7:pool=6:stride=4,+sparse:400"}  # by the side of the pictures
WAYS = ("maav", "magnitude", "moment", "random")


@click.command()
@click.option("--data", multiple=True, default=["digits"], show_default=True)
@click.option("--layers", help="As in evaluate; if not given, auto for small pictures, and fewer bases for large ones.")
@click.option("--limit", default=10_000, show_default=True, help="Training examples.")
@click.option("--seeds", default=5, show_default=True)
@click.option("--output", type=click.Path(path_type=Path), default=Path("artifacts/pruning.json"), show_default=True)
def main(data: tuple[str, ...], layers: str | None, limit: int, seeds: int, output: Path) -> None:
    """Print a table of accuracies and one of costs for each data set, and draw the curves beside the JSON."""
    use_wide_vectors()
    click.echo(f"command: {shlex.join(['python', *sys.argv])}\nmatrix product: {matrix_rate():.0f} GFLOP/s float32\n")
    found: dict[str, list[dict[str, Any]]] = {}
    for source in data:
        found[source] = [run(source, layers, limit, seed) for seed in range(seeds)]
        print_curve(Path(source).name, found[source])
        print_costs(Path(source).name, found[source])
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(found, indent=2))
    draw(found, output.with_suffix(".png"))


def run(source: str, layers: str | None, limit: int, seed: int) -> dict[str, Any]:
    """One seed, with its own encoder: accuracies by way and fraction, and costs of the whole model and smaller ones."""
    from indeependence import ContinualClassifier, load_dataset

    dataset = load_dataset(source)
    text = layers or LAYERS.get(dataset.x_train.shape[1], "auto")
    model = ContinualClassifier(text, random_state=seed)
    model.fit(dataset.x_train[:limit], dataset.y_train[:limit])
    test = model.encoder_(dataset.x_test)
    told: dict[str, Any] = {"seed": seed, "layers": text, "units": model.encoder_.units}
    told["curve"] = {way: curve(model, test, dataset.y_test, way, seed) for way in WAYS}
    told["costs"] = [
        costs(model, dataset, fraction, whole)
        for fraction, whole in ((0.0, False), (0.5, False), (0.5, True), (0.9, True))
    ]
    click.echo(f"{source} seed {seed} done", err=True)
    return told


def curve(model: Any, test: Any, labels: Any, way: str, seed: int) -> list[dict[str, float]]:
    """Accuracies at all fractions."""
    import numpy as np

    from indeependence.moments.ridge import centre, ridge
    from indeependence.pruning.remove import shrunk
    from indeependence.pruning.saliency import most_salient, unit_saliency
    from indeependence.pruning.surgery import cut

    whole = model.weights
    saliency = unit_saliency(whole, model.moments_, way, seed=seed)
    points = []
    for fraction in FRACTIONS:
        kept = most_salient(saliency, fraction)
        told = centre(shrunk(model.moments_, kept, "pruned"))
        solved = ridge(told, whole.penalty) or whole
        readings = {"cut": cut(whole, ~kept).scores(test), "solved": solved.scores(test[:, kept])}
        accuracies = {name: float(np.mean(model.label(scores) == labels)) for name, scores in readings.items()}
        points.append({"fraction": fraction, **accuracies})
    return points


def costs(model: Any, dataset: Any, fraction: float, whole: bool) -> dict[str, Any]:
    """Units, bytes, and seconds for encoding, learning and solving, the least of three; by MAAV."""
    from indeependence import ContinualClassifier
    from indeependence.encoder.encoder import layers_with_bases
    from indeependence.moments.ridge import centre, ridge
    from indeependence.pruning.remove import remove_units, unit_bases
    from indeependence.pruning.saliency import most_salient, unit_saliency

    saliency = unit_saliency(model.weights, model.moments_, "maav")
    pruned = remove_units(model, most_salient(saliency, fraction, unit_bases(model.encoder_) if whole else None))
    x, y = dataset.x_train[:1000], dataset.y_train[:1000]
    new = ContinualClassifier(model.layers).start(pruned.encoder_)
    return {
        "fraction": fraction,
        "whole": whole,
        "units": pruned.encoder_.units,
        "bases": sum(layer.bases.shape[1] for layer in layers_with_bases(pruned.encoder_)),
        "bytes": pruned.moments_.nbytes,
        "encode": least_seconds(lambda: pruned.encoder_(x, jobs=1)),
        "learn": least_seconds(lambda: new.start(pruned.encoder_).learn([(x, y)])),
        "solve": least_seconds(lambda: ridge(centre(pruned.moments_), model.weights.penalty)),
        "accuracy": float(pruned.score(dataset.x_test, dataset.y_test)),
    }


def least_seconds(work: Any, times: int = 3) -> float:
    """Seconds of CPU time, the least of some, so that what else the machine does counts little."""
    taken = []
    for _ in range(times):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return min(taken)


def print_curve(name: str, runs: list[dict[str, Any]]) -> None:
    """Mean accuracies in percent and deviations (N - 1), a column a fraction; then each seed's at one half."""
    import numpy as np

    click.echo(
        f"| {name}, {runs[0]['units']} units: removed | " + " | ".join(f"{100 * f:g} %" for f in FRACTIONS) + " |"
    )
    click.echo("| --- " * (len(FRACTIONS) + 1) + "|")
    for way in WAYS:
        for reading in ("cut", "solved"):
            values = 100 * np.array([[point[reading] for point in one["curve"][way]] for one in runs])
            spread = values.std(0, ddof=1) if len(runs) > 1 else np.zeros(len(FRACTIONS))
            cells = [f"{mean:.2f} ± {sd:.2f}" for mean, sd in zip(values.mean(0), spread, strict=True)]
            click.echo(f"| {way}, {reading} | " + " | ".join(cells) + " |")
    for way in WAYS:
        each = [f"{100 * one['curve'][way][4]['solved']:.2f}" for one in runs]
        click.echo(f"\n{name}, {way}, solved, 90 % removed, each seed: {', '.join(each)}")
    click.echo()


def print_costs(name: str, runs: list[dict[str, Any]]) -> None:
    """Costs as shares of the whole model's, the mean over seeds of ratios within one run."""
    import numpy as np

    click.echo(f"| {name}: removed by MAAV | units | bases | sums | encoding | learning | solving | accuracy |")
    click.echo("| --- " * 8 + "|")
    for index, first in enumerate(runs[0]["costs"]):
        label = f"{100 * first['fraction']:g} %{', whole bases' if first['whole'] else ''}"
        shares = [
            np.mean([one["costs"][index][key] / max(one["costs"][0][key], 1e-9) for one in runs])
            for key in ("bytes", "encode", "learn", "solve")
        ]
        units, bases, accuracy = (
            np.mean([one["costs"][index][key] for one in runs]) for key in ("units", "bases", "accuracy")
        )
        cells = " | ".join(f"{share:.2f}" for share in shares)
        click.echo(f"| {label} | {units:.0f} | {bases:.0f} | {cells} | {100 * accuracy:.2f} % |")
    click.echo()


def draw(found: dict[str, list[dict[str, Any]]], path: Path) -> None:
    """One plot a data set: accuracy over fraction, dashed where nothing is solved again."""
    import numpy as np
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from indeependence.report.plots.plots import COLOURS, MARKERS

    figure = Figure(figsize=(5 * len(found), 3.6), layout="constrained")
    FigureCanvasAgg(figure)
    for axes, (source, runs) in zip(np.atleast_1d(figure.subplots(1, len(found))), found.items(), strict=True):
        for way, colour, marker in zip(WAYS, COLOURS, MARKERS, strict=False):
            for reading, line in (("solved", "-"), ("cut", ":")):
                values = 100 * np.mean([[point[reading] for point in one["curve"][way]] for one in runs], axis=0)
                shown = f"{way}, {'solved again' if reading == 'solved' else 'cut'}"
                axes.plot([100 * f for f in FRACTIONS], values, line, color=colour, marker=marker, label=shown)
        axes.set(title=Path(source).name, xlabel="units taken out, %", ylabel="test accuracy, %", ylim=(50, 100))
        axes.grid(alpha=0.2)
    axes.legend(fontsize=8)
    figure.savefig(path, dpi=90)


if __name__ == "__main__":
    main()
