"""Pairs of anything: pictures, sounds as spectrograms, or rows of numbers; each is inferred from the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from indeependence.data.reading import Reading
from indeependence.errors import InputError
from indeependence.files.schema import by_name, expect
from indeependence.models.alone import alone
from indeependence.models.autoencoder.galleries import bases_alone
from indeependence.models.autoencoder.grammar import pairs_text
from indeependence.models.autoencoder.kept import KeptTied
from indeependence.models.autoencoder.model import Autoencoder
from indeependence.models.autoencoder.pair_inference import InfersPairs
from indeependence.models.autoencoder.row_coder import RowCoder
from indeependence.models.autoencoder.sides import Side
from indeependence.models.autoencoder.two_sides import NOTHING, other_side
from indeependence.models.classifier.facts import kept_in
from indeependence.models.galleries import Inside, Measures
from indeependence.models.inputs import NamedColumns, checked_inputs, plain_inputs
from indeependence.models.parameters import stored_parameters, usable_parameters
from indeependence.models.sampling import bootstrap_rows


class ContinualAutoencoder(
    InfersPairs, KeptTied, NamedColumns, ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator
):
    """A transformer that ties inputs and targets, stores no example, and infers either side from the other.

    Bases are bootstrapped on the first call and then frozen. After that, any order and any batches of the same examples
    give the same model, bit for bit; what was learned can be merged and taken out again exactly. Without targets it
    ties the values of the inputs with one another.

    Inputs and targets are pictures or rows of any numbers; each side is cut to 256 steps between limits that are fixed
    by the first call. ``y`` is ignored, as in other transformers.

    Parameters
    ----------
    layers : dense or local layers, as in `grammar.layer_specs`; "auto" chooses by the shapes of both sides.
    bootstrap_limit : examples of the first call that the bases are fitted on.
    batch_size : examples encoded at a time; any value gives the same sums.
    random_state : seed of the bases.
    n_jobs : threads; all cores by default.
    ledger : "task" also keeps the sums of each call to learn, so that `forget_task` is exact.

    Attributes
    ----------
    autoencoder : the `Autoencoder` of both sides in bytes, which infers from the sums.
    sides_ : shapes and limits of both sides.
    ledger_ : the sums and, with a ledger by task, those of each part.
    n_features_in_, feature_names_in_ : number and names of the input columns.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> hidden = rng.random((300, 2))
    >>> left, right = hidden @ rng.random((2, 5)), hidden @ rng.random((2, 3))
    >>> model = ContinualAutoencoder().fit(left, targets=right)
    >>> found = model.infer(left[:2]).targets, model.infer(targets=right[:2]).inputs
    >>> [bool(np.abs(one - true[:2]).max() < 0.1) for one, true in zip(found, (right, left))]
    [True, True]
    """

    form = "of pairs"
    promises: ClassVar[frozenset[str]] = frozenset({"order", "file", "merge", "forget"})

    def __init__(
        self,
        layers: str = "auto",
        *,
        bootstrap_limit: int = 5000,
        batch_size: int = 256,
        random_state: int = 0,
        n_jobs: int | None = None,
        ledger: str = "none",
    ):
        self.layers = layers
        self.bootstrap_limit = bootstrap_limit
        self.batch_size = batch_size
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.ledger = ledger

    # Learning

    @alone
    def bootstrap(self, X: Any, targets: Any = None) -> ContinualAutoencoder:
        """Fit the bases on at most `bootstrap_limit` pairs, reset the sums and return self."""
        return self._bootstrap(checked_inputs(self, X, first=True), other_side(targets, len(X)))

    def _bootstrap(self, inputs: np.ndarray, targets: np.ndarray) -> ContinualAutoencoder:
        rows = bootstrap_rows(len(inputs), self._checked_parameters()["bootstrap_limit"], self.random_state)
        return self.restart((np.asarray(inputs[rows]), np.asarray(targets[rows])))

    @alone
    def restart(self, sample: tuple[np.ndarray, np.ndarray]) -> ContinualAutoencoder:
        """Fit the bases on exactly this ``sample`` of both sides, reset the sums and return self."""
        inputs, targets = (plain_inputs(side) if np.shape(side)[1:] != (0,) else side for side in sample)
        self.sides_ = Side.of(inputs), Side.of(targets) if targets.shape[1:] != (0,) else NOTHING
        shapes = [side.shape for side in self.sides_ if side.size]
        self._autoencoder = Autoencoder(
            self.sides_[0].size,
            self.sides_[1].size,
            pairs_text(shapes) if self.layers == "auto" else self.layers,
            shape=self.sides_[0].shape,
            frozen=True,
            both=True,
            target_shape=self.sides_[1].shape,
            seed=self.random_state,
            jobs=self.n_jobs,
        )
        self.autoencoder.bootstrap(
            *(side.rows(part) for side, part in zip(self.sides_, (inputs, targets), strict=True))
        )
        self.n_features_in_ = self.sides_[0].size
        return self.reset()

    @alone
    def fit(self, X: Any, y: Any = None, targets: Any = None) -> ContinualAutoencoder:
        """Forget everything, learn pairs and return self: see `partial_fit`."""
        self._checked_parameters()
        for name in ("_autoencoder", "sides_", "_ledger"):
            self.__dict__.pop(name, None)
        return self.partial_fit(X, targets=targets)

    @alone
    def partial_fit(self, X: Any, y: Any = None, targets: Any = None) -> ContinualAutoencoder:
        """Learn inputs ``X`` with their ``targets`` in addition to everything before, and return self.

        Raise `InputError` or `ValueError` for sides of other shapes than before, and for parameters that cannot be
        used.
        """
        self._checked_parameters()
        first = not hasattr(self, "sides_")
        inputs = checked_inputs(self, X, first=first)
        found = other_side(targets, len(inputs))
        if first:
            self._bootstrap(inputs, found)
        return self.learn([(inputs, found)])

    def learn(self, batches: Iterable, *, task: int | None = None) -> ContinualAutoencoder:
        """Learn all batches ``(inputs, targets)``, which are read once and not kept, and return self.

        With the ledger "task" they are a new task, or are added to the earlier ``task`` of that number, from 1.
        If a batch is refused, the model is left unchanged.
        """
        check_is_fitted(self, "sides_")
        self._check_ledger()
        return self._learn_exactly(batches, task)

    def forget(self, X: Any, y: Any = None, *, targets: Any = None, task: int | None = None) -> ContinualAutoencoder:
        """Remove pairs exactly, as if they had never been learned, and return self: see `forget_batches`."""
        check_is_fitted(self, "sides_")
        inputs = checked_inputs(self, X)
        return self.forget_batches([(inputs, other_side(targets, len(inputs)))], task=task)

    def _checked(self, batches: Iterable) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for inputs, targets in batches:
            if len(inputs) != len(targets):
                raise InputError(f"expected as many targets as inputs, got {len(targets)} and {len(inputs)}")
            yield inputs, targets

    def _checked_parameters(self) -> dict[str, Any]:
        if self.ledger == "class":
            raise InputError("ledger: pairs have no classes: expected none or task, got class")
        return usable_parameters(self.get_params(deep=False))

    @property
    def coder(self) -> RowCoder:
        """What makes the rows that are summed of a batch, here or on workers."""
        return RowCoder(*self.sides_, self.autoencoder.summed)

    # Keeping

    @property
    def autoencoder(self) -> Autoencoder:  # type: ignore[override]
        """The `Autoencoder` of both sides in bytes."""
        return self._autoencoder

    @property
    def side(self) -> Side:  # type: ignore[override]
        """The side of the inputs."""
        return self.sides_[0]

    @property
    def _n_features_out(self) -> int:
        return self.autoencoder.tied.encoder.units

    @property
    def predictor(self) -> Any:
        """Raise `InputError`: pairs have no labels."""
        ways = "infer with --from A or --from B" if self.sides_[1].size else "complete with --mask, or --clean"
        raise InputError(f"this model was trained without labels and predicts none: {ways}")

    @property
    def weights(self) -> Any:
        """The readout of the targets, solved once for given sums."""
        return self.autoencoder.readout

    def facts(self) -> dict[str, Any]:
        """Return facts about the model, as plain JSON values."""
        facts = {**self.autoencoder.facts(), "kind": "autoencoder of pairs"} | kept_in(self)
        if not self.sides_[1].size:
            return facts | {"kind": "autoencoder of one side"}
        return facts | {"target_shape": list(self.sides_[1].shape)}

    def measures(self) -> Measures:
        """Return the penalty of the targets' readout and its weights, to watch while the model learns."""
        weights = self.weights
        return Measures({"penalty": weights.penalty}, {"weights": weights.coefficients})

    def galleries(self, tests: Any = ()) -> Inside:
        """Return pictures of the bases, if the inputs are pictures."""
        return bases_alone(self.autoencoder.tied.layers[0], self.shape)

    def save(self, path: str | Path, progress: dict[str, Any] | None = None) -> None:
        """Write bases, sums and parameters to ``path``, never an example; on any failure the old file stays."""
        check_is_fitted(self, "sides_")
        sides = [side.header() for side in self.sides_]
        about: dict[str, Any] = {"pairs": {"sides": sides, "options": stored_parameters(self.get_params(deep=False))}}
        about |= {"shape": list(self.shape), **self.reading.header()}
        self.autoencoder.save(path, about, self._kept(progress))

    @classmethod
    def around(cls, autoencoder: Autoencoder, *, ledger: str | None = None, **changes: Any) -> ContinualAutoencoder:
        """Return the form of pairs of an autoencoder that was saved as such."""
        about = by_name(autoencoder.about["pairs"])
        options = usable_parameters(by_name(about["options"]))
        expect(options.keys() <= cls().get_params().keys(), "parameters of an autoencoder of pairs")
        model = cls(**{**options, **changes})
        expect(isinstance(about["sides"], list) and len(about["sides"]) == 2, "two sides")
        first, second = (Side.restored(side) if side["shape"] != [0] else NOTHING for side in about["sides"])
        model.sides_ = first, second
        model._autoencoder = autoencoder
        shapes = [autoencoder.options[name] for name in ("shape", "target_shape")]
        expect([list(side.shape) for side in model.sides_] == shapes, "the sides of its bases")
        model.n_features_in_ = model.sides_[0].size
        model.reading = Reading.of(autoencoder.about).fitting(model.shape)
        model._take_up(autoencoder.kept, ledger)
        return model
