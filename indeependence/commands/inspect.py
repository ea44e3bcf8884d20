"""``inspect``: what a model's file holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from indeependence.classifier import ContinualClassifier


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--held-out",
    type=click.Path(path_type=Path),
    metavar="OTHER",
    help="Another model of the same encoder: also tell this model's error on the examples of that one, from its sums.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
def inspect(file: Path, held_out: Path | None, as_json: bool) -> None:
    """Tell what a model's FILE holds: classes, counts, bytes, fingerprints, encoder.

    \b
    Examples:
      python cli.py inspect artifacts/model.safetensors
      python cli.py inspect mine.safetensors --held-out theirs.safetensors
    """
    from indeependence.classifier import ContinualClassifier
    from indeependence.model_file import kind_of

    if held_out is None and kind_of(file) == "autoencoder":
        facts = autoencoder_facts(file)
    else:
        model = ContinualClassifier.load(file)
        facts = facts_of(file, model)
    if held_out is not None:
        facts["held_out_squared_error"] = _held_out_error(model, held_out)
    if as_json:
        click.echo(json.dumps(facts))
    else:
        print_facts(facts)


def facts_of(path: Path, model: ContinualClassifier) -> dict[str, Any]:
    """What there is to say of a model and its file, in plain JSON types."""
    from indeependence.moments.storage import stored_bytes

    encoder, sums, ledger = model.encoder_, model.moments_, model.ledger_
    return {
        "model": str(path),
        "model_sha256": sums.fingerprint,
        "encoder_sha256": encoder.fingerprint,
        "layers": encoder.layers_text,
        "input_shape": list(encoder.shape),
        "code_units": encoder.units,
        "examples": sums.count,
        "classes": [
            {"label": label, "examples": int(count)} for label, count in zip(sums.labels, sums.counts, strict=True)
        ],
        "dropped_examples": sums.dropped or None,
        "stored_examples": 0,
        "statistics_bytes": stored_bytes(sums),
        "ledger": ledger.kind,
        "tasks": {str(task): part.count for task, part in ledger.parts.items()} if ledger.kind == "task" else None,
        "ledger_bytes": sum(map(stored_bytes, ledger.parts.values())),
        "file_bytes": path.stat().st_size,
    }


def autoencoder_facts(path: Path) -> dict[str, Any]:
    """What there is to say of an autoencoder, in plain JSON types."""
    from indeependence.autoencoder.model import Autoencoder
    from indeependence.moments.average import Average
    from indeependence.moments.storage import stored_bytes

    model = Autoencoder.load(path)
    averaged = isinstance(model.sums, Average)
    return {
        "model": str(path),
        "kind": "autoencoder",
        "model_sha256": model.sums.fingerprint,
        "encoder_sha256": model.tied.encoder.fingerprint,
        "layers": model.tied.encoder.layers_text,
        "input_shape": model.options["shape"],
        "target_size": model.layout.target_size,
        "code_units": model.tied.encoder.units,
        "examples": None if averaged else model.sums.count,
        "sums": "moving average" if averaged else "exact",
        "drift": model.drift,
        "stored_examples": 0,
        "statistics_bytes": stored_bytes(model.sums),
        "file_bytes": path.stat().st_size,
    }


def print_facts(facts: dict[str, Any]) -> None:
    """Prints one fact a line, for people."""
    from indeependence.report.units import readable_bytes

    shown = dict(facts)
    if "classes" in facts:
        classes = ", ".join(f"{entry['label']} ({entry['examples']:,})" for entry in facts["classes"])
        shown["classes"] = classes or "none yet"
    if "tasks" in facts:
        tasks = ", ".join(f"{task} ({count:,})" for task, count in (facts["tasks"] or {}).items())
        shown["tasks"] = tasks or None
    for name, value in shown.items():
        if value is None:
            continue
        if name.endswith("bytes"):
            value = readable_bytes(value)
        if name == "drift" or name.startswith("layer_"):
            value = ", ".join(f"{share:.4f}" for share in value)
        if name == "input_shape":
            value = "x".join(map(str, value))
        click.echo(
            f"{name.replace('_', ' '):28}{value:.4f}"
            if isinstance(value, float)
            else f"{name.replace('_', ' '):28}{value}"
        )


def _held_out_error(model: Any, other: Path) -> float:
    from indeependence.errors import InputError
    from indeependence.model_file import read_model
    from indeependence.moments.solvers import held_out_error

    moments = read_model(other).ledger.total
    if moments.encoder != model.moments_.encoder:
        raise InputError(f"expected two models of one encoder, got another in {other}: bootstrap once, share that file")
    return held_out_error(model.weights, moments)
