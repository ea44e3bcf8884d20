"""The page in Chromium: symbols are drawn, taught, asked, forgotten and taken back; nothing complains.

Needs Chromium and requirements-browser.txt; screenshots are left in the folder of the environment variable
INDEEPENDENCE_SCREENSHOTS, for a look at them.
"""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from indeependence import ContinualClassifier
from indeependence.serve.limits import Limits
from tests.browser import NEEDED, axe, chromium
from tests.serve.running import SECRETS, TOKENS, served

pytestmark = NEEDED
FLAGS = [
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--use-fake-device-for-media-stream"),
    "--use-fake-ui-for-media-stream",
]
DROP = """text => {
  const data = new DataTransfer();
  data.items.add(new File([text], "rows.csv"));
  document.dispatchEvent(new DragEvent("drop", { dataTransfer: data, cancelable: true }));
}"""
HANGS = 120_000  # milliseconds after which something waits for what will never come
TURNS = np.linspace(0, 2 * np.pi, 9)
SYMBOLS = {
    "circle": [np.stack([0.5 + 0.3 * np.cos(TURNS), 0.5 + 0.3 * np.sin(TURNS)], 1)],
    "cross": [np.array([[0.2, 0.2], [0.8, 0.8]]), np.array([[0.8, 0.2], [0.2, 0.8]])],
    "zigzag": [np.array([[0.2, 0.25], [0.8, 0.3], [0.25, 0.7], [0.8, 0.75]])],
}


@pytest.fixture(scope="module")
def browser():
    with chromium(*FLAGS, hangs=HANGS) as browser:
        yield browser


@pytest.fixture
def server(tmp_path):
    with served(tmp_path / "m.safetensors") as (client, _):
        yield client


def pictured(page, name):
    """Leave a screenshot for a look at it, if a folder is named for them."""
    if os.environ.get("INDEEPENDENCE_SCREENSHOTS"):
        page.screenshot(path=Path(os.environ["INDEEPENDENCE_SCREENSHOTS"]) / f"{name}.png", full_page=True)


def opened(browser, client, *, width=1200, **options):
    """The page, and a list of all that it complains of or asks of others, now and later."""
    context = browser.new_context(
        bypass_csp=True, viewport={"width": width, "height": 900}, reduced_motion="reduce", **options
    )
    page, noted = context.new_page(), []
    page.set_default_timeout(HANGS)
    page.on("request", lambda one: None if one.url.startswith((client.address, "blob:")) else noted.append(one.url))
    page.on("console", lambda message: noted.append(message.text))
    page.on("pageerror", lambda error: noted.append(str(error)))
    page.goto(client.address)
    page.wait_for_selector("#classes:not(:empty), #no-classes:visible")
    return page, noted


def draw(page, name, seed=0):
    """Draw a symbol with the mouse, each time with another hand."""
    random, box = np.random.default_rng(seed), page.locator("#pad").bounding_box()
    turn, large = random.normal(0, 0.1), random.uniform(0.7, 1)
    matrix = large * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    for stroke in SYMBOLS[name]:
        places = (stroke - 0.5) @ matrix.T + 0.5 + random.normal(0, 0.008, stroke.shape)
        on_page = places * [box["width"], box["height"]] + [box["x"], box["y"]]
        page.mouse.move(*on_page[0])
        page.mouse.down()
        for place in on_page[1:]:
            page.mouse.move(*place)
        page.mouse.up()


def until_learned(page, count):
    """Wait until the page says that so many examples were learned."""
    page.wait_for_function(
        "count => parseInt(document.getElementById('fact-examples').textContent) === count "
        "&& !document.body.classList.contains('busy')",
        arg=count,
    )


def fingerprint(page):
    return page.inner_text("#sha")


def test_three_symbols_are_drawn_taught_asked_forgotten_and_there_after_loading_the_page_again(browser, server):
    page, noted = opened(browser, server)
    pictured(page, "serve-empty")
    for number in range(15):
        name = list(SYMBOLS)[number // 5]
        draw(page, name, seed=number)
        page.fill("#name", name)
        page.press("#name", "Enter")
        until_learned(page, number + 1)
    assert server.classes() == {"circle": 5, "cross": 5, "zigzag": 5} and fingerprint(page) == _sha(server)

    for seed, name in enumerate(SYMBOLS, start=100):
        draw(page, name, seed)
        page.wait_for_function("name => document.getElementById('verdict').textContent === name", arg=name)
        assert page.locator("#bars .best").get_attribute("data-label") == name
        pictured(page, f"serve-{name}")
        page.click("#clear")

    before = fingerprint(page)
    page.get_by_role("button", name="Forget example 5 of zigzag").click()
    until_learned(page, 14)
    assert fingerprint(page) != before
    page.get_by_role("button", name="Forget circle", exact=True).click()
    until_learned(page, 9)
    assert server.classes() == {"cross": 5, "zigzag": 4}
    page.click("#undo")
    until_learned(page, 14)
    page.click("#undo")
    until_learned(page, 15)
    assert fingerprint(page) == before == _sha(server) and "Exactly as before" in page.inner_text("#sentence")
    pictured(page, "serve-as-before")

    page.reload()
    until_learned(page, 15)
    assert fingerprint(page) == before
    draw(page, "cross", seed=7)
    page.wait_for_function("document.getElementById('verdict').textContent === 'cross'")
    assert noted == []
    page.context.close()


def _sha(client):
    return client.model()["model_sha256"]


@pytest.fixture(scope="module")
def taught(tmp_path_factory):
    """A server that knows two classes with names to trip over."""
    with served(tmp_path_factory.mktemp("taught") / "m.safetensors") as (client, _):
        random = np.random.default_rng(0)
        for name in ("<img src=x onerror=alert(1)>", "a name that is quite long, longer than any bar is wide" * 2):
            client.learn(random.integers(0, 256, (3, 28, 28), np.uint8), [name[:100]] * 3)
        yield client


@pytest.mark.parametrize(("scheme", "width"), [("light", 1200), ("dark", 390), ("light", 320)])
def test_the_page_fits_every_screen_and_a_screen_reader_finds_nothing_amiss(browser, taught, scheme, width):
    page, noted = opened(browser, taught, width=width, color_scheme=scheme)
    until_learned(page, 6)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = axe.Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert page.locator("#classes img").count() == 0 and "<img src=x" in page.inner_text("#classes")
    pictured(page, f"serve-{scheme}-{width}")
    page.goto(f"{taught.address}/docs")
    page.wait_for_selector("#refusals")
    assert page.evaluate("document.documentElement.scrollWidth") <= width and noted == []
    found = axe.Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.context.close()


def test_the_policy_of_the_page_blocks_nothing_of_its_own(browser, taught):
    """Without leave to go round it, as a reader has it: the page works, and inline scripts do not."""
    page = browser.new_context().new_page()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(taught.address)
    page.wait_for_selector("#classes li")
    assert complaints == []
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.in = 1'}))"
    )
    assert page.evaluate("window.in") is None and "Content Security Policy" in complaints[0]
    page.context.close()


