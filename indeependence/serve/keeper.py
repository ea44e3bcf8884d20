"""The one writer: every change is applied to the sums, on disk in the journal, and only then acknowledged."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from indeependence.data.reading import Reading
from indeependence.errors import InputError
from indeependence.experiment.forgetting import check_models_apart
from indeependence.files.versions import keep_older
from indeependence.history.entry import State, now
from indeependence.history.trail import Trail
from indeependence.models.classifier.classifier import ContinualClassifier
from indeependence.models.classifier.merged import joined
from indeependence.models.inputs import check_model, check_same_kind
from indeependence.models.predictor import Predictor
from indeependence.moments.moments import Label
from indeependence.serve.beginning import Beginning
from indeependence.serve.events import Back, Event, by_whom, event_of
from indeependence.serve.journal import Change, Journal, Record
from indeependence.serve.limits import Limits
from indeependence.serve.solving import Solver
from indeependence.serve.state import Held

REMEMBERED = 200  # events in the history that a server shows
UNDONE = 50  # changes that can be taken back, one after another
UNDO_BYTES = 256 * 2**20  # of codes and sums that are held for it; the last change can always be taken back
IDLE, LATEST = 2.0, 10.0  # seconds after the last, and after the first change that the model's file does not hold
JOURNAL_BYTES = 256 * 2**20  # at which it is cleared at once


class Keeper:
    """The model in the file ``path``, whose lock the caller holds.

    Methods that change it are called by one thread; ``held`` and ``answering`` may be read by any.
    """

    def __init__(
        self,
        path: Path,
        beginning: Beginning | None = None,
        *,
        limits: Limits | None = None,
        keep: int = 0,
        audit: Path | None = None,
    ):
        self.path, self.limits, self.keep = path, limits or Limits(), keep
        self.beginning = beginning or Beginning()
        self.held: Held | None = None
        self.journal = Journal(path)
        self.events: deque[Event] = deque(maxlen=REMEMBERED)
        self._back: deque[Back] = deque(maxlen=UNDONE)
        self._unwritten: list[Event] = []  # since the model's file was written
        self._first = self._last = time.monotonic()
        self.solver = Solver(lambda: self.held)
        self._mark = _mark_of(path)
        try:
            if path.is_file():
                self.held = self._with_journal(Held.of(ContinualClassifier.load(path)))
                self.solver.ask()
            elif self.journal.size:
                raise InputError(
                    f"{self.journal.path} goes on from the model {path}, which is not there: put it back, or remove "
                    "the journal, and with it what the server had learned last"
                )
            self._trail = Trail(path, audit)
            self.checkpoint()
        except BaseException:
            self.solver.stop()
            self.journal.close()
            raise

    # Changes

    def begin(self, inputs: np.ndarray, reading: Reading) -> Held:
        """Return what is held; where that is nothing yet, make an encoder for inputs like these and write its file."""
        if self.held is None:
            model = self.beginning.model(inputs, reading)
            self._check_not_replaced()
            self._trail.replace("bootstrap", model.facts, lambda: model.save(self.path), anew=True)
            self._mark = _mark_of(self.path)
            self.held = Held.of(model)
            self.solver.ask()
        return self.held

    def change(self, change: Change) -> Event:
        """Learn or forget; on return it is on disk. Raise `InputError`, and change nothing, for what cannot be."""
        held = self._there()
        if change.what == "learn":
            self._check_labels(held, change.labels)
        after = held.changed(change)
        self.journal.append(Record(change, held.sha256, after.sha256))
        back = None if held.ledger.kind == "task" else change.inverse
        return self._done(change.what, change.by, after, back)

    def forget_class(self, label: Label, by: str) -> Event:
        """Remove a class, and write the model's file."""
        held = self._there()
        if isinstance(label, bool) or not isinstance(label, int | str):
            raise InputError(f"expected the name of a class, got {type(label).__name__}")
        named = {str(one): one for one in held.counts}
        ledger = held.ledger.without_class(named.get(str(label), label))
        return self._written("forget", by, held.next(ledger, gone=True))

    def merge(self, other: ContinualClassifier, by: str) -> Event:
        """Add a model with the same encoder, and write the model's file."""
        held = self._there()
        model = held.model()
        check_model(model, other)
        try:
            check_models_apart(model, other)
        except InputError as error:
            raise InputError(str(error).replace("; leave it out, or say --again", "")) from None
        self._check_labels(held, Held.of(other).counts)
        parts = [model.parts, other.parts]
        inside = joined([model.merged_, other.merged_], parts)
        after = replace(held.next(held.ledger + other.ledger_), merged=inside)
        return self._written("merge", by, after)

    def undo(self, by: str) -> Event:
        """Take the last change back: the sums are those before it. Raise `InputError` if there is none of this name."""
        held = self._there()
        if not self._back:
            raise InputError("there is nothing to take back: the last changes are remembered until the server ends")
        back = self._back[-1]
        if back.event.by != by:
            raise InputError(f"the last change was made by {back.event.by}: only they can take it back")
        if back.before is not None:
            event = self._written("undo", by, replace(back.before, version=held.version + 1), remember=False)
        elif back.change is not None:
            after = replace(held.changed(back.change), merged=back.merged)
            self.journal.append(Record(back.change, held.sha256, after.sha256))
            event = self._done("undo", by, after, None, remember=False)
        self._back.pop()
        return event

    # Writing

    @property
    def due(self) -> bool:
        """Whether the model's file is to be written now."""
        if not self._unwritten:
            return False
        now_, size = time.monotonic(), self.journal.size
        return now_ - self._last >= IDLE or now_ - self._first >= LATEST or size >= JOURNAL_BYTES

    @property
    def unwritten(self) -> int:
        """How many changes stand in the journal alone."""
        return len(self._unwritten)

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to take back."""
        return bool(self._back)

    def checkpoint(self) -> None:
        """Write the model's file and clear the journal, if anything has changed."""
        if self._unwritten and self.held is not None:
            self._save(self.held, self._unwritten)
            self._unwritten.clear()

    def close(self) -> None:
        """Write what is not yet written, and let go of the journal."""
        try:
            self.checkpoint()
        finally:
            self.journal.close()
            self.solver.stop()

    def _check_labels(self, held: Held, labels: Iterable[Label]) -> None:
        """Raise `InputError` for labels that are too many or of another kind; here nothing comes in between."""
        known, new = set(held.counts), set(labels)
        self.limits.check_classes(known, new, held.ledger)
        check_same_kind(np.array([*known]), np.array([*new]))

    def _there(self) -> Held:
        if self.held is None:
            raise InputError("the model has learned nothing yet: teach it first")
        return self.held

    def _done(self, what: str, by: str, after: Held, back: Change | None, *, remember: bool = True) -> Event:
        """Take the new sums over, once they are on disk, and return the event."""
        before = self._there()
        event = event_of(what, by, before, after, now())
        self.held = after
        self._last = time.monotonic()
        if not self._unwritten:
            self._first = self._last
        self._unwritten.append(event)
        self.events.append(event)
        if remember:
            self._back.append(Back(event, back, before if back is None else None, before.merged))
            while len(self._back) > 1 and sum(one.nbytes for one in self._back) > UNDO_BYTES:
                self._back.popleft()
        self.solver.ask()
        return event

    def _written(self, what: str, by: str, after: Held, *, remember: bool = True) -> Event:
        """Write the model's file with sums that no journal can hold, and take them over."""
        before = self._there()
        event = event_of(what, by, before, after, now())
        self.checkpoint()  # a journal goes on from the file beside it, and would not from the one that comes now
        self._save(after, [event])
        self._done(what, by, after, None, remember=remember)
        self._unwritten.clear()
        return event

    def _save(self, held: Held, events: list[Event]) -> None:
        """Write the model's file, note in the log what was done, and clear the journal."""
        model = held.model()
        if held.ledger.total.count:
            known = self.solver.answering
            if known is not None and known.sha256 == held.sha256 and isinstance(known.predictor, Predictor):
                model.take_weights(known.predictor.weights)
            _ = model.weights  # solved once: the file then answers at once
        what = "learn" if sum(event.examples for event in events) >= 0 else "forget"

        def write() -> None:
            if self.keep:
                keep_older(self.path, self.keep)
            model.save(self.path)

        self._check_not_replaced()
        self._trail.replace(what, model.facts, write, requests=by_whom(events))
        self._mark = _mark_of(self.path)
        self.journal.clear()

    def _check_not_replaced(self) -> None:
        """Raise `InputError` if another program has put another file in the place of the model's: it stays as it is."""
        if self._mark != _mark_of(self.path) and self.path.is_file():
            raise InputError(
                f"another program has replaced {self.path}, which is not overwritten: move that file away; what was "
                "learned since stands in the journal"
            )

    def _with_journal(self, held: Held) -> Held:
        """Return what is held after all changes in the journal that a killed server left; its file lacks them."""
        records = list(self.journal.read())
        states = [record.before for record in records]
        if not records or records[-1].after == held.sha256 and held.sha256 not in states:
            self.journal.clear()
            return held
        if held.sha256 not in states:
            raise InputError(
                f"{self.journal.path} goes on from another model than {self.path}: was the file replaced? Put it "
                "back, or remove the journal, and with it what the server had learned last"
            )
        self.held = held
        for record in records[states.index(held.sha256) :]:
            try:
                after = self.held.changed(record.change)
            except (InputError, ValueError, TypeError) as error:
                raise InputError(f"{self.journal.path} is damaged: it has no change of this model ({error})") from error
            if record.before != self.held.sha256 or record.after != after.sha256:
                raise InputError(f"{self.journal.path} is damaged: its sums do not have the fingerprints that it names")
            self._done(record.change.what, record.change.by, after, record.change.inverse)
        return self.held

    @property
    def state(self) -> State | None:
        """The state of the model as a log names it."""
        return None if self.held is None else State.of(self.held.model().facts())


def _mark_of(path: Path) -> tuple[int, int, int] | None:
    """Return what tells a file from another in its place, or None where there is none."""
    try:
        about = path.stat()
    except OSError:
        return None
    return about.st_ino, about.st_size, about.st_mtime_ns
