"""``infer``: labels for inputs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from indeependence.commands.shared import options
from indeependence.commands.shared.help import command, option, section
from indeependence.commands.shared.progress import progress
from indeependence.commands.shared.types import COUNT, FILE, SHARE
from indeependence.machine import limited_threads

if TYPE_CHECKING:
    import numpy as np

    from indeependence.experiment.watching import Watch
    from indeependence.models.learner import Predictor

HIDDEN = ("top", "bottom", "left", "right")


@command()
@section(
    "Data",
    option(
        "--data",
        default="digits",
        show_default=True,
        help="A picture or a folder of them, .npy, .npz, .csv without labels, an IDX file; or a data set, whose test "
        "part is used.",
    ),
    option("--limit", type=COUNT, metavar="N", help="Only that many inputs."),
    option("--top", type=COUNT, default=1, show_default=True, help="Labels to each input, best first."),
)
@options.model_option
@section(
    "Model",
    option(
        "--encoder",
        type=FILE,
        metavar="FILE.keras",
        rare=True,
        help="Answer only if --model was bootstrapped with this Keras model, which is in its file anyway.",
    ),
)
@section(
    "Autoencoder",
    option(
        "--mask",
        type=click.Choice(HIDDEN),
        metavar="SIDE",
        help="Hide that half (top, bottom, left, right) and fill it in.",
    ),
    option("--noise", type=SHARE, help="Add noise of that deviation (1 is white) and clean it."),
    option(
        "--output",
        type=FILE,
        default=Path("artifacts/inferred.png"),
        show_default=True,
        metavar="FILE",
        help="A grid: original, what was known, result.",
    ),
)
@options.seed_option
@options.work_options
@options.output_options
def infer(
    data: str, limit: int | None, top: int, model: Path, batch_size: int, threads: int | None, **told: Any
) -> None:
    """Tell the label of each input, and its probability.

    With an autoencoder also: complete and clean pictures.

    \b
    Examples:
      python cli.py infer --data my_picture.png --top 3
      python cli.py infer --data digits --limit 16 --mask bottom
    """
    if told["mask"] or told["noise"]:
        from indeependence.commands.infer_autoencoder import infer_autoencoder

        infer_autoencoder({"data": data, "limit": limit, "top": top, "model": model, "threads": threads, **told})
        return
    import numpy as np

    from indeependence import models
    from indeependence.data.columns import in_order
    from indeependence.data.datasets import read_inputs
    from indeependence.models.making import check_encoder

    with limited_threads(threads):
        predictor = models.open(model).predictor
        check_encoder(model, predictor.encoder, told["encoder"])
        found = read_inputs(data)
        inputs = in_order(predictor.columns, found.columns, found.x, source=data)[:limit]
        with progress(quiet=told["quiet"]) as watch:
            probabilities = np.concatenate(list(_probabilities(predictor, inputs, batch_size, threads, watch)))
    order = np.argsort(-probabilities, axis=1, kind="stable")[:, :top]
    labels = predictor.labels
    answers = [
        [{"label": labels[c], "probability": float(row[c])} for c in columns]
        for row, columns in zip(probabilities, order, strict=True)
    ]
    if told["as_json"]:
        click.echo(json.dumps({"data": data, "model": str(model), "answers": answers}))
        return
    for number, answer in enumerate(answers):
        click.echo("\t".join([str(number), *(f"{one['label']}\t{one['probability']:.4f}" for one in answer)]))


def _probabilities(
    predictor: Predictor, inputs: np.ndarray, batch_size: int, threads: int | None, watch: Watch
) -> Iterator[np.ndarray]:
    """Probabilities of one batch after another; of no inputs, one empty batch."""
    import numpy as np

    grey_for_colour = len(predictor.shape) == 3 and inputs.ndim == 3
    for start in range(0, max(len(inputs), 1), batch_size):
        batch = inputs[start : start + batch_size]
        batch = np.repeat(np.asarray(batch)[..., None], 3, axis=-1) if grey_for_colour else batch
        yield predictor.probabilities(batch, jobs=threads)
        watch("inferring", start + len(batch), len(inputs))
