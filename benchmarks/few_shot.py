"""Symbols taught from nothing, as the page of `serve` does: how many are right after a few drawings of each.

    python benchmarks/few_shot.py

Ten symbols are drawn with other slants, widths, wobbles and pens each time, and brought to the middle of 28x28 pixels
as the page does. The encoder is the one that a server begins with: it has seen none of them.
"""

from collections.abc import Sequence

import click
import cv2
import frame
import numpy as np
from findings import Row
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from indeependence.data.reading import Reading
from indeependence.serve.beginning import Beginning
from indeependence.serve.state import Held

TABLE = (
    "| drawings of each | taught from nothing | nearest neighbour | logistic regression |\n"
    "| {each} | {taught:.1f} % | {neighbour:.1f} % | {logistic:.1f} % |"
)
SIDE, FINE = 28, 10  # pixels, and fine ones along each
POINTS = 40  # of a stroke


def _arc(turns: float, points: int = 24) -> list[tuple[float, float]]:
    angles = np.linspace(0, 2 * np.pi * turns, points)
    return list(zip(0.5 + 0.42 * np.cos(angles), 0.5 + 0.42 * np.sin(angles), strict=True))


def _spiral() -> list[tuple[float, float]]:
    share = np.linspace(0, 1, 50)
    angles = 5 * np.pi * share
    return list(zip(0.5 + 0.45 * share * np.cos(angles), 0.5 + 0.45 * share * np.sin(angles), strict=True))


def _heart() -> list[tuple[float, float]]:
    t = np.linspace(0, 2 * np.pi, 40)
    height = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
    return list(zip(0.5 + 0.45 * np.sin(t) ** 3, 0.47 - 0.028 * height, strict=True))


def _star() -> list[tuple[float, float]]:
    angles = 4 * np.pi * np.arange(6) / 5
    return list(zip(0.5 + 0.45 * np.sin(angles), 0.5 - 0.45 * np.cos(angles), strict=True))


SYMBOLS: dict[str, list[list[tuple[float, float]]]] = {  # strokes in a square of side 1
    "circle": [_arc(1.03)],
    "square": [[(0.12, 0.12), (0.88, 0.12), (0.88, 0.88), (0.12, 0.88), (0.12, 0.12)]],
    "triangle": [[(0.5, 0.08), (0.92, 0.9), (0.08, 0.9), (0.5, 0.08)]],
    "cross": [[(0.12, 0.12), (0.88, 0.88)], [(0.88, 0.12), (0.12, 0.88)]],
    "plus": [[(0.5, 0.08), (0.5, 0.92)], [(0.08, 0.5), (0.92, 0.5)]],
    "star": [_star()],
    "heart": [_heart()],
    "lightning": [[(0.62, 0.05), (0.25, 0.52), (0.7, 0.5), (0.35, 0.95)]],
    "spiral": [_spiral()],
    "arrow": [[(0.08, 0.5), (0.92, 0.5)], [(0.6, 0.2), (0.92, 0.5), (0.6, 0.8)]],
}


@click.command()
@frame.option("--seeds", default=5)
@frame.option("--each", default="1,2,3,5,10", help="Drawings of each symbol that are taught.")
@frame.option("--tests", default=50, help="Drawings of each symbol that are asked.")
@frame.output_option("few_shot")
def main(seeds: int, each: str, tests: int, output) -> None:
    """Print one row for each number of drawings."""
    facts = frame.header(range(seeds))
    counts = [int(count) for count in each.split(",")]
    rows = frame.over_seeds(lambda seed: shares_right(seed, counts, tests), range(seeds))
    frame.publish(output, facts, few_shot=(TABLE, rows))


def shares_right(seed: int, counts: Sequence[int], tests: int) -> list[Row]:
    """Return what share of new drawings is told right, in percent, for each number of drawings that are taught."""
    asked, right = drawings(tests, np.random.default_rng([seed, 1]))
    taught, names = drawings(max(counts), np.random.default_rng([seed, 0]))
    empty = Held.of(Beginning().model(asked, Reading()))
    rows = []
    for count in counts:
        some = np.concatenate([np.flatnonzero(names == name)[:count] for name in SYMBOLS])
        x, y = taught[some], names[some]
        pixels, asked_pixels = (part.reshape(len(part), -1) / 255 for part in (x, asked))
        learners = {
            "taught": empty.model().partial_fit(x, y).score(asked, right),
            "neighbour": KNeighborsClassifier(1).fit(pixels, y).score(asked_pixels, right),
            "logistic": LogisticRegression(max_iter=1000).fit(pixels, y).score(asked_pixels, right),
        }
        rows.append({"each": str(count), **{name: 100 * share for name, share in learners.items()}})
    return rows


def drawings(each: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return so many drawings of each symbol, uint8 ``[N, 28, 28]``, and their names."""
    names = np.repeat(list(SYMBOLS), each)
    return np.stack([drawn(jittered(name, random), random.uniform(1.6, 2.8)) for name in names]), names


def jittered(name: str, random: np.random.Generator) -> list[np.ndarray]:
    """Return the strokes of one drawing: turned, slanted, stretched, and with a hand that is not steady."""
    angle = random.normal(0, 0.16)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    slant = np.array([[random.uniform(0.75, 1.25), random.normal(0, 0.15)], [0, random.uniform(0.75, 1.25)]])
    strokes = []
    for stroke in SYMBOLS[name]:
        even = evenly(np.array(stroke))
        strokes.append((even - 0.5) @ (turn @ slant).T + wobble(random) + random.normal(0, 0.02, 2) + 0.5)
    return strokes


def evenly(stroke: np.ndarray) -> np.ndarray:
    """Return `POINTS` points along a stroke, at equal distances."""
    way = np.r_[0, np.cumsum(np.hypot(*np.diff(stroke, axis=0).T))]
    at = np.linspace(0, way[-1], POINTS)
    return np.stack([np.interp(at, way, stroke[:, axis]) for axis in (0, 1)], 1)


def wobble(random: np.random.Generator, smooth: int = 9) -> np.ndarray:
    """Return smooth noise along a stroke."""
    noise = random.normal(0, 0.022, (POINTS + 2 * smooth, 2))
    window = np.hanning(smooth + 2)[1:-1]
    window /= np.sqrt((window**2).sum())
    return np.stack([np.convolve(noise[:, axis], window, "same")[smooth:-smooth] for axis in (0, 1)], 1)


def drawn(strokes: Sequence[np.ndarray], pen: float) -> np.ndarray:
    """Return strokes as a picture, white on black, as large as twenty pixels and in the middle, as the page has it."""
    points = np.concatenate(strokes)
    low, high = points.min(0), points.max(0)
    scale = 20 * FINE / (high - low).max()
    picture = np.zeros((SIDE * FINE, SIDE * FINE), np.uint8)
    for stroke in strokes:
        places = (stroke - (low + high) / 2) * scale + SIDE * FINE / 2
        cv2.polylines(picture, [np.rint(places * 16).astype(np.int32)], False, 255, round(pen * FINE), cv2.LINE_AA, 4)
    return cv2.resize(picture, (SIDE, SIDE), interpolation=cv2.INTER_AREA)


if __name__ == "__main__":
    main()
