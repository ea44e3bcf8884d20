"""The continual multi-label classifier: a frozen encoder, exact sums of codes and labels, and a readout of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd
from sklearn.base import ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from indeependence.errors import InputError
from indeependence.files.container import MULTILABEL
from indeependence.models.alone import alone
from indeependence.models.multilabel.facts import multilabel_facts
from indeependence.models.multilabel.labels import Labels, checked_labels
from indeependence.models.parameters import number
from indeependence.models.regressor.columns import LearnsColumns
from indeependence.moments.several_labels import LabelsReadout, solved_labels

if TYPE_CHECKING:
    from typing_extensions import Self

BEST = "f1"


class ContinualMultiLabelClassifier(ClassifierMixin, LearnsColumns):
    """A classifier of examples that have several labels at once, or none; it keeps no example and forgets none.

    Encoder and labels are fixed by the first call. After that, any order and any batches of the same examples give the
    same model, bit for bit, and what was learned can be merged and taken out again exactly.

    Inputs are as for `ContinualClassifier`. Labels are columns of 0 and 1, ``[N, L]``, as scikit-learn's are: arrays,
    sparse matrices, or a data frame, whose columns name them.

    Parameters
    ----------
    layers : the encoder, as in `ContinualClassifier`.
    penalty : of ridge regression; "auto" for generalised cross-validation from the sums.
    threshold : the probability from which an example has a label, one number for all or one for each; "f1" takes those
        of the largest F1 that the sums let expect, label by label: rare labels are then found more often.
    bootstrap_limit : examples of the first call that the encoder is fitted on.
    batch_size : examples encoded at a time; any value gives the same result.
    random_state : seed of the bases.
    n_jobs : threads; all cores by default; any value gives the same sums.
    ledger : "task" also keeps the sums of each call to learn, so that `forget_task` is exact.
    encoder : a frozen network that looks at the inputs first, as in `ContinualClassifier`.
    limits : of the inputs, as in `ContinualClassifier`.

    Attributes
    ----------
    classes_ : the names of the labels, in the order of their columns.
    encoder_ : the frozen encoder, from inputs to codes ``[N, H]``.
    moments_ : the sums of all examples: of rows that hold a code and, in a byte each, the labels.
    ledger_ : these sums and, with a ledger by task, those of each part.
    n_features_in_, feature_names_in_ : number and names of the input columns.

    Examples
    --------
    >>> from sklearn.datasets import make_multilabel_classification
    >>> X, Y = make_multilabel_classification(600, n_classes=4, random_state=0)
    >>> model = ContinualMultiLabelClassifier().fit(X[:200], Y[:200]).partial_fit(X[200:400], Y[200:400])
    >>> model.predict(X[400:402])
    array([[1, 0, 1, 0],
           [0, 1, 1, 0]])
    >>> model.predict_proba(X[400:]).shape, bool(np.mean(model.predict(X[400:]) == Y[400:]) > 0.8)
    ((200, 4), True)
    """

    kind: ClassVar[str] = MULTILABEL
    answers_with: ClassVar[str] = "several labels an example: train, test, infer and evaluate --labels know such models"
    scale_: Labels

    def __init__(
        self,
        layers: str = "auto",
        *,
        penalty: float | str = "auto",
        threshold: Any = 0.5,
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
        self.threshold = threshold
        self.bootstrap_limit = bootstrap_limit
        self.batch_size = batch_size
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.ledger = ledger
        self.encoder = encoder
        self.limits = limits

    def _targets(self, y: Any) -> np.ndarray:
        return checked_labels(y)

    def _scale_of(self, targets: np.ndarray, names: tuple[str, ...]) -> Labels:
        labels = Labels(names)
        labels.whole(targets)
        return labels

    @classmethod
    def _scale_in(cls, kept: Any) -> Labels:
        return Labels.of_json(kept)

    def _solve(self, penalty: float | str) -> LabelsReadout:
        return solved_labels(self.moments_, self.encoder_.units, penalty)

    def _check_parameters(self) -> None:
        super()._check_parameters()
        usable_threshold(self.threshold)

    @alone
    def partial_fit(self, X, y, classes: Sequence[str] | None = None, sample_weight=None) -> Self:  # type: ignore[override]
        """Learn ``X, y`` in addition to everything before, and return self.

        The first call fits the encoder, and says which labels there are: by the columns of a data frame, or by
        ``classes``, their names. ``sample_weight [N]`` says how many times each example counts, in whole numbers. Raise
        `InputError` or `ValueError` for inputs or labels that do not fit those of before, for other labels than 0 and
        1, and for weights that cannot be used.
        """
        return super().partial_fit(X, y if classes is None else _named(y, classes), sample_weight)

    @property
    def classes_(self) -> np.ndarray:
        """The names of the labels, in the order of their columns."""
        check_is_fitted(self, "encoder_")
        return np.array(self.scale_.names)

    @property
    def thresholds(self) -> np.ndarray:
        """The probability ``[L]`` from which an example has each label."""
        asked = usable_threshold(self.threshold)
        if asked == BEST:
            return self.readout.best_for_f1
        check_is_fitted(self, "encoder_")
        each, count = np.ravel(asked), len(self.scale_.names)
        if len(each) not in (1, count):
            raise InputError(f"threshold: expected one number, or one for each of {count} labels, got {len(each)}")
        return np.broadcast_to(each, count)

    def predict_proba(self, X) -> np.ndarray:
        """Return the probability ``[N, L]`` that each input has each label."""
        return self.readout.probabilities(self._codes(X))

    def predict(self, X) -> np.ndarray:
        """Return 1 for each label that an input should have and 0 for the others, int64 ``[N, L]``."""
        return (self.predict_proba(X) >= self.thresholds).astype(np.int64)

    def answers(self, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return labels and probabilities, ``[N, L]`` each, for inputs as files give them."""
        probabilities = self.readout.probabilities(self._codes_of(inputs))
        return (probabilities >= self.thresholds).astype(np.int64), probabilities

    def score(self, X, y, sample_weight=None) -> float:
        """Return the share of inputs of which all labels are predicted: scikit-learn's accuracy of several labels."""
        right = (self.predict(X) == self._as_columns(checked_labels(y))).all(1)
        return float(np.average(right, weights=sample_weight))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.target_tags.single_output = False
        tags.classifier_tags.multi_class = False
        tags.classifier_tags.multi_label = True
        return tags

    def facts(self) -> dict[str, Any]:
        """Return facts about the model, as plain JSON values: see `multilabel_facts`."""
        return multilabel_facts(self)


def _named(y: Any, classes: Sequence[str]) -> pd.DataFrame:
    """Return labels with the names of their columns; raise `InputError` unless there is one for each, once."""
    labels, names = checked_labels(y), [str(name) for name in classes]
    if len(names) != labels.shape[1] or len(set(names)) < len(names):
        raise InputError(
            f"classes: expected a name for each of {labels.shape[1]} labels, once, got {', '.join(names) or 'none'}"
        )
    return pd.DataFrame(labels, columns=names)


def usable_threshold(threshold: Any) -> str | float | tuple[float, ...]:
    """Return "f1", a probability, or a tuple of these; raise `InputError` for anything else.

    >>> usable_threshold("f1"), usable_threshold(0.3), usable_threshold(np.array([0.5, 0.2]))
    ('f1', 0.3, (0.5, 0.2))
    """
    if isinstance(threshold, str) and threshold == BEST:
        return BEST
    if isinstance(threshold, list | tuple | np.ndarray) and np.ndim(threshold) == 1 and len(threshold):
        return tuple(number("threshold", one, most=1) for one in threshold)
    return number("threshold", threshold, most=1)
