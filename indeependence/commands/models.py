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
    from indeependence.contexts.classifier import ContextualClassifier
    from indeependence.encoder.stack import Encoder
    from indeependence.predictor import Predictor

    Model = ContinualClassifier | ContextualClassifier


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
        raise InputError(f"cannot make the folder {path.parent}: {error.strerror}; name another place") from error


def new_model(choice: dict[str, Any]) -> Model:
    """A model as the options describe it, not bootstrapped yet."""
    from indeependence.classifier import ContinualClassifier
    from indeependence.contexts.classifier import ContextualClassifier

    parameters = {
        "penalty": choice.get("penalty", "auto"),
        "bootstrap_limit": choice["bootstrap_limit"],
        "batch_size": choice["batch_size"],
        "random_state": choice["seed"],
        "n_jobs": choice["threads"],
    }
    if (choice.get("contexts") or "one") != "one":
        kept = {"contexts": choice["contexts"], "keep_sums": choice["keep_sums"]}
        return ContextualClassifier(choice["layers"], **kept, **parameters)
    ledger = choice["ledger"] or "none"
    return ContinualClassifier(choice["layers"], ledger=ledger, encoder=choice["encoder"], **parameters)


def loaded_model(choice: dict[str, Any]) -> Model:
    """The model of --model, of either kind, with all that the command line says about how to go on."""
    from indeependence.contexts.classifier import ContextualClassifier
    from indeependence.contexts.storage import KIND
    from indeependence.model_file import kind_of

    several = kind_of(choice["model"]) == KIND
    contexts = choice.get("contexts")  # not every command has it
    if contexts and several != (contexts != "one"):
        raise InputError(f"{choice['model']}: a model keeps its kind: leave --contexts {contexts} out")
    if not several:
        return loaded_classifier(choice)
    changes = {name: choice[name] for name in ("penalty", "batch_size") if choice[name] is not None}
    changes |= {"contexts": contexts} if contexts else {}
    changes |= {"keep_sums": True} if choice.get("keep_sums") else {}
    return ContextualClassifier.load(choice["model"], n_jobs=choice["threads"], **changes)


def loaded_classifier(choice: dict[str, Any]) -> ContinualClassifier:
    """The model of --model, which must have one context, with all that the command line says about how to go on."""
    from indeependence.classifier import ContinualClassifier

    changes = {name: choice[name] for name in ("penalty", "batch_size", "ledger") if choice.get(name) is not None}
    model = ContinualClassifier.load(choice["model"], n_jobs=choice["threads"], **changes)
    check_encoder(choice["model"], model.encoder_, choice.get("encoder"))
    return model


def check_encoder(path: Path, encoder: Encoder, asked: Path | None) -> None:
    """Nothing; `InputError` unless the Keras model ``asked`` for, if any, is the one in the model of ``path``."""
    if asked is None:
        return
    from indeependence.encoder.frozen import read_frozen

    wanted, found = read_frozen(asked), encoder.front
    if found is None:
        raise InputError(f"{path} was bootstrapped without a Keras encoder: leave --encoder out, or start a new model")
    if found.fingerprint != wanted.fingerprint:
        raise InputError(
            f"{asked} is not the encoder that {path} was bootstrapped with ({found.name} {found.fingerprint[:12]}, "
            f"got {wanted.name} {wanted.fingerprint[:12]}): leave --encoder out, the model's file holds the right one"
        )


def predictor_of(path: Path) -> Predictor:
    """What answers in the file ``path``, a classifier or its exported weights."""
    from indeependence.classifier import ContinualClassifier
    from indeependence.model_file import WEIGHTS, kind_of
    from indeependence.predictor import read_predictor

    return read_predictor(path) if kind_of(path) == WEIGHTS else ContinualClassifier.load(path).predictor


def facts(model: Model, path: Path, **more: Any) -> dict[str, Any]:
    """What there is to say of the model in the file ``path``, and ``more``."""
    from indeependence.commands.inspect import facts_of

    return {**facts_of(path, model), **more}


def tell(model: Model, path: Path, *, as_json: bool, **more: Any) -> None:
    """Prints what there is to say of the model in the file ``path``, and ``more`` facts."""
    say(facts(model, path, **more), as_json=as_json)


def say(facts: dict[str, Any], *, as_json: bool) -> None:
    """Prints ``facts`` as one JSON object, or one a line for people."""
    from indeependence.commands.inspect import print_facts

    if as_json:
        click.echo(json.dumps(facts))
    else:
        print_facts(facts)
