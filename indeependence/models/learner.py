"""What every model is: the one interface that `evaluate`, `compare`, the commands and the reports ask."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Protocol

import numpy as np

from indeependence.errors import InputError
from indeependence.models.galleries import Inside, Measures
from indeependence.models.readout import Readout
from indeependence.moments.moments import Label

if TYPE_CHECKING:
    from indeependence.data.examples import Examples
    from indeependence.encoder.keras_front import FrozenModel
    from indeependence.models.classifier.classifier import ContinualClassifier

Batches = Iterable[tuple[np.ndarray, np.ndarray]]


class Encoder(Protocol):
    """From inputs to rows of codes, fixed once it is made."""

    @property
    def layers_text(self) -> str: ...
    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def units(self) -> int: ...
    @property
    def fingerprint(self) -> str: ...
    @property
    def nbytes(self) -> int: ...
    @property
    def front(self) -> FrozenModel | None: ...
    def examples(self, rows: int) -> int: ...
    def __call__(self, inputs: np.ndarray, *, jobs: int | None = None) -> np.ndarray: ...


class Sums(Protocol):
    """All that is kept of the examples, ``nbytes`` as a file holds it."""

    @property
    def nbytes(self) -> int: ...
    @property
    def fingerprint(self) -> str: ...


class CountedSums(Sums, Protocol):
    """Sums that know of how many rows of codes they are."""

    @property
    def count(self) -> int | float: ...


class Learner(Protocol):
    """A model that learns one task after another.

    ``restart`` forgets everything and fits an encoder on exactly the sample that it gets, or keeps a frozen one.
    ``learn`` is called once for each task, with batches ``(inputs, labels)`` that are read once; all that is kept of
    them is in ``moments_``, and ``stored_examples`` says how many examples are among that. ``promises`` are what it
    keeps beyond that, of "order", "file", "merge" and "forget": see `conformance.check_learner`.
    """

    promises: ClassVar[frozenset[str]]
    bootstrap_limit: int
    batch_size: int
    random_state: int
    n_jobs: int | None

    @property
    def stored_examples(self) -> int: ...
    @property
    def encoder_(self) -> Encoder: ...
    @property
    def moments_(self) -> Sums: ...
    @property
    def weights(self) -> Readout: ...
    def restart(self, sample: np.ndarray, /) -> Any: ...
    def learn(self, batches: Batches, /) -> Any: ...


class NeitherMergesNorForgets:
    """Refusals of a learner that does not keep sums from which examples can be taken out again."""

    promises: ClassVar[frozenset[str]] = frozenset()

    def merge(self, *others: Any) -> NoReturn:
        """Raise `InputError`: what two of them learned cannot be put together."""
        raise InputError(f"{type(self).__name__} cannot merge what another one learned: train a ContinualClassifier")

    def forget(self, X: Any, y: Any) -> NoReturn:
        """Raise `InputError`: what was learned cannot be taken out again."""
        raise InputError(f"{type(self).__name__} cannot take out what it learned: train a ContinualClassifier")


class Illustrated(Learner, Protocol):
    """A learner with something to show: how it stands in numbers, and pictures of its inside."""

    def measures(self) -> Measures: ...
    def galleries(self, tests: Sequence[Examples] = (), /) -> Inside: ...


class Predictor(Protocol):
    """What answers, for inputs of ``shape``, with a probability for each of ``labels``, whose order is the columns'."""

    @property
    def columns(self) -> tuple[str, ...]: ...
    @property
    def encoder(self) -> Encoder: ...
    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def labels(self) -> tuple[Label, ...]: ...
    def probabilities(self, inputs: np.ndarray, *, jobs: int | None = None) -> np.ndarray: ...
    def for_export(self) -> Any: ...


class Model(Illustrated, Protocol):
    """A learner that has a file. ``facts`` are plain JSON values, what `inspect` prints.

    ``next_task`` is the number of the task that would be learned next, from 1; ``for_workers`` is the same model as one
    that takes sums made elsewhere. A kind that cannot be trained so says it with an `InputError`.
    """

    columns: tuple[str, ...]

    @property
    def moments_(self) -> CountedSums: ...
    @property
    def predictor(self) -> Predictor: ...
    @property
    def next_task(self) -> int: ...
    def learn(self, batches: Batches, /, *, task: int | None = None) -> Any: ...
    def for_workers(self) -> ContinualClassifier: ...
    def facts(self) -> dict[str, Any]: ...
    def save(self, path: str | Path, progress: dict[str, Any] | None = None) -> None: ...
