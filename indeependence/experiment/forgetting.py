"""Removing what was learned: examples, a class, a task, or all that another model learned."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from indeependence.data.reading import Reading
from indeependence.data.selection import Part, Source
from indeependence.errors import InputError, named
from indeependence.experiment.watching import Watch, watched
from indeependence.models.classifier.classifier import ContinualClassifier
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

    examples: int
    dropped: int  # examples whose share of the products stays, since only their class's column could go

    @property
    def exact(self) -> bool:
        """Whether the model is now as if it had never learned the examples."""
        return not self.dropped


def forget(path: Path, removal: Removal, *, threads: int | None = None, batch_size: int = 256, watch: Watch) -> Removed:
    """Remove examples from the model in the file ``path``, whose lock the caller holds, and write it.

    Raises `InputError` if the sums show that they were never learned; the file is then unchanged.
    """
    watch("forgetting", 0, 0)
    model = ContinualClassifier.load(path, n_jobs=threads, batch_size=batch_size)
    count, dropped = model.moments_.count, model.moments_.dropped
    _remove(model, path, removal, watch)
    model.save(path)
    examples = model.encoder_.examples
    return Removed(examples(count - model.moments_.count), examples(model.moments_.dropped - dropped))


def _remove(model: ContinualClassifier, path: Path, removal: Removal, watch: Watch) -> None:
    if removal.examples is not None:
        dataset = removal.examples.load(Reading.in_file(path))
        batches = watched(removal.part.of(dataset), model.batch_size, watch, what="forgetting")
        model.forget_batches(batches, task=removal.task)
    elif removal.minus is not None:
        model.subtract(read_model(removal.minus).ledger, task=removal.task)
    elif removal.name is not None:
        (label,) = named([removal.name], model.moments_.labels, option="--class", where="in the model")
        model.forget_class(label)
    elif removal.task is not None:
        model.forget_task(removal.task)


def merge(files: tuple[Path, ...], output: Path, *, watch: Watch) -> frozenset[str]:
    """Add up the models in ``files`` into ``output``, whose lock the caller holds; return the kinds of their ledgers.

    The files are read one at a time; they need not fit into memory together.
    """
    first = ContinualClassifier.load(files[0])
    kinds = {first.ledger_.kind}
    for number, file in enumerate(files[1:], start=1):
        watch("adding", number, len(files))
        other = ContinualClassifier.load(file)
        kinds.add(other.ledger_.kind)
        try:
            first.merge(other)
        except InputError as error:
            raise InputError(f"{file}: {error}") from error
    first.save(output)
    return frozenset(kinds)
