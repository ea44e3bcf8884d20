"""``export``: what answers, without the sums."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from indeependence.commands import models, options
from indeependence.commands.help import command, option, section
from indeependence.errors import InputError

if TYPE_CHECKING:
    from indeependence.predictor import Predictor

ENDINGS = (".safetensors", ".keras", ".onnx", ".tf")


@command()
@click.argument("model", type=click.Path(path_type=Path))
@section(
    "Weights",
    option(
        "--output",
        type=click.Path(path_type=Path),
        required=True,
        metavar="FILE",
        help="The file to write; its ending says of what kind: .safetensors for infer; .keras for plain Keras; .onnx; "
        ".tf, or none, for a folder, a SavedModel of TensorFlow.",
    ),
    option("--epsilon", type=float, help="Solve from noisy sums that keep (epsilon, delta) for every example."),
    option("--delta", type=float, help="Goes with --epsilon; below one over the number of examples."),
)
@options.json_option
def export(model: Path, output: Path, epsilon: float | None, delta: float | None, as_json: bool) -> None:
    """Write the encoder and the weights of a classifier's file MODEL, and none of its sums.

    The result answers as MODEL does, is smaller, and cannot be trained, merged or made to forget. With --epsilon and
    --delta its weights come from sums with Gaussian noise, drawn anew each time, and answer worse: see docs/privacy.md.

    Other programs need no indeependence; the labels of their outputs are written to NAME.labels.txt.

    \b
    Examples:
      python cli.py export artifacts/model.safetensors --output artifacts/weights.safetensors
      python cli.py export artifacts/model.safetensors --output artifacts/model.keras
      python cli.py export private.safetensors --epsilon 1 --delta 1e-6 --output public.safetensors
    """
    if (epsilon is None) != (delta is None):
        raise click.UsageError("--epsilon and --delta go together: give both, or neither")
    write = _writer(output)
    if output.resolve() == model.resolve():
        raise InputError(f"{output} is the model itself, whose sums would be lost: name another file")
    private = epsilon is not None and delta is not None
    predictor = _private(model, epsilon, delta) if private else models.predictor_of(model)  # type: ignore[arg-type]
    with models.sole_writer_of(output):
        write(output, predictor)
    _tell(predictor, output, as_json=as_json)


def _private(path: Path, epsilon: float, delta: float) -> Predictor:
    """The weights from noisy sums; what was done, and at what price, is told on stderr."""
    from indeependence.model_file import read_model
    from indeependence.predictor import Predictor
    from indeependence.privacy import Privacy, private_weights

    privacy = Privacy(epsilon, delta)
    model = read_model(path)
    weights, noise = private_weights(model.ledger.total, model.encoder, privacy)
    click.echo(
        f"Note: noise of deviation {noise.products:.3g} on every product, for codes no longer than "
        f"{model.encoder.longest:.0f}; the penalty that it takes is {weights.penalty:.2g} mean variances of a unit. "
        "Measure what the result is worth. It keeps its promise for one export, given the encoder and the classes.",
        err=True,
    )
    if "norm" not in model.encoder.layers_text:
        click.echo("Note: an encoder whose --layers end in norm needs far less noise.", err=True)
    return Predictor(model.encoder, weights, privacy, model.columns)


def _writer(output: Path) -> Callable[[Path, Predictor], None]:
    """What writes a file of the ending of ``output``; wrong usage for any other ending."""
    if output.suffix not in (*ENDINGS, ""):
        raise click.UsageError(f"--output: expected a name that ends in {' or '.join(ENDINGS)}, got {output.name}")
    if output.suffix == ".safetensors":
        from indeependence.predictor import write_predictor

        return write_predictor
    from indeependence.export import files

    return {".keras": files.write_keras, ".onnx": files.write_onnx}.get(output.suffix, files.write_saved_model)


def _tell(predictor: Predictor, output: Path, *, as_json: bool) -> None:
    from indeependence.commands.inspect import predictor_facts, print_facts

    facts = predictor_facts(output, predictor)
    if as_json:
        click.echo(json.dumps(facts))
    else:
        print_facts(facts)
