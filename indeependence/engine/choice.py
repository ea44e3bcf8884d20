"""Which engine this process computes with: a choice about the machine, not about the model."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from indeependence.errors import InputError

if TYPE_CHECKING:
    from indeependence.engine.device import Device

log = logging.getLogger(__name__)

FRAMEWORKS = ("tensorflow", "torch", "jax")  # that Keras computes with; of several, the first that sees a card
ENGINES = ("auto", "numpy", *FRAMEWORKS)
CARDS = "/dev/nvidia[0-9]*"  # one for each card of NVIDIA

_active: list[Callable[[], Device | None]] = [lambda: None]  # what gives the device: the last one holds


def active() -> Device | None:
    """Return the device that this process computes on; None for NumPy.

    Ask only where there is work for a device: "auto" looks for one at the first question.
    """
    return _active[-1]()


@contextmanager
def use_engine(engine: str = "auto", device: str | None = None) -> Iterator[None]:
    """Compute elsewhere inside the block, in all threads of this process; every sum stays the same, to the bit.

    ``engine`` is "numpy", a framework that Keras computes with ("tensorflow", "torch", "jax"), or "auto": the first of
    these that is installed and sees a graphics card, else NumPy. ``device`` is "cpu", "gpu:0" or "gpu:1", say; the
    first card by default, or the processor where there is none. Raise `InputError` for one that is not there, for one
    that does not round as NumPy does, and for another framework than Keras was loaded with in this process.

    >>> with use_engine("numpy"):
    ...     active() is None
    True
    """
    if engine not in ENGINES:
        raise InputError(f"engine: expected {', '.join(ENGINES)}, got {engine!r}")
    if engine in ("auto", "numpy") and device not in (None, "cpu"):
        raise InputError(f"device: expected an engine that computes on {device!r}: choose --engine tensorflow, say")
    if engine == "auto" and device == "cpu":
        engine = "numpy"
    found = lru_cache(maxsize=1)(lambda: chosen(engine, device))
    if engine != "auto":
        found()
    _active.append(found)
    try:
        yield
    finally:
        _active.remove(found)


def chosen(engine: str, device: str | None = None) -> Device | None:
    """Return the device of that name, ready to compute; None for NumPy. Raise `InputError` as `use_engine` does."""
    if engine == "auto":
        engine = _with_a_card() or "numpy"
    if engine == "numpy":
        return None
    from indeependence.engine.device import Device

    _load(engine)
    found = _tried(Device.named(engine, count_cards(engine), device))
    log.info("engine: %s on %s", found.framework, found.name)
    return found


@lru_cache
def _tried(device: Device) -> Device:
    """Return a device that has passed its trials, once for each."""
    return device.checked()


def _with_a_card() -> str | None:
    """Return the first framework that sees a graphics card; loads none where the system has no card."""
    if not any(Path("/").glob(CARDS[1:])):
        return None
    loaded = sys.modules.get("keras")
    wanted = (loaded.config.backend(),) if loaded else FRAMEWORKS
    return next((name for name in wanted if find_spec(name) and count_cards(name)), None)


def count_cards(framework: str) -> int:
    """Return how many graphics cards a framework can compute on."""
    if framework == "torch":
        import torch

        return torch.cuda.device_count() if torch.cuda.is_available() else 0
    if framework == "jax":
        import jax

        return sum(device.platform == "gpu" for device in jax.devices())
    import tensorflow

    return len(tensorflow.config.list_physical_devices("GPU"))


def _load(framework: str) -> None:
    """Load Keras with that framework; raise `InputError` if it is not there, or Keras runs with another one."""
    if not find_spec(framework):
        raise InputError(f"engine: {framework} is not installed: install it, or choose {' or '.join(ENGINES[:2])}")
    if "keras" not in sys.modules:
        os.environ["KERAS_BACKEND"] = framework
        if framework == "jax":
            os.environ["JAX_ENABLE_X64"] = "1"  # sums of whole numbers need 64 bits
    if framework == "tensorflow":
        from indeependence.quiet_keras import keras
    else:
        import keras
    if keras.config.backend() != framework:
        raise InputError(
            f"engine: Keras runs with {keras.config.backend()} in this process, got {framework}: choose that one, or "
            "start a new process"
        )
