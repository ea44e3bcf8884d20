"""Numbers to watch a server by, in the text format of Prometheus; no name of a class is among them."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)  # seconds


class Metrics:
    """Counts requests by path and status, and their seconds by path."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: dict[tuple[str, int], int] = {}
        self._seconds: dict[str, list[float]] = {}  # in each bucket, and in all

    def note(self, path: str, status: int, seconds: float) -> None:
        """Count one request; ``path`` is one of few, never what a client made up."""
        with self._lock:
            self._requests[path, status] = self._requests.get((path, status), 0) + 1
            found = self._seconds.setdefault(path, [0.0] * (len(BOUNDS) + 2))
            place = next((place for place, bound in enumerate(BOUNDS) if seconds <= bound), len(BOUNDS))
            found[place] += 1
            found[-1] += seconds

    def text(self, gauges: Mapping[str, tuple[str, float]]) -> str:
        """Return all numbers as text, and ``gauges``: a help text and a value for each name.

        >>> metrics = Metrics()
        >>> metrics.note("/predict", 200, 0.002)
        >>> metrics.text({"classes": ("Classes learned.", 3)}).splitlines()[2]
        'indeependence_classes 3'
        """
        with self._lock:
            return "\n".join(self._lines(gauges)) + "\n"

    def _lines(self, gauges: Mapping[str, tuple[str, float]]) -> Iterator[str]:
        for name, (about, value) in gauges.items():
            yield f"# HELP indeependence_{name} {about}"
            yield f"# TYPE indeependence_{name} gauge"
            yield f"indeependence_{name} {value:g}" if value != int(value) else f"indeependence_{name} {int(value)}"
        yield "# HELP indeependence_requests_total Requests by path and status."
        yield "# TYPE indeependence_requests_total counter"
        for (path, status), number in sorted(self._requests.items()):
            yield f'indeependence_requests_total{{path="{path}",status="{status}"}} {number}'
        yield "# HELP indeependence_seconds Seconds from a request's head to the end of its answer."
        yield "# TYPE indeependence_seconds histogram"
        for path, found in sorted(self._seconds.items()):
            counted = 0.0
            for bound, count in zip((*BOUNDS, "+Inf"), found[:-1], strict=True):
                counted += count
                yield f'indeependence_seconds_bucket{{path="{path}",le="{bound}"}} {int(counted)}'
            yield f'indeependence_seconds_sum{{path="{path}"}} {found[-1]:.6f}'
            yield f'indeependence_seconds_count{{path="{path}"}} {int(counted)}'


def resident_bytes() -> int:
    """Return the memory that this process has now; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    import os

    return pages * os.sysconf("SC_PAGE_SIZE")
