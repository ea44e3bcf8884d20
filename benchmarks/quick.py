"""Quick for one: a process that answers, a single prediction, all cores at once, and eight threads of a server.

    python benchmarks/quick.py --data ../shared/data/mnist

Wall time, so on an idle machine only. One BLAS thread for each thread that asks, as in `serve`.
"""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import cv2
import frame
import numpy as np
from findings import Row

from indeependence import ContinualClassifier, load_dataset
from indeependence.machine import available_cores, limited_threads

CLI = Path(__file__).resolve().parent.parent / "cli.py"
TABLE = (
    "| data | H | what | median | least |\n| {data} | {units} | {what} | {median:,.4g} {unit} | {least:,.4g} {unit} |"
)
RATES = (
    "| data | pictures a call | calls at once, n_jobs | pictures a second | beside one at once, n_jobs 1 |\n"
    "| {data} | {size} | {how} | {rate:,.0f} | {share:.2f} |"
)


@click.command()
@frame.several_data
@frame.option("--examples", default=5000, help="Learned before.")
@frame.option("--seconds", default=2.0, help="Of each rate.")
@frame.output_option("quick")
def main(data: tuple[str, ...], examples: int, seconds: float, output: Path) -> None:
    """Print what one costs, and how many fit into a second."""
    facts, ones, rates = frame.header(), [], []
    for source in data:
        dataset = load_dataset(source)
        model = ContinualClassifier().fit(dataset.x_train[:examples], dataset.y_train[:examples])
        named = {"data": Path(source).stem, "units": f"{model.encoder_.units:,}"}
        model.predict(dataset.x_test[:1])  # weights are solved once, and kept in the file
        pictures = dataset.x_test[:2048]
        ones += [{**named, **row} for row in (process(model, pictures[0]), single(model, pictures))]
        rates += [{"data": named["data"], **row} for row in together(model, pictures, seconds)]
    frame.publish(output, facts, one=(TABLE, ones), rates=(RATES, rates))


def process(model: ContinualClassifier, picture: np.ndarray) -> Row:
    """Return the seconds of `infer` on a file of one picture, from the start of the process to its end."""
    with TemporaryDirectory() as folder:
        path, kept = Path(folder) / "one.png", Path(folder) / "model.safetensors"
        cv2.imwrite(str(path), picture)
        model.save(kept)
        command = [sys.executable, str(CLI), "infer", "--data", str(path), "--model", str(kept)]
        return {
            "what": "`infer`, one picture, whole process",
            **times(lambda: subprocess.check_output(command), 7, "s"),
        }


def single(model: ContinualClassifier, pictures: np.ndarray) -> Row:
    """Return the milliseconds of one prediction in Python."""
    turn = iter(np.resize(np.arange(len(pictures)), 10_000).tolist())

    def ask() -> None:
        at = next(turn)
        model.predict(pictures[at : at + 1])

    return {"what": "`predict`, one picture", **times(ask, 300, "ms")}


def times(act, count: int, unit: str) -> Row:
    """Return the median and the least of so many calls, after one that is not counted."""
    act()
    all_of_them = [frame.spent(act, time.perf_counter)[0] * (1e3 if unit == "ms" else 1) for _ in range(count)]
    return {"median": float(np.median(all_of_them)), "least": min(all_of_them), "unit": unit}


def together(model: ContinualClassifier, pictures: np.ndarray, seconds: float) -> list[Row]:
    """Return rates of threads that ask at once, and of one that lets the model use more cores."""
    rows = []
    for size in (1, 64):
        rates = {f"{callers} at once": rate(model, pictures, size, callers, seconds) for callers in (1, 2, 8)}
        rows += beside_first(size, rates)
    rates = {}
    for number in (1, available_cores(), -1):
        model.set_params(n_jobs=number)
        rates[f"n_jobs={number}"] = rate(model, pictures, len(pictures), 1, seconds, limit=None)
    model.set_params(n_jobs=None)
    return rows + beside_first(len(pictures), rates)


def beside_first(size: int, rates: dict[str, float]) -> list[Row]:
    """Return a row for each rate, with its share of the first one."""
    first = next(iter(rates.values()))
    return [{"size": str(size), "how": how, "rate": one, "share": one / first} for how, one in rates.items()]


def rate(model, pictures: np.ndarray, size: int, callers: int, seconds: float, limit: int | None = 1) -> float:
    """Return the pictures a second that so many threads get answers for, ``size`` a call."""
    until = time.perf_counter() + seconds

    def ask(number: int) -> int:
        done = 0
        while time.perf_counter() < until:
            at = (number * 97 + done) % (len(pictures) - size + 1)
            model.predict(pictures[at : at + size])
            done += 1
        return done * size

    with limited_threads(limit), ThreadPoolExecutor(callers) as threads:
        began = time.perf_counter()
        return sum(threads.map(ask, range(callers))) / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
