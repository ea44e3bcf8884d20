"""``sparse noise``: how a model's answers stand up to noise that it never saw."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from indeependence.commands import chosen, options
from indeependence.commands.help import command, option, section
from indeependence.commands.machine import limited_threads
from indeependence.commands.values import COUNT, FILE, FROM_ZERO
from indeependence.errors import InputError

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
        bits = _evenness(model.encoder_(inputs)) if choice["bits"] else {}
    _tell(curves, bits, as_json=choice["as_json"])


def _tests(model: ContinualClassifier, choice: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Test examples of the classes that the model learned."""
    import numpy as np

    from indeependence.data.pictures import rows_of

    dataset = chosen.load(choice)
    rows = np.flatnonzero(np.isin(dataset.y_test, model.classes_))
    if not len(rows):
        raise InputError(f"--data {choice['data']}: expected test examples of classes that the model learned, got none")
    rows = np.sort(np.random.default_rng(choice["noise_seed"]).permutation(rows)[: choice["limit"]])
    return rows_of(dataset.x_test, rows), dataset.y_test[rows]


def _evenness(codes: np.ndarray) -> dict[str, float]:
    """How often units are active, and the entropy of that against the most that so many active units can have."""
    from indeependence.sparse.duty import duty_entropy, duty_of, largest_entropy

    duty = duty_of(codes)
    active = float(duty.sum())
    return {
        "units": len(duty),
        "mean_active_units": active,
        "units_never_active": int((duty == 0).sum()),
        "duty_entropy_bits": duty_entropy(duty),
        "largest_entropy_bits": largest_entropy(len(duty), active),
    }


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
