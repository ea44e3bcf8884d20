"""The process of a window: shows frames as they come, and ends with its window or with the process that sends them."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from multiprocessing.connection import Connection

import numpy as np

from indeependence.report.frames.drawing import PAPER, SIDE

NAME = "indeependence"
LOOK = 20  # milliseconds from one look for frames and keys to the next
KEYS = (27, ord("q"))  # Escape or q close the window at any time


def run(connection: Connection, lingers: float) -> None:
    """Open a window, say so, and show what comes until the window is closed or nothing more can come."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the work, whose end is noticed here
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # Qt complains of fonts, and of screens that it cannot reach
    import cv2

    cv2.namedWindow(NAME, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO | cv2.WINDOW_GUI_NORMAL)
    cv2.imshow(NAME, np.full((SIDE, SIDE, 3), PAPER, np.uint8))
    cv2.waitKey(LOOK)
    connection.send(True)
    with suppress(EOFError, OSError):
        show(connection, lingers)


def show(connection: Connection, lingers: float) -> None:
    """Show frames until the window is closed; after None, which comes last, until a key or the time that it lingers."""
    import cv2

    end, size = float("inf"), None
    while time.monotonic() < end and cv2.getWindowProperty(NAME, cv2.WND_PROP_VISIBLE) >= 1:
        if connection.poll():
            frame = connection.recv()
            if frame is None:
                end = time.monotonic() + lingers
            else:
                if frame.shape != size:
                    size = frame.shape
                    cv2.resizeWindow(NAME, size[1], size[0])
                cv2.imshow(NAME, frame)
        key = cv2.waitKey(LOOK) & 0xFF
        if key in KEYS or (key != 0xFF and end < float("inf")):
            return
