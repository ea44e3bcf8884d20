"""The report: JSON, terminal table, plots and page, on results made up here."""

import base64
import dataclasses
import errno
import io
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pytest
from rich.console import Console

from indeependence.errors import InputError
from indeependence.files import atomic
from indeependence.report import Mistake, Result, write_report
from indeependence.report.formatting import percent, points
from indeependence.report.page.evaluation import evaluation_page
from indeependence.report.page.markup import png_address
from indeependence.report.plots.learning_curve import learning_curve_figure
from indeependence.report.plots.matrices import accuracy_matrix_figure, confusion_figure
from indeependence.report.plots.rendering import png, svg
from indeependence.report.terminal.table import table

VOID = {"meta", "link", "img", "br", "wbr"}
HOSTILE = "<script>alert('x')</script>&\"[red]$\\frac$"


def a_result(tasks=5, tests=None, classes=tuple(range(10)), names=None, seed=0, **changes) -> Result:
    """A plausible run: every task is learned well and loses a little later."""
    rng = np.random.default_rng(seed)
    tests = tests or tasks
    learned = np.tri(tasks, dtype=bool) if tasks == tests else np.ones((tasks, tests), dtype=bool)
    accuracy = np.where(learned, 0.99 - 0.05 * rng.random((tasks, tests)), 0.0)
    confusion = rng.poisson(0.5, (len(classes), len(classes))) + 95 * np.eye(len(classes), dtype=np.int64)
    names = names or tuple(f"{2 * i},{2 * i + 1}" for i in range(tasks))
    pictures = [rng.integers(0, 256, shape, dtype=np.uint8) for shape in [(28, 28), (32, 32, 3), (8, 8)]]
    result = Result(
        scenario="split" if tasks == tests else "stream",
        setting="class",
        data="mnist",
        task_names=names,
        test_names=names if tasks == tests else tuple(f"test {i}" for i in range(tests)),
        accuracy_matrix=accuracy,
        confusion=confusion,
        classes=classes,
        examples_per_task=(12_000,) * tasks,
        seconds_per_task=(30.5,) * tasks,
        stored_examples=0,
        statistics_bytes=537_000_000,
        data_bytes=47_040_000,
        wall_seconds=181.3,
        cpu_seconds=202.4,
        peak_memory_bytes=1_412_000_000,
        encoder="patches:6x6x400,wide:2000",
        code_units=4000,
        penalty=0.0123,
        model_sha256="3f9a" * 16,
        encoder_sha256="aa01" * 16,
        seed=7,
        options={"data": "mnist", "tasks": 5, "class_order": None},
        command="python cli.py evaluate --data mnist --tasks 5",
        baseline=np.full(tests, 0.1),
        mistakes=tuple(Mistake(p, classes[0], classes[1], 0.9) for p in pictures),
    )
    return dataclasses.replace(result, **changes)


CASES = {
    "five tasks": a_result(),
    "one task, two classes": a_result(1, classes=("cat", "dog")),
    "two tasks": a_result(2, classes=(0, 1, 2)),
    "a stream with one test set": a_result(10, 1),
    "twelve test sets after three parts": a_result(3, 12),
    "ten tasks": a_result(10),
    "a hundred tasks and classes": a_result(100, classes=tuple(f"class {i}" for i in range(100))),
    "not evaluated before learned": a_result(
        3, accuracy_matrix=np.array([[0.9, np.nan, np.nan], [0.9, 0.8, np.nan], [0.8, 0.9, 1.0]])
    ),
    "hostile names": a_result(
        2,
        names=(HOSTILE, "_$\\frac$"),
        classes=(HOSTILE, "b"),
        data=HOSTILE,
        encoder=HOSTILE,
        command=HOSTILE,
        options={HOSTILE: HOSTILE},
    ),
    "names in any script": a_result(2, names=("猫,犬", "ねずみ"), classes=("猫", "犬")),
    "a class without test examples": a_result(classes=(0, 1), confusion=np.array([[5, 1], [0, 0]])),
    "nothing wrong, no pictures": a_result(classes=(0, 1), confusion=np.diag([5, 5]), mistakes=()),
}
each_case = pytest.mark.parametrize("result", CASES.values(), ids=CASES)


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


