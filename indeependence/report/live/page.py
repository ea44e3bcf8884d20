"""A page of this machine that shows what a feed brings: a server in a thread, which ends with the command.

The address has a secret part, so that other users of the machine and other pages in the browser see nothing.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from threading import Thread
from typing import Any

import numpy as np

from indeependence.errors import InputError
from indeependence.report.frames.panels import Panel, panels
from indeependence.report.frames.view import View
from indeependence.report.live.feed import Feed

STALLED = 10  # seconds after which a browser that takes nothing is given up
TURN = 0.1  # seconds until the server notices that it shall end
SAFE = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; connect-src 'self'; img-src data:; "
    "script-src 'unsafe-inline'; style-src 'unsafe-inline'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@contextmanager
def page(feed: Feed[View]) -> Iterator[str]:
    """Serve a page with what ``feed`` brings, and yield its address; raise `InputError` where that is not possible."""
    secret = secrets.token_urlsafe(8)
    try:
        server = Quiet(("127.0.0.1", 0), partial(Handler, feed, f"/{secret}/"))
    except OSError as error:
        raise InputError(
            f"--show: expected to serve a page at 127.0.0.1, got '{error.strerror}': use --record FILE.mp4"
        ) from error
    Thread(target=server.serve_forever, args=(TURN,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/{secret}/"
    finally:
        server.shutdown()
        server.server_close()


class Quiet(ThreadingHTTPServer):
    """A server that says nothing of browsers that went away."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Let the work go on."""


class Handler(BaseHTTPRequestHandler):
    """Answers with the page, and with the stream of frames that it asks for; with nothing else."""

    timeout = STALLED

    def __init__(self, feed: Feed[View], root: str, *rest: Any):
        self.feed, self.root = feed, root
        super().__init__(*rest)

    def do_GET(self) -> None:
        """Answer a browser."""
        if secrets.compare_digest(self.path.encode(), self.root.encode()):
            self._begin("text/html; charset=utf-8")
            self.wfile.write(files("indeependence.report.live").joinpath("page.html").read_bytes())
        elif secrets.compare_digest(self.path.encode(), f"{self.root}frames".encode()):
            self._begin("text/event-stream")
            for event in events(self.feed):
                self.wfile.write(event)
        else:
            self.send_error(404)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def _begin(self, kind: str) -> None:
        self.send_response(200)
        for name, value in {"Content-Type": kind, **SAFE}.items():
            self.send_header(name, value)
        self.end_headers()


def events(feed: Feed[View]) -> Iterator[bytes]:
    """Yield what ``feed`` brings as events for a browser, and one more if the work was done.

    A picture that is the same as in the event before is not sent again.
    """
    before: dict[str, np.ndarray] = {}
    for view in feed:
        now = panels(view)
        yield _event("frame", {"text": view.text, "panels": [_told(panel, before.get(panel.title)) for panel in now]})
        before = {panel.title: panel.picture for panel in now}
    if feed.done:
        yield _event("done", {})


def _told(panel: Panel, earlier: np.ndarray | None) -> dict[str, str]:
    import cv2

    told = {"title": panel.title, "caption": panel.caption}
    if earlier is None or not np.array_equal(panel.picture, earlier):
        png = cv2.imencode(".png", panel.picture[..., ::-1])[1].tobytes()
        told["picture"] = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    return told


def _event(name: str, content: dict[str, Any]) -> bytes:
    return f"event: {name}\ndata: {json.dumps(content)}\n\n".encode()
