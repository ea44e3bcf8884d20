"""What all benchmarks share: options, the header, loops over data and seeds, the end, timers and figures.

Import it before NumPy: it finds the package in the folder above, and lets the libraries use wide vectors.
"""

import json
import os
import shlex
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import partial, wraps
from pathlib import Path
from typing import Any

import click

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from indeependence.machine import use_wide_vectors  # noqa: E402

use_wide_vectors()

import numpy as np  # noqa: E402
from findings import Row, markdown, save  # noqa: E402

from indeependence import ContinualClassifier, Dataset, Scenario, __version__, load_dataset, split_tasks  # noqa: E402
from indeependence.data.scenarios import shuffled_classes  # noqa: E402
from indeependence.report.plots.style import COLOURS, MARKERS  # noqa: E402
from indeependence.report.result import Result  # noqa: E402

PLACES = {"--output", "--figure"}  # where results go is no part of what is measured
SIZE = 2048  # of the square matrices whose product tells the machine's rate

option = partial(click.option, show_default=True)
data_option = option("--data", default="digits", help="As in evaluate.")
several_data = option("--data", multiple=True, default=["digits"], help="As in evaluate; may be repeated.")
small_layers = option("--layers", help="As in evaluate; if not given, some for the side of the pictures.")


def output_option(name: str) -> Callable:
    """Return the option ``--output``, the file of all single values."""
    return option("--output", type=click.Path(path_type=Path), default=Path(f"artifacts/{name}.json"))


def figure_option(name: str) -> Callable:
    """Return the option ``--figure``, the picture of them."""
    return option("--figure", type=click.Path(path_type=Path), default=Path(f"artifacts/{name}.png"))


def benchmark(name: str, table: str, *, seeds: int = 5, draw: Callable[[list[Row], Path], None] | None = None):
    """Make a command of ``run(dataset, seed, **options)``, which tables its rows for all data sets and seeds.

    ``draw`` gets the rows and the path of a picture of them.
    """

    def command(run: Callable[..., list[Row]]) -> click.Command:
        @click.command(name)
        @several_data
        @option("--seeds", default=seeds)
        @output_option(name)
        @(figure_option(name) if draw else lambda main: main)
        @wraps(run)
        def main(data: tuple[str, ...], seeds: int, output: Path, **options: Any) -> None:
            figure: Path = options.pop("figure") if draw else Path()
            facts, rows = header(range(seeds)), []
            for source in data:
                once = partial(run, load_dataset(source), **options)
                rows += over_seeds(once, range(seeds), data=Path(source).stem)
            publish(output, facts, **{name: (table, rows)})
            if draw:
                draw(rows, figure)

        return main

    return command


def header(seeds: Sequence[int] = (0,)) -> dict[str, Any]:
    """Print how this run was called and on which machine; return the same for `publish`."""
    words = [word for before, word in zip(["", *sys.argv], sys.argv, strict=False) if not PLACES & {before, word}]
    rates = f"{rate_of_machine() / 1e9:.0f} GFLOP/s float32, {rate_of_one_core() / 1e9:.0f} a core"
    facts = {
        "command": shlex.join(["python", *words]),
        "seeds": list(seeds),
        "date": date.today().isoformat(),
        "version": __version__,
        "machine": f"matrix product {rates}; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
    }
    click.echo("\n".join(f"{name}: {value}" for name, value in facts.items()) + "\n")
    return facts


def over_seeds(run: Callable[[int], list[Row]], seeds: Iterable[int], **names: str) -> list[Row]:
    """Return the rows of ``run(seed)``, each beginning with ``names``: the first seed's text, and lists of all else.

    Every seed's rows go to stderr as they come.
    """
    told = []
    for seed in seeds:
        told.append(run(seed))
        click.echo(f"{' '.join(names.values())} seed {seed}: {json.dumps(told[-1], default=float)}", err=True)
    rows: list[Row] = []
    for same in zip(*told, strict=True):
        every = {name: [row[name] for row in same] for name in same[0]}
        rows.append(
            {
                **names,
                "seeds": len(told),
                **{name: of[0] if isinstance(of[0], str) else of for name, of in every.items()},
            }
        )
    return rows


