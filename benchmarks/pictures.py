"""The pictures of the README and of the site: a report as a browser shows it, a frame of `--show`, and plots.

    python benchmarks/pictures.py --output docs/images

Every picture comes from a run of `evaluate` or `train` on the embedded digits, seed 0. The screenshot needs Chromium
and requirements-browser.txt; without them it is left out, and the table says so.
"""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import frame
import numpy as np
from click.testing import CliRunner
from few_shot import jittered
from findings import markdown
from matplotlib.figure import Figure

from indeependence import ContinualClassifier, evaluate, load_dataset, split_tasks
from indeependence.commands import cli
from indeependence.experiment.comparison import compare
from indeependence.experiment.methods import Settings
from indeependence.report.comparison import Entry
from indeependence.report.plots.curves import spectrum_figure
from indeependence.report.plots.learning_curve import learning_curve_figure
from indeependence.report.plots.matrices import accuracy_matrix_figure
from indeependence.report.plots.rendering import png
from indeependence.report.plots.style import COLOURS, new_figure, style_axes

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WIDTH, HEIGHT = 1200, 1080  # of the browser's window
TABLE = "| picture | shows | from | kB |\n| {picture} | {shows} | `{from}` | {size} |"


@click.command()
@click.option("--layers", default="auto", show_default=True, help="Of the encoder.")
@click.option("--lessons", default=5, show_default=True, help="Drawings of each symbol that the server is taught.")
@click.option("--output", type=click.Path(path_type=Path), default=Path("artifacts/pictures"), show_default=True)
def main(layers: str, lessons: int, output: Path) -> None:
    """Write the pictures and print what each shows."""
    frame.header()
    output.mkdir(parents=True, exist_ok=True)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name, shows, made in pictures(layers, lessons, Path(folder), output):
            path = output / name
            size = f"{path.stat().st_size / 1000:.0f}" if path.exists() else "left out: no browser"
            rows.append({"picture": name, "shows": shows, "from": made, "size": size})
    click.echo(markdown(TABLE, rows))


def pictures(layers: str, lessons: int, folder: Path, output: Path) -> Iterator[tuple[str, str, str]]:
    """Give name, content and origin of each picture, once it is written."""
    digits = load_dataset("digits")
    model = ContinualClassifier(layers)
    result = evaluate(split_tasks(digits, tasks=5), model)
    command = f"evaluate --layers {layers}"
    run("evaluate", "--layers", layers, "--output", folder)
    screenshot(folder / "report.html", output / "report.png")
    yield "report.png", "the top of a report", command
    for name in front_page(layers, output):
        yield name, "two classes after two: the usual training, and this one", f"compare --layers {layers}"
    served_page(folder / "served.safetensors", lessons, output / "serve.png")
    yield "serve.png", "the page of a server, taught three symbols", "serve"
    yield live_frame(folder, output / "show.png")
    write(output / "accuracy_matrix.png", accuracy_matrix_figure(result))
    yield "accuracy_matrix.png", "accuracy on each test set after each task", command
    write(output / "learning_curve.png", learning_curve_figure(result))
    yield "learning_curve.png", "accuracy against tasks learned", command
    spectrum = model.galleries().spectrum
    if spectrum is not None:
        write(output / "spectrum.png", spectrum_figure(spectrum))
        yield "spectrum.png", "eigenvalues of the code's covariance", command


def live_frame(folder: Path, path: Path) -> tuple[str, str, str]:
    """Write the last frame of an autoencoder that learns; return its name, content and origin."""
    words = ("train", "--kind", "autoencoder", "--layers", "60", "--limit", "100")
    run(*words, "--record", folder / "frame.png", "--model", folder / "shown.safetensors", "--output", folder / "shown")
    shutil.copy(max(folder.glob("frame-*.png")), path)
    return path.name, "a frame of --show", " ".join(words)


def front_page(layers: str, output: Path) -> Iterator[str]:
    """Write what forgetting is, at first sight: the usual training of a network beside this one; give the names."""
    scenario = split_tasks(load_dataset("digits"), tasks=5)
    names = {"fine-tuning": "the usual training of a network", "indeependence": "indeependence"}
    entries = compare([scenario], list(names), Settings(layers))
    for name in ("forgetting.png", "forgetting.svg"):
        front_figure(entries, names).savefig(output / name, dpi=144, transparent=False, facecolor="white")
        yield name


