"""``sparse noise``: how a model's answers stand up to noise that it never saw."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from indeependence.commands import chosen, options
from indeependence.commands.help import command, option, section
from indeependence.commands.machine import limited_threads
from indeependence.commands.values import COUNT, FILE, FROM_ZERO

if TYPE_CHECKING:
    import numpy as np

    from indeependence.classifier import ContinualClassifier
    from indeependence.robustness import NoiseCurve


@command()
@click.argument("file", type=FILE, metavar="MODEL")
@options.data_options
@section(
    "Noise",
    option(
        "--kind",
        "kinds",
        type=click.Choice(["pixels", "gaussian", "occlusion"]),
        multiple=True,
        default=["pixels"],
        show_default=True,
        help="Random grey pixels, Gaussian noise on all, or a black rectangle; may be repeated.",
    ),
    option("--limit", type=COUNT, metavar="N", help="Use at most that many test examples, drawn by --noise-seed."),
    option("--noise-seed", type=FROM_ZERO, default=0, show_default=True, help="Equal seeds, equal noise."),
    option("--bits", is_flag=True, help="Also tell how evenly code units are active, without noise."),
)
@options.seed_option
@options.threads_option
@options.json_option
def noise(**choice: Any) -> None:
    """Tell how many answers of MODEL stay right as test pictures become noisy.

    At eleven levels, 0 to 0.5. The noise score is the number of right answers over all levels (arXiv 1903.11257,
    for 10,000 test examples of MNIST and noise on pixels: at most 110,000).

    \b
    Examples:
      python cli.py sparse noise artifacts/model.safetensors --data digits
      python cli.py sparse noise monday.safetensors --data mnist --kind pixels --kind occlusion --json
    """
    from indeependence.classifier import ContinualClassifier
    from indeependence.robustness import noise_curve

    with limited_threads(choice["threads"]):
        model = ContinualClassifier.load(choice["file"], n_jobs=choice["threads"])
        inputs, labels = _tests(model, choice)
        curves = [
            noise_curve(model.predict, inputs, labels, kind=kind, seed=choice["noise_seed"]) for kind in choice["kinds"]
        ]
        bits = _activity(model.encoder_(inputs)) if choice["bits"] else {}
    _tell(curves, bits, as_json=choice["as_json"])


def _tests(model: ContinualClassifier, choice: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Test examples of the classes that the model learned."""
    import numpy as np

    from indeependence.data.pictures import rows_of

    dataset = chosen.load(choice, model=choice["file"])
    rows = chosen.learned_tests(dataset, model, choice)
    rows = np.sort(np.random.default_rng(choice["noise_seed"]).permutation(rows)[: choice["limit"]])
    return rows_of(dataset.x_test, rows), dataset.y_test[rows]


def _activity(codes: np.ndarray) -> dict[str, float]:
    """How many units are active, and how evenly."""
    import numpy as np

    from indeependence.sparse.duty import evenness

    return {"units": codes.shape[1], "mean_active_units": np.count_nonzero(codes) / len(codes), **evenness(codes)}


def _tell(curves: list[NoiseCurve], bits: dict[str, float], *, as_json: bool) -> None:
    if as_json:
        told = {
            one.kind: {"score": one.score, "accuracies": dict(zip(one.levels, one.accuracies, strict=True))}
            for one in curves
        }
        click.echo(json.dumps({"examples": curves[0].examples, "noise": told, **bits}))
        return
    click.echo("level " + "".join(f"{one.kind:>12}" for one in curves))
    for number, level in enumerate(curves[0].levels):
        click.echo(f"{level:<6.2f}" + "".join(f"{100 * one.accuracies[number]:11.2f}%" for one in curves))
    click.echo(
        "score "
        + "".join(f"{one.score:12,}" for one in curves)
        + f"   of {len(curves[0].levels) * curves[0].examples:,}"
    )
    for name, value in bits.items():
        click.echo(f"{name.replace('_', ' '):22}{value:,.1f}")
