"""The costs of a run: wall time, CPU time and memory."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from indeependence.machine import peak_memory
from indeependence.report.result import Costs


@dataclass(frozen=True)
class Clock:
    """The time when a run began, by the wall clock and in CPU time."""

    wall: float
    cpu: float

    @classmethod
    def start(cls) -> Clock:
        """Return a clock that begins now."""
        return cls(time.perf_counter(), time.process_time())

    def costs(self) -> Costs:
        """Return the costs since the start."""
        return Costs(time.perf_counter() - self.wall, time.process_time() - self.cpu, peak_memory())


class Stopwatch:
    """The wall and CPU time of a run, in seconds: it goes on from what was ``spent``, and can be paused."""

    def __init__(self, wall: float = 0.0, cpu: float = 0.0):
        self._wall, self._cpu = time.perf_counter() - wall, time.process_time() - cpu

    @property
    def spent(self) -> tuple[float, float]:
        """Wall and CPU time so far."""
        return time.perf_counter() - self._wall, time.process_time() - self._cpu

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Do not count the time inside the block."""
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            self._wall += time.perf_counter() - wall
            self._cpu += time.process_time() - cpu
