"""``export``: a model's file that predicts, without the sums."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from indeependence.commands.shared import message_options, options
from indeependence.commands.shared.facts import facts_of, say
from indeependence.commands.shared.help import command, option, section
from indeependence.commands.shared.notes import note
from indeependence.commands.shared.types import Finite

if TYPE_CHECKING:
    from indeependence.export.export import Exported


@command()
@click.argument("model", type=click.Path(path_type=Path))
@section(
    "Weights",
    option("--epsilon", type=Finite(), help="Solve from noisy sums that keep (epsilon, delta) for every example."),
    option("--delta", type=Finite(), help="Goes with --epsilon; below one over the number of examples."),
    option(
        "--labels", metavar="A,B,…", help="Goes with --epsilon: the public list of labels; those learned if absent."
    ),
    option(
        "--public-sample",
        is_flag=True,
        help="Goes with --epsilon: the examples that the encoder was fitted on are public.",
    ),
)
@section(
    "Pairs",
    option(
        "--from", "given", type=click.Choice(["A", "B"]), metavar="A|B", help="The side that is given; A if absent."
    ),
)
@section(
    "Output",
    option(
        "--output",
        type=click.Path(path_type=Path),
        required=True,
        metavar="FILE",
        help="File to write; its ending chooses the kind: .safetensors for infer; .keras for plain Keras; .onnx; "
        ".tf or no ending for a folder with a TensorFlow SavedModel.",
    ),
)
@options.audit_option()
@options.overwrite_option
@message_options.json_option
def export(
    model: Path,
    output: Path,
    epsilon: float | None,
    delta: float | None,
    labels: str | None,
    public_sample: bool,
    given: str | None,
    audit: Path | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Write a prediction-only copy of a model.

    It holds the encoder and the weights of the file MODEL, but no sums. It predicts as MODEL does and is smaller; it
    cannot be trained, merged or made to forget. With --epsilon and --delta its weights come from sums with Gaussian
    noise, drawn anew each time, and it is less accurate: see docs/privacy.md.

    Other programs need no indeependence; the labels of their outputs are written to NAME.labels.txt. With a model of
    pairs they infer one side from the other.

    \b
    Examples:
      python cli.py export artifacts/model.safetensors --output artifacts/weights.safetensors
      python cli.py export artifacts/model.safetensors --output artifacts/model.keras
      python cli.py export private.safetensors --epsilon 1 --delta 1e-6 --output public.safetensors
    """
    if (epsilon is None) != (delta is None):
        raise click.UsageError("--epsilon and --delta go together: give both, or neither")
    from indeependence.export.export import ENDINGS, Export, can_be_written
    from indeependence.export.export import export as run
    from indeependence.export.places import check_export
    from indeependence.models.classifier.privacy import Privacy

    if not can_be_written(output):
        raise click.UsageError(f"--output: expected a name that ends in {' or '.join(ENDINGS)}, got {output.name}")
    if os.path.realpath(output) != os.path.realpath(model):
        check_export(output, overwrite=overwrite)
    privacy = None if epsilon is None or delta is None else Privacy(epsilon, delta)
    listed = None if labels is None else tuple(labels.split(","))
    done = run(Export(model, output, privacy, audit=audit, labels=listed, public_sample=public_sample, given=given))
    _note_noise(done)
    say(facts_of(done.predictor, output), as_json=as_json)


def _note_noise(done: Exported) -> None:
    """Print on stderr what was done for privacy, and at what price."""
    if done.noise is None:
        return
    encoder, weights = done.predictor.encoder, done.predictor.weights
    note(
        f"noise of deviation {done.noise.products:.3g} on every product, for codes no longer than "
        f"{encoder.longest:.0f}; the penalty that it takes is {weights.penalty:.2g} mean variances of a unit. "
        "Measure what the result is worth. It keeps its promise for one export. Exported as they are: the encoder, the "
        "names of classes and columns.",
    )
    if "norm" not in encoder.layers_text:
        note("an encoder whose --layers end in norm needs far less noise.")
