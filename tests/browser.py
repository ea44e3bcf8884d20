"""Chromium for tests that look at pages, driven by Playwright; tests marked as `NEEDED` are skipped without them."""

import shutil
from contextlib import contextmanager

import pytest

try:
    from axe_playwright_python import sync_playwright as axe
    from playwright import sync_api as playwright
except ImportError:  # a skip of this module would leave half of it to those who import it next
    axe = playwright = None

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
NEEDED = [
    pytest.mark.slow,
    pytest.mark.skipif(playwright is None, reason="pip install -r requirements-browser.txt"),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium found: apt-get install chromium"),
]


@contextmanager
def chromium(*flags, hangs):
    """A browser without a window; it has ``hangs`` milliseconds to start."""
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", *flags], timeout=hangs)
        yield browser
        browser.close()
