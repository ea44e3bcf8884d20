"""What one client may ask for: bytes, examples, classes, and requests a second."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from indeependence.errors import InputError
from indeependence.machine import memory
from indeependence.moments.ledger import Ledger

ADDRESSES = 10_000  # remembered at a time; the one that was silent for longest is forgotten first
SHARE = 2  # of the memory, one part in so many may be taken by sums


@dataclass(frozen=True)
class Limits:
    """Limits of a server. A rate of 0 is none."""

    body: int = 16 * 2**20  # bytes of one request
    model: int = 2**28  # bytes of a model that is added
    batch: int = 1000  # examples in one request
    classes: int = 100
    rate: float = 200.0  # requests a second from one address, twice as many at once
    name: int = 100  # characters of a class
    waiting: int = 64  # changes that may wait to be learned
    seconds: float = 20.0  # for a client to send a request's head, and again for its body
    connections: int = 512

    def check_batch(self, count: int) -> None:
        """Raise `InputError` for more examples than one request may hold."""
        if count > self.batch:
            raise InputError(f"expected at most {self.batch:,} examples in one request, got {count:,}: send several")

    def check_names(self, names: set) -> None:
        """Raise `InputError` for a name of too many characters."""
        longest = max((len(str(name)) for name in names), default=0)
        if longest > self.name:
            raise InputError(f"expected names of at most {self.name} characters, got one of {longest}")

    def check_classes(self, known: set, new: set, ledger: Ledger) -> None:
        """Raise `InputError` if the ``new`` labels would be too many classes, too long, or more than memory holds."""
        self.check_names(new)
        blank = next((label for label in new if not str(label).strip()), None)
        if blank is not None:
            raise InputError("expected a name for the class, got an empty one: give it one")
        together = known | new
        if len(together) > self.classes:
            raise InputError(
                f"expected at most {self.classes} classes, got {len(together)}: forget one, or allow more --classes"
            )
        needed = ledger.total.products.nbytes * (len(together) + 2 if ledger.kind == "class" else 2)
        there = memory()
        if new - known and there is not None and needed > there // SHARE:
            raise InputError(
                f"the sums of {len(together)} classes would need {needed / 2**30:.1f} GB, more than half of this "
                "machine's memory: forget a class first"
            )


class Rate:
    """Requests of each address, as a bucket that fills by ``rate`` a second and holds twice as many.

    >>> seconds = iter([0.0, 0.0, 0.0, 0.5]).__next__
    >>> rate = Rate(1.0, clock=seconds)
    >>> [rate.wait("a") for _ in range(4)]
    [0.0, 0.0, 1.0, 0.5]
    """

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic):
        self._rate, self._clock = rate, clock
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()  # what is left, and since when

    def wait(self, address: str) -> float:
        """Return 0 if a request of that address may pass now, and else in how many seconds it may."""
        if not self._rate:
            return 0.0
        now, most = self._clock(), 2 * self._rate
        left, since = self._held.pop(address, (most, now))
        left = min(most, left + (now - since) * self._rate)
        passes = left >= 1
        self._held[address] = (left - passes, now)
        if len(self._held) > ADDRESSES:
            self._held.popitem(last=False)
        return 0.0 if passes else (1 - left) / self._rate