def printed(result: Result, width=80, **options) -> str:
    output = io.StringIO()
    Console(file=output, width=width, **options).print(table(result))
    return output.getvalue()


# JSON


@each_case
def test_json_has_plain_types_only_and_no_nan(result):
    text = json.dumps(result.to_json(), allow_nan=False)
    assert json.loads(text) == result.to_json()


def test_json_has_the_figures_and_keeps_labels_as_they_are():
    found = a_result(2, accuracy_matrix=np.array([[1.0, np.nan], [0.5, 0.75]]), classes=(3, "b")).to_json()
    assert list(found)[:3] == ["average_accuracy", "forgetting", "forgetting_formula"]
    assert found["average_accuracy"] == 0.625
    assert found["forgetting"] == 0.5 == -found["backward_transfer"]
    assert found["forward_transfer"] is None
    assert found["learning_accuracy"] == 0.875
    assert found["accuracy_matrix"] == [[1.0, None], [0.5, 0.75]]
    assert found["classes"] == [3, "b"]
    assert found["options"] == {"data": "mnist", "tasks": 5, "class_order": None}
    needed = "per_class_accuracy confusion_matrix stored_examples statistics_bytes data_bytes wall_seconds cpu_seconds"
    assert not {*needed.split(), "peak_memory_bytes", "model_sha256", "seed", "encoder"} - set(found)
    assert "mistakes" not in found


def test_json_turns_numpy_values_and_paths_in_options_into_plain_ones():
    options = {
        "limit": np.int64(3),
        "rate": np.float32(0.5),
        "folder": Path("a"),
        "order": (np.int64(1), "x"),
        "on": True,
    }
    found = a_result(options=options).to_json()["options"]
    assert found == {"limit": 3, "rate": 0.5, "folder": "a", "order": [1, "x"], "on": True}
    assert [type(value) for value in found.values()] == [int, float, str, list, bool]


def test_options_that_json_does_not_have_are_refused():
    with pytest.raises(InputError, match="expected numbers, text, lists and dicts for JSON, got set"):
        a_result(options={"classes": {1, 2}}).to_json()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"task_names": ("a",)}, r"expected accuracy_matrix of shape \(1, 5\).*got \(5, 5\)"),
        ({"confusion": np.eye(2)}, r"expected confusion of shape \(10, 10\).*got \(2, 2\)"),
        ({"baseline": np.zeros(2)}, r"expected baseline of shape \(5,\)"),
        ({"examples_per_task": (1,)}, r"expected examples_per_task of shape \(5,\)"),
        ({"seconds_per_task": ()}, r"expected seconds_per_task of shape \(5,\)"),
        ({"accuracy_matrix": np.full((5, 5), 99.0)}, "divide percent by 100"),
    ],
)
def test_a_result_whose_parts_do_not_fit_is_refused(change, message):
    with pytest.raises(InputError, match=message):
        a_result(**change)


# Table


@each_case
def test_the_table_fits_eighty_columns_and_has_no_colour_codes_in_a_pipe(result):
    lines = printed(result).splitlines()
    assert max(len(line.rstrip()) for line in lines) <= 80
    assert "\x1b" not in "".join(lines)


@each_case
def test_a_wide_terminal_in_colour_shows_the_same_text(result):
    coloured = printed(result, width=200, force_terminal=True, color_system="standard")
    plain = re.sub(r"\x1b\[[\d;]*m", "", coloured)
    assert [line.split() for line in plain.splitlines()][1] == [line.split() for line in printed(result).splitlines()][
        1
    ]


def test_the_table_shows_every_accuracy_in_percent_and_the_mean_of_those_seen():
    text = printed(a_result(2, accuracy_matrix=np.array([[1.0, 0.0], [0.5, 0.7531]])))
    rows = [line.split() for line in text.splitlines()]
    assert ["after", "learning", "0,1", "2,3", "mean"] in rows
    assert ["0,1", "100.0", "0.0", "100.0"] in rows
    assert ["2,3", "50.0", "75.3", "62.7"] in rows


