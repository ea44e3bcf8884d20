"""Views of an autoencoder that learns, for those who look on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from indeependence.encoder.layers.mirror import unmirror
from indeependence.encoder.quantise import as_bytes
from indeependence.models.autoencoder.labelled import LabelledAutoencoder
from indeependence.models.autoencoder.layout import partial_rows
from indeependence.models.autoencoder.online import Step
from indeependence.models.autoencoder.tied import Tied
from indeependence.models.galleries import signed_pictures
from indeependence.report.frames.view import View

BASES = 64  # that are shown


def seen_by(take: Callable[[View], None]) -> Callable[[LabelledAutoencoder, np.ndarray, list[Step]], None]:
    """Return a function of a model, an input and the steps so far that gives their view to ``take``."""
    return lambda model, picture, steps: take(view_of(model, picture, steps))


def view_of(model: LabelledAutoencoder, picture: np.ndarray, steps: Sequence[Step]) -> View:
    """Return what ``model`` makes of an input ``picture``, the last of the ``steps``."""
    whole, autoencoder = model.quantised(picture[None]), model.autoencoder
    rows, known = partial_rows(autoencoder.layout, whole, None)
    codes = autoencoder.tied.codes(np.where(known, rows, autoencoder.tied.fill).astype(np.uint8))
    shape = model.shape if len(model.shape) > 1 else (1, *model.shape)
    return View(
        original=whole.reshape(shape),
        decoded=as_bytes(autoencoder.decode(codes[-1])[0]).reshape(shape),
        bases=_bases(autoencoder.tied, shape),
        bases_in_all=autoencoder.tied.layers[0].bases.shape[1],
        codes=tuple(unmirror(code[0].astype(np.int16))[0] for code in codes),
        label=steps[-1].label,
        predicted=steps[-1].predicted,
        errors=np.array([step.error for step in steps]),
    )


def _bases(tied: Tied, shape: tuple[int, ...]) -> np.ndarray:
    columns = tied.layers[0].bases[: int(np.prod(shape)), :BASES]
    return signed_pictures(columns.astype(np.float64), shape)
