"""The settings from which a model is made, or opened again from its file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from indeependence import models
from indeependence.data.reading import Reading
from indeependence.errors import InputError
from indeependence.models.sampling import bootstrap_examples, bootstrap_sample
from indeependence.moments.moments import sorted_labels

if TYPE_CHECKING:
    from indeependence.data.examples import Examples
    from indeependence.encoder.fronts.front import Front
    from indeependence.models.learner import Encoder, Model

Opened = TypeVar("Opened", bound="Model")


@dataclass(frozen=True)
class Making:
    """The settings of a classifier with one context or several, or of an autoencoder; None means the default."""

    layers: str = "auto"
    kind: str = "classifier"  # or "autoencoder": of labels, or of pairs where there is other data as targets
    target_data: str | None = None
    penalty: float | str | None = None
    readout: str | None = None
    members: int | None = None
    bootstrap_limit: int = 5000
    batch_size: int = 256
    seed: int = 0
    threads: int | None = None
    ledger: str | None = None
    contexts: str | None = None
    keep_sums: bool = False
    encoder: str | None = None  # a network: its file, or its name
    weights: Path | None = None  # of a network by name
    encoder_scale: str | None = None  # of the pictures that it gets
    encoder_depths: str | None = None  # the layers that are looked at, as in `parse_depths`
    encoder_flip: bool = False  # whether its outputs are averaged with those of the mirror image
    cache: Path | None = None  # folder of what it makes of them
    double: bool = False  # whether it computes in double precision
    limits: str | None = None  # of inputs, as `data.limits.read_limits` reads them

    def __post_init__(self) -> None:
        for name in ("weights", "encoder_scale", "encoder_depths", "encoder_flip", "double"):
            if getattr(self, name) and self.encoder is None:
                raise InputError(f"--{name.replace('_', '-')} goes with --encoder: give the network, too")

    @property
    def front(self) -> Front | None:
        """The network that is asked for, if one is; each time it is read anew."""
        if self.encoder is None:
            return None
        from indeependence.encoder.fronts.pretrained import pretrained

        return pretrained(
            self.encoder,
            weights=self.weights,
            scale=self.encoder_scale,
            depths=self.encoder_depths,
            flip=self.encoder_flip,
            cache=self.cache,
            double=self.double,
        )

    def begun(self, examples: Examples, reading: Reading) -> Model:
        """Return a new model whose encoder is fitted on a sample of the examples, which were read in this way."""
        if self.kind == "autoencoder":
            return self._autoencoder(examples, reading)
        model = self.new(reading)
        model.restart(bootstrap_sample(examples, self.bootstrap_limit, self.seed))
        model.reading = reading
        return model

    def _autoencoder(self, examples: Examples, reading: Reading) -> Any:
        from indeependence.models.autoencoder.labelled import LabelledAutoencoder
        from indeependence.models.autoencoder.pairs import ContinualAutoencoder

        parameters: dict[str, Any] = {
            "bootstrap_limit": self.bootstrap_limit,
            "batch_size": self.batch_size,
            "random_state": self.seed,
            "n_jobs": self.threads,
            "ledger": self.ledger or "none",
        }
        sample = bootstrap_examples(examples, self.bootstrap_limit, self.seed)
        if self.target_data is not None:
            model: Any = ContinualAutoencoder(self.layers, **parameters).restart(sample)
        else:
            labels = sorted_labels(np.unique(examples.y).tolist())
            model = LabelledAutoencoder(labels, self.layers, **parameters).restart(sample[0])
        model.reading = reading
        return model

    def new(self, reading: Reading | None = None) -> Model:
        """Return a new classifier that is not bootstrapped yet, for data that was read in this way."""
        from indeependence.models.classifier.classifier import ContinualClassifier
        from indeependence.models.contexts.classifier import ContextualClassifier

        parameters: dict[str, Any] = {
            "penalty": "auto" if self.penalty is None else self.penalty,
            "readout": self.readout or "lda",
            "bootstrap_limit": self.bootstrap_limit,
            "batch_size": self.batch_size,
            "random_state": self.seed,
            "n_jobs": self.threads,
        }
        if self.cache is not None and self.encoder is None:
            raise InputError("--cache keeps what a network makes of inputs: give one by --encoder, too")
        if self.contexts not in (None, "one"):
            if self.encoder is not None:
                raise InputError("--encoder goes with one context: leave out either it or --contexts")
            if self.members is not None:
                raise InputError("--members goes with one context: leave out either it or --contexts")
            if self.limits is not None:
                raise InputError("--limits goes with one context: each context of several has limits of its own")
            parameters |= {"contexts": self.contexts, "keep_sums": self.keep_sums}
            return ContextualClassifier(self.layers, **parameters)
        if self.limits is not None:
            from indeependence.data.limits import read_limits

            parameters["limits"] = read_limits(self.limits, reading or Reading())
        parameters |= {"members": self.members or 1, "ledger": self.ledger or "none", "encoder": self.front}
        return ContinualClassifier(self.layers, **parameters)

    def open(self, path: Path) -> Model:
        """Return the model in the file ``path``, of any kind, with the settings given here for further learning.

        Raise `InputError` if the file is no model, or if it was made with other ``layers`` or another ``encoder``.
        """
        names = ("penalty", "readout", "batch_size", "ledger", "contexts", "keep_sums")
        asked = {name: getattr(self, name) for name in names}
        changes = {name: value for name, value in asked.items() if value is not None and value is not False}
        model = models.open(path, n_jobs=self.threads, **changes)
        return self.checked(path, model)

    def checked(self, path: Path, model: Opened) -> Opened:
        """Return the model of the file ``path``, with the cache given here, if it has what is asked for."""
        check_layers(path, model, self.layers)
        _check_sides(path, model, self.kind, self.target_data)
        made = getattr(model, "members", 1)
        if self.members not in (None, made):
            raise InputError(f"--members: {path} was made with {made}, got {self.members}: leave it out")
        check_encoder(path, model.encoder_, self.front, scaled=self.encoder_scale is not None)
        if self.cache is not None:
            _keep_features(path, model, self.cache)
        return model


def check_layers(path: Path, model: Any, asked: str) -> None:
    """Raise `InputError` for layers other than those that a model was made with: they would have no effect."""
    made = getattr(model, "layers", asked)
    if asked not in ("auto", made):
        raise InputError(
            f"--layers: {path} was made with {made}, got {asked}: leave it out, a model keeps its layers, or start a "
            "new model"
        )


def _check_sides(path: Path, model: Model, kind: str, target_data: str | None) -> None:
    """Raise `InputError` for labels where a model has learned pairs, and for pairs where it has learned labels.

    So it is for a model that is no autoencoder, where one is asked for.
    """
    from indeependence.models.autoencoder.kept import KeptTied
    from indeependence.models.autoencoder.pairs import ContinualAutoencoder

    if kind == "autoencoder" and not isinstance(model, KeptTied):
        raise InputError(f"{path}: expected a model of kind autoencoder, got one of another kind: name another --model")
    of_pairs = isinstance(model, ContinualAutoencoder)
    if of_pairs and target_data is None:
        raise InputError(f"{path} has learned pairs: name their other side with --target-data, too")
    if target_data is not None and not of_pairs:
        raise InputError(f"--target-data: {path} has learned labels, not pairs: leave it out, or start a new model")


def check_encoder(path: Path, encoder: Encoder, asked: Front | None, *, scaled: bool = False) -> None:
    """Raise `InputError` if a network is ``asked`` for that is not the one in the model of ``path``.

    Its scale is compared if it was asked for, too. A file says nothing about the precision in which it is to compute:
    that of the model goes with it.
    """
    if asked is None:
        return
    from indeependence.encoder.fronts.double_precision import is_double
    from indeependence.encoder.fronts.pretrained import pretrained

    found = encoder.front
    if found is None:
        raise InputError(f"{path} was bootstrapped without a network: leave --encoder out, or start a new model")
    if is_double(found.network):
        asked = pretrained(asked, double=True)
    if found.network.fingerprint != asked.network.fingerprint:
        raise InputError(
            f"--encoder is not the network that {path} was bootstrapped with ({_named(found)}, got {_named(asked)}): "
            "leave it out, the model's file holds the right one"
        )
    if scaled and found.scale != asked.scale:
        raise InputError(
            f"--encoder-scale: {path} was bootstrapped with {found.scale}, got {asked.scale}: leave it out"
        )


def _named(front: Front) -> str:
    return f"{front.name} {front.network.fingerprint[:12]}"


def _keep_features(path: Path, model: Any, folder: Path) -> None:
    """Let the network of a loaded model keep its features in a folder; raise `InputError` if the model has none."""
    from indeependence.encoder.fronts.pretrained import pretrained

    encoder = model.encoder_
    if encoder.front is None:
        raise InputError(f"--cache keeps what a network makes of inputs, {path} has none: leave it out")
    model.encoder = pretrained(encoder.front, cache=folder)
    model.encoder_ = replace(encoder, front=model.encoder)