def publish(output: Path, facts: dict[str, Any], **tables: tuple[str, list[Row]]) -> None:
    """Print the tables, and keep every value in ``output``."""
    for table, rows in tables.values():
        click.echo(markdown(table, rows) + "\n")
    kept = {name: {"table": table, "rows": rows} for name, (table, rows) in tables.items()}
    save(output, {**facts, "tables": kept})
    click.echo(f"single values: {output}")


def shuffled_tasks(dataset: Dataset, tasks: int, seed: int) -> Scenario:
    """Return the split scenario whose order of classes is drawn by the seed."""
    return split_tasks(dataset, tasks=tasks, class_order=shuffled_classes(dataset, seed).tolist(), seed=seed)


def figures_of(result: Result) -> Row:
    """Return what an evaluation came to, in percent, MB and seconds."""
    return {
        "accuracy": 100 * result.average_accuracy,
        "forgetting": None if result.forgetting is None else 100 * result.forgetting,
        "each test set": (100 * result.accuracy_matrix[-1]).tolist(),
        "sums": result.statistics_bytes / 1e6,
        "data_seen": result.data_bytes / 1e6,
        "cpu_seconds": result.cpu_seconds,
    }


def held_out(dataset: Dataset, count: int = 10_000, seed: int | None = None) -> Dataset:
    """Return the training part alone, the last ``count`` of it to test on; in a random order if there is a seed."""
    size, x, y = len(dataset.y_train), dataset.x_train, dataset.y_train
    order = np.arange(size) if seed is None else np.random.default_rng(seed).permutation(size)
    learned, tested = order[:-count], order[-count:]
    return replace(dataset, x_train=x[learned], y_train=y[learned], x_test=x[tested], y_test=y[tested])


def fitted(
    dataset: Dataset, layers: str | None, by_side: dict[int, str], limit: int, seed: int, **options: Any
) -> ContinualClassifier:
    """Return a model of the first training examples; layers go by the side of the pictures if none are given."""
    layers = layers or by_side.get(dataset.x_train.shape[1], "auto")
    model = ContinualClassifier(layers, random_state=seed, **options)
    return model.fit(dataset.x_train[:limit], dataset.y_train[:limit])


def rate_of_machine() -> float:
    """Return the operations a second of the float32 matrix product, on all cores that it may use."""
    square = np.ones((SIZE, SIZE), np.float32)
    return 2 * SIZE**3 / least_seconds(lambda: square @ square, clock=time.perf_counter)


def rate_of_one_core() -> float:
    """Return the operations of the float32 matrix product in one second of processor time."""
    square = np.ones((SIZE, SIZE), np.float32)
    return 2 * SIZE**3 / least_seconds(lambda: square @ square)


def least_seconds(act: Callable[[], object], times: int = 3, clock: Callable[[], float] = time.process_time) -> float:
    """Return the seconds of a call, the least of some; of processor time, which other programs hardly change."""
    return min(spent(act, clock)[0] for _ in range(times))


def spent(act: Callable[[], object], clock: Callable[[], float] = time.process_time) -> tuple[float, float]:
    """Return the seconds of a call by ``clock``, and by the wall's."""
    began, wall = clock(), time.perf_counter()
    act()
    return clock() - began, time.perf_counter() - wall


@contextmanager
def figure(path: Path, titles: Iterable[str], **labels: Any) -> Iterator[dict[str, Any]]:
    """Give axes by title, side by side and styled alike, to draw on; then write the PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    names = list(dict.fromkeys(titles))
    whole = Figure(figsize=(max(4.5 * len(names), 7), 3.6), layout="constrained")
    FigureCanvasAgg(whole)
    panels = dict(zip(names, whole.subplots(1, len(names), squeeze=False)[0], strict=True))
    for title, axes in panels.items():
        axes.set(title=title, **labels)
        axes.grid(alpha=0.2)
    yield panels
    path.parent.mkdir(parents=True, exist_ok=True)
    whole.axes[0].legend(fontsize=8)
    whole.savefig(path, dpi=90)


def look(index: int, line: str = "-") -> dict[str, str]:
    """Return how a curve of that number looks: told apart by colour and by marker."""
    return {"color": COLOURS[index], "marker": MARKERS[index], "linestyle": line}
