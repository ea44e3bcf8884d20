"""The continual regressor: a frozen encoder, exact sums of codes and targets, and ridge regression from them."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from scipy.stats import norm
from sklearn.base import RegressorMixin
from sklearn.utils.validation import check_is_fitted

from indeependence.encoder.encoder import Encoder
from indeependence.files.container import REGRESSOR
from indeependence.files.schema import expect, is_number
from indeependence.models.alone import alone
from indeependence.models.parameters import number
from indeependence.models.regressor.columns import LearnsColumns
from indeependence.models.regressor.facts import regressor_facts
from indeependence.models.regressor.scale import Scale, usable_step
from indeependence.models.regressor.targets import checked_targets
from indeependence.moments.ledger import Ledger
from indeependence.moments.numbers import NumberReadout, solved_numbers

if TYPE_CHECKING:
    from typing_extensions import Self

NOTABLE = 1e-3  # of a target's standard deviation: a step that rounds by more is said


class ContinualRegressor(RegressorMixin, LearnsColumns):
    """A regressor that learns numbers from sums of products; it keeps no example and forgets none.

    Encoder and steps of the targets are fixed by the first call. After that, any order and any batches of the same
    examples give the same model, bit for bit, and what was learned can be merged and taken out again exactly.

    Inputs are as for `ContinualClassifier`. Targets are finite numbers, ``[N]`` or ``[N, T]``. They are rounded to
    whole numbers of a step, so that their sums are exact.

    Parameters
    ----------
    layers : the encoder, as in `ContinualClassifier`.
    penalty : of ridge regression; "auto" for generalised cross-validation from the sums, for each target.
    step : of the targets, one number for all or one for each; "auto" takes the finest power of ten that leaves room
        for 64 times the largest of the first targets, which is about eight digits.
    bootstrap_limit : examples of the first call that the encoder is fitted on.
    batch_size : examples encoded at a time; any value gives the same result.
    random_state : seed of the bases.
    n_jobs : threads; all cores by default; any value gives the same sums.
    ledger : "task" also keeps the sums of each call to learn, so that `forget_task` is exact.
    encoder : a frozen network that looks at the inputs first, as in `ContinualClassifier`.
    limits : of the inputs, as in `ContinualClassifier`.

    Attributes
    ----------
    encoder_ : the frozen encoder, from inputs to codes ``[N, H]``.
    scale_ : names and steps of the targets.
    moments_ : the sums of all examples: of rows that hold a code and, in four bytes each, the targets.
    ledger_ : these sums and, with a ledger by task, those of each part.
    rounding_ : how far the farthest of all targets was from what is kept of it, for each target.
    n_features_in_, feature_names_in_ : number and names of the input columns.

    Examples
    --------
    >>> from sklearn.datasets import load_diabetes
    >>> X, y = load_diabetes(return_X_y=True)
    >>> model = ContinualRegressor().fit(X[:200], y[:200]).partial_fit(X[200:400], y[200:400])
    >>> model.scale_.steps, bool(model.score(X[400:], y[400:]) > 0.5)
    ((0.0001,), True)
    >>> low, high = model.interval(X[400:], coverage=0.9)
    >>> bool(np.mean((low < y[400:]) & (y[400:] < high)) > 0.8)
    True
    """

    kind: ClassVar[str] = REGRESSOR
    answers_with: ClassVar[str] = "numbers, not classes: infer and evaluate --target answer with numbers"
    scale_: Scale

    def __init__(
        self,
        layers: str = "auto",
        *,
        penalty: float | str = "auto",
        step: Any = "auto",
        bootstrap_limit: int = 5000,
        batch_size: int = 256,
        random_state: int = 0,
        n_jobs: int | None = None,
        ledger: str = "none",
        encoder: Any = None,
        limits: Any = None,
    ):
        self.layers = layers
        self.penalty = penalty
        self.step = step
        self.bootstrap_limit = bootstrap_limit
        self.batch_size = batch_size
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.ledger = ledger
        self.encoder = encoder
        self.limits = limits

    def _targets(self, y: Any) -> np.ndarray:
        return checked_targets(y)

    def _scale_of(self, targets: np.ndarray, names: tuple[str, ...]) -> Scale:
        return Scale.of(targets, names, self.step)

    @classmethod
    def _scale_in(cls, kept: Any) -> Scale:
        return Scale.of_json(kept)

    def _solve(self, penalty: float | str) -> NumberReadout:
        return solved_numbers(self.moments_, self.encoder_.units, penalty)

    def _check_parameters(self) -> None:
        super()._check_parameters()
        usable_step("step", self.step)

    # How far targets are rounded

    def start(self, encoder: Encoder, scale: Scale, sums: Ledger | None = None) -> Self:
        """Take a given encoder, scale and sums, empty ones by default, and return self."""
        self.rounding_ = np.zeros(len(scale.names))
        return super().start(encoder, scale, sums)

    @alone
    def learn(self, batches: Iterable, *, task: int | None = None) -> Self:
        """Learn all batches ``(inputs, targets)`` of an iterable, which is read once and not kept, and return self.

        With the ledger "task" they are a new task, or are added to the earlier ``task`` of that number, from 1.
        If a batch is refused, the model is left unchanged.
        """
        check_is_fitted(self, "encoder_")
        before = self.rounding_
        try:
            return super().learn(batches, task=task)
        except BaseException:
            self.rounding_ = before
            raise

    @alone
    def merge(self, *others: Self) -> Self:
        """Learn everything that ``others`` with the same encoder and steps have learned, and return self.

        Raise `InputError` for another encoder or other targets. The model is then left unchanged.
        """
        super().merge(*others)
        self.rounding_ = np.max([self.rounding_, *(other.rounding_ for other in others)], 0)
        return self

    def _note(self, targets: np.ndarray) -> None:
        """Note how far targets are rounded; warn once where that is much for them."""
        found = self.scale_.rounding(targets)
        for name, step, now, before, spread in zip(
            self.scale_.names, self.scale_.steps, found, self.rounding_, targets.std(0), strict=True
        ):
            if now > max(before, NOTABLE * spread) and now:
                text = f"target {name}: numbers are rounded to the step {step:g}, by up to {now:.3g}"
                warnings.warn(f"{text}; a new model with a finer step keeps more", UserWarning, stacklevel=3)
        self.rounding_ = np.maximum(self.rounding_, found)

    def _more(self) -> dict[str, Any]:
        return {"rounding": self.rounding_.tolist()}

    def _take(self, more: dict[str, Any]) -> None:
        found: Any = more.get("rounding")
        held = isinstance(found, list) and len(found) == len(self.scale_.names)
        expect(held and all(is_number(one, 0, 1e300) for one in found), "how far targets were rounded")
        self.rounding_ = np.array(found)

    # Predicting

    def predict(self, X) -> np.ndarray:
        """Return the targets ``[N]`` that are expected, or ``[N, T]`` where they were learned so."""
        codes = self._codes(X)
        return self._shaped(self._values(self.readout.numbers(codes)))

    def interval(self, X, *, coverage: float = 0.9) -> tuple[np.ndarray, np.ndarray]:
        """Return the lowest and the highest target in which about ``coverage`` of unseen examples should lie.

        Their width follows from the sums alone: the error that cross-validation expects, larger for inputs far from
        what was learned, as if errors were normally distributed. Shapes are those of `predict`.
        """
        _, low, high = self._with_ends(self._codes(X), coverage)
        return self._shaped(low), self._shaped(high)

    def answers(self, inputs: np.ndarray, *, coverage: float = 0.9) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return targets and both ends of their intervals, ``[N, T]`` each, for inputs as files give them."""
        return self._with_ends(self._codes_of(inputs), coverage)

    def _with_ends(self, codes: np.ndarray, coverage: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        share, readout = number("coverage", coverage, most=1 - 1e-9), self.readout
        middle, wide = readout.numbers(codes), norm.ppf((1 + share) / 2) * readout.errors(codes)
        middle, low, high = (self._values(numbers) for numbers in (middle, middle - wide, middle + wide))
        return middle, low, high

    def _values(self, above: np.ndarray) -> np.ndarray:
        """Return targets, of numbers of steps above the lowest."""
        return self.scale_.values(above + np.array(self.scale_.lowest, np.float64))

    def score(self, X, y, sample_weight=None) -> float:
        """Return R², the share of the variance of ``y`` that is predicted; the mean over targets."""
        return RegressorMixin.score(self, X, checked_targets(y), sample_weight)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def facts(self) -> dict[str, Any]:
        """Return facts about the model, as plain JSON values: see `regressor_facts`."""
        return regressor_facts(self)
