"""Learning into contexts: each batch goes to one of them, and a new one begins with an encoder of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter

import numpy as np

from indeependence.encoder.encoder import Encoder
from indeependence.encoder.fitting.bootstrap import bootstrap
from indeependence.errors import InputError
from indeependence.models.contexts.context import Context, Open
from indeependence.models.contexts.gaussian import InputSums
from indeependence.models.inputs import head_of
from indeependence.models.learner import Batches
from indeependence.moments.moments import Moments

Place = Callable[[np.ndarray, Sequence[InputSums]], int]  # of a batch among the known sums; one past the last if new
MANY = 100  # values of a vector; from there on, far fewer directions than values matter


@dataclass(frozen=True)
class Plan:
    """Settings of new contexts, and of encoding."""

    layers: str
    penalty: float | str
    readout: str
    bootstrap_limit: int
    seed: int
    jobs: int | None


def learn_batches(contexts: tuple[Context, ...], batches: Batches, place: Place, plan: Plan) -> tuple[Context, ...]:
    """Return ``contexts`` after learning all ``batches``, each into the context that ``place`` chooses.

    A new context's encoder is bootstrapped on its first examples of this call, at most `Plan.bootstrap_limit`. They
    are held until then and no longer. Raise `InputError` if the chosen context is closed.
    """
    known, grown = [context.inputs for context in contexts], list(contexts)
    for index, group in groupby(_placed(batches, known, place), key=itemgetter(0)):
        rows: Batches = ((inputs, labels) for _, inputs, labels in group)
        if index == len(grown):
            sample, rows = head_of(iter(rows), plan.bootstrap_limit)
            grown.append(_opened(sample[: plan.bootstrap_limit], plan))
        context = grown[index]
        if not isinstance(context, Open):
            raise InputError(
                f"cannot learn into context {index + 1}: it is closed, its sums are gone; keep sums to go on with it"
            )
        coded = context.encoder.coded(rows, jobs=plan.jobs)
        grown[index] = replace(context, sums=context.sums.learn(coded))
    return tuple(replace(context, inputs=inputs) for context, inputs in zip(grown, known, strict=True))


def _placed(batches: Batches, known: list[InputSums], place: Place) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Yield each batch with the index of its context, and add its inputs to the ``known`` sums."""
    for inputs, labels in batches:
        index = place(inputs, known)
        if index == len(known):
            known.append(InputSums.empty(int(np.prod(inputs.shape[1:]))))
        known[index] = known[index].learn(inputs)
        yield index, inputs, labels


def _opened(sample: np.ndarray, plan: Plan) -> Open:
    encoder = bootstrapped(sample, plan.layers, plan.seed)
    nothing = InputSums.empty(int(np.prod(sample.shape[1:])))
    sums = Moments.empty(encoder.fingerprint, encoder.units)
    return Open(nothing, encoder, sums, plan.penalty, plan.readout)


def bootstrapped(sample: np.ndarray, layers: str, seed: int) -> Encoder:
    """Return an encoder fitted on a sample ``[N, ...]`` in any order: the rows are sorted first."""
    order = np.lexsort(sample.reshape(len(sample), -1).T)
    text = context_layers(sample.shape[1:]) if layers == "auto" else layers
    return bootstrap(sample[order], text, seed=seed)


def context_layers(shape: tuple[int, ...]) -> str:
    """Return a good ``--layers`` text for contexts of inputs of ``shape``.

    For vectors of many values, directions are drawn as the inputs are: they need not serve any other context.

    >>> context_layers((784,)), context_layers((28, 28))
    ('drawn:3000', 'auto')
    """
    return "drawn:3000" if len(shape) == 1 and shape[0] >= MANY else "auto"
