"""An autoencoder as a classifier: a label is a target of ones and zeros, which is inferred from the input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from indeependence.data.reading import Reading
from indeependence.errors import InputError
from indeependence.exact import TOP
from indeependence.files.schema import are_labels, expect
from indeependence.models.alone import alone
from indeependence.models.autoencoder.galleries import autoencoder_galleries
from indeependence.models.autoencoder.grammar import default_text
from indeependence.models.autoencoder.input_codes import LabelledPredictor
from indeependence.models.autoencoder.kept import KeptTied, with_labels
from indeependence.models.autoencoder.model import Autoencoder
from indeependence.models.autoencoder.row_coder import RowCoder
from indeependence.models.autoencoder.sides import LabelSide, Side
from indeependence.models.autoencoder.sketching import fit_sketch
from indeependence.models.classifier.facts import kept_in
from indeependence.models.galleries import Inside, Measures
from indeependence.models.inputs import batches_of, checked_labels, known_labels, plain_inputs
from indeependence.models.learner import Batches
from indeependence.models.parameters import usable_parameters
from indeependence.models.sampling import bootstrap_rows
from indeependence.moments.average import Average
from indeependence.moments.moments import Label, Moments
from indeependence.moments.scores import best_labels, one_hot
from indeependence.moments.weights import Weights

if TYPE_CHECKING:
    from indeependence.data.examples import Examples


class LabelledAutoencoder(KeptTied):
    """An autoencoder that learns inputs with labels; all possible labels are given at the start.

    Inputs that are not bytes are cut to bytes, between limits that are fixed at bootstrap. With frozen bases and exact
    sums it keeps every promise of a classifier; otherwise it refuses to merge and to forget.

    Parameters
    ----------
    labels : all labels that may come.
    layers : as of `Autoencoder`; "auto" chooses by the shape of the inputs.
    coeff : the coefficient of moving averages; None keeps exact sums.
    bootstrap_limit : examples that the bases are fitted on.
    batch_size : examples encoded at a time.
    random_state : seed of the bases.
    n_jobs : threads; all cores by default.
    ledger : "task" or "class" also keeps the sums of each call to learn, or of each class.
    options : those of `Autoencoder`; bases are frozen by default.

    Attributes
    ----------
    autoencoder : the `Autoencoder` of inputs and one-hot targets.
    side : shape and limits of the inputs.

    Examples
    --------
    >>> rows = np.random.default_rng(0).random((40, 6)) + np.arange(40)[:, None] % 2
    >>> model = LabelledAutoencoder(["low", "high"], "4").bootstrap(rows)
    >>> model.learn([(rows, np.array(["low", "high"] * 20))]).predict(rows[:3])
    array(['low', 'high', 'low'], dtype='<U4')
    """

    form = "with labels"
    promises: ClassVar[frozenset[str]] = frozenset({"order", "file", "merge", "forget"})
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
        ledger: str = "none",
        **options: Any,
    ):
        self.labels = known_labels(labels)
        self.layers, self.coeff, self.options = layers, coeff, options
        self.bootstrap_limit, self.batch_size = bootstrap_limit, batch_size
        self.random_state, self.n_jobs, self.ledger = random_state, n_jobs, ledger

    # Learning

    @alone
    def restart(self, sample: np.ndarray) -> LabelledAutoencoder:
        """Fit the bases on exactly this ``sample``, reset the sums and return self."""
        return self.bootstrap(sample)

    @alone
    def bootstrap(
        self, inputs: np.ndarray, labels: np.ndarray | None = None, *, sketched: np.ndarray | None = None
    ) -> LabelledAutoencoder:
        """Fit the bases on at most `bootstrap_limit` inputs, reset the sums and return self.

        Their labels are not needed. Pictures are drawn by a sketch of ``sketched``, by default the same inputs.
        """
        names = ("coeff", "bootstrap_limit", "batch_size", "random_state", "n_jobs", "ledger")
        usable_parameters({name: getattr(self, name) for name in names})
        inputs = plain_inputs(inputs)
        labels = None if labels is None else checked_labels(labels)
        if len(inputs) > self.bootstrap_limit:
            rows = bootstrap_rows(len(inputs), self.bootstrap_limit, self.random_state)
            inputs, labels = inputs[rows], None if labels is None else labels[rows]
        inputs = np.asarray(inputs)
        self.side = Side.of(inputs)
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
        self.autoencoder.bootstrap(self.quantised(inputs), targets)
        self._sketch(inputs if sketched is None else sketched)
        self._ledger = None
        return self.reset() if self._is_exact else self

    def _sketch(self, inputs: np.ndarray) -> None:
        """Keep sums that pictures are drawn from, too, if inputs are pictures and sums are exact."""
        if len(self.shape) < 2 or self.coeff is not None:
            return
        rows = self.side.rows(inputs[: self.bootstrap_limit])
        sketch = fit_sketch(rows, len(self.labels), self.random_state)
        if sketch is not None:
            self.autoencoder.draw_by(sketch)

    @property
    def _is_exact(self) -> bool:
        """Whether what is learned next goes to exact sums of frozen bases."""
        frozen = self.coeff is None and self.autoencoder.options["frozen"]  # first: rows that wait stay so
        return frozen and isinstance(self.autoencoder.sums, Moments)

    @property
    def coder(self) -> RowCoder:
        """What makes the rows that are summed of a batch, here or on workers."""
        regions = self.autoencoder.regions
        nothing = None if regions is None else regions.nothing  # its sums need not travel to workers
        return RowCoder(self.side, LabelSide(self.labels), self.autoencoder.summed, nothing)

    def _checked(self, batches: Batches) -> Batches:
        return batches_of(batches)

    @alone
    def learn(self, batches: Batches, *, task: int | None = None, sample_weight: Any = None) -> LabelledAutoencoder:
        """Learn all batches ``(inputs, labels)`` in addition to everything before, and return self.

        With the ledger "task" they are a new task, or are added to the earlier ``task`` of that number, from 1. Raise
        `InputError` for unknown labels, for inputs of another shape and for weights; the model is then left unchanged.
        """
        if sample_weight is not None:
            raise InputError("an autoencoder learns each example once: leave sample_weight out, or repeat examples")
        if self._is_exact:
            return self._learn_exactly(batches, task)
        self._ledger = None
        with self.autoencoder.all_or_nothing():
            for inputs, labels in batches_of(batches):
                self.autoencoder.learn(self.quantised(inputs), self.targets(labels), self.coeff)
        return self

    def targets(self, labels: Sequence[Label] | np.ndarray) -> np.ndarray:
        """Return one-hot targets ``[N, C]`` of labels; raise `InputError` for one that was not given at the start."""
        return one_hot(labels, self.labels)

    def forget(self, X: np.ndarray, y: np.ndarray, *, task: int | None = None) -> LabelledAutoencoder:
        """Remove inputs ``X`` with labels ``y`` exactly, and return self: see `forget_batches`."""
        return self.forget_batches([(X, y)], task=task)

    def begin_from_here(self) -> LabelledAutoencoder:
        """Note that what is learned from now on contains this model; raise `InputError` as `next_task` does."""
        _ = self.next_task
        return super().begin_from_here()

    @property
    def next_task(self) -> int:
        """The number, from 1, that the next task would have; `InputError` where bases are refitted."""
        if self._ledger is None:
            raise InputError(
                "this autoencoder learns example by example, not task by task: give --kind autoencoder, too"
            )
        return self.ledger_.next_task

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

    # Reports

    def facts(self) -> dict[str, Any]:
        """Return facts about the model, as plain JSON values."""
        facts = self.autoencoder.facts()
        if self._ledger is None:
            return facts
        counts = zip(self._ledger.total.labels, self._ledger.total.counts.tolist(), strict=True)
        facts["classes"] = [{"class": label, "examples": count} for label, count in counts]
        return facts | kept_in(self)

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
        """Write the model to ``path``: bases, sums, labels and limits, never an example; and ``progress`` of a run."""
        about = {
            "labels": self.labels,
            **self.side.header(),
            **usable_parameters({"coeff": self.coeff, "random_state": self.random_state}),
            **self.reading.header(),
        }
        self.autoencoder.save(path, about, self._kept(progress))

    @classmethod
    def around(cls, autoencoder: Autoencoder, *, ledger: str | None = None, **options: Any) -> LabelledAutoencoder:
        """Return the labelled form of an autoencoder that was saved with labels."""
        about = autoencoder.about
        kept = usable_parameters({name: about[name] for name in ("coeff", "random_state")})
        model = cls(about["labels"], autoencoder.options["layers"], **kept, **options)
        model.side = Side.restored({name: about[name] for name in ("shape", "limits")})
        expect(list(model.shape) == autoencoder.options["shape"], "inputs of one shape")
        expect(are_labels(sorted(about["labels"])), "labels, each once")
        expect(len(about["labels"]) == autoencoder.layout.target_size, "as many labels as targets")
        expect(_has_one_label_a_row(autoencoder), "one label for each example")
        model.reading = Reading.of(about).fitting(model.shape)
        model.autoencoder = autoencoder
        if model.coeff is None:
            model._take_up(autoencoder.kept, ledger)
        return model

    def _with_labels(self, sums: Moments) -> Moments:
        return with_labels(sums, self.autoencoder.layout, self.labels)


def _has_one_label_a_row(autoencoder: Autoencoder) -> bool:
    """Return whether the targets in the sums are as many full bytes as there are rows, up to rounding in averages."""
    sums, targets = autoencoder.sums, autoencoder.layout.targets
    if isinstance(sums, Average):
        return bool(np.isclose(sums.row_sum[targets].sum(), TOP * sums.weight, rtol=1e-6, atol=1e-6))
    return int(sums.code_sum[targets].sum()) == TOP * sums.count
