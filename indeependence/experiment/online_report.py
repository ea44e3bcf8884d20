"""What an autoencoder's run came to: its error curve as files, measures of its layers, and a report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from indeependence.data.datasets import Dataset
from indeependence.data.examples import Examples
from indeependence.experiment.costs import Clock
from indeependence.experiment.online_training import SAVED, OnlineResult, OnlineRun
from indeependence.experiment.training_report import report
from indeependence.models.autoencoder.labelled import LabelledAutoencoder
from indeependence.models.autoencoder.layout import whole_rows
from indeependence.models.autoencoder.measures import layer_measures
from indeependence.report.pictures.online import write_running_error
from indeependence.report.result import Asked
from indeependence.report.tensorboard import Board

SAMPLE = 500  # examples that layers are measured on


def online_report(
    run: OnlineRun,
    model: LabelledAutoencoder,
    dataset: Dataset,
    result: OnlineResult,
    clock: Clock,
    asked: Asked,
    folder: Path,
    *,
    board: Board | None = None,
) -> dict[str, Any]:
    """Write the error curve and a report to ``folder``, and return the facts in plain JSON values."""
    labels, predicted = [step.label for step in result.steps], [step.predicted for step in result.steps]
    curve = write_running_error(folder, result.errors, labels, predicted)
    facts = {
        **_facts(run, model, result),
        **_layer_facts(model, run.examples(dataset)),
        "stored_examples": 0,
        "statistics_bytes": model.moments_.nbytes,
        "seed": run.seed,
        "error_curve": str(curve),
    }
    return report(model, dataset, clock, facts, asked, folder, errors=result.errors, board=board)


def _facts(run: OnlineRun, model: LabelledAutoencoder, result: OnlineResult) -> dict[str, Any]:
    errors = result.errors
    return {
        "model": str(run.model),
        "kind": "autoencoder",
        "model_sha256": model.moments_.fingerprint,
        "layers": model.encoder_.layers_text,
        "sums": "exact" if model.coeff is None else f"moving average, coefficient {model.coeff:g}",
        "examples": model.moments_.count if model.coeff is None else len(errors),
        "learned_now": len(errors),
        "running_error": errors[-1],
        "running_errors": {str(n): errors[n - 1] for n in range(SAVED, len(errors) + 1, SAVED)},
        "cpu_seconds_per_example": result.cpu_seconds / len(errors),
        "drift": model.autoencoder.drift,
    }


def _layer_facts(model: LabelledAutoencoder, examples: Examples) -> dict[str, list[float]]:
    """Return entropy, reconstruction error and residue of each layer on some of the examples."""
    inputs, labels = examples.take(SAMPLE).arrays()
    rows = whole_rows(model.autoencoder.layout, model.quantised(inputs), model.targets(labels))
    measured = layer_measures(model.autoencoder.tied, rows)
    return {
        "layer_entropy_bits": [layer.entropy for layer in measured],
        "layer_reconstruction_error": [layer.reconstruction for layer in measured],
        "layer_residue": [layer.residue for layer in measured],
    }
