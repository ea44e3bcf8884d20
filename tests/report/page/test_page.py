"""The page: well formed, readable, and asking for nothing from outside."""

import base64
import re
from html.parser import HTMLParser

import cv2
import numpy as np
import pytest

from indeependence.errors import InputError
from indeependence.report.page.evaluation import evaluation_page
from indeependence.report.page.markup import png_address
from tests.report.results_made_up import CASES, HOSTILE, a_result, each_case

pytestmark = pytest.mark.slow  # seconds, or many of them

VOID = {"meta", "link", "img", "br", "wbr"}


class Document(HTMLParser):
    """The tags of a page in order, what stands open at the end, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags, self.open, self.mismatched, self.text = [], [], [], ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.mismatched.append(tag)

    def handle_data(self, data):
        self.text += data

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


@each_case
def test_the_page_is_well_formed_with_unique_ids_and_headings_in_order(result):
    document = Document(evaluation_page(result))
    assert document.open == [] and document.mismatched == []
    ids = [attributes["id"] for _, attributes in document.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert [tag for tag, _ in document.tags if re.fullmatch(r"h\d", tag)][:2] == ["h1", "h2"]
    assert {attributes["aria-labelledby"] for attributes in document.all("section")} <= set(ids)
    used = re.findall(r'(?:href="#|url\(#)([^")]+)', evaluation_page(result))
    assert set(used) <= set(ids)


@each_case
def test_the_page_asks_for_nothing_from_outside_and_runs_nothing(result):
    text = evaluation_page(result)
    document = Document(text)
    for tag, attributes in document.tags:
        assert tag not in {"script", "iframe", "object", "embed", "base", "form"}
        assert not any(name.startswith("on") for name in attributes)
        for name in ("src", "href", "srcset", "xlink:href", "poster", "data"):
            beside = "download" in attributes and re.fullmatch(r"\w+\.(json|png|svg|pdf)", attributes["href"])
            assert beside or (attributes.get(name) or "data:").startswith(("data:", "#"))
    assert set(re.findall(r"url\((.)", text)) <= {"#"}
    assert "@import" not in text and "://" not in text and "xlink" not in text
    policy = [meta["content"] for meta in document.all("meta") if "http-equiv" in meta]
    assert policy == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'"]


def test_hostile_names_are_shown_as_text_everywhere():
    document = Document(evaluation_page(CASES["hostile names"]))
    assert document.text.count(HOSTILE) >= 10
    assert any(f"picture of {HOSTILE} taken for b" == image["alt"] for image in document.all("img"))


@each_case
def test_pictures_have_alt_texts_and_tables_have_captions_and_scopes(result):
    document = Document(evaluation_page(result))
    assert all(
        image.get("alt") and image["src"].startswith("data:image/png;base64,")
        for image in document.all("img")
        if "id" not in image
    )
    assert len(document.all("caption")) == len(document.all("table")) > 3
    assert all(cell.get("scope") in {"row", "col"} for cell in document.all("th"))
    drawings = [box for box in document.all("div") if box.get("role") == "img"]
    assert len(drawings) == len(document.all("svg")) >= (len(result.task_names) > 1)
    assert all(len(box["aria-label"]) > 20 for box in drawings)
    assert all(box.get("tabindex") == "0" for box in document.all("div") if "scroll" in (box.get("class") or ""))


def test_the_page_shows_the_figures_and_both_sizes():
    R = np.array([[1.0, 0.2], [0.5, 0.75]])
    text = Document(evaluation_page(a_result(2, setting="domain", accuracy_matrix=R))).text
    for part in [
        "62.50 %",
        "50.00",
        "-50.00",
        "+10.00",
        "87.50 %",
        "537 MB",
        "47.0 MB",
        "11.4 times larger",
        "1.41 GB",
    ]:
        assert part in text
    for part in [
        "mean over earlier tasks i of max(R[t,i], t < T) - R[T,i]",
        "python cli.py evaluate --data mnist",
        "3f9a" * 16,
    ]:
        assert part in text


def test_matrices_up_to_25_are_tables_with_shaded_numbers_and_larger_ones_are_drawn():
    small, large = evaluation_page(CASES["ten tasks"]), evaluation_page(CASES["a hundred tasks and classes"])
    assert small.count("<svg") == 2 and small.count('class="matrix') == 2
    assert large.count("<svg") == 4 and large.count('class="matrix') == 0
    assert "the 25 most forgotten of 99" in large and "the 25 least accurate of 100" in large
    assert len(large) < 1_000_000


def test_cells_are_shaded_by_accuracy_and_mistakes_by_how_frequent_they_are():
    text = evaluation_page(a_result(classes=("a", "b"), confusion=np.array([[6, 2], [1, 3]])))
    cells = re.findall(r'<td class="(good|bad)" style="--shade:([\d.]+)"[^>]*>(\d+)</td>', text)
    assert cells == [("good", "0.750", "6"), ("bad", "1.000", "2"), ("bad", "0.500", "1"), ("good", "0.750", "3")]
    assert text.count('tabindex="0" aria-label="b taken for a: 1 of 4, 25.0 %">1</td>') == 1
    zero = evaluation_page(CASES["nothing wrong, no pictures"])
    assert zero.count('<td class="bad none" style="--shade:0.000">0</td>') == 2  # nothing to say, no place to stop at


def test_sections_with_nothing_to_show_are_left_out():
    text = evaluation_page(a_result(1, mistakes=()))
    assert ">Forgetting</h2>" not in text and ">Most confident mistakes</h2>" not in text
    assert ">Accuracy matrix</h2>" in text


def test_pictures_survive_the_way_into_the_page():
    rng = np.random.default_rng(5)
    for shape in [(5, 7), (5, 7, 3)]:
        picture = rng.integers(0, 256, shape, dtype=np.uint8)
        coded = np.frombuffer(base64.b64decode(png_address(picture).split(",")[1]), np.uint8)
        decoded = cv2.imdecode(coded, cv2.IMREAD_UNCHANGED)
        np.testing.assert_array_equal(decoded if picture.ndim == 2 else decoded[:, :, ::-1], picture)


@pytest.mark.parametrize("picture", [np.zeros((4, 4)), np.zeros(4, np.uint8), np.zeros((4, 4, 2), np.uint8)])
def test_what_is_no_picture_is_refused(picture):
    with pytest.raises(InputError, match=r"expected a uint8 picture \[H, W\] or \[H, W, 3\], got"):
        png_address(picture)


@pytest.mark.parametrize("dark", [False, True])
def test_text_stands_out_from_every_background(dark):
    """WCAG 2.1 AA: contrast of 4.5 for text, also on the deepest shade a cell can have."""
    style = re.search(r"<style>(.*)</style>", evaluation_page(a_result()), re.DOTALL)[1]
    colours = dict(re.findall(r"--([a-z]+): ([^;]+);", re.findall(r":root \{([^}]*)\}", style)[dark]))

    def rgb(text):
        return [int(text[i : i + 2], 16) for i in (1, 3, 5)] if text[0] == "#" else [int(n) for n in text.split()]

    def luminance(colour):
        parts = [c / 255 / 12.92 if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
        return np.dot(parts, [0.2126, 0.7152, 0.0722])

    def contrast(a, b):
        low, high = sorted([luminance(a), luminance(b)])
        return (high + 0.05) / (low + 0.05)

    paper, ink, deepest = rgb(colours["paper"]), rgb(colours["ink"]), float(colours["deepest"])
    shaded = [deepest * np.array(rgb(colours[kind])) + (1 - deepest) * np.array(paper) for kind in ("good", "bad")]
    for background in [paper, rgb(colours["panel"]), *shaded]:
        assert contrast(ink, background) >= 4.5
    for background in [paper, rgb(colours["panel"])]:
        assert contrast(rgb(colours["quiet"]), background) >= 4.5
