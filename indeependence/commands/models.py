"""Models and their files, as the commands open, lock, write and tell them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from indeependence.errors import InputError

if TYPE_CHECKING:
    from indeependence.classifier import ContinualClassifier


@contextmanager
def sole_writer_of(path: Path, *, existing: bool = False) -> Iterator[None]:
    """A block in which only we write the model ``path``, whose folder is made unless it must be ``existing``."""
    from indeependence.lock import sole_writer
    from indeependence.model_file import check_there

    if existing:
        check_there(path)
    else:
        make_folder(path)
    with sole_writer(path):
        yield


def make_folder(path: Path) -> None:
    """Makes the folder that a file at ``path`` needs."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make the folder {path.parent}: {error.strerror}") from error


def new_model(choice: dict[str, Any]) -> ContinualClassifier:
    """A model as the options describe it, not bootstrapped yet."""
    from indeependence.classifier import ContinualClassifier

    return ContinualClassifier(
        choice["layers"],
        penalty=choice.get("penalty", "auto"),
        bootstrap_limit=choice["bootstrap_limit"],
        batch_size=choice["batch_size"],
        random_state=choice["seed"],
        n_jobs=choice["threads"],
        ledger=choice["ledger"] or "none",
    )


def loaded_model(choice: dict[str, Any]) -> ContinualClassifier:
    """The model of --model, with all that the command line says about how to go on."""
    from indeependence.classifier import ContinualClassifier

    changes = {name: choice[name] for name in ("penalty", "batch_size", "ledger") if choice.get(name) is not None}
    return ContinualClassifier.load(choice["model"], n_jobs=choice["threads"], **changes)


def tell(model: ContinualClassifier, path: Path, *, as_json: bool, **more: Any) -> None:
    """Prints what there is to say of the model in the file ``path``, and ``more`` facts."""
    from indeependence.commands.inspect import facts_of, print_facts

    facts = {**facts_of(path, model), **more}
    if as_json:
        click.echo(json.dumps(facts))
    else:
        print_facts(facts)
