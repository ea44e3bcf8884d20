"""The page of `--show` in Chromium: frames, the end, and what becomes of it when the command dies.

Needs Chromium and requirements-browser.txt; screenshots are left in the folder of the environment variable
INDEEPENDENCE_SCREENSHOTS, for a look at them.
"""

import os
from pathlib import Path

import numpy as np
import pytest

from indeependence.report.live.feed import Feed
from indeependence.report.live.page import page
from tests.browser import NEEDED, axe, chromium, playwright
from tests.report.frames.views import view

pytestmark = NEEDED
HANGS = 120_000  # milliseconds after which something waits for what will never come
SCREENS = {
    "desktop": {"color_scheme": "light", "viewport": {"width": 1400, "height": 600}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1400, "height": 600}},
    "phone": {"color_scheme": "light", "viewport": {"width": 390, "height": 844}},
}


@pytest.fixture(scope="module")
def browser():
    with chromium(hangs=HANGS) as browser:
        yield browser


def opened(browser, address, **screen):
    """The page, and a list of all that it complains of or asks of others, now and later."""
    shown, noted = browser.new_context(**screen).new_page(), []
    shown.set_default_timeout(HANGS)
    shown.on("request", lambda one: None if one.url.startswith((address, "data:")) else noted.append(one.url))
    shown.on("console", lambda message: noted.append(message.text))
    shown.on("pageerror", lambda error: noted.append(str(error)))
    shown.goto(address)
    return shown, noted


def says(shown, name, text):
    playwright.expect(shown.locator(f"#{name}")).to_have_text(text, timeout=HANGS)


@pytest.mark.parametrize("screen", SCREENS)
def test_frames_are_seen_as_they_come_and_the_last_one_stays(browser, screen):
    feed = Feed()
    with page(feed) as address:
        shown, noted = opened(browser, address, **SCREENS[screen])
        says(shown, "state", "Waiting for the first example")
        feed.put(view())
        says(shown, "text", view().text)
        first = shown.locator("img").first.get_attribute("src")
        last = view(label="<b>猫</b>", original=np.zeros((8, 8), np.uint8))
        feed.put(last)
        says(shown, "text", last.text)
        feed.close(done=True)
        says(shown, "state", "Done")
        assert feed.wait(HANGS / 1000)
    says(shown, "text", last.text)  # the server is gone
    assert shown.locator("img").count() == 5 and shown.locator("img").first.get_attribute("src") != first
    assert shown.locator("img").first.get_attribute("alt") == "input: label <b>猫</b>"
    assert shown.evaluate("[...document.images].filter(image => image.naturalWidth !== 240).length") == 0
    assert shown.evaluate("document.documentElement.scrollWidth") <= SCREENS[screen]["viewport"]["width"]
    assert noted == []
    if folder := os.environ.get("INDEEPENDENCE_SCREENSHOTS"):
        shown.screenshot(path=Path(folder) / f"show-{screen}.png", full_page=True)
    shown.context.close()


def test_of_a_command_that_dies_the_last_frame_stays(browser):
    feed = Feed()
    with page(feed) as address:
        shown, _ = opened(browser, address)
        feed.put(view())
        says(shown, "text", view().text)
        feed.close(done=False)
        says(shown, "state", "Stopped: the command has ended early, or cannot be reached")
    assert shown.locator("img").count() == 5
    shown.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_screen_reader_finds_nothing_amiss(browser, scheme):
    """The rules of axe-core, WCAG 2 A and AA among them."""
    feed = Feed()
    feed.put(view())
    feed.close(done=True)
    with page(feed) as address:
        shown, _ = opened(browser, address, color_scheme=scheme, bypass_csp=True)
        says(shown, "state", "Done")
        found = axe.Axe().run(shown)
    assert found.violations_count == 0, found.generate_report()
    shown.context.close()
