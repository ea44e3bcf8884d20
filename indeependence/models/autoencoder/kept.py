"""What an autoencoder of frozen bases keeps of a classifier's promises: its sums are exact, so all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from indeependence.errors import InputError
from indeependence.exact import TOP
from indeependence.files.schema import expect
from indeependence.models.alone import alone
from indeependence.models.autoencoder.input_codes import InputCodes
from indeependence.models.autoencoder.layout import Layout
from indeependence.models.autoencoder.model import Autoencoder
from indeependence.models.autoencoder.row_coder import RowCoder
from indeependence.models.autoencoder.sides import Side
from indeependence.models.autoencoder.storage import Kept
from indeependence.models.autoencoder.sums import AutoencoderSums, Sums
from indeependence.models.classifier.merged import Merged
from indeependence.models.parameters import whole
from indeependence.models.summed import KeptInSums
from indeependence.moments.ledger import Ledger
from indeependence.moments.moments import Label, Moments, sorted_labels


class KeptTied(KeptInSums):
    """An autoencoder that merges, forgets, and adds up what workers summed, as long as its bases are frozen.

    Its `ledger_` counts rows under their labels, so that a class can be forgotten; the sums that `autoencoder` infers
    from are the same without labels.
    """

    form: ClassVar[str]  # of the model in a file, as a message names it
    autoencoder: Autoencoder
    batch_size: int
    merged_ = Merged()
    side: Side  # of the inputs
    _ledger: Ledger | None = None  # None where bases are refitted, or sums are moving averages

    @property
    def ledger_(self) -> Ledger:  # type: ignore[override]
        """The sums and their parts; `InputError` where bases are refitted, or sums are moving averages."""
        self.autoencoder.sums  # noqa: B018 (refuses a model without bases)
        if self._ledger is None:
            raise InputError(
                "this autoencoder refits its bases or keeps moving averages: nothing can be merged into it or taken "
                "out of it; bootstrap --kind autoencoder, or train --frozen, makes one that is exact"
            )
        return self._ledger

    @property
    def moments_(self) -> Sums:  # type: ignore[override]
        """The sums over rows of both sides and their codes."""
        return self.autoencoder.sums

    @property
    def coder(self) -> RowCoder:
        """What makes the rows that are summed of a batch, here or on workers."""
        raise NotImplementedError

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one input."""
        return self.side.shape

    def quantised(self, inputs: Any) -> np.ndarray:
        """Return inputs as bytes ``[N, *shape]``; raise `InputError` unless they have the shape of those at first."""
        return self.side.bytes_of(inputs)

    @property
    def encoder_(self) -> InputCodes:  # type: ignore[override]
        """The encoder, from inputs alone to top codes."""
        return InputCodes(self)

    def _checked(self, batches: Iterable) -> Iterable:
        """Return batches of both sides as `coder` takes them."""
        raise NotImplementedError

    def reset(self, sums: Ledger | None = None) -> Any:
        """Take given sums, empty ones by default, keep the bases, and return self."""
        self.merged_ = Merged()
        return self._set_sums(Ledger.of(self.ledger, {}, self.coder.nothing) if sums is None else sums)

    def _set_sums(self, sums: Ledger) -> Any:
        self._ledger = sums
        layers = len(self.autoencoder.tied.layers)
        self.autoencoder.take(AutoencoderSums(without_labels(sums.total), (), [0.0] * layers))
        if not sums.total.count:
            self.merged_ = Merged()
        return self

    @alone
    def _learn_exactly(self, batches: Iterable, task: int | None) -> Any:
        """Learn batches of both sides, of a new task or in addition to the earlier one of that number; return self."""
        coded = self.coder.coded(self._checked(batches), size=self.batch_size, jobs=self.n_jobs)
        return self._set_sums(self.ledger_.learn(coded, task=None if task is None else whole("task", task)))

    def for_workers(self) -> Any:
        """Return self: `add` takes the sums that workers made. Raise `InputError` as `ledger_` does."""
        return self if self.ledger_ else self

    @alone
    def add(self, sums: Moments, *, task: int | None = None) -> Any:
        """Learn the examples behind ``sums``, which were made elsewhere with the same bases, and return self."""
        return self._set_sums(self.ledger_.add(sums, task=task))

    @alone
    def merge(self, *others: Any) -> Any:
        """Learn all that ``others`` of the same bases and sides have learned, and return self.

        Raise `InputError` for other bases, labels or limits. The model is then left unchanged.
        """
        return self._join(others)

    def _check_other(self, other: Any) -> None:
        if type(other) is not type(self):
            raise InputError(
                f"expected models of kind {type(self).__name__} to merge, got {type(other).__name__}: load it"
            )
        if _sides(other.coder) != _sides(self.coder):
            raise InputError(
                "expected models of the same sides, got other labels or limits: bootstrap once and share that file"
            )

    @alone
    def forget_batches(self, batches: Iterable, *, task: int | None = None) -> Any:
        """Remove batches of both sides exactly, as if they had never been learned, and return self.

        With the ledger "task", name the ``task`` that they were part of. Raise `InputError` if the sums show that they
        were never learned; the model is then left unchanged.
        """
        coded = self.coder.coded(self._checked(batches), size=self.batch_size, jobs=self.n_jobs)
        return self.subtract(self.ledger_.like.learn(coded), task=task)

    @alone
    def subtract(self, sums: Ledger, *, task: int | None = None) -> Any:
        """Subtract the sums of another model and return self; raise `InputError` as `forget_batches` does."""
        known = bool(self.merged_.models)
        gone = without_labels(sums.total).fingerprint
        return self._without(self.ledger_.without(sums, task=task), {gone} if known else ())

    @alone
    def forget_task(self, task: int) -> Any:
        """Remove the ``task`` of that number, from 1, exactly, and return self; it takes the ledger "task"."""
        return self._without(self.ledger_.without_task(task))

    @alone
    def forget_class(self, label: Label) -> Any:
        """Remove the class ``label`` exactly, and return self; it takes the ledger "class"."""
        if self.ledger_.kind != "class":
            raise InputError(
                "an autoencoder forgets a class by its ledger: train with --ledger class, or name the examples"
            )
        return self._without(self.ledger_.without_class(label))

    @classmethod
    def load(cls, path: str | Path, **changes: Any) -> Any:
        """Return the model in the file ``path``; raise `InputError` if it was saved in another form."""
        from indeependence.models.autoencoder.opening import opened

        model = opened(path, **changes)
        if not isinstance(model, cls):
            found = getattr(model, "form", "without labels or pairs")
            raise InputError(
                f"{path}: expected an autoencoder {cls.form}, got one {found}: name a file of one {cls.form}"
            )
        return model

    def _kept(self, progress: dict[str, Any] | None) -> Kept:
        """Return what the model's file keeps beside its sums."""
        if self._ledger is None:
            return Kept()
        return Kept(self._ledger if self._ledger.kind != "none" else None, self.merged_, progress or {})

    def _take_up(self, kept: Kept, ledger: str | None) -> None:
        """Take the ledger and the merged models of a file; raise `InputError` for another kind of ledger by then."""
        total, found = self.autoencoder.sums, kept.ledger
        if not isinstance(total, Moments) or not self.autoencoder.options["frozen"]:
            return
        kind = "none" if found is None else found.kind
        self.ledger = ledger or kind
        if self.ledger != kind and total.count:
            raise InputError(
                f"its ledger is {kind} from its first example on: it cannot change now: leave --ledger out, or train "
                "anew"
            )
        if found is None or self.ledger != kind:
            found = replace(Ledger.empty(self.ledger, total.encoder, total.units), total=self._with_labels(total))
        self.reset(found)
        self.merged_ = kept.merged

    def _with_labels(self, sums: Moments) -> Moments:
        """Return the sums of a file, counted under labels."""
        return sums


