"""The one interface of every model, for `evaluate`, `compare`, the commands and the reports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Protocol

import numpy as np

from indeependence.data.reading import Reading
from indeependence.errors import InputError
from indeependence.models.galleries import Inside, Measures
from indeependence.models.readout import Readout
from indeependence.moments.moments import Label

if TYPE_CHECKING:
    from indeependence.data.examples import Examples
    from indeependence.encoder.fronts.front import Front
    from indeependence.models.classifier.classifier import ContinualClassifier

Batch = tuple[np.ndarray, np.ndarray]  # inputs [N, ...] and labels [N]
Batches = Iterable[Batch]


class Encoder(Protocol):
    """A fixed function from inputs ``[N, *shape]`` to codes uint8 ``[N, units]``.

    ``examples(rows)`` is the number of examples behind so many rows of codes, since an encoder may make several codes
    of each example. ``front`` is the network that looks at the inputs first, if there is one.
    """

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
    def front(self) -> Front | None: ...
    def examples(self, rows: int) -> int: ...
    def __call__(self, inputs: np.ndarray, *, jobs: int | None = None) -> np.ndarray: ...


class Sums(Protocol):
    """All that is kept of the examples; ``nbytes`` is their size in a file."""

    @property
    def nbytes(self) -> int: ...
    @property
    def fingerprint(self) -> str: ...


class CountedSums(Sums, Protocol):
    """Sums that know how many rows of codes were added up."""

    @property
    def count(self) -> int | float: ...


class Learner(Protocol):
    """A model that learns one task after another.

    ``restart`` forgets everything and fits an encoder on exactly the given sample, or keeps a frozen one. ``learn`` is
    called once for each task, with batches ``(inputs, labels)`` that are read once. All that is kept of them is in
    ``moments_``; ``stored_examples`` is the number of examples among that. ``promises`` name what else it guarantees,
    among "order", "file", "merge" and "forget": see `conformance.check_learner`.
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
    """A learner without sums from which examples can be removed again: it refuses to merge and to forget."""

    promises: ClassVar[frozenset[str]] = frozenset()

    def merge(self, *others: Any) -> NoReturn:
        """Raise `InputError`: this kind of learner cannot merge."""
        raise InputError(f"{type(self).__name__} cannot merge what another one learned: train a ContinualClassifier")

    def begin_from_here(self) -> Any:
        """Return self: what cannot merge need not know which models are inside it."""
        return self

    def forget(self, X: Any, y: Any) -> NoReturn:
        """Raise `InputError`: this kind of learner cannot forget."""
        raise InputError(f"{type(self).__name__} cannot take out what it learned: train a ContinualClassifier")


class Illustrated(Learner, Protocol):
    """A learner with something to show: numbers to watch, and pictures of its inside."""

    def measures(self) -> Measures: ...
    def galleries(self, tests: Sequence[Examples] = (), /) -> Inside: ...


class Predictor(Protocol):
    """The prediction-only part of a model, for inputs of ``shape``.

    ``probabilities`` returns ``[N, C]`` with the columns in the order of ``labels``; ``answers`` also how far each
    input is from all that was learned ``[N]``, or None.
    """

    @property
    def reading(self) -> Reading: ...
    @property
    def encoder(self) -> Encoder: ...
    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def labels(self) -> tuple[Label, ...]: ...
    def probabilities(self, inputs: np.ndarray, *, jobs: int | None = None) -> np.ndarray: ...
    def answers(self, inputs: np.ndarray, *, jobs: int | None = None) -> tuple[np.ndarray, np.ndarray | None]: ...
    def for_export(self) -> Any: ...


class Model(Illustrated, Protocol):
    """A learner that can be saved. ``facts`` are plain JSON values, as `inspect` prints them.

    ``next_task`` is the number, from 1, of the task that would be learned next. ``for_workers`` is the same model, to
    which sums made by workers can be added. A kind that cannot be trained in that way raises `InputError`.
    ``begin_from_here`` notes that what is learned later contains this model, so that `merge` knows it again.
    """

    reading: Reading

    @property
    def moments_(self) -> CountedSums: ...
    @property
    def predictor(self) -> Predictor: ...
    @property
    def next_task(self) -> int: ...
    def learn(self, batches: Batches, /, *, task: int | None = None) -> Any: ...
    def for_workers(self) -> ContinualClassifier: ...
    def begin_from_here(self) -> Any: ...
    def facts(self) -> dict[str, Any]: ...
    def save(self, path: str | Path, progress: dict[str, Any] | None = None) -> None: ...
