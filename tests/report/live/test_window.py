"""The window of `--show`: its process, its end, and, with a build of OpenCV that has windows, what it looks like.

For the last: pip install 'indeependence[window]' and apt-get install xvfb.
"""

import multiprocessing
import os
import shutil
import subprocess
import sys
from threading import Thread

import cv2
import numpy as np
import pytest

from indeependence.report.frames.panels import panels, side_by_side
from indeependence.report.live import window_process
from indeependence.report.live.feed import Feed
from indeependence.report.live.window import _send, window
from tests.report.frames.views import view

FRAME = np.zeros((30, 40, 3), np.uint8)
WINDOWS = [
    pytest.mark.slow,
    pytest.mark.skipif(not cv2.currentUIFramework(), reason="pip install 'indeependence[window]'"),
    pytest.mark.skipif(shutil.which("Xvfb") is None, reason="apt-get install xvfb"),
]
LOOK = """
import multiprocessing, sys
import numpy as np
from indeependence.report.live.window_process import run
if __name__ == "__main__":
    ours, theirs = multiprocessing.Pipe()
    ours.send(np.full((100, 200, 3), (10, 120, 240), np.uint8))
    ours.send(None)
    run(theirs, 0.5)
    pixels = np.frombuffer(open(f"{sys.argv[1]}/Xvfb_screen0", "rb").read()[-800 * 600 * 4:], np.uint8)
    print((pixels.reshape(-1, 4)[:, :3] == (10, 120, 240)).all(1).sum())
"""


@pytest.fixture
def opencv(monkeypatch):
    """A window made up: gives what was shown; `closed` and `keys` are what happens to it, one entry a look."""

    class Window:
        shown, closed, keys = [], [], []

    Window.shown, Window.closed, Window.keys = [], [], []
    monkeypatch.setattr(cv2, "imshow", lambda _, frame: Window.shown.append(frame))
    monkeypatch.setattr(cv2, "resizeWindow", lambda *_: None)
    monkeypatch.setattr(cv2, "getWindowProperty", lambda *_: 0.0 if Window.closed and Window.closed.pop(0) else 1.0)
    monkeypatch.setattr(cv2, "waitKey", lambda _: Window.keys.pop(0) if Window.keys else -1)
    return Window


@pytest.fixture
def pipe():
    ours, theirs = multiprocessing.Pipe()
    yield ours, theirs
    ours.close()
    theirs.close()


def test_frames_are_shown_until_the_last(opencv, pipe):
    ours, theirs = pipe
    for frame in (FRAME, FRAME + 1, None):
        ours.send(frame)
    window_process.show(theirs, 0)
    assert [frame[0, 0, 0] for frame in opencv.shown] == [0, 1]


def test_a_window_that_is_closed_shows_nothing_more(opencv, pipe):
    ours, theirs = pipe
    opencv.closed = [False, True]
    for _ in range(3):
        ours.send(FRAME)
    window_process.show(theirs, 0)
    assert len(opencv.shown) == 1


def test_escape_closes_at_any_time_and_other_keys_at_the_end(opencv, pipe):
    ours, theirs = pipe
    opencv.keys = [ord("x"), 27]
    for _ in range(5):
        ours.send(FRAME)
    window_process.show(theirs, 0)
    assert len(opencv.shown) == 2
    opencv.keys = [-1] * 4 + [ord("x")]
    ours.send(None)
    window_process.show(theirs, 10**9)  # else it would stay so long
    assert len(opencv.shown) == 5


def test_learning_goes_on_after_the_window_was_closed(pipe):
    ours, theirs = pipe
    theirs.close()
    feed = Feed()
    feed.put(view())
    _send(feed, ours)  # ends, and raises nothing
    feed.put(view())


def test_frames_are_sent_blue_first_and_nothing_after_the_last(pipe):
    ours, theirs = pipe
    feed = Feed()
    feed.put(view(original=np.full((8, 8, 3), (200, 0, 0), np.uint8)))
    feed.close(done=True)
    Thread(target=_send, args=(feed, ours)).start()  # a pipe does not hold a whole frame
    frame = theirs.recv()
    assert frame.shape == side_by_side(panels(view())).shape and frame[100, 100].tolist() == [0, 0, 200]
    assert theirs.recv() is None


@pytest.mark.slow
def test_a_window_that_does_not_open_costs_its_own_process_alone(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    feed = Feed()
    with window(feed, lingers=10**9) as there:
        assert not there
        feed.close(done=True)
    assert not multiprocessing.active_children()


@pytest.fixture
def screen(tmp_path, monkeypatch):
    """The folder with the pixels of a screen that nobody sees, 800×600."""
    reading, writing = os.pipe()
    words = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "800x600x24", "-fbdir", str(tmp_path)]
    with subprocess.Popen(words, pass_fds=[writing], stderr=subprocess.DEVNULL) as server:
        os.close(writing)
        with os.fdopen(reading) as lines:
            monkeypatch.setenv("DISPLAY", f":{lines.readline().strip()}")
        yield tmp_path
        server.terminate()


class TestWithWindows:
    pytestmark = WINDOWS

    def test_the_frame_is_on_the_screen(self, screen):
        command = [sys.executable, "-c", LOOK, str(screen)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert int(done.stdout) >= 100 * 200

    def test_a_window_opens_and_ends_after_the_last_frame(self, screen):
        feed = Feed()
        with window(feed, lingers=0) as there:
            assert there
            feed.put(view())
            feed.close(done=True)
        assert not multiprocessing.active_children()
