"""Removing what was learned: examples, a class, a task, or all that another model learned."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from indeependence import models
from indeependence.data.datasets import Dataset
from indeependence.data.examples import Examples
from indeependence.data.readers.tables import Table
from indeependence.data.reading import Reading
from indeependence.data.records import records
from indeependence.data.selection import Part, Source
from indeependence.errors import InputError, named
from indeependence.experiment.numbers import removed_numbers
from indeependence.experiment.watching import Watch, watched
from indeependence.files.container import AUTOENCODER, CLASSIFIER, MULTILABEL, REGRESSOR, kind_of
from indeependence.history.entry import State, Step
from indeependence.history.receipt import Receipt, ids_digest, new_salt
from indeependence.history.trail import Trail
from indeependence.models.autoencoder.labelled import LabelledAutoencoder
from indeependence.models.autoencoder.pairs import ContinualAutoencoder
from indeependence.models.classifier.classifier import ContinualClassifier
from indeependence.models.classifier.merged import check_not_twice
from indeependence.models.multilabel.classifier import ContinualMultiLabelClassifier
from indeependence.models.regressor.columns import LearnsColumns
from indeependence.models.regressor.regressor import ContinualRegressor
from indeependence.moments.ledger import Ledger

# Models that know what they learned to the bit.
Summed = ContinualClassifier | LearnsColumns | LabelledAutoencoder | ContinualAutoencoder
_KINDS: dict[str, Any] = {
    CLASSIFIER: ContinualClassifier,
    REGRESSOR: ContinualRegressor,
    MULTILABEL: ContinualMultiLabelClassifier,
}


@dataclass(frozen=True)
class Removal:
    """What is to be removed: exactly one of ``examples``, ``minus``, ``name``, or else the ``task``.

    With ``ids``, only those of the examples that are named there.
    """

    examples: Source | None = None
    part: Part = Part()
    ids: tuple[str, ...] | None = None  # the names of the records among them that are meant
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
    receipt: Receipt | None = None

    @property
    def exact(self) -> bool | None:
        """Whether the model is as if it had never learned the examples; None where that holds if they were learned."""
        if self.dropped:
            return False
        return True if self.certain else None


def forget(
    path: Path,
    removal: Removal,
    *,
    threads: int | None = None,
    batch_size: int = 256,
    watch: Watch,
    audit: Path | None = None,
) -> Removed:
    """Remove examples from the model in the file ``path``, whose lock the caller holds, and write it.

    With a log ``audit``, it is noted there first. Raises `InputError` if the sums show that they were never learned;
    the file is then unchanged.
    """
    watch("forgetting", 0, 0)
    trail = Trail(path, audit)
    model = _loaded(path, n_jobs=threads, batch_size=batch_size)
    before, count, dropped = State.of(model.facts()), model.ledger_.total.count, model.ledger_.total.dropped
    asked, certain = _remove(model, path, removal, watch)
    examples, rest = model.encoder_.examples, model.ledger_.total
    nothing = not rest.count and not rest.dropped and not rest.products.any()
    removed = Removed(asked, examples(count - rest.count), examples(rest.dropped - dropped), certain or nothing)
    salt = new_salt() if removal.ids else None
    about = _about(removal, removed, salt)
    noted = trail.replace("forget", model.facts, lambda: _save(model, path), **about)
    entry = noted or Step("forget", path.name, before, State.of(model.facts()), about=about).sealed()
    return replace(removed, receipt=Receipt(entry, salt))


def _about(removal: Removal, removed: Removed, salt: str | None) -> dict[str, Any]:
    """Return what a log says of a removal: never an id, but a digest of the ids that only the salt makes of them."""
    by = "task" if removal.task else "class" if removal.name is not None else "minus" if removal.minus else "examples"
    about: dict[str, Any] = {"by": by, "asked": removed.asked, "exact": removed.exact}
    if removal.ids and salt:
        about |= {"by": "ids", "ids_sha256": ids_digest(removal.ids, salt)}
    return about


def _examples(removal: Removal, source: Source, reading: Reading) -> Examples:
    """Return the examples to remove: a part of the data, or the records with the ids that are asked for."""
    dataset = source.load(reading)
    return removal.part.of(dataset) if removal.ids is None else records(dataset, removal.ids)


def _loaded(path: Path, **changes: Any) -> Summed:
    """Return the model with one set of exact sums in the file ``path``, of any kind that has them."""
    kind = kind_of(path)
    if kind != AUTOENCODER:
        return _KINDS.get(kind, ContinualClassifier).load(path, **changes)
    model = models.open(path, **changes)
    if not isinstance(model, LabelledAutoencoder | ContinualAutoencoder):
        raise InputError(
            f"{path}: expected an autoencoder with labels or of pairs, got a plain one: use it from Python"
        )
    _ = model.ledger_  # refuses bases that are refitted, and moving averages
    return model


def _rows_asked(removal: Removal, table: Table) -> np.ndarray:
    """Return the rows of a table that are to go: a part of it, or the records with the ids that are asked for."""
    whole, part = np.arange(len(table.x)), removal.part
    if removal.ids is None:
        return whole[part.skip : None if part.limit is None else part.skip + part.limit]
    dataset = Dataset("the table", table.x, whole, table.x[:0], whole[:0], table.reading, table.names)
    return records(dataset, removal.ids).rows


def _remove_numbers(model: LearnsColumns, removal: Removal, watch: Watch) -> tuple[int | None, bool]:
    """Remove from a model of numbers or several labels; return as `_remove` does."""
    part = removal.part
    if removal.name is not None or part.classes:
        what = "--class" if removal.name is not None else "--classes"
        raise InputError(f"{what}: this model has learned numbers or several labels a row: name --examples or a --task")
    source = removal.examples
    if source is not None:
        return removed_numbers(model, source, partial(_rows_asked, removal), removal.task, watch), False
    if removal.minus is not None:
        gone = type(model).load(removal.minus)
        return None, _subtract(model, gone.ledger_, gone.parts, removal.task, whole=gone.merged_.whole)
    if removal.task is not None:
        model.forget_task(removal.task)
    return None, True


def _subtract(
    model: Summed,
    sums: Ledger,
    parts: frozenset[str],
    task: int | None,
    *,
    whole: bool,
) -> bool:
    """Subtract the sums of a model with these ``parts``; return whether all of it had been learned for certain."""
    before = model.merged_
    model.subtract(sums, task=task)
    if model.moments_.count:
        model.merged_ = before.without(parts)
    return before.whole and whole and parts <= before.models


def _remove(model: Summed, path: Path, removal: Removal, watch: Watch) -> tuple[int | None, bool]:
    """Remove what is to be removed; return how many examples that was, where known, and whether all had been learned.

    Sums alone do not show it: they refuse what is impossible, but not every example that was never learned.
    """
    _check_sides(path, model, removal)
    if isinstance(model, LearnsColumns):
        return _remove_numbers(model, removal, watch)
    if removal.examples is not None:
        examples = _examples(removal, removal.examples, Reading.in_file(path))
        model.forget_batches(watched(examples, model.batch_size, watch, what="forgetting"), task=removal.task)
        return len(examples), False
    if removal.minus is not None:
        gone = type(model).load(removal.minus)
        return None, _subtract(model, gone.ledger_, gone.parts, removal.task, whole=gone.merged_.whole)
    if removal.name is not None:
        (label,) = named([removal.name], model.ledger_.total.labels, option="--class", where="in the model")
        model.forget_class(label)
    elif removal.task is not None:
        model.forget_task(removal.task)
    return None, True


def _check_sides(path: Path, model: Summed, removal: Removal) -> None:
    """Raise `InputError` for pairs whose other side is not named, for labels with one, and for a class of pairs."""
    of_pairs, source = isinstance(model, ContinualAutoencoder), removal.examples
    if of_pairs and (removal.name is not None or removal.part.classes):
        raise InputError(f"{path} has learned pairs, which have no classes: name --examples, a --task or --minus")
    if source is not None and of_pairs != (source.target_data is not None):
        advice = "pairs: name their other side, too: --target-data" if of_pairs else "no pairs: leave --target-data out"
        raise InputError(f"{path} has learned {advice}")


def _save(model: Summed, path: Path) -> None:
    """Write a model with its weights, solved once, so that nothing is solved again when it answers."""
    if model.moments_.count and isinstance(model, ContinualClassifier):
        _ = model.weights
    model.save(path)


def merge(
    files: tuple[Path, ...], output: Path, *, again: bool = False, watch: Watch, audit: Path | None = None
) -> frozenset[str]:
    """Add up the models in ``files`` into ``output``, whose lock the caller holds; return the kinds of their ledgers.

    The files are read one at a time; they need not fit into memory together. Raise `InputError` for a model that is in
    the sum already, unless it is to be added ``again``.
    """
    trail = Trail(output, audit, beside=files)
    first: Any = _loaded(files[0])
    kinds, parts = {first.ledger_.kind}, [_part(files[0], first)]
    for number, file in enumerate(files[1:], start=1):
        watch("adding", number, len(files))
        other = type(first).load(file)
        kinds.add(other.ledger_.kind)
        parts.append(_part(file, other))
        try:
            if not again:
                check_models_apart(first, other)
            first.merge(other)
        except InputError as error:
            raise InputError(f"{file}: {error}") from error
    watch("solving", 0, 0)
    trail.replace("merge", first.facts, lambda: _save(first, output), anew=True, merged=parts)
    return frozenset(kinds)


def _part(path: Path, model: Summed) -> dict[str, Any]:
    """Return what a log says of a model that is merged into another."""
    state = State.of(model.facts())
    return {"model": path.name, "sha256": state.sha256, "examples": state.examples}


def check_models_apart(first: Any, other: Any) -> None:
    """Raise `InputError` if two models that have learned something have learned the same, or a part of it."""
    if first.moments_.count and other.moments_.count:
        sums = (first.moments_.fingerprint, other.moments_.fingerprint)
        check_not_twice(first.merged_, sums[0], other.merged_, sums[1])
