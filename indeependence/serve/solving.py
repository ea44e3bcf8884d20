"""Weights beside the sums: solved in a thread of its own from the newest sums, and swapped in when they are ready."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from indeependence.serve.state import Answering, Held


class Solver:
    """Solves what ``newest`` returns, again and again; sums that were replaced in the meantime are left out."""

    def __init__(self, newest: Callable[[], Held | None]):
        self._newest = newest
        self._news = threading.Condition()
        self._stopped = self._asked = False
        self._awaited = 0  # by so many requests
        self.answering: Answering | None = None
        self.failure: str | None = None
        self._thread = threading.Thread(target=self._run, name="solver", daemon=True)
        self._thread.start()

    def ask(self) -> None:
        """Have the newest sums solved."""
        with self._news:
            self._asked = True
            self._news.notify_all()

    def wait(self, version: int, seconds: float) -> bool:
        """Wait until answers know the change of that version; return whether they do."""
        with self._news:
            self._awaited += 1
            self._news.notify_all()
            try:
                return self._news.wait_for(lambda: self._knows(version) or self._stopped, seconds)
            finally:
                self._awaited -= 1

    def stop(self) -> None:
        """End the thread."""
        with self._news:
            self._stopped = True
            self._news.notify_all()
        self._thread.join()

    def _knows(self, version: int) -> bool:
        return self.answering is not None and self.answering.version >= version

    def _run(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._asked or self._stopped)
                if self._stopped:
                    return
                self._asked = False
            held, began = self._newest(), time.monotonic()
            if held is None or self._knows(held.version):
                continue
            try:
                found, self.failure = answering_of(held), None
            except Exception as error:  # the sums are safe; the older weights go on answering
                self.failure = str(error)
                continue
            with self._news:
                self.answering = found
                self._news.notify_all()
                # Rest as long as that took, so that answers get their share of the cores while others teach.
                self._news.wait_for(lambda: self._awaited or self._stopped, time.monotonic() - began)


def answering_of(held: Held) -> Answering:
    """Return what answers by these sums."""
    predictor = held.model().predictor if held.ledger.total.count else None
    return Answering(predictor, held.sha256, held.version)
