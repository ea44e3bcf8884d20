"""What the loop over tasks asks of a model; whatever answers to it can be evaluated and compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import numpy as np

from indeependence.moments.accumulator import Label, Moments
from indeependence.moments.storage import HasBytes


class Coder(Protocol):
    """From inputs to rows of codes, fixed once it is made."""

    @property
    def layers_text(self) -> str: ...
    @property
    def units(self) -> int: ...
    @property
    def fingerprint(self) -> str: ...
    def __call__(self, inputs: np.ndarray, *, jobs: int | None = None) -> np.ndarray: ...


class Readout(Protocol):
    """From rows of codes to a score for each label that was learned; ``labels`` are sorted."""

    @property
    def labels(self) -> tuple[Label, ...]: ...
    @property
    def penalty(self) -> float: ...
    def scores(self, codes: np.ndarray) -> np.ndarray: ...


class Learner(Protocol):
    """A model that learns one task after another.

    ``learn`` is called once for each task, with batches that are read once; all that it keeps of them is in
    ``moments_``, and ``stored_examples`` says how many examples are among that.
    """

    bootstrap_limit: int
    batch_size: int
    random_state: int
    n_jobs: int | None

    @property
    def stored_examples(self) -> int: ...
    @property
    def encoder_(self) -> Coder: ...
    @property
    def moments_(self) -> Moments | HasBytes: ...
    @property
    def weights(self) -> Readout: ...
    def bootstrap(self, inputs: np.ndarray, /) -> Any: ...
    def learn(self, batches: Iterable[tuple[np.ndarray, np.ndarray]], /) -> Any: ...
    def label(self, scores: np.ndarray, *, among: Sequence[Label] | None = None) -> np.ndarray: ...
