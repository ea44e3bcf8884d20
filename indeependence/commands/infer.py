"""``infer``: labels for inputs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from indeependence.commands import options
from indeependence.commands.machine import limited_threads


@click.command()
@click.option(
    "--data",
    default="digits",
    show_default=True,
    help="Inputs: a picture, a folder of pictures, .npy, .npz, .csv without labels, an IDX file; or a data set, whose "
    "test part is used.",
)
@click.option("--limit", type=click.IntRange(1), help="Only that many inputs.")
@click.option("--top", type=click.IntRange(1), default=1, show_default=True, help="Labels to each input, best first.")
@options.model_option
@options.work_options
@options.output_options
def infer(
    data: str, limit: int | None, top: int, model: Path, batch_size: int, threads: int | None, **told: Any
) -> None:
    """Print a label and its probability for each input.

    \b
    Example:
      python cli.py infer --data my_picture.png --top 3
    """
    import numpy as np

    from indeependence.classifier import ContinualClassifier
    from indeependence.data.datasets import load_inputs

    inputs = load_inputs(data)[:limit]
    with limited_threads(threads):
        classifier = ContinualClassifier.load(model, batch_size=batch_size, n_jobs=threads)
        if len(classifier.encoder_.shape) == 3 and inputs.ndim == 3:
            inputs = np.repeat(inputs[..., None], 3, axis=-1)  # grey pictures for a model of coloured ones
        probabilities = classifier.predict_proba(inputs)
    order = np.argsort(-probabilities, axis=1, kind="stable")[:, :top]
    labels = classifier.classes_.tolist()
    answers = [
        [{"label": labels[c], "probability": float(row[c])} for c in columns]
        for row, columns in zip(probabilities, order, strict=True)
    ]
    if told["as_json"]:
        click.echo(json.dumps({"data": data, "model": str(model), "answers": answers}))
        return
    for number, answer in enumerate(answers):
        click.echo("\t".join([str(number), *(f"{one['label']}\t{one['probability']:.4f}" for one in answer)]))
