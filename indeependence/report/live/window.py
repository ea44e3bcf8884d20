"""A window that shows what a feed brings, in a process of its own.

A window that cannot be opened, or whose screen goes away, ends its process in some builds of OpenCV. So it is opened in
another one, and whatever happens there, the work goes on.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from threading import Thread

import numpy as np

from indeependence.report.frames.panels import panels, side_by_side
from indeependence.report.frames.view import View
from indeependence.report.live.feed import Feed
from indeependence.report.live.window_process import run

OPENS = 20  # seconds within which a window must open
ENDS = 5  # seconds that its process has to end


@contextmanager
def window(feed: Feed[View], *, lingers: float) -> Iterator[bool]:
    """Open a window for what ``feed`` brings and yield whether there is one.

    Once the feed is closed and the work done, the last frame stays for the seconds that it ``lingers``, or until a key
    is pressed or the window is closed.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=run, args=(theirs, lingers), daemon=True)
    process.start()
    theirs.close()  # so that the end of their process is noticed
    try:
        there = _opened(ours)
        if not there:
            process.kill()  # one that hangs
        else:
            Thread(target=_send, args=(feed, ours), daemon=True).start()
        yield there
        if there and feed.done:
            with suppress(KeyboardInterrupt):
                process.join(lingers + ENDS)
    finally:
        process.kill()
        process.join()
        ours.close()


def _opened(connection: Connection) -> bool:
    """Return whether the other process said in time that its window is there."""
    with suppress(OSError, EOFError):
        return connection.poll(OPENS) and connection.recv()
    return False


def _send(feed: Feed[View], connection: Connection) -> None:
    """Send each newest frame, as long as there is a window, and None after the last."""
    with suppress(OSError):  # the window was closed
        for view in feed:
            connection.send(np.ascontiguousarray(side_by_side(panels(view))[..., ::-1]))
        connection.send(None)
