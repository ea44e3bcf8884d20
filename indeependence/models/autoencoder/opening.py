"""The autoencoder in a file: with labels, of pairs, or as it was made in Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from indeependence.files.container import damage_told
from indeependence.models.autoencoder.labelled import LabelledAutoencoder
from indeependence.models.autoencoder.model import Autoencoder
from indeependence.models.autoencoder.pairs import ContinualAutoencoder
from indeependence.models.inputs import check_parameters
from indeependence.models.parameters import usable_parameters

CHANGES = ("n_jobs", "batch_size", "ledger")


def opened(path: str | Path, **changes: Any) -> LabelledAutoencoder | ContinualAutoencoder | Autoencoder:
    """Return the autoencoder in the file ``path``, in the form that it was saved in.

    Raise `InputError` for a missing, foreign or damaged file, and for other ``changes`` than threads, batches and
    ledger.
    """
    check_parameters(path, changes, CHANGES)
    changes = usable_parameters(changes)
    autoencoder = Autoencoder.load(path, jobs=changes.get("n_jobs"))
    with damage_told(path):
        for saved_with, form in (("labels", LabelledAutoencoder), ("pairs", ContinualAutoencoder)):
            if saved_with in autoencoder.about:
                return form.around(autoencoder, **changes)
    return autoencoder
