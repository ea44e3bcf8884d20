"""``infer`` with an autoencoder: labels, missing halves filled in, and noise taken away."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from indeependence.commands.generate import write_grid
from indeependence.commands.machine import limited_threads
from indeependence.errors import InputError

if TYPE_CHECKING:
    import numpy as np

    from indeependence.autoencoder.labelled import LabelledAutoencoder


def infer_autoencoder(choice: dict[str, Any]) -> None:
    """Labels of inputs with their scores; with --mask or --noise also a grid of what became of them."""
    import numpy as np

    from indeependence.autoencoder.labelled import LabelledAutoencoder
    from indeependence.data.columns import in_order
    from indeependence.data.datasets import read_inputs

    with limited_threads(choice["threads"]):
        model = LabelledAutoencoder.load(choice["model"], n_jobs=choice["threads"])
        found = read_inputs(choice["data"])
        inputs = in_order(model.columns, found.columns, found.x, source=choice["data"])[: choice["limit"]]
        inputs = model.quantised(np.asarray(inputs))
        told = {"data": choice["data"], "model": str(choice["model"])}
        if choice["mask"]:
            told |= _completed(model, inputs, choice)
        elif choice["noise"]:
            told |= _cleaned(model, inputs, choice)
        else:
            told["answers"] = _answers(model, model.weights.scores(model.autoencoder.encode(inputs)), choice["top"])
    if choice["as_json"]:
        click.echo(json.dumps(told))
        return
    for number, answer in enumerate(told["answers"]):
        click.echo("\t".join([str(number), *(f"{one['label']}\t{one['score']:.4f}" for one in answer)]))
    if "output" in told:
        click.echo(f"mean squared error {told['squared_error']:.4f}, before {told['squared_error_before']:.4f}")
        click.echo(f"pictures: {told['output']}")


def hidden_half(side: str, shape: tuple[int, ...]) -> np.ndarray:
    """Which values ``shape`` of a picture stay known when a half of it is hidden.

    >>> hidden_half("left", (1, 4))
    array([[False, False,  True,  True]])
    """
    import numpy as np

    middle = shape[0] // 2 if side in ("top", "bottom") else shape[1] // 2
    place = np.indices(shape)[0 if side in ("top", "bottom") else 1]
    return place >= middle if side in ("top", "left") else place < middle


def _completed(model: LabelledAutoencoder, inputs: np.ndarray, choice: dict[str, Any]) -> dict[str, Any]:
    import numpy as np

    _check_pictures(model, inputs)
    known = hidden_half(choice["mask"], model.shape)
    told = model.autoencoder.infer(inputs, mask=known)
    whole = inputs.reshape(len(inputs), -1) / 255
    blank = np.where(known.ravel(), whole, model.autoencoder.joint.mean[model.autoencoder.layout.inputs] / 255)
    seen = np.where(known.ravel(), whole, 0.5)
    labels = [model.labels.index(label) for label in model.weights.labels]
    answers = _answers(model, told.targets[:, labels], choice["top"])
    return {"answers": answers, **_shown(model, (whole, seen, told.inputs), blank, choice)}


def _cleaned(model: LabelledAutoencoder, inputs: np.ndarray, choice: dict[str, Any]) -> dict[str, Any]:
    import numpy as np

    _check_pictures(model, inputs)
    rng = np.random.default_rng(choice["seed"])
    whole = inputs.reshape(len(inputs), -1) / 255
    noisy = np.clip(whole + choice["noise"] * rng.standard_normal(whole.shape), 0, 1)
    cleaned = model.autoencoder.denoise(noisy, noise=choice["noise"])
    answers = _answers(model, model.weights.scores(model.autoencoder.encode(cleaned)), choice["top"])
    return {"answers": answers, **_shown(model, (whole, noisy, cleaned), noisy, choice)}


def _shown(
    model: LabelledAutoencoder, rows: tuple[np.ndarray, ...], before: np.ndarray, choice: dict[str, Any]
) -> dict[str, Any]:
    """Writes the grid, a row for each stage, and tells how near the last one is to the first."""
    import numpy as np

    columns = min(16, len(rows[0]))
    write_grid(choice["output"], np.vstack([stage[:columns] for stage in rows]), model.shape, columns)
    return {
        "output": str(choice["output"]),
        "squared_error": float(np.mean((np.clip(rows[-1], 0, 1) - rows[0]) ** 2)),
        "squared_error_before": float(np.mean((before - rows[0]) ** 2)),
    }


def _answers(model: LabelledAutoencoder, scores: np.ndarray, top: int) -> list[list[dict[str, Any]]]:
    import numpy as np

    labels = model.weights.labels
    best = np.argsort(-scores, axis=1, kind="stable")[:, :top]
    rows = zip(scores, best, strict=True)
    return [[{"label": labels[c], "score": float(row[c])} for c in columns] for row, columns in rows]


def _check_pictures(model: LabelledAutoencoder, inputs: np.ndarray) -> None:
    if len(model.shape) < 2 or not len(inputs):
        raise InputError("--mask and --noise need pictures, got vectors: leave them out for labels alone")
