"""Reports as a browser shows them: nothing asked of the network, no complaint, nothing wider than the screen.

Needs Chromium and requirements-browser.txt; screenshots are left in the folder of the environment variable
INDEEPENDENCE_SCREENSHOTS, for a look at them.
"""

import os
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from indeependence.commands import cli
from tests.browser import NEEDED, axe, chromium

pytestmark = NEEDED
HANGS = 300_000  # milliseconds after which something waits for what will never come
SCREENS = {
    "light": {"color_scheme": "light", "viewport": {"width": 1200, "height": 900}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1200, "height": 900}},
    "phone": {"color_scheme": "light", "viewport": {"width": 390, "height": 844}},
    "small-phone-dark": {"color_scheme": "dark", "viewport": {"width": 320, "height": 640}},
}


@pytest.fixture(scope="module")
def browser():
    with chromium(hangs=HANGS) as browser:
        yield browser


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """Three reports as commands write them: of an evaluation, of a training, and of an autoencoder's evaluation."""
    folder = tmp_path_factory.mktemp("reports")
    model = ["--model", str(folder / "m.safetensors")]
    for name, words in {
        "evaluation": ["evaluate", "--tasks", "5", "--layers", "patches:24:size=3:pool=2:stride=2"],
        "training": ["train", "--kind", "autoencoder", "--layers", "60", "--limit", "500", *model],
        "autoencoder": ["evaluate", "--kind", "autoencoder", "--layers", "60", "--tasks", "3"],
    }.items():
        assert CliRunner().invoke(cli, [*words, "--output", str(folder / name)]).exit_code == 0
    return folder


@pytest.fixture
def screenshots(tmp_path):
    folder = Path(os.environ.get("INDEEPENDENCE_SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def opened(browser, path, **screen):
    """The page at ``path``, and a list of all else that it asks for or complains of, now and later."""
    address = path.as_uri() if isinstance(path, Path) else path
    page = browser.new_context(bypass_csp=True, **screen).new_page()
    page.set_default_timeout(HANGS)
    noted = []
    page.on("request", lambda request: noted.append(request.url) if not ours(request.url, address) else None)
    page.on("console", lambda message: noted.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: noted.append(f"error: {error}"))
    page.goto(address)
    return page, noted


def pictured(page, path, **options):
    """The screenshot's bytes; a busy machine without a graphics card may fail to capture one, so it is tried again."""
    from playwright.sync_api import Error

    for attempt in range(5):
        try:
            return page.screenshot(path=path, **options)
        except Error as error:
            if "Unable to capture screenshot" not in str(error) or attempt == 4:
                raise
            page.wait_for_load_state()


def ours(url, address):
    """Whether what is asked for is the page itself, comes from inside it, or from the same server of this machine."""
    return url == address or url.startswith(("data:", "blob:")) or url.startswith("http://127.0.0.1:")


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("name", ["evaluation", "training", "autoencoder"])
def test_a_report_asks_for_nothing_complains_of_nothing_and_fits_the_screen(
    browser, reports, screenshots, name, screen
):
    page, noted = opened(browser, reports / name / "report.html", **SCREENS[screen])
    assert noted == []
    assert page.evaluate("document.documentElement.scrollWidth") <= SCREENS[screen]["viewport"]["width"]
    broken = "[...document.images].filter(image => !image.naturalWidth).length"
    assert page.locator("img").count() > 0 and page.evaluate(broken) == 0
    picture = pictured(page, screenshots / f"{name}-{screen}.png", full_page=True)
    assert len(picture) > 20_000
    page.context.close()


@pytest.mark.parametrize("screen", ["light", "dark"])
@pytest.mark.parametrize("name", ["evaluation", "training"])
def test_a_screen_reader_finds_nothing_amiss(browser, reports, name, screen):
    """The rules of axe-core, WCAG 2 A and AA among them."""
    page, _ = opened(browser, reports / name / "report.html", **SCREENS[screen])
    found = axe.Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.context.close()


def test_every_section_and_wide_table_is_reached_by_the_keyboard(browser, reports):
    page, _ = opened(browser, reports / "evaluation" / "report.html", **SCREENS["phone"])
    links, boxes, cells = (page.locator(which).count() for which in ("a", ".scroll", "td[tabindex]"))
    reached, said = [], 0
    for _ in range(links + boxes + cells):
        page.keyboard.press("Tab")
        name, words = page.evaluate(
            "[document.activeElement.tagName, getComputedStyle(document.activeElement, '::after').content]"
        )
        reached.append(name)
        said += name == "TD" and " %" in words
    assert reached.count("A") == links > 12 and reached.count("DIV") == boxes > 5
    assert reached.count("TD") == said == cells > 30
    page.locator("nav a").last.click()
    page.wait_for_function("scrollY > 1000")
    page.context.close()


def test_a_cell_under_the_pointer_says_its_numbers_where_nothing_cuts_them_off(browser, reports):
    page, _ = opened(browser, reports / "evaluation" / "report.html", **SCREENS["light"])
    cell = page.locator("table.counts td[tabindex]").last
    cell.hover()
    words = "getComputedStyle([...document.querySelectorAll('table.counts td[tabindex]')].at(-1), '::after')"
    assert "9 recognised: " in page.evaluate(f"{words}.content") and page.evaluate(f"{words}.position") == "absolute"
    assert page.evaluate("document.documentElement.scrollWidth") <= SCREENS["light"]["viewport"]["width"]
    page.context.close()


def test_on_paper_everything_is_there_in_few_pages(browser, reports, screenshots):
    page, _ = opened(browser, reports / "evaluation" / "report.html", **SCREENS["light"])
    paper = page.pdf(path=screenshots / "evaluation.pdf", format="A4", print_background=False)
    assert paper.startswith(b"%PDF") and 2 <= paper.count(b"/Type /Page\n") <= 6
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible() and page.locator("section pre").is_visible()
    page.context.close()


@pytest.fixture(scope="module")
def served(site):
    """The address of the site on a server of this machine."""
    handler = partial(QuietHandler, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


class QuietHandler(SimpleHTTPRequestHandler):
    """A server of files that tells nothing."""

    def log_message(self, *_):
        pass


@pytest.mark.parametrize("screen", ["light", "phone"])
@pytest.mark.parametrize("name", ["index", "tutorial", "maths", "commands", "notebooks/what-the-sums-know"])
def test_a_page_of_the_site_asks_for_nothing_from_elsewhere(browser, served, screenshots, name, screen):
    page, noted = opened(browser, f"{served}{name}.html", **SCREENS[screen])
    page.wait_for_load_state("networkidle")
    assert noted == []
    assert page.evaluate("document.documentElement.scrollWidth") <= SCREENS[screen]["viewport"]["width"]
    pictured(page, screenshots / f"site-{Path(name).name}-{screen}.png")
    page.context.close()


def test_the_site_is_searched_without_the_network(browser, served):
    page, noted = opened(browser, f"{served}index.html", **SCREENS["light"])
    page.wait_for_load_state("networkidle")
    page.keyboard.press("/")
    page.wait_for_function("document.activeElement.matches('.md-search__input')")
    page.keyboard.type("ledger")
    page.locator(".md-search-result__item a:visible", has_text="ledger").first.wait_for()
    assert noted == []
    page.context.close()
