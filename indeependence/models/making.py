"""The settings from which a model is made, or opened again from its file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indeependence import models
from indeependence.data.reading import Reading
from indeependence.errors import InputError

if TYPE_CHECKING:
    from indeependence.encoder.keras_front import FrozenModel
    from indeependence.models.learner import Encoder, Model


@dataclass(frozen=True)
class Making:
    """The settings of a classifier with one context or several; None means the default."""

    layers: str = "auto"
    penalty: float | str | None = None
    bootstrap_limit: int = 5000
    batch_size: int = 256
    seed: int = 0
    threads: int | None = None
    ledger: str | None = None
    contexts: str | None = None
    keep_sums: bool = False
    encoder: Path | None = None  # a Keras model's file
    double: bool = False  # whether it computes in double precision
    limits: str | None = None  # of inputs, as `data.limits.read_limits` reads them

    def new(self, reading: Reading | None = None) -> Model:
        """Return a new model that is not bootstrapped yet, for data that was read in this way."""
        from indeependence.models.classifier.classifier import ContinualClassifier
        from indeependence.models.contexts.classifier import ContextualClassifier

        parameters: dict[str, Any] = {
            "penalty": "auto" if self.penalty is None else self.penalty,
            "bootstrap_limit": self.bootstrap_limit,
            "batch_size": self.batch_size,
            "random_state": self.seed,
            "n_jobs": self.threads,
        }
        if self.contexts not in (None, "one"):
            if self.limits is not None:
                raise InputError("--limits goes with one context: each context of several has limits of its own")
            if self.encoder is not None or self.double:
                raise InputError("--encoder goes with one context: several have encoders of their own, leave it out")
            parameters |= {"contexts": self.contexts, "keep_sums": self.keep_sums}
            return ContextualClassifier(self.layers, **parameters)
        if self.limits is not None:
            from indeependence.data.limits import read_limits

            parameters["limits"] = read_limits(self.limits, reading or Reading())
        return ContinualClassifier(self.layers, ledger=self.ledger or "none", encoder=self.front, **parameters)

    @property
    def front(self) -> FrozenModel | Path | None:
        """The Keras model that looks at the inputs first, as it is asked for."""
        if not self.double:
            return self.encoder
        if self.encoder is None:
            raise InputError("--double goes with --encoder, the Keras model that computes so: give that, too")
        from indeependence.encoder.double_front import double_front

        return double_front(self.encoder)

    def open(self, path: Path) -> Model:
        """Return the model in the file ``path``, of any kind, with the settings given here for further learning.

        Raise `InputError` if the file is no model, or if it was made with another Keras encoder than ``encoder``.
        """
        names = ("penalty", "batch_size", "ledger", "contexts", "keep_sums")
        changes = {name: getattr(self, name) for name in names if getattr(self, name) not in (None, False)}
        model = models.open(path, n_jobs=self.threads, **changes)
        check_encoder(path, model.encoder_, self.front)
        return model


def check_encoder(path: Path, encoder: Encoder, asked: FrozenModel | Path | None) -> None:
    """Raise `InputError` if a Keras model is ``asked`` for that is not the one in the model of ``path``.

    A file says nothing about the precision in which it is to compute: that of the model goes with it.
    """
    if asked is None:
        return
    from indeependence.encoder.double_front import double_front, is_double
    from indeependence.encoder.keras_front import frozen

    wanted, found = frozen(asked), encoder.front
    if found is None:
        raise InputError(f"{path} was bootstrapped without a Keras encoder: leave --encoder out, or start a new model")
    if isinstance(asked, Path) and is_double(found):
        wanted = double_front(wanted)
    if found.fingerprint != wanted.fingerprint:
        name = asked if isinstance(asked, Path) else f"{wanted.name} in double precision"
        raise InputError(
            f"{name} is not the encoder that {path} was bootstrapped with ({found.name} {found.fingerprint[:12]}, "
            f"got {wanted.name} {wanted.fingerprint[:12]}): leave --encoder out, the model's file holds the right one"
        )
