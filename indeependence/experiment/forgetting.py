"""Removing what was learned: examples, a class, a task, or all that another model learned."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from indeependence.data.reading import Reading
from indeependence.data.selection import Part, Source
from indeependence.errors import InputError, named
from indeependence.experiment.watching import Watch, watched
from indeependence.models.classifier.classifier import ContinualClassifier
from indeependence.models.classifier.merged import check_not_twice
from indeependence.models.classifier.storage import read_model


@dataclass(frozen=True)
class Removal:
    """What is to be removed: exactly one of ``examples``, ``minus``, ``name``, or else the ``task``."""

    examples: Source | None = None
    part: Part = Part()
    minus: Path | None = None  # a model's file
    name: str | None = None  # of a class
    task: int | None = None


@dataclass(frozen=True)
class Removed:
    """What was removed."""

    asked: int | None  # examples that were to go, where they were given one by one
    examples: int
    dropped: int  # examples whose share of the products stays, since only their class's column could go
    certain: bool  # that all that was removed had been learned

    @property
    def exact(self) -> bool | None:
        """Whether the model is as if it had never learned the examples; None where that holds if they were learned."""
        if self.dropped:
            return False
        return True if self.certain else None


def forget(path: Path, removal: Removal, *, threads: int | None = None, batch_size: int = 256, watch: Watch) -> Removed:
    """Remove examples from the model in the file ``path``, whose lock the caller holds, and write it.

    Raises `InputError` if the sums show that they were never learned; the file is then unchanged.
    """
    watch("forgetting", 0, 0)
    model = ContinualClassifier.load(path, n_jobs=threads, batch_size=batch_size)
    count, dropped = model.moments_.count, model.moments_.dropped
    asked, certain = _remove(model, path, removal, watch)
    _save(model, path)
    examples, rest = model.encoder_.examples, model.moments_
    nothing = not rest.count and not rest.dropped and not rest.products.any()
    return Removed(asked, examples(count - rest.count), examples(rest.dropped - dropped), certain or nothing)


def _remove(model: ContinualClassifier, path: Path, removal: Removal, watch: Watch) -> tuple[int | None, bool]:
    """Remove what is to be removed; return how many examples that was, where known, and whether all had been learned.

    Sums alone do not show it: they refuse what is impossible, but not every example that was never learned.
    """
    if removal.examples is not None:
        examples = removal.part.of(removal.examples.load(Reading.in_file(path)))
        model.forget_batches(watched(examples, model.batch_size, watch, what="forgetting"), task=removal.task)
        return len(examples), False
    if removal.minus is not None:
        before, gone = model.merged_, read_model(removal.minus)
        parts = gone.merged.parts(gone.ledger.total.fingerprint)
        model.subtract(gone.ledger, task=removal.task)
        if model.moments_.count:
            model.merged_ = before.without(parts)
        return None, before.whole and gone.merged.whole and parts <= before.models
    if removal.name is not None:
        (label,) = named([removal.name], model.moments_.labels, option="--class", where="in the model")
        model.forget_class(label)
    elif removal.task is not None:
        model.forget_task(removal.task)
    return None, True


def _save(model: ContinualClassifier, path: Path) -> None:
    """Write a model with its weights, solved once, so that nothing is solved again when it answers."""
    if model.moments_.count:
        _ = model.weights
    model.save(path)


def merge(files: tuple[Path, ...], output: Path, *, again: bool = False, watch: Watch) -> frozenset[str]:
    """Add up the models in ``files`` into ``output``, whose lock the caller holds; return the kinds of their ledgers.

    The files are read one at a time; they need not fit into memory together. Raise `InputError` for a model that is in
    the sum already, unless it is to be added ``again``.
    """
    first = ContinualClassifier.load(files[0])
    kinds = {first.ledger_.kind}
    for number, file in enumerate(files[1:], start=1):
        watch("adding", number, len(files))
        other = ContinualClassifier.load(file)
        kinds.add(other.ledger_.kind)
        try:
            if not again:
                _check_not_twice(first, other)
            first.merge(other)
        except InputError as error:
            raise InputError(f"{file}: {error}") from error
    watch("solving", 0, 0)
    _save(first, output)
    return frozenset(kinds)


def _check_not_twice(first: ContinualClassifier, other: ContinualClassifier) -> None:
    if first.moments_.count and other.moments_.count:
        sums = (first.moments_.fingerprint, other.moments_.fingerprint)
        check_not_twice(first.merged_, sums[0], other.merged_, sums[1])
