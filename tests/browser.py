"""Chromium for tests that look at pages, driven by Playwright; modules that import this are skipped without them."""

import shutil
from contextlib import contextmanager

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="pip install -r requirements-browser.txt")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install -r requirements-browser.txt")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
NEEDED = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium found: apt-get install chromium"),
]


@contextmanager
def chromium(*flags, hangs):
    """A browser without a window; it has ``hangs`` milliseconds to start."""
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", *flags], timeout=hangs)
        yield browser
        browser.close()