def test_the_table_says_all_that_the_issue_asks_for():
    lines = [
        line.rstrip() for line in printed(a_result(2, accuracy_matrix=np.array([[1.0, 0.2], [0.5, 0.75]]))).splitlines()
    ]
    assert lines[-13:] == [
        "average accuracy   62.50 %",
        "forgetting         50.00 points",
        "                   = mean over earlier tasks i of max(R[t,i], t < T) - R[T,i]",
        "backward transfer  -50.00 points",
        "forward transfer   +10.00 points",
        "learning accuracy  87.50 %",
        "stored examples    0",
        "size of the sums   537 MB, 11.4 times larger than the data seen",
        "size of the data   47.0 MB in 24,000 examples",
        "time               3 min 1 s wall, 3 min 22 s CPU",
        "peak memory        1.41 GB",
        "code               4,000 units, ridge penalty 0.0123",
        "model              3f9a3f9a3f9a3f9a",
    ]


def test_what_is_not_defined_is_a_dash():
    assert "backward transfer  –" in printed(CASES["a stream with one test set"])


def test_a_table_of_many_tasks_shows_the_first_and_the_last():
    lines = printed(CASES["a hundred tasks and classes"]).splitlines()
    head = next(line for line in lines if line.startswith("after learning")).split()
    assert head == ["after", "learning", "1", "2", "3", "4", "…", "97", "98", "99", "100", "mean"]
    assert any(line.startswith("1: 0,1 ") for line in lines) and any(line.startswith("100: 198,199 ") for line in lines)
    assert sum(line.startswith("…") for line in lines) == 1
    assert len(lines) < 35


def test_long_names_become_numbers_that_the_rows_repeat():
    names = tuple(f"airplane,automobile,{i}" for i in range(5))
    text = printed(a_result(names=names))
    assert re.search(r"after learning +1 +2 +3 +4 +5 +mean", text)
    assert "2: airplane,automobile," in text


def test_ten_tasks_with_long_names_lose_no_number():
    rows = printed(a_result(10, names=tuple(f"rotated clockwise by {18 * i} degrees" for i in range(10)))).splitlines()
    last = next(line for line in rows if line.startswith("10: rotated"))
    assert len(re.findall(r" \d+\.\d", last)) == 11


def test_markup_in_names_is_shown_not_obeyed():
    assert printed(a_result(2, names=("[red]", "b"))).count("[red]") == 2  # a row and a column


# Plots


@each_case
@pytest.mark.parametrize("draw", [accuracy_matrix_figure, learning_curve_figure, confusion_figure])
def test_plots_become_png_pictures_of_readable_size(result, draw):
    picture = cv2.imdecode(np.frombuffer(png(draw(result)), np.uint8), cv2.IMREAD_COLOR)
    height, width = picture.shape[:2]
    assert 300 <= height <= 1500 and 500 <= width <= 2200
    assert (picture[0, 0] == 255).all() and picture.min() < 60


def test_cells_of_the_plotted_matrix_hold_the_numbers_unless_there_are_too_many():
    def texts(result):
        return {text.get_text() for text in accuracy_matrix_figure(result).axes[0].texts}

    assert texts(a_result(2, accuracy_matrix=np.array([[1.0, np.nan], [0.5, 0.7531]]))) == {
        "100.0",
        "–",
        "50.0",
        "75.3",
    }
    assert texts(CASES["a hundred tasks and classes"]) == set()


def test_curves_start_where_a_test_set_was_learned_and_the_mean_runs_over_those_seen():
    R = np.array([[1.0, 0.0], [0.5, 0.75]])
    first, second, mean = learning_curve_figure(a_result(2, accuracy_matrix=R)).axes[0].get_lines()
    np.testing.assert_allclose(first.get_xydata(), [[1, 100], [2, 50]])
    np.testing.assert_allclose(second.get_xydata(), [[2, 75]])
    np.testing.assert_allclose(mean.get_xydata(), [[1, 100], [2, 62.5]])
    assert mean.get_linewidth() > first.get_linewidth()


def test_the_same_figure_gives_the_same_svg_and_ids_differ_between_prefixes():
    draw = learning_curve_figure
    assert svg(draw(a_result()), "a") == svg(draw(a_result()), "a")
    ids = [set(re.findall(r'id="([^"]*)"', svg(draw(a_result()), prefix))) for prefix in "ab"]
    assert ids[0] and not ids[0] & ids[1]


