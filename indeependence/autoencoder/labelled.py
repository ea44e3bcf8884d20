"""An autoencoder of inputs and labels: a label is a target of ones and zeros, and its inference a classifier."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from indeependence.autoencoder.collected import Sums
from indeependence.autoencoder.model import Autoencoder
from indeependence.autoencoder.text import default_text
from indeependence.encoder.quantise import TOP, Quantiser, fit_quantiser
from indeependence.errors import InputError
from indeependence.moments.accumulator import Label
from indeependence.moments.labels import best_labels, one_hot
from indeependence.moments.solvers import Weights


@dataclass(frozen=True, eq=False)
class InputCodes:
    """Top codes ``[N, H]`` of inputs alone."""

    model: LabelledAutoencoder

    def __call__(self, inputs: np.ndarray, *, jobs: int | None = None) -> np.ndarray:
        return self.model.autoencoder.encode(self.model.quantised(inputs))

    @property
    def fingerprint(self) -> str:
        """SHA-256 of all that decides about a code."""
        return self.model.autoencoder.tied.encoder.fingerprint

    @property
    def units(self) -> int:
        """H."""
        return self.model.autoencoder.tied.encoder.units

    def examples(self, rows: int) -> int:
        """Of how many examples so many ``rows`` were learned: each has one."""
        return rows

    @property
    def layers_text(self) -> str:
        """What was asked for."""
        return self.model.autoencoder.tied.encoder.layers_text


class LabelledAutoencoder:
    """Learns inputs with labels as a classifier does; the labels there may be are said at the start.

    ``layers`` "auto" chooses by the shape of the inputs; ``coeff`` keeps moving averages instead of sums; ``options``
    are those of `Autoencoder`. Inputs that are not bytes are cut to bytes between limits fixed at bootstrap.

    >>> rows = np.random.default_rng(0).random((40, 6)) + np.arange(40)[:, None] % 2
    >>> model = LabelledAutoencoder(["low", "high"], "4").bootstrap(rows)
    >>> model.learn([(rows, np.array(["low", "high"] * 20))]).predict(rows[:3])
    array(['low', 'high', 'low'], dtype='<U4')
    """

    stored_examples = 0
    columns: tuple[str, ...] = ()  # names of the input columns, where there are any

    def __init__(
        self,
        labels: Sequence[Label],
        layers: str = "auto",
        *,
        coeff: float | None = None,
        bootstrap_limit: int = 5000,
        batch_size: int = 256,
        random_state: int = 0,
        n_jobs: int | None = None,
        **options: Any,
    ):
        self.labels = list(labels)
        self.layers, self.coeff, self.options = layers, coeff, options
        self.bootstrap_limit, self.batch_size = bootstrap_limit, batch_size
        self.random_state, self.n_jobs = random_state, n_jobs

    # Learning

    def bootstrap(self, inputs: np.ndarray, labels: np.ndarray | None = None) -> LabelledAutoencoder:
        """Itself with bases fitted on inputs, or on `bootstrap_limit` of them; their labels are not needed."""
        if len(inputs) > self.bootstrap_limit:
            rng = np.random.default_rng(self.random_state)
            chosen = np.sort(rng.choice(len(inputs), self.bootstrap_limit, replace=False))
            inputs, labels = inputs[chosen], None if labels is None else labels[chosen]
        self.shape = inputs.shape[1:]
        self.quantiser = fit_quantiser(inputs)
        text = default_text(self.shape) if self.layers == "auto" else self.layers
        self.autoencoder = Autoencoder(
            int(np.prod(self.shape)),
            len(self.labels),
            text,
            shape=self.shape,
            seed=self.random_state,
            jobs=self.n_jobs,
            **{"frozen": True, **self.options},
        )
        targets = np.zeros((len(inputs), len(self.labels))) if labels is None else self.targets(labels)
        self.autoencoder.bootstrap(self.quantiser(inputs), targets)
        return self

    def learn(self, batches: Iterable[tuple[np.ndarray, np.ndarray]]) -> LabelledAutoencoder:
        """Itself, having learned all ``(inputs, labels)`` besides all before."""
        for inputs, labels in batches:
            self.autoencoder.collect(self.quantised(inputs), self.targets(labels), self.coeff)
        return self

    def targets(self, labels: Sequence[Label] | np.ndarray) -> np.ndarray:
        """One-hot targets ``[N, C]`` of labels; InputError for one that was not said at the start."""
        return one_hot(labels, self.labels)

    def quantised(self, inputs: np.ndarray) -> np.ndarray:
        """Inputs as bytes; InputError unless they have the shape of those at bootstrap."""
        if inputs.shape[1:] != self.shape:
            expected, found = ("x".join(map(str, shape)) for shape in (self.shape, inputs.shape[1:]))
            raise InputError(f"expected inputs of shape {expected}, as at bootstrap, got {found}")
        return self.quantiser(inputs)

    # Predicting

    @property
    def weights(self) -> Weights:
        """Weights of the labels' conditional mean given the top code (1 for right), of labels with examples."""
        seen = self.autoencoder.joint.mean[self.autoencoder.layout.targets] > 0
        whole = self.autoencoder.reading
        return replace(
            whole,
            labels=tuple(label for label, there in zip(self.labels, seen, strict=True) if there),
            coefficients=whole.coefficients[:, seen] / TOP,
            intercept=whole.intercept[seen] / TOP,
            expected_error=whole.expected_error / TOP**2,
        )

    def label(self, scores: np.ndarray, *, among: Sequence[Label] | None = None) -> np.ndarray:
        """Labels ``[N]`` of the largest scores ``[N, C]``, of those seen, or of those ``among`` them."""
        return best_labels(scores, self.weights.labels, among)

    def predict(self, inputs: np.ndarray, *, method: str = "mean", steps: int = 100) -> np.ndarray:
        """Labels ``[N]`` of inputs, by a method of `Autoencoder.infer`."""
        return self.read(inputs, self.weights, method=method, steps=steps)

    def read(self, inputs: np.ndarray, weights: Weights, *, method: str = "mean", steps: int = 100) -> np.ndarray:
        """Labels ``[N]`` as `predict`, with `weights` that were solved earlier."""
        if method == "mean":
            scores = weights.scores(self.encoder_(inputs))
        else:
            told = self.autoencoder.infer(self.quantised(inputs), steps=steps, method=method).targets
            scores = told[:, [self.labels.index(label) for label in weights.labels]]
        return best_labels(scores, weights.labels)

    # What an experiment asks for

    @property
    def encoder_(self) -> InputCodes:
        """From inputs to top codes."""
        if not hasattr(self, "autoencoder"):
            raise AttributeError("no encoder before bootstrap")
        return InputCodes(self)

    @property
    def moments_(self) -> Sums:
        """All sums that labels are told from."""
        return self.autoencoder.sums

    # Keeping

    def save(self, path: str | Path) -> None:
        """Writes the model to ``path``: bases, sums, labels and limits, never an example."""
        limits = [None if limit is None else limit.tolist() for limit in (self.quantiser.low, self.quantiser.high)]
        about = {
            "labels": self.labels,
            "shape": list(self.shape),
            "limits": limits,
            "coeff": self.coeff,
            "random_state": self.random_state,
            "columns": list(self.columns),
        }
        self.autoencoder.save(path, about)

    @classmethod
    def load(cls, path: str | Path, *, n_jobs: int | None = None, batch_size: int = 256) -> LabelledAutoencoder:
        """The model of the file ``path``; InputError where it was not saved with labels."""
        autoencoder = Autoencoder.load(path, jobs=n_jobs)
        about = autoencoder.about
        if "labels" not in about:
            raise InputError(f"{path}: expected an autoencoder with labels, got one without: use it from Python")
        model = cls(
            about["labels"],
            autoencoder.options["layers"],
            coeff=about["coeff"],
            batch_size=batch_size,
            random_state=about["random_state"],
            n_jobs=n_jobs,
        )
        model.columns = tuple(about.get("columns", ()))
        model.shape = tuple(about["shape"])
        model.quantiser = Quantiser(*(None if limit is None else np.array(limit) for limit in about["limits"]))
        model.autoencoder = autoencoder
        return model
