"""The newest of many things, for those who look on: what nobody takes in time is dropped, so the work never waits."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Condition
from typing import Generic, TypeVar

Thing = TypeVar("Thing")


class Feed(Generic[Thing]):
    """Things put in by one thread and taken by any number of others, each at its own pace."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._newest: list[Thing] = []  # one, or none yet
        self._number = 0  # of things put in
        self._open = True
        self._there = 0  # who takes now
        self._been = False  # whether anybody did
        self.done = False  # whether the work came to its end

    def put(self, thing: Thing) -> None:
        """Put in a newer thing."""
        with self._changed:
            self._newest, self._number = [thing], self._number + 1
            self._changed.notify_all()

    def close(self, *, done: bool) -> None:
        """Say that nothing more will come, and whether the work is ``done``."""
        with self._changed:
            self._open, self.done = False, done
            self._changed.notify_all()

    def __iter__(self) -> Iterator[Thing]:
        """Wait for the newest thing, yield it, and so on to the last, however late one begins.

        >>> feed = Feed()
        >>> feed.put("first"), feed.put("last"), feed.close(done=True)
        (None, None, None)
        >>> list(feed), list(feed), feed.wait(0)
        (['last'], ['last'], True)
        """
        taken = 0
        with self._changed:
            self._there, self._been = self._there + 1, True
        try:
            while True:
                with self._changed:
                    while self._number == taken and self._open:
                        self._changed.wait()
                    if self._number == taken:
                        return
                    thing, taken = self._newest[0], self._number
                yield thing
        finally:
            with self._changed:
                self._there -= 1
                self._changed.notify_all()

    def wait(self, seconds: float) -> bool:
        """Wait until somebody has looked and all have seen the last thing; return whether it is so."""
        with self._changed:
            return self._changed.wait_for(lambda: self._been and not self._there, seconds)
