"""An autoencoder as a classifier: a label is a target of ones and zeros, which is inferred from the input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

import numpy as np

from indeependence.data.reading import Reading
from indeependence.encoder.checked import check_input_shape, check_limits
from indeependence.encoder.quantise import Quantiser, check_shape, fit_quantiser
from indeependence.errors import InputError
from indeependence.exact import TOP
from indeependence.files.container import damage_told
from indeependence.files.schema import are_labels, expect
from indeependence.models.alone import alone
from indeependence.models.autoencoder.galleries import autoencoder_galleries
from indeependence.models.autoencoder.grammar import default_text
from indeependence.models.autoencoder.input_codes import InputCodes, LabelledPredictor
from indeependence.models.autoencoder.model import Autoencoder
from indeependence.models.autoencoder.sums import Sums
from indeependence.models.galleries import Inside, Measures
from indeependence.models.inputs import batches_of, check_parameters, checked_labels, known_labels, plain_inputs
from indeependence.models.learner import Batches, NeitherMergesNorForgets
from indeependence.models.parameters import usable_parameters
from indeependence.models.sampling import bootstrap_rows
from indeependence.moments.average import Average
from indeependence.moments.moments import Label
from indeependence.moments.scores import best_labels, one_hot
from indeependence.moments.weights import Weights

if TYPE_CHECKING:
    from indeependence.data.examples import Examples


class LabelledAutoencoder(NeitherMergesNorForgets):
    """An autoencoder that learns inputs with labels; all possible labels are given at the start.

    Inputs that are not bytes are cut to bytes, between limits that are fixed at bootstrap.

    Parameters
    ----------
    labels : all labels that may come.
    layers : as of `Autoencoder`; "auto" chooses by the shape of the inputs.
    coeff : the coefficient of moving averages; None keeps exact sums.
    bootstrap_limit : examples that the bases are fitted on.
    batch_size : examples encoded at a time.
    random_state : seed of the bases.
    n_jobs : threads; all cores by default.
    options : those of `Autoencoder`; bases are frozen by default.

    Attributes
    ----------
    autoencoder : the `Autoencoder` of inputs and one-hot targets.
    shape : the shape of one input.
    quantiser : from inputs to bytes.

    Examples
    --------
    >>> rows = np.random.default_rng(0).random((40, 6)) + np.arange(40)[:, None] % 2
    >>> model = LabelledAutoencoder(["low", "high"], "4").bootstrap(rows)
    >>> model.learn([(rows, np.array(["low", "high"] * 20))]).predict(rows[:3])
    array(['low', 'high', 'low'], dtype='<U4')
    """

    stored_examples = 0
    promises: ClassVar[frozenset[str]] = frozenset({"order", "file"})
    reading: Reading = Reading()  # how files become inputs

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
        self.labels = known_labels(labels)
        self.layers, self.coeff, self.options = layers, coeff, options
        self.bootstrap_limit, self.batch_size = bootstrap_limit, batch_size
        self.random_state, self.n_jobs = random_state, n_jobs

    # Learning

    @alone
    def restart(self, sample: np.ndarray) -> LabelledAutoencoder:
        """Fit the bases on exactly this ``sample``, reset the sums and return self."""
        return self.bootstrap(sample)

    @alone
    def bootstrap(self, inputs: np.ndarray, labels: np.ndarray | None = None) -> LabelledAutoencoder:
        """Fit the bases on at most `bootstrap_limit` inputs, reset the sums and return self.

        Their labels are not needed.
        """
        names = ("coeff", "bootstrap_limit", "batch_size", "random_state", "n_jobs")
        usable_parameters({name: getattr(self, name) for name in names})
        inputs = plain_inputs(inputs)
        labels = None if labels is None else checked_labels(labels)
        if len(inputs) > self.bootstrap_limit:
            rows = bootstrap_rows(len(inputs), self.bootstrap_limit, self.random_state)
            inputs, labels = inputs[rows], None if labels is None else labels[rows]
        inputs = np.asarray(inputs)
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

    @alone
    def learn(self, batches: Batches, *, task: int | None = None, sample_weight: Any = None) -> LabelledAutoencoder:
        """Learn all batches ``(inputs, labels)`` in addition to everything before, and return self.

        Tasks are not kept apart: ``task`` changes nothing. Raise `InputError` for unknown labels, for inputs of another
        shape and for weights; the model is then left unchanged.
        """
        if sample_weight is not None:
            raise InputError("an autoencoder learns each example once: leave sample_weight out, or repeat examples")
        with self.autoencoder.all_or_nothing():
            for inputs, labels in batches_of(batches):
                self.autoencoder.learn(self.quantised(inputs), self.targets(labels), self.coeff)
        return self

    def targets(self, labels: Sequence[Label] | np.ndarray) -> np.ndarray:
        """Return one-hot targets ``[N, C]`` of labels; raise `InputError` for one that was not given at the start."""
        return one_hot(labels, self.labels)

    def quantised(self, inputs: np.ndarray) -> np.ndarray:
        """Return inputs as bytes; raise `InputError` unless they have the shape of those at bootstrap."""
        rows = plain_inputs(inputs)
        check_shape(rows, self.shape)
        return self.quantiser(np.asarray(rows))

    @property
    def next_task(self) -> int:
        """Raise `InputError`: an autoencoder does not keep tasks apart."""
        raise InputError("an autoencoder learns example by example, not task by task: give --kind autoencoder, too")

    def for_workers(self) -> NoReturn:
        """Raise `InputError`: codes of later examples depend on earlier ones."""
        raise InputError("an autoencoder learns in this process: leave --workers and --scheduler out")

    # Predicting

    @property
    def weights(self) -> Weights:
        """The readout of the labels with examples: their conditional mean given the top code, 1 for the right one."""
        seen = self.autoencoder.joint.mean[self.autoencoder.layout.targets] > 0
        whole = self.autoencoder.readout
        return replace(
            whole,
            labels=tuple(label for label, there in zip(self.labels, seen, strict=True) if there),
            coefficients=whole.coefficients[:, seen] / TOP,
            intercept=whole.intercept[seen] / TOP,
            expected_error=whole.expected_error / TOP**2,
        )

    @property
    def predictor(self) -> LabelledPredictor:
        """A prediction-only copy: codes of inputs alone, and the conditional mean of the labels."""
        return LabelledPredictor(self.encoder_, self.weights, self.reading)

    def predict(self, inputs: np.ndarray, *, method: str = "mean", steps: int = 100) -> np.ndarray:
        """Return labels ``[N]`` of inputs, by a method of `Autoencoder.infer`."""
        return self.predict_with(inputs, self.weights, method=method, steps=steps)

    def predict_with(
        self, inputs: np.ndarray, weights: Weights, *, method: str = "mean", steps: int = 100
    ) -> np.ndarray:
        """Return labels ``[N]`` as `predict` does, with ``weights`` that were solved earlier."""
        if method == "mean":
            scores = weights.scores(self.encoder_(inputs))
        else:
            targets = self.autoencoder.infer(self.quantised(inputs), steps=steps, method=method).targets
            scores = targets[:, [self.labels.index(label) for label in weights.labels]]
        return best_labels(scores, weights.labels)

    # For experiments

    @property
    def encoder_(self) -> InputCodes:
        """The encoder, from inputs alone to top codes."""
        return InputCodes(self)

    @property
    def moments_(self) -> Sums:
        """The sums that labels are predicted from."""
        return self.autoencoder.sums

    # Reports

    def facts(self) -> dict[str, Any]:
        """Return facts about the model, as plain JSON values."""
        return self.autoencoder.facts()

    def measures(self) -> Measures:
        """Return drift, penalty and weights to watch while the model learns."""
        weights = self.weights
        drift = {f"drift/layer_{number}": share for number, share in enumerate(self.autoencoder.drift, start=1)}
        return Measures({**drift, "penalty": weights.penalty}, {"weights": weights.coefficients})

    def galleries(self, tests: Sequence[Examples] = ()) -> Inside:
        """Return pictures of bases, reconstructions (of an example of each class in ``tests``) and drawn pictures."""
        return autoencoder_galleries(self, tests)

    # Keeping

    def save(self, path: str | Path, progress: dict[str, Any] | None = None) -> None:
        """Write the model to ``path``: bases, sums, labels and limits, never an example; ``progress`` is not kept."""
        limits = [None if limit is None else limit.tolist() for limit in (self.quantiser.low, self.quantiser.high)]
        about = {
            "labels": self.labels,
            "shape": list(self.shape),
            "limits": limits,
            **usable_parameters({"coeff": self.coeff, "random_state": self.random_state}),
            **self.reading.header(),
        }
        self.autoencoder.save(path, about)

    @classmethod
    def load(cls, path: str | Path, **changes: Any) -> LabelledAutoencoder:
        """Return the model in the file ``path``; raise `InputError` if it was saved without labels."""
        model = opened(path, **changes)
        if not isinstance(model, cls):
            raise InputError(f"{path}: expected an autoencoder with labels, got one without: use it from Python")
        return model

    @classmethod
    def around(cls, autoencoder: Autoencoder, **options: Any) -> LabelledAutoencoder:
        """Return the labelled form of an autoencoder that was saved with labels."""
        about = autoencoder.about
        kept = usable_parameters({name: about[name] for name in ("coeff", "random_state")})
        model = cls(about["labels"], autoencoder.options["layers"], **kept, **options)
        model.shape = tuple(about["shape"])
        check_input_shape(model.shape)
        expect(list(model.shape) == autoencoder.options["shape"], "inputs of one shape")
        expect(are_labels(sorted(about["labels"])), "labels, each once")
        expect(len(about["labels"]) == autoencoder.layout.target_size, "as many labels as targets")
        expect(_has_one_label_a_row(autoencoder), "one label for each example")
        model.quantiser = Quantiser(*(None if limit is None else np.array(limit) for limit in about["limits"]))
        check_limits(model.quantiser, model.shape)
        model.reading = Reading.of(about).fitting(model.shape)
        model.autoencoder = autoencoder
        return model


def _has_one_label_a_row(autoencoder: Autoencoder) -> bool:
    """Return whether the targets in the sums are as many full bytes as there are rows, up to rounding in averages."""
    sums, targets = autoencoder.sums, autoencoder.layout.targets
    if isinstance(sums, Average):
        return bool(np.isclose(sums.row_sum[targets].sum(), TOP * sums.weight, rtol=1e-6, atol=1e-6))
    return int(sums.code_sum[targets].sum()) == TOP * sums.count


def opened(path: str | Path, **changes: Any) -> LabelledAutoencoder | Autoencoder:
    """Return the autoencoder in the file ``path``, in its labelled form if it was saved with labels.

    Raise `InputError` for a missing, foreign or damaged file, and for other ``changes`` than n_jobs and batch_size.
    """
    check_parameters(path, changes, ("n_jobs", "batch_size"))
    autoencoder = Autoencoder.load(path, jobs=changes.get("n_jobs"))
    with damage_told(path):
        return LabelledAutoencoder.around(autoencoder, **changes) if "labels" in autoencoder.about else autoencoder
