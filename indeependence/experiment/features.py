"""Frozen features as the inputs of all methods: what a network makes of each example, made once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from indeependence.data.examples import Examples
from indeependence.data.scenarios import Scenario
from indeependence.encoder.fronts.front import Front


def through(scenario: Scenario, front: Front) -> Scenario:
    """Return the same tasks with the outputs of a frozen network, float32 ``[N, D]``, in place of the inputs.

    They are in memory, and no method's time counts them.
    """
    front.say_size(scenario.train[0].part(0, 1).arrays()[0].shape[1:])
    train, test = ([_seen(part, front) for part in parts] for parts in (scenario.train, scenario.test))
    return replace(scenario, train=tuple(train), test=tuple(test))


def _seen(part: Examples, front: Front) -> Examples:
    inputs, labels = part.arrays()
    return Examples(part.name, front(inputs), labels, np.arange(len(labels)))
