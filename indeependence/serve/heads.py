"""An end to connections that never send a whole head, or never take an answer: uvicorn has none of its own."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol


class HeadInTime(H11Protocol):
    """HTTP, with an end to connections that never send a whole head, or take nothing of an answer for as long."""

    def __init__(self, seconds: float, *arguments: Any, **settings: Any):
        super().__init__(*arguments, **settings)
        self.seconds = seconds
        self._late: asyncio.TimerHandle | None = None
        self._full: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first head."""
        super().connection_made(transport)
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        """Wait for the rest of a head that has begun."""
        super().data_received(data)
        if self.cycle is None or self.cycle.response_complete:
            if self._late is None:
                self._wait_for_head()
        else:
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._stop_waiting()
        self._stop_watching()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Wait for the client to take what is written."""
        super().pause_writing()
        self._full = self.loop.call_later(self.seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Stop waiting for the client."""
        self._stop_watching()
        super().resume_writing()

    def _stop_watching(self) -> None:
        if self._full is not None:
            self._full.cancel()
            self._full = None

    def _wait_for_head(self) -> None:
        self._late = self.loop.call_later(self.seconds, self._close_if_late)

    def _stop_waiting(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _close_if_late(self) -> None:
        self._late = None
        if (self.cycle is None or self.cycle.response_complete) and not self.transport.is_closing():
            self.transport.close()
