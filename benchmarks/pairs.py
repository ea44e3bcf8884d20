"""Pairs tied by sums: the error with which one side is inferred from the other, beside the mean and linear regression.

    python benchmarks/pairs.py --data ../shared/data/mnist --data ../shared/data/fashion-mnist

Pairs are the upper and the lower half of a picture, and a picture with a tone that is made here: its pitch tells the
class, its loudness how bright the picture is, and pitch, beginning and noise vary. Held-out pairs are of the test part.
"""

from functools import partial
from pathlib import Path

import frame
import numpy as np
from findings import Row
from sklearn.linear_model import RidgeCV

from indeependence import ContinualAutoencoder, Dataset
from indeependence.data.sound_form import SoundForm
from indeependence.report.pictures.grid import write_grid

RATE, SECONDS = 8000, 0.5
SHOWN = 12  # held-out pairs in the picture
TABLE = (
    "| data | pairs | given → inferred | mean | linear regression | tied | CPU seconds |\n"
    "| {data} | {pairs} | {way} | {mean:.1f} | {linear:.1f} | {tied:.1f} | {seconds:.0f} |"
)
Sides = tuple[np.ndarray, np.ndarray]


def halves(pictures: np.ndarray, labels: np.ndarray, seed: int) -> Sides:
    """Return upper and lower halves."""
    middle = pictures.shape[1] // 2
    return pictures[:, :middle], pictures[:, middle:]


def tones(pictures: np.ndarray, labels: np.ndarray, seed: int) -> Sides:
    """Return pictures and, as spectrograms, a tone for each."""
    rng, form, time = np.random.default_rng(seed), SoundForm(RATE, SECONDS), np.arange(int(RATE * SECONDS)) / RATE
    _, classes = np.unique(labels, return_inverse=True)
    found = np.empty((len(pictures), *form.shape), np.uint8)
    for row, (picture, number) in enumerate(zip(pictures, classes, strict=True)):
        pitch = 200 * 1.3**number * rng.normal(1, 0.02)
        wave = np.sin(2 * np.pi * pitch * time) + 0.5 * np.sin(4 * np.pi * pitch * time)
        loud = (0.02 + picture.mean() / 255) * (time > rng.uniform(0, 0.1))
        found[row] = form.of(loud * wave / 2 + 1e-3 * rng.standard_normal(len(time)))
    return pictures, found


KINDS = {"halves": (halves, ("upper", "lower")), "picture and tone": (tones, ("picture", "tone"))}


@frame.benchmark("pairs", TABLE, seeds=3)
@frame.option("--limit", default=4000, help="Pairs to learn.")
@frame.option("--tests", default=1000, help="Held-out pairs.")
@frame.option("--pictures", default="artifacts/pairs", help="Folder for a grid of each kind of pairs.")
def main(dataset: Dataset, seed: int, limit: int, tests: int, pictures: str) -> list[Row]:
    """Measure root mean squared errors, in bytes, of each side from the other."""
    order = np.random.default_rng(seed).permutation(len(dataset.y_train))[:limit]
    told = []
    for kind, (made, names) in KINDS.items():
        learned = made(dataset.x_train[order], dataset.y_train[order], seed)
        held = made(dataset.x_test[:tests], dataset.y_test[:tests], seed + 1000)
        model = ContinualAutoencoder(random_state=seed)
        seconds, _ = frame.spent(partial(model.fit, learned[0], targets=learned[1]))
        found = model.infer(targets=held[1]).inputs, model.infer(held[0]).targets
        for given in (0, 1):
            wanted = 1 - given
            told.append(
                {
                    "pairs": kind,
                    "way": f"{names[given]} → {names[wanted]}",
                    "mean": error(np.broadcast_to(learned[wanted].mean(0), held[wanted].shape), held[wanted]),
                    "linear": error(linear(learned[given], learned[wanted], held[given]), held[wanted]),
                    "tied": error(found[wanted], held[wanted]),
                    "seconds": seconds,
                }
            )
        if not seed:
            draw(Path(pictures) / f"{dataset.name}_{kind.split()[0]}.png", held, found)
    return told


def linear(given: np.ndarray, wanted: np.ndarray, held: np.ndarray) -> np.ndarray:
    """Return what ridge regression says, its penalty chosen by leaving one out."""
    rows, targets, asked = (part.reshape(len(part), -1) / 255 for part in (given, wanted, held))
    found = RidgeCV(np.logspace(-1, 4, 11)).fit(rows, targets).predict(asked)
    return (255 * np.clip(found, 0, 1)).reshape(len(held), *wanted.shape[1:])


def error(found: np.ndarray, right: np.ndarray) -> float:
    """Return the root mean squared error."""
    return float(np.sqrt(np.mean((found.astype(np.float64) - right) ** 2)))


def draw(path: Path, held: Sides, found: Sides) -> None:
    """Write a grid for each side: what is right above, what was inferred from the other side below."""
    for name, right, told in zip("ab", held, found, strict=True):
        both = np.concatenate([right[:SHOWN], told[:SHOWN]]) / 255
        side = path.with_name(f"{path.stem}_{name}.png")
        write_grid(side, both.reshape(len(both), -1), right.shape[1:], min(SHOWN, len(right)))


if __name__ == "__main__":
    main()