def test_everything_is_done_with_the_keyboard_alone(browser, server):
    page, noted = opened(browser, server)
    page.focus("#pad")
    for key in ("Space", "ArrowRight", "ArrowRight", "Shift+ArrowDown", "ArrowLeft", "Space"):
        page.keyboard.press(key)
    page.focus("#name")
    page.keyboard.type("corner")
    page.keyboard.press("Enter")
    until_learned(page, 1)
    page.wait_for_function("document.activeElement.id === 'pad'")
    page.keyboard.press("Control+z")
    until_learned(page, 0)
    assert server.classes() == {} and "Empty again" in page.inner_text("#sentence")
    page.focus("#tab-draw")
    page.keyboard.press("ArrowRight")
    assert page.locator("#panel-camera").is_visible() and noted == []
    page.context.close()


def test_pictures_the_camera_and_a_file_go_the_same_way(browser, tmp_path):
    random = np.random.default_rng(1)
    sample = random.integers(0, 256, (20, 16, 16, 3), np.uint8)
    ContinualClassifier("patches:4:size=3:pool=7:stride=7").bootstrap(sample).save(tmp_path / "m.safetensors")
    files = []
    for number in range(3):
        files.append(tmp_path / f"{number}.png")
        cv2.imwrite(str(files[-1]), random.integers(0, 256, (40, 60, 3), np.uint8))
    with served(tmp_path / "m.safetensors", limits=Limits(body=100_000)) as (server, _):
        taught_by_pictures(browser, server, files, tmp_path)


def taught_by_pictures(browser, server, files, tmp_path):
    page, noted = opened(browser, server, permissions=["camera"])
    page.click("#tab-pictures")
    page.set_input_files("#files", files)
    page.fill("#name", "noise")
    page.click("#teach")
    until_learned(page, 3)
    page.click("#tab-camera")
    page.click("#camera-on")
    page.wait_for_function("document.getElementById('verdict').textContent === 'noise'")
    page.fill("#name", "what the camera sees")
    page.click("#teach")
    until_learned(page, 4)
    page.click("#tab-pictures")
    page.set_input_files("#files", [{"name": "large.png", "mimeType": "image/png", "buffer": bytes(60_000)}] * 2)
    page.wait_for_function("document.getElementById('verdict').textContent === 'Too much at once.'")
    page.click("#teach")
    assert "takes 100 KB at once" in page.inner_text("#toast") and noted == []  # and nothing was sent
    assert [one["examples"] for one in server.history()] == [3, 1]  # one request for all pictures, one step to undo
    with page.expect_download() as download:
        page.click("#download")
    download.value.save_as(tmp_path / "copy.safetensors")
    assert ContinualClassifier.load(tmp_path / "copy.safetensors").moments_.fingerprint == _sha(server)
    assert noted == []
    page.context.close()


def test_rows_of_a_table_are_dropped_pasted_and_asked(browser, server):
    rows = "\n".join(f"{n * 7 % 20},{'long' if n * 7 % 20 > 9 else 'short'}" for n in range(20))
    page, noted = opened(browser, server)
    page.evaluate(DROP, f"length,kind\n{rows}")
    page.wait_for_selector("#panel-table:visible")
    page.click("#teach")
    until_learned(page, 20)
    page.fill("#rows", "length\n3\n17")
    page.wait_for_function("document.querySelectorAll('#many li').length === 2")
    assert page.locator("#many .what").all_inner_texts() == ["short", "long"] and noted == []
    page.context.close()


def test_the_page_asks_for_the_token_and_keeps_it_in_the_tab_alone(browser, tmp_path):
    with served(tmp_path / "m.safetensors", tokens=TOKENS) as (client, _):
        page = browser.new_context(bypass_csp=True).new_page()
        page.goto(client.address)
        for secret in ("not the right one, but long", SECRETS[0]):
            page.wait_for_selector("#token-dialog[open]")
            page.fill("#token", secret)
            page.press("#token", "Enter")
        page.wait_for_selector("#no-classes:visible")
        page.wait_for_selector("#token-dialog", state="hidden")
        assert page.evaluate("localStorage.length") == 0 and page.evaluate("document.cookie") == ""
        page.context.close()