def front_figure(entries: Sequence[Entry], names: dict[str, str]) -> Figure:
    """Return a plot of the accuracy on all classes so far, from 0; the names stand at the lines."""
    figure, axes = new_figure(7.2, 3.4)
    for entry, colour, below in zip(entries, (COLOURS[5], COLOURS[0]), (False, True), strict=True):
        classes, accuracy = 2 * np.arange(1, len(entry.curve) + 1), 100 * entry.curve
        axes.plot(classes, accuracy, color=colour, marker="o", linewidth=3, markersize=7, clip_on=False)
        last = f"{accuracy[-1]:.1f} %"
        axes.annotate(last, (classes[-1], accuracy[-1]), (10, -4), textcoords="offset points", color=colour, size=14)
        middle = len(classes) // 2
        place = (classes[middle], accuracy[middle])
        away = (0, -24) if below else (14, 8)
        axes.annotate(names[entry.name], place, away, textcoords="offset points", color=colour, size=13)
    style_axes(axes, "handwritten digits learned, two after two", "right on all of them so far, %")
    axes.set_ylim(0, 100)
    axes.set_xlim(1.6, 11.5)
    axes.set_xticks(range(2, 11, 2))
    return figure


def served_page(model: Path, lessons: int, path: Path) -> None:
    """Write what the page of `serve` shows after lessons, a removal and its undoing; nothing where no browser is."""
    from serve import ours

    random = np.random.default_rng(3)
    with ours(model) as (client, _), browser() as opened:
        if opened is None:
            return
        page = opened.new_context(
            bypass_csp=True, viewport={"width": 1240, "height": 1240}, device_scale_factor=1.5
        ).new_page()
        page.goto(client.address)
        for number in range(3 * lessons):
            name = ("heart", "star", "spiral")[number // lessons]
            draw(page, jittered(name, random))
            page.fill("#name", name)
            page.click("#teach")
            until_learned(page, number + 1)
        draw(page, jittered("heart", random))
        page.get_by_role("button", name="Forget star").click()
        until_learned(page, 2 * lessons)
        page.click("#undo")
        until_learned(page, 3 * lessons)
        page.wait_for_timeout(1000 * lessons)  # until nothing moves, and no message covers anything
        page.screenshot(path=path, full_page=True)


def draw(page: Any, strokes: Sequence[np.ndarray]) -> None:
    """Draw strokes, in a square of side 1, on the page's field."""
    box = page.locator("#pad").bounding_box()
    for stroke in strokes:
        places = [
            (box["x"] + (0.15 + 0.7 * x) * box["width"], box["y"] + (0.15 + 0.7 * y) * box["height"]) for x, y in stroke
        ]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place)
        page.mouse.up()


def until_learned(page: Any, count: int) -> None:
    """Wait until the page knows so many examples."""
    page.wait_for_function(
        "count => parseInt(document.getElementById('fact-examples').textContent) === count "
        "&& !document.body.classList.contains('busy')",
        arg=count,
    )


def write(path: Path, figure: Figure) -> None:
    """Write a plot as a PNG of 720 pixels at most."""
    import cv2  # after NumPy, which `frame` prepares

    picture = np.asarray(cv2.imdecode(np.frombuffer(png(figure), np.uint8), cv2.IMREAD_COLOR))
    shrunk = cv2.resize(picture, None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(path), shrunk, [cv2.IMWRITE_PNG_COMPRESSION, 9])


def run(*words: object) -> None:
    """Run a command in this process, without its output."""
    CliRunner().invoke(cli, list(map(str, words)), catch_exceptions=False)


def screenshot(page: Path, path: Path) -> None:
    """Write what a browser shows of ``page`` first; nothing where there is no browser."""
    with browser() as opened:
        if opened is None:
            return
        shown = opened.new_context(viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=1).new_page()
        shown.goto(page.resolve().as_uri())
        shown.screenshot(path=path)


@contextmanager
def browser() -> Iterator[Any]:
    """Yield a browser, or None where there is none."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        found = None
    if found is None:
        yield None
        return
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        opened.close()


if __name__ == "__main__":
    main()
