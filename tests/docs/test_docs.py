"""The documents stay true: what they show runs, prints what they show, and every test and link of theirs exists.

Each page runs in a folder of its own, with my_pictures/, table.csv and two films as its text supposes them. Data sets
that would be downloaded are stood in for: by a part of MNIST where INDEEPENDENCE_DATA is set, elsewhere by digits.
"""

import importlib
import os
import re
import shutil
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest

import indeependence
import indeependence.sparse
from indeependence import load_dataset
from tests import ROOT
from tests.docs.reader import Reader, blocks_of, compare, lines_of

pytestmark = pytest.mark.slow  # seconds, or many of them

DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory):
    """What stands in for names that would be downloaded: a part of MNIST at half its size; digits without that."""
    if not os.environ.get("INDEEPENDENCE_DATA"):
        return "digits"
    mnist = load_dataset(Path(os.environ["INDEEPENDENCE_DATA"]) / "mnist")
    path = tmp_path_factory.mktemp("data") / "mnist.npz"
    small = {"x_train": mnist.x_train[:300, ::2, ::2], "x_test": mnist.x_test[:100, ::2, ::2]}
    np.savez(path, **small, y_train=mnist.y_train[:300], y_test=mnist.y_test[:100])
    return path


@pytest.fixture
def somewhere(tmp_path, monkeypatch):
    """A folder with what pages suppose a reader has, on a machine without a display."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("indeependence.report.live.show.has_display", lambda *_: False)
    monkeypatch.setattr("indeependence.report.live.show.LINGERS", 0)
    digits = load_dataset("digits")
    for number, (picture, label) in enumerate(zip(digits.x_train[:140], digits.y_train, strict=False)):
        name = "dog" if label % 2 else "cat"
        folder = tmp_path / ("my_pictures" if number < 120 else "my_new_pictures") / name
        folder.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / f"{number}.png"), picture)
    rng = np.random.default_rng(0)
    for name in ("public", "private"):
        shutil.copytree(tmp_path / "my_pictures", tmp_path / name)
    table = rng.normal(size=(60, 3)).round(2)
    kinds = np.where(table[:, 0] > 0, "iris", "rose")
    rows = [f"{','.join(map(str, row))},{kind}" for row, kind in zip(table, kinds, strict=True)]
    (tmp_path / "table.csv").write_text("\n".join(["petal,sepal,colour,kind", *rows]))
    features = [",".join(map(str, row)) for row in table]
    (tmp_path / "features.csv").write_text("\n".join(["petal,sepal,colour", *features]))
    for name in ("embeddings", "clinc150"):
        intents = np.repeat(np.arange(30), 10)
        vectors = rng.normal(size=(30, 120))[intents] + rng.normal(size=(300, 120))
        np.savez(tmp_path / f"{name}.npz", embeddings=vectors.astype(np.float32), labels=intents)
    for name in ("left", "right"):
        write_film(tmp_path / f"{name}.mp4", rng, name)
    return tmp_path


def write_film(path, rng, side):
    """Thirty frames of a bright square that wanders on one side."""
    film = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 25.0, (64, 64))
    for _ in range(30):
        frame = rng.integers(0, 60, (64, 64, 3), np.uint8)
        top, left = rng.integers(0, 48), rng.integers(0, 16) + (32 if side == "right" else 0)
        frame[top : top + 16, left : left + 16] = 255
        film.write(frame)
    film.release()


@pytest.mark.filterwarnings("ignore:.*took embeddings as x:UserWarning")  # a note for the reader
@pytest.mark.slow
@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if page.name not in ("tutorial.md", "commands.md")],  # test_newcomer.py; generated
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_every_block_runs_and_prints_what_the_page_shows(page, somewhere, stand_in):
    reader, before = Reader(stand_in), None
    with closing(reader):
        for block in blocks_of(page.read_text()):
            if block.language == "text" and before is not None:
                compare(block.text, reader.printed)
            reader.read(block)
            before = block if block.language in ("python", "sh", "bash") else None


def test_the_pages_of_help_are_those_that_are_printed(monkeypatch):
    monkeypatch.syspath_prepend(DOCS)
    from write_commands import commands_page

    assert (DOCS / "commands.md").read_text() == commands_page(), "python docs/write_commands.py"


@each_page
def test_every_test_and_file_that_a_page_names_exists(page):
    text = page.read_text()
    assert "@@" not in text  # marks what is to be filled in
    for file, name in NAMED.findall(text):
        assert (ROOT / file).is_file(), file
        assert not name or f"def {name}(" in (ROOT / file).read_text(), name
    for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
        assert (page.parent / link).exists() or (DOCS / "notebooks" / f"{Path(link).stem}.ipynb").exists(), link
    for path in re.findall(r"`((?:benchmarks|tests|docs)/[\w./-]*)`", text):
        assert (ROOT / path).exists(), path
    for target in (
        line.split()[1]
        for block in blocks_of(text)
        if block.language == "sh"
        for line in lines_of(block)
        if line.startswith("make ")
    ):
        assert f"\n{target}:" in (ROOT / "Makefile").read_text(), target


@pytest.mark.parametrize("package", [indeependence, indeependence.sparse], ids=lambda package: package.__name__)
def test_the_python_page_has_every_public_name_of(package):
    sections = re.split(r"^## ", (DOCS / "api.md").read_text(), flags=re.MULTILINE)
    shown = [
        path
        for section in sections
        if section.startswith(f"From `{package.__name__}`")
        for path in re.findall(r"^::: (\S+)", section, re.MULTILINE)
    ]
    assert sorted(path.rpartition(".")[2] for path in shown) == sorted(package.__all__)
    for module, _, name in (path.rpartition(".") for path in shown):
        assert getattr(importlib.import_module(module), name) is getattr(package, name)


def test_every_promise_names_the_test_that_holds_it():
    rows = [line for line in (DOCS / "guarantees.md").read_text().splitlines() if line.startswith("| ")]
    promises = [row for row in rows if not row.startswith(("| Promise", "| ---"))]
    assert len(promises) > 20 and all(NAMED.search(row) for row in promises)


def test_the_citation_has_what_it_needs_and_the_present_version():
    yaml = pytest.importorskip("yaml", reason="pip install -r requirements-docs.txt")
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert {"cff-version", "message", "title", "authors", "version", "license"} <= set(citation)  # of format 1.2.0
    assert citation["cff-version"] == "1.2.0" and citation["type"] == "software"
    assert citation["version"] == indeependence.__version__


# The runner itself


def test_what_is_shown_must_be_what_is_printed():
    compare("a 99.2\n…\nmodel #\n", "a 99.1\nb\nc\nmodel #\n")
    compare("time  1.0 s\n", "time  3.2 s\n")
    compare("time  1.61 s wall, 2.57 s CPU\n", "time  2 min 1 s wall, 1 h 3 min CPU\n")
    for shown, printed in [("a 90.0", "a 99.1"), ("a", "b"), ("a", "a\nb"), ("5 rows", "6 rows"), ("…\nz", "a\nb")]:
        with pytest.raises(AssertionError):
            compare(shown, printed)


def test_a_line_that_nobody_thought_of_is_not_passed_over():
    (block,) = blocks_of("```sh\ncurl example\n```\n")
    with pytest.raises(AssertionError, match="how is this tested"):
        Reader("digits").read(block)


# The site


@pytest.mark.slow
def test_the_site_is_built_without_warnings_and_fetches_nothing(site):
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 15
    for page in pages:
        text = re.sub(r"<pre.*?</pre>", "", page.read_text(), flags=re.DOTALL)
        fetched = re.findall(r'<(?:script|img|iframe|source)[^>]*?src="?(https?:[^">]+)', text)
        fetched += re.findall(r'<link[^>]*?rel="?(?:stylesheet|preconnect|preload)[^>]*?href="?(https?:[^">]+)', text)
        assert fetched == [], page


@pytest.mark.slow
def test_every_link_of_the_site_leads_somewhere(site):
    pages = [page for page in site.rglob("*.html") if page.name != "404.html"]  # it may be shown at any address
    ids = {page: set(re.findall(r'\bid="?([^">\s]+)', page.read_text())) for page in pages}
    for page in ids:
        for link in re.findall(r'<a[^>]*?href="([^"]+)"', page.read_text()):
            if re.match(r"https?:|mailto:|data:", link) or link == ".":
                continue
            path, _, anchor = link.partition("#")
            target = (page.parent / path).resolve() if path else page
            target = target / "index.html" if target.is_dir() else target
            assert target.exists(), (page.name, link)
            assert not anchor or target not in ids or anchor in ids[target], (page.name, link)


@pytest.mark.parametrize("path", sorted(DOCS.glob("notebooks/*.ipynb")), ids=lambda path: path.stem)
def test_a_notebook_runs_prints_what_is_stored_and_is_small(path, monkeypatch):
    nbformat = pytest.importorskip("nbformat", reason="pip install -r requirements-docs.txt")
    pytest.importorskip("nbclient", reason="pip install -r requirements-docs.txt")
    monkeypatch.syspath_prepend(DOCS)
    from run_notebooks import executed

    stored = nbformat.read(path, as_version=4)
    assert path.stat().st_size < 60_000 and stored.cells[0].source.startswith("# ")
    for old, new in zip(stored.cells, executed(path).cells, strict=True):
        compare(*("".join(output.get("text", "") for output in cell.get("outputs", [])) for cell in (old, new)))


@pytest.mark.slow
def test_equations_are_shown_without_scripts(site):
    text = (site / "maths.html").read_text()
    assert text.count('display="block"') >= 6 and "$$" not in text and "MathJax" not in text
