"""Where frames are shown: in OpenCV's window where there is one, else on a page in the browser."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

from indeependence.report.frames.view import View
from indeependence.report.live.feed import Feed
from indeependence.report.live.page import page
from indeependence.report.live.window import window

OFTEN = 0.1  # seconds from one frame to the next, at least
LINGERS = 5.0  # seconds that the last frame waits for whoever has not seen it
TOLD = Callable[[str], None]


@contextmanager
def shown(tell: TOLD) -> Iterator[Feed[View]]:
    """Yield a feed whose frames are shown as they come; ``tell`` is called with where that is.

    Whatever becomes of window or browser, the work goes on. Raises `InputError` where there can be neither.
    """
    feed: Feed[View] = Feed()
    with ExitStack() as stack:
        reason = no_window(_framework(), there := has_display(os.environ, sys.platform))
        if reason is None and not stack.enter_context(window(feed, lingers=LINGERS)):
            reason = "the window of OpenCV does not open here"
        if reason is not None:
            address = stack.enter_context(page(feed))
            for line in told(address, reason, there):
                tell(line)
            if there:
                _open(address)
        try:
            yield feed
        except BaseException:
            feed.close(done=False)
            raise
        feed.close(done=True)
        with suppress(KeyboardInterrupt):
            feed.wait(LINGERS)


def no_window(framework: str, display: bool) -> str | None:
    """Return why OpenCV, whose windows are of a ``framework``, has no window here; None if it may have one.

    >>> no_window("QT", True), no_window("QT", False)
    (None, 'there is no display')
    """
    if not display:
        return "there is no display"
    return None if framework else "a window needs pip install 'indeependence[window]'"


def has_display(environment: Mapping[str, str], platform: str) -> bool:
    """Return whether windows of this process can be seen: on a display, or on a desktop that is not reached by SSH.

    >>> has_display({}, "linux"), has_display({"DISPLAY": ":0"}, "linux"), has_display({}, "darwin")
    (False, True, True)
    """
    if platform in ("win32", "darwin"):
        return "SSH_CONNECTION" not in environment
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def told(address: str, reason: str, display: bool) -> list[str]:
    """Return lines on where the page is, and how to reach it where there is no display.

    >>> print(*told("http://127.0.0.1:4000/s/", "there is no display", False), sep="\\n")  # doctest: +ELLIPSIS
    --show: open http://127.0.0.1:4000/s/ in a browser (there is no display)
    from another machine, first: ssh -L 4000:127.0.0.1:4000 ...
    """
    where = f"--show: open {address} in a browser ({reason})"
    port = address.split(":")[2].split("/")[0]
    remote = f"from another machine, first: ssh -L {port}:127.0.0.1:{port} {socket.gethostname()}"
    return [where] if display else [where, remote]


@contextmanager
def now_and_then(
    call: Callable[..., None], clock: Callable[[], float] = time.monotonic
) -> Iterator[Callable[..., None]]:
    """Yield ``call``, but it is left out where the last one was a moment ago; what was left out last is made up for."""
    due = clock()
    left_out: list[tuple] = []

    def sometimes(*given: Any) -> None:
        nonlocal due
        left_out[:] = [given]
        if clock() >= due:
            call(*left_out.pop())
            due = clock() + OFTEN

    yield sometimes
    for given in left_out:
        call(*given)


def _framework() -> str:
    """Return the name of what OpenCV's windows are made with, an empty text if it has none."""
    import cv2

    return cv2.currentUIFramework()


def _open(address: str) -> None:
    """Open a page in the user's browser.

    In another process, without our output: a browser may write to it, and keep it open after the command has ended.
    """
    nothing = subprocess.DEVNULL
    command = [sys.executable, "-I", "-m", "webbrowser", address]
    subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True)
