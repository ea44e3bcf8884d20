"""What an estimator has whose knowledge is a ledger of exact sums, whatever it learns: labels or numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils.validation import check_is_fitted

from indeependence.errors import InputError
from indeependence.models.alone import alone
from indeependence.models.classifier.merged import Merged, joined
from indeependence.models.inputs import checked_inputs

if TYPE_CHECKING:
    from indeependence.encoder.encoder import Encoder
    from indeependence.moments.ledger import Ledger
    from indeependence.moments.moments import Moments


class KeptInSums:
    """An estimator with an encoder, a ledger, and a note of which models were merged into it."""

    stored_examples = 0
    encoder_: Encoder
    ledger_: Ledger
    merged_: Merged
    ledger: str
    n_jobs: int | None

    def _set_sums(self, sums: Ledger) -> Any:
        """Replace the sums and return self."""
        raise NotImplementedError

    @property
    def coder(self) -> Any:
        """What makes the rows that are summed of a batch, here or on workers: the encoder."""
        return self.encoder_

    @property
    def moments_(self) -> Moments:
        """The sums of all examples, whatever else the ledger keeps."""
        return self.ledger_.total

    @property
    def next_task(self) -> int:
        """The number, from 1, that the next task would have in a ledger by task."""
        return self.ledger_.next_task

    def _check_ledger(self) -> None:
        """Raise `InputError` for another kind of ledger than the sums were learned with."""
        if self.ledger != self.ledger_.kind and self.ledger_.total.count:
            raise InputError(
                f"ledger: it is {self.ledger_.kind} from the first example on, got {self.ledger}: fit anew"
            )

    def begin_from_here(self) -> Any:
        """Note that what is learned from now on contains this model, as if it had been merged in; return self."""
        if self.moments_.count:
            self.merged_ = Merged(self.parts, self.merged_.whole)
        return self

    @property
    def parts(self) -> frozenset[str]:
        """The fingerprints of the models that were merged into this one, or its own; empty if it learned nothing."""
        return self.merged_.parts(self.moments_.fingerprint) if self.moments_.count else frozenset()

    def _join(self, others: Iterable[Any]) -> Any:
        """Learn all that others have learned and return self; if one of them does not fit, nothing changes."""
        sums, merged = self.ledger_, [self]
        for other in others:
            self._check_other(other)
            sums = sums + other.ledger_
            merged.append(other)
        self.merged_ = joined([one.merged_ for one in merged], [one.parts for one in merged])
        return self._set_sums(sums)

    def _check_other(self, other: Any) -> None:
        """Raise `InputError` for a model that cannot be merged into this one."""
        raise NotImplementedError

    @alone
    def forget_task(self, task: int) -> Any:
        """Remove the ``task`` of that number, from 1, exactly, and return self.

        Raise `InputError` without the ledger "task", and for a task that was never learned.
        """
        check_is_fitted(self, "encoder_")
        return self._without(self.ledger_.without_task(task))

    def _without(self, sums: Ledger, gone: Iterable[str] = ()) -> Any:
        """Replace the sums by less and return self; ``gone`` are the fingerprints of the models that were removed."""
        self.merged_ = self.merged_.without(frozenset(gone))
        return self._set_sums(sums)

    def _codes(self, X: Any) -> np.ndarray:
        check_is_fitted(self, "encoder_")
        return self.encoder_(checked_inputs(self, X), jobs=self.n_jobs)
