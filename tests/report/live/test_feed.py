"""A feed: the newest thing for all who look, and no wait for any of them."""

from threading import Thread

import pytest

from indeependence.report.live.feed import Feed


def test_who_is_slow_sees_the_newest_and_who_is_late_the_last():
    feed = Feed()
    feed.put(1)
    slow = iter(feed)
    assert next(slow) == 1
    for number in range(2, 100):
        feed.put(number)
    assert next(slow) == 99
    feed.close(done=True)
    assert list(slow) == [] and list(feed) == [99] and feed.done


def test_each_thing_is_seen_once_by_who_keeps_pace():
    feed, seen, taken = Feed(), [], []
    looking = Thread(target=lambda: seen.extend(feed))
    looking.start()
    for reader in (iter(feed), iter(feed)):
        feed.put("a")
        taken.append(next(reader))
        reader.close()
    feed.close(done=False)
    looking.join()
    assert taken == ["a", "a"] and seen[-1] == "a" and not feed.done


def test_nothing_was_ever_put_in():
    feed = Feed()
    feed.close(done=True)
    assert list(feed) == []


def test_the_end_waits_for_those_who_look_and_for_nobody_else():
    feed = Feed()
    feed.put(1)
    assert not feed.wait(0)  # nobody looked yet
    reader = iter(feed)
    next(reader)
    assert not feed.wait(0)  # one still looks
    feed.close(done=True)
    with pytest.raises(StopIteration):
        next(reader)
    assert feed.wait(0)