def _sides(coder: RowCoder) -> tuple[dict[str, Any], dict[str, Any]]:
    return coder.inputs.header(), coder.targets.header()


def without_labels(sums: Moments) -> Moments:
    """Return the sums of the same rows, all counted as one class, 0.

    >>> rows = np.array([[1, 255], [3, 0]], np.uint8)
    >>> without_labels(Moments.empty("", 2).learn([(rows, np.array(["a", "b"]))])).cross
    array([[  4],
           [255]])
    """
    if not sums.count or sums.labels == (0,):
        return sums if sums.labels == (0,) else sums.nothing
    return replace(sums, labels=(0,), counts=np.array([sums.count]), cross=sums.code_sum[:, None])


def with_labels(sums: Moments, layout: Layout, labels: Iterable[Label]) -> Moments:
    """Return the sums of the same rows, counted under their ``labels``: products with their full bytes tell them.

    >>> rows = np.array([[1, 255, 0], [3, 0, 255]], np.uint8)
    >>> with_labels(Moments.empty("", 3).learn([(rows, np.zeros(2, int))]), Layout(1, 2), ["a", "b"]).cross
    array([[  1,   3],
           [255,   0],
           [  0, 255]])
    """
    places = {label: layout.input_size + index for index, label in enumerate(labels)}
    columns, counts = {}, {}
    for label, place in places.items():
        found = np.concatenate([sums.products[:place, place], sums.products[place, place:]])
        expect(not (found % TOP).any() and found[place] % TOP**2 == 0, "sums of rows with one label each")
        columns[label], counts[label] = found // TOP, int(found[place]) // TOP**2
    known = tuple(label for label in sorted_labels(places) if counts[label])
    expect(sum(counts.values()) == sums.count, "one label for each row")
    if not known:
        return sums.nothing
    cross = np.stack([columns[label] for label in known], axis=1)
    return replace(sums, labels=known, counts=np.array([counts[label] for label in known]), cross=cross)
