"""Settings of a layer that may change as it trains: a number, or a Keras schedule of the number of training steps."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from indeependence.errors import InputError

Schedule = keras.optimizers.schedules.LearningRateSchedule
Setting = Any  # a number, or a Schedule


def checked(setting: Any, name: str) -> Setting:
    """Return the setting; raise `InputError` unless it is a schedule, its dictionary, or a number of at least 0."""
    if isinstance(setting, dict):
        return keras.optimizers.schedules.deserialize(setting)
    if isinstance(setting, Schedule):
        return setting
    if not isinstance(setting, int | float) or not 0 <= setting < float("inf"):
        raise InputError(f"expected {name} as a number of at least 0 or a Keras schedule, got {setting!r}")
    return float(setting)


def value_at(setting: Setting, step):
    """Return the value of a setting after ``step`` training steps, float32.

    >>> float(value_at(keras.optimizers.schedules.ExponentialDecay(1.5, 10, 0.5), 20))
    0.375
    """
    value = setting if isinstance(setting, float) else setting(step)
    return ops.cast(value, "float32")


def plain(setting: Setting) -> Any:
    """Return the setting for a layer's configuration: a number, or a dictionary that `checked` reads."""
    return setting if isinstance(setting, float) else keras.optimizers.schedules.serialize(setting)
