"""The costs of a run: wall time, CPU time and memory."""

from __future__ import annotations

import time
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
