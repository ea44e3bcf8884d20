"""The page of `--show` over HTTP: what it serves, to whom, and how it ends."""

import base64
import json
import urllib.error
import urllib.request

import cv2
import numpy as np
import pytest

from indeependence.errors import InputError
from indeependence.report.live import page as module
from indeependence.report.live.feed import Feed
from indeependence.report.live.page import events, page
from tests.report.frames.views import view


def get(address):
    with urllib.request.urlopen(address) as answer:
        return answer.read().decode(), answer.headers


def told(event):
    """The name and the content of an event."""
    name, content = event.split("\n")
    return name.removeprefix("event: "), json.loads(content.removeprefix("data: "))


def stream_of(address):
    return [told(event) for event in get(f"{address}frames")[0].strip().split("\n\n")]


def test_the_page_asks_for_nothing_elsewhere_and_only_its_address_is_answered():
    with page(Feed()) as address:
        text, headers = get(address)
        assert "<title>indeependence" in text and "http" not in text
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; connect-src 'self'")
        assert address.startswith("http://127.0.0.1:") and len(address.split("/")[3]) > 8
        root = address.rsplit("/", 2)[0]
        for other in (f"{root}/", f"{root}/frames", f"{root}/guess/frames", f"{address}../", f"{address}frames/"):
            with pytest.raises(urllib.error.HTTPError, match="404"):
                get(other)


def test_frames_come_as_pictures_with_words_and_the_last_says_that_it_is_done():
    feed = Feed()
    feed.put(view(original=np.full((8, 8, 3), (200, 0, 0), np.uint8)))
    feed.close(done=True)
    with page(feed) as address:
        (name, frame), last = stream_of(address)
    assert (name, last) == ("frame", ("done", {}))
    assert frame["text"] == view().text and frame["panels"][0]["caption"] == "label cat"
    png = base64.b64decode(frame["panels"][0]["picture"].removeprefix("data:image/png;base64,"))
    assert cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)[120, 120].tolist() == [0, 0, 200]


def test_of_a_run_that_broke_off_nobody_is_told_that_it_is_done():
    feed = Feed()
    feed.put(view())
    feed.close(done=False)
    with page(feed) as address:
        assert [name for name, _ in stream_of(address)] == ["frame"]


def test_a_picture_that_stays_the_same_is_sent_once():
    feed = Feed()
    feed.put(view())
    sent = events(feed)
    assert all("picture" in panel for panel in told(next(sent).decode().strip())[1]["panels"])
    feed.put(view(label="dog", original=np.zeros((8, 8), np.uint8)))
    again = told(next(sent).decode().strip())[1]["panels"]
    assert ["picture" in panel for panel in again] == [True, False, False, False, False]
    assert again[0]["caption"] == "label dog"


def test_two_runs_at_a_time_have_a_page_each():
    feeds = Feed(), Feed()
    with page(feeds[0]) as first, page(feeds[1]) as second:
        for feed, label in zip(feeds, "ab", strict=True):
            feed.put(view(label=label))
            feed.close(done=True)
        captions = [stream_of(address)[0][1]["panels"][0]["caption"] for address in (first, second)]
    assert captions == ["label a", "label b"]


def test_a_browser_that_goes_away_is_forgotten_without_a_word(capfd):
    feed = Feed()
    with page(feed) as address:
        feed.put(view())
        urllib.request.urlopen(f"{address}frames").close()
        feed.close(done=True)
        assert feed.wait(60)
    assert capfd.readouterr() == ("", "")


def test_a_machine_that_lends_no_port_is_one_line(monkeypatch):
    def refused(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(module, "Quiet", refused)
    with pytest.raises(InputError, match="127.0.0.1, got 'Operation not permitted': use --record FILE.mp4"):
        with page(Feed()):
            pass
