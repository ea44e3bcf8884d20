"""How each golden file was made: once for `files/`, again by `test_recipes` to see whether it still comes out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from indeependence import Autoencoder, ContextualClassifier, ContinualClassifier
from indeependence.data.reading import Reading
from indeependence.sparse import WillshawMemory

from .given import BRIGHT, LATER, LEARNED, SECOND, Given
from .library import LabelledAutoencoder, read_sdr
from .running import arrays, file_of, run

RESUMED = "+sparse:4:density=0.5"  # layers of the unfinished run
Recipe = Callable[[Given, Path], None]  # writes the file at a path, which may use its folder


def layers(text: str, **options) -> Recipe:
    """Return the recipe of a classifier with these layers that has learned 30 examples."""

    def recipe(given: Given, path: Path) -> None:
        inputs, labels = given.examples(30, LEARNED)
        model = ContinualClassifier(text, **options).restart(np.asarray(inputs))  # all of them, in this order
        model.reading = Reading(tuple(getattr(inputs, "columns", ())))
        model.partial_fit(inputs, labels).save(path)

    return recipe


def by_command(*options: str) -> Recipe:
    """Return the recipe of what ``train`` writes."""

    def recipe(given: Given, path: Path) -> None:
        run("train", "--data", data(given, path.parent), *options, "--model", path.name, "--quiet", folder=path.parent)

    return recipe


def data(given: Given, folder: Path) -> str:
    """Return the name of a data set in ``folder`` with 31 examples to learn and 6 to test."""
    train, test = given.examples(31, LEARNED), given.examples(6, LATER)
    np.savez(folder / "given.npz", x_train=train[0], y_train=train[1], x_test=test[0], y_test=test[1])
    return "given.npz"


def unfinished(given: Given, path: Path) -> None:
    """Write what a killed ``train`` leaves behind: ten examples of 31 are learned."""
    by_command("--layers", RESUMED)(given, path)
    progress = {**arrays(path)[0]["progress"], "done": 10}
    model = ContinualClassifier.load(path)
    model.forget(*given.examples(21, LEARNED + 10)).save(path, progress)


def ledger(kind: str) -> Recipe:
    """Return the recipe of two tasks in a ledger; the second shares classes with the first and brings a new one."""

    def recipe(given: Given, path: Path) -> None:
        model = ContinualClassifier("+sparse:4:density=0.5", ledger=kind).fit(*given.examples(30, LEARNED))
        model.partial_fit(*given.examples(20, SECOND, classes=4)).save(path)

    return recipe


def narrow(given: Given, path: Path) -> None:
    """Write a model whose largest sum is 256, the least that takes two bytes."""
    ContinualClassifier("inputs", readout="ridge").fit(np.array([[16, 0], [0, 1]], np.uint8), [0, 1]).save(path)


def dropped(given: Given, path: Path) -> None:
    """Write a classifier that has lost a class but not its share of the products."""
    layers("+sparse:4:density=0.5")(given, path)
    ContinualClassifier.load(path).forget_class(1).save(path)


def pruned(given: Given, path: Path) -> None:
    """Write a classifier without half of its units."""
    run("sparse", "prune", file_of("sparse"), "--output", path.name, folder=path.parent)


def exported(source: str, *options: str) -> Recipe:
    """Return the recipe of the weights of another golden file."""

    def recipe(given: Given, path: Path) -> None:
        run("export", file_of(source), "--output", path.name, *options, folder=path.parent)

    return recipe


def contexts(*, close: bool = False, **options) -> Recipe:
    """Return the recipe of a model of two contexts."""

    def recipe(given: Given, path: Path) -> None:
        model = ContextualClassifier("sparse:6:density=0.5", **options).fit(*given.examples(40, LEARNED))
        model.partial_fit(*given.examples(40, BRIGHT))
        (model.close() if close else model).save(path)

    return recipe


def labelled(text: str, *, sketched: int | None = None, **options) -> Recipe:
    """Return the recipe of an autoencoder with labels, as ``evaluate --kind autoencoder`` has it.

    From a hundred pictures that are ``sketched`` on, it has sums to draw from, too.
    """

    def recipe(given: Given, path: Path) -> None:
        inputs, labels = given.examples(31, LEARNED)
        seen = None if sketched is None else given.examples(sketched, SECOND)[0]
        model = LabelledAutoencoder(sorted(set(labels.tolist())), text, **options)
        model.bootstrap(inputs, labels, sketched=seen)
        model.learn([(inputs, labels)]).save(path)

    return recipe


def plain_autoencoder(given: Given, path: Path) -> None:
    """Write an autoencoder as Python makes it, without labels, whose bases were refitted once."""
    inputs, labels = given.examples(31, LEARNED)
    targets = np.eye(3)[labels]
    model = Autoencoder(inputs[0].size, 3, (5, 4)).bootstrap(inputs, targets)
    model.learn(inputs, targets).refit().save(path)


def embedded(given: Given, path: Path) -> None:
    """Write binary codes and names, as ``sparse embed`` writes them."""
    options = ("--layers", "+sparse:6:density=0.3", "--units", "20", "--active", "5", "--quiet")
    run("sparse", "embed", "--data", data(given, path.parent), *options, "--output", path.name, folder=path.parent)


def memory(given: Given, path: Path) -> None:
    """Write an associative memory of the golden codes."""
    codes = read_sdr(file_of("codes.sdr")).codes
    WillshawMemory.empty(codes.units).learn(codes[:12]).save(path)


def front(given: Given, path: Path) -> None:
    """Write a classifier behind a Keras model with whole-number weights, whose outputs are whole on every machine."""
    from .networks import mirrored

    layers("+sparse:4:density=0.5", encoder=mirrored(given.shape))(given, path)


def network(given: Given, path: Path) -> None:
    """Write a Keras network of all layers, penalties and constraints of the project, with one of its losses."""
    from .networks import all_layers

    all_layers(given.shape).save(path)


def contrastive(given: Given, path: Path) -> None:
    """Write a Keras network with the other loss."""
    from .networks import other_loss

    other_loss(given.shape).save(path)


def digits(given: Given, path: Path) -> None:
    """Write a model of zeros and ones that has learned nothing yet, as ``bootstrap`` writes it."""
    options = ("--data", "digits", "--classes", "0,1", "--layers", "20", "--model", path.name, "--quiet")
    run("bootstrap", *options, folder=path.parent)
