"""Where frames are shown: window or browser, what is said of it, and that no screen decides over the work."""

from contextlib import contextmanager

import pytest

from indeependence.report.live import show
from indeependence.report.live.show import has_display, no_window, now_and_then, shown, told
from tests.report.frames.views import view


@pytest.fixture
def machine(monkeypatch):
    """A machine whose display, windows and browser are as asked for; gives the addresses opened there."""
    opened = []

    def set_up(*, display=True, framework="QT", opens=True):
        @contextmanager
        def window(feed, *, lingers):
            yield opens

        monkeypatch.setattr(show, "has_display", lambda *_: display)
        monkeypatch.setattr(show, "_framework", lambda: framework)
        monkeypatch.setattr(show, "window", window)
        monkeypatch.setattr(show, "_open", opened.append)
        monkeypatch.setattr(show, "LINGERS", 0)
        return opened

    return set_up


@pytest.mark.parametrize(
    ("environment", "platform", "there"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ""}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "darwin", True),
        ({}, "win32", True),
        ({"SSH_CONNECTION": "10.0.0.1 5 10.0.0.2 22"}, "darwin", False),
    ],
)
def test_a_display_is_told_by_the_environment(environment, platform, there):
    assert has_display(environment, platform) == there


def test_a_window_is_chosen_where_opencv_has_one_and_a_display_is_there():
    assert no_window("QT", True) is None
    assert "indeependence[window]" in no_window("", True)
    assert no_window("", False) == no_window("QT", False) == "there is no display"  # no extra would help


def test_with_a_window_nothing_is_said_and_no_browser_opened(machine):
    lines, opened = [], machine()
    with shown(lines.append) as feed:
        feed.put(view())
    assert (lines, opened, feed.done) == ([], [], True)


@pytest.mark.parametrize(
    ("there", "reason"),
    [({"framework": ""}, "indeependence[window]"), ({"opens": False}, "the window of OpenCV does not open here")],
)
def test_without_a_window_the_browser_is_opened(machine, there, reason):
    lines, opened = [], machine(**there)
    with shown(lines.append):
        pass
    assert len(lines) == 1 and reason in lines[0] and opened[0] in lines[0]


def test_without_a_display_the_way_through_ssh_is_told_and_no_browser_opened(machine):
    lines, opened = [], machine(display=False)
    with shown(lines.append):
        pass
    assert opened == [] and "there is no display" in lines[0] and "ssh -L" in lines[1]
    assert "ssh -L 8123:127.0.0.1:8123" in told("http://127.0.0.1:8123/s/", "why", False)[1]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_work_that_breaks_off_is_not_done_and_nothing_waits(machine, monkeypatch, error):
    machine(display=False)
    monkeypatch.setattr(show, "LINGERS", 10**9)
    with pytest.raises(error), shown(lambda line: None) as feed:
        raise error
    assert not feed.done and list(feed) == []


def test_an_interruption_of_the_last_wait_undoes_nothing(machine, monkeypatch):
    machine(display=False)

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(show.Feed, "wait", interrupted)
    with shown(lambda line: None) as feed:
        pass
    assert feed.done


def test_frames_come_at_intervals_and_the_last_one_always():
    time, seen = [0.0], []
    with now_and_then(seen.append, clock=lambda: time[0]) as call:
        for number in range(250):
            call(number)
            time[0] += 0.001
    assert seen == [0, 100, 200, 249]
    with now_and_then(seen.append, clock=lambda: 0) as call:
        call("only")
    assert seen[4:] == ["only"]


def test_what_was_left_out_is_not_made_up_for_where_the_work_broke_off():
    seen = []
    with pytest.raises(KeyboardInterrupt), now_and_then(seen.append, clock=lambda: 0) as call:
        call(1)
        call(2)
        raise KeyboardInterrupt
    assert seen == [1]


def test_the_browser_has_none_of_our_output(monkeypatch):
    started = []
    monkeypatch.setattr(show.subprocess, "Popen", lambda command, **options: started.append((command, options)))
    show._open("http://127.0.0.1:1/s/")
    (command, options), nothing = started[0], show.subprocess.DEVNULL
    assert command[-1] == "http://127.0.0.1:1/s/"
    assert [options[name] for name in ("stdin", "stdout", "stderr")] == [nothing] * 3
