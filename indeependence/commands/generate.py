"""``generate``: pictures for labels, and what single units of the top code stand for, as one grid."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from indeependence.commands.shared import options
from indeependence.commands.shared.help import command, option, section
from indeependence.commands.shared.types import COUNT, FILE
from indeependence.errors import InputError, named
from indeependence.machine import limited_threads

if TYPE_CHECKING:
    import numpy as np

    from indeependence.models.autoencoder.labelled import LabelledAutoencoder


@command()
@section(
    "Pictures",
    option("--label", metavar="A,B,…", help="Labels to draw; all that were learned if not given."),
    option("--count", type=COUNT, default=16, show_default=True, help="Pictures of each label."),
    option(
        "--spread",
        type=click.FloatRange(0),
        default=0.5,
        show_default=True,
        help="How much they vary, in standard deviations of the code given the label; 0: the mean of the class.",
    ),
    option("--units", metavar="A,B,…", help="Instead of labels: raise these top units, from white noise."),
    option(
        "--output",
        type=FILE,
        default=Path("artifacts/generated.png"),
        show_default=True,
        metavar="FILE",
        help="The grid as PNG: a row for each label, the class mean first.",
    ),
)
@options.model_option
@options.seed_option
@options.threads_option
@options.output_options
def generate(**choice: Any) -> None:
    """Draw pictures of labels that an autoencoder learned.

    \b
    Examples:
      python cli.py generate --label 3 --count 16
      python cli.py generate --units 0,1,2,3,4,5,6,7
    """
    from indeependence.models.autoencoder.labelled import LabelledAutoencoder

    with limited_threads(choice["threads"]):
        model = LabelledAutoencoder.load(choice["model"], n_jobs=choice["threads"])
        if len(model.shape) < 2:
            raise InputError(f"expected a model of pictures, got one of vectors of {model.shape[0]} values")
        if choice["units"]:
            labels, pictures = _raised(model, choice)
            columns = min(8, len(pictures))
        else:
            labels, pictures = _drawn(model, choice)
            columns = choice["count"]
    write_grid(choice["output"], pictures, model.shape, columns)
    told = {"pictures": len(pictures), "labels": labels, "output": str(choice["output"])}
    click.echo(json.dumps(told) if choice["as_json"] else f"{len(pictures)} pictures: {choice['output']}")


def _drawn(model: LabelledAutoencoder, choice: dict[str, Any]) -> tuple[list, np.ndarray]:
    import numpy as np

    known, rest = model.weights.labels, choice["count"] - 1
    labels = list(known)
    if choice["label"] is not None:
        labels = named(choice["label"].split(","), known, option="--label", where="was learned")
    means = model.autoencoder.generate(model.targets(labels), spread=0)
    if not rest:
        return labels, means
    targets = model.targets([label for label in labels for _ in range(rest)])
    drawn = model.autoencoder.generate(targets, spread=choice["spread"], seed=choice["seed"])
    rows = zip(means, drawn.reshape(len(labels), rest, -1), strict=True)
    return labels, np.vstack([np.vstack([mean[None], others]) for mean, others in rows])


def _raised(model: LabelledAutoencoder, choice: dict[str, Any]) -> tuple[list, np.ndarray]:
    import numpy as np

    units = model.encoder_.units // 2
    words = [word.strip() for word in choice["units"].split(",")]
    if not all(word.isdigit() and int(word) < units for word in words):
        raise InputError(f"--units: expected numbers from 0 to {units - 1}, got '{choice['units']}'")
    return [], np.stack([model.autoencoder.preferred_input(int(word), seed=choice["seed"]) for word in words])


def write_grid(path: Path, pictures: np.ndarray, shape: tuple[int, ...], columns: int) -> None:
    """Writes pictures ``[N, D]`` of 0..1 as one PNG, in a folder that is made if need be."""
    from indeependence.encoder.quantise import as_bytes
    from indeependence.files.lock import make_folder
    from indeependence.report.pictures.grid import grid, write_png

    whole = as_bytes(pictures).reshape(-1, *shape)
    zoom = max(1, 56 // shape[0])
    make_folder(path)
    picture = grid(whole, columns=columns, zoom=zoom)
    write_png(path, picture if picture.ndim == 2 else picture[..., ::-1])
