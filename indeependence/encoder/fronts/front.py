"""A frozen network in front of the layers: its outputs, as rows of numbers, are then quantised."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from indeependence.encoder.fronts.features import FeatureCache
from indeependence.encoder.fronts.preparation import PLAIN, Shape, prepared, times
from indeependence.errors import InputError

log = logging.getLogger(__name__)
MANY = 1024  # inputs of one call, from which on their progress is told
Watch = Callable[[str, int, int], None]  # what is going on, inputs done, inputs in all
watching: ContextVar[Watch] = ContextVar("watching", default=lambda what, done, total: None)


class Network(Protocol):
    """A network as the bytes of its file; it is loaded when it is first needed."""

    @property
    def kind(self) -> str: ...
    @property
    def archive(self) -> bytes: ...
    @property
    def name(self) -> str: ...
    @property
    def fingerprint(self) -> str: ...
    @property
    def runtime(self) -> str: ...
    @property
    def input_shape(self) -> Shape: ...
    @property
    def batch(self) -> int: ...
    @property
    def loaded(self) -> bool: ...
    def predicted(self, batch: np.ndarray) -> np.ndarray: ...


@dataclass(frozen=True, eq=False)
class Front:
    """Rows float32 ``[N, D]`` from inputs ``[N, ...]`` by a network.

    The network always gets the same number of inputs at a time, the last ones filled up with zeros, so a row does not
    depend on how the inputs were cut. It may depend on the machine and on the versions of the network's libraries.
    With a ``cache``, rows that were made before are read from the disk.
    """

    network: Network
    scale: str = PLAIN  # one of `SCALES`
    cache: FeatureCache | None = None

    def __call__(self, inputs: np.ndarray) -> np.ndarray:
        inputs = np.asarray(inputs)
        return self._made(inputs) if self.cache is None else self.cache.rows(self.key, inputs, self._made)

    def _made(self, inputs: np.ndarray) -> np.ndarray:
        blocks, size, watch = [], self.network.batch, watching.get()
        for start in range(0, max(len(inputs), 1), size):
            block = prepared(inputs[start : start + size], self.network.input_shape, self.scale)
            full = np.zeros((size, *block.shape[1:]), np.float32)
            full[: len(block)] = block
            blocks.append(self.network.predicted(full)[: len(block)])
            if len(inputs) > MANY:
                watch(f"looking through {self.name}", min(start + size, len(inputs)), len(inputs))
        rows = np.concatenate(blocks)
        if not np.isfinite(rows).all():
            raise InputError(
                f"expected a network of finite outputs, got NaN or infinity of {self.name}: scale its input"
            )
        return rows

    @property
    def name(self) -> str:
        """The network's own name."""
        return self.network.name

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the network and the scale of its inputs, whenever and wherever it was written to a file."""
        known = self.network.fingerprint
        return known if self.scale == PLAIN else hashlib.sha256(f"{self.scale} {known}".encode()).hexdigest()

    @cached_property
    def key(self) -> str:
        """SHA-256 of all that decides about a row: the fingerprint, and the libraries that compute."""
        return hashlib.sha256(f"1 {self.fingerprint} {self.network.runtime}".encode()).hexdigest()

    def size_for(self, shape: tuple[int, ...]) -> str | None:
        """Return the size that pictures of this ``shape`` are resized to, as text; None if they stay as they are."""
        asked = self.network.input_shape[:2]
        if len(shape) < 2 or all(want in (None, have) for want, have in zip(asked, shape, strict=False)):
            return None
        return times(tuple(want or have for want, have in zip(asked, shape, strict=False)))

    def say_size(self, shape: tuple[int, ...]) -> None:
        """Note in one line if pictures of this ``shape`` are resized; of a network that a cache replaces, nothing."""
        size = self.size_for(shape) if self.network.loaded else None
        if size:
            log.info("pictures of %s are resized to %s, as %s asks for", times(shape[:2]), size, self.name)

    def __getstate__(self) -> dict[str, Any]:
        return {name: vars(self)[name] for name in ("network", "scale", "cache")}

    def __repr__(self) -> str:
        return f"<front {self.name}, {self.fingerprint[:12]}>"