def test_plotting_leaves_pyplot_and_its_settings_alone():
    code = (
        "import sys, matplotlib\n"
        "before = matplotlib.rcParams.copy()\n"
        "from tests.test_report import a_result, png, svg, learning_curve_figure\n"
        "png(learning_curve_figure(a_result())), svg(learning_curve_figure(a_result()), 'a')\n"
        "sys.exit('matplotlib.pyplot' in sys.modules or matplotlib.rcParams.copy() != before)"
    )
    root = Path(__file__).parents[1]
    assert (
        subprocess.run([sys.executable, "-c", code], cwd=root, env={**os.environ, "PYTHONPATH": str(root)}).returncode
        == 0
    )


# Page


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
            assert (attributes.get(name) or "data:").startswith(("data:", "#"))
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
    text = Document(evaluation_page(a_result(2, accuracy_matrix=np.array([[1.0, 0.2], [0.5, 0.75]])))).text
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
    cells = re.findall(r'<td class="(good|bad)" style="--shade:([\d.]+)">(\d+)</td>', text)
    assert cells == [("good", "0.750", "6"), ("bad", "1.000", "2"), ("bad", "0.500", "1"), ("good", "0.750", "3")]


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


@pytest.mark.parametrize("fraction", [-0.0, -1e-9, np.float64(-4e-5)])
def test_a_loss_that_rounds_to_nothing_has_no_sign(fraction):
    assert percent(fraction) == points(fraction) == "0.00"


# Files


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


FILES = ["accuracy_matrix.png", "learning_curve.png", "report.html", "results.json"]


def test_a_report_is_four_files_in_a_new_folder(tmp_path):
    result = a_result()
    path = write_report(result, tmp_path / "new" / "folder")
    assert path == tmp_path / "new" / "folder" / "report.html"
    assert names(path.parent) == FILES
    assert path.read_text(encoding="utf-8") == evaluation_page(result)
    assert json.loads(path.with_name("results.json").read_text()) == result.to_json()
    assert cv2.imread(str(path.with_name("accuracy_matrix.png"))) is not None


def test_writing_again_gives_the_same_bytes_and_leaves_other_files_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    contents = []
    for _ in range(2):
        write_report(a_result(), tmp_path)
        contents.append([(tmp_path / name).read_bytes() for name in FILES])
    assert contents[0] == contents[1]
    assert names(tmp_path) == sorted([*FILES, "notes.txt"])


def test_a_full_disk_at_any_file_leaves_the_old_report_and_no_temporary_file(tmp_path, monkeypatch):
    write_report(a_result(), tmp_path)
    before = {name: (tmp_path / name).read_bytes() for name in FILES}
    write = Path.write_bytes
    for failing in range(len(FILES)):
        calls = iter(range(len(FILES)))

        def write_bytes(path, content, calls=calls, failing=failing):
            if next(calls) == failing:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return write(path, content)

        monkeypatch.setattr(Path, "write_bytes", write_bytes)
        with pytest.raises(InputError, match=r"^cannot write .*: No space left on device; free some space or .*$"):
            write_report(a_result(seed=1), tmp_path)
        assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_a_disk_that_fails_to_flush_leaves_no_temporary_file(tmp_path, monkeypatch):
    def fsync(descriptor):
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(atomic.os, "fsync", fsync)
    with pytest.raises(InputError, match="cannot write .*Input/output error"):
        write_report(a_result(), tmp_path)
    assert names(tmp_path) == []


def test_a_folder_that_cannot_be_made_is_told_in_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot make the folder .*file.*; name another one"):
        write_report(a_result(), tmp_path / "file")
    with pytest.raises(InputError, match="cannot make the folder .*Not a directory; name another one"):
        write_report(a_result(), tmp_path / "file" / "folder")


def test_importing_the_report_loads_neither_plots_nor_tensorflow():
    code = (
        "import sys, indeependence.report, indeependence.report.page.evaluation\n"
        "sys.exit(any(name in sys.modules for name in ('matplotlib', 'tensorflow', 'cv2', 'sklearn', 'rich')))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[1]).returncode == 0
