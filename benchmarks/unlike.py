"""What a model notices as unlike all that it learned: how far inputs are, and how many are beyond 3.

python benchmarks/unlike.py --foreign fashion-mnist
"""

from collections.abc import Iterator
from pathlib import Path

import click
import cv2
import frame
import numpy as np
import sklearn.datasets
from findings import Row
from sklearn.model_selection import train_test_split

from indeependence import ContinualClassifier, load_dataset
from indeependence.moments.likeness import FAR

TABLE = (
    "| model of | asked | median distance | beyond 3 |\n| {model} | {asked} | {median.mean:.2f} | {beyond.mean:.1f} % |"
)
TABLES = {"iris": "load_iris", "wine": "load_wine", "cancer": "load_breast_cancer"}
Asked = tuple[str, str, ContinualClassifier, np.ndarray]


@click.command()
@frame.option("--foreign", help="Pictures of another kind to ask about, brought to 8x8 pixels; as in evaluate.")
@frame.option("--layers", default="auto")
@frame.option("--seeds", default=5)
@frame.output_option("unlike")
def main(foreign: str | None, layers: str, seeds: int, output: Path) -> None:
    """Print one row for each kind of inputs."""
    facts = frame.header(range(seeds))
    found = frame.over_seeds(lambda seed: run(foreign, layers, seed), range(seeds))
    frame.publish(output, facts, unlike=(TABLE, found))


def run(foreign: str | None, layers: str, seed: int) -> list[Row]:
    """Return the median distance and the share beyond 3 in percent, of each kind of inputs."""
    rows = []
    for model, asked, classifier, x in (*of_digits(foreign, layers, seed), *of_tables(layers, seed)):
        distances = classifier.predictor.answers(x)[1]
        if distances is None:
            raise RuntimeError(f"{model}: fewer rows were learned than show how inputs vary")
        beyond = 100 * float(np.mean(distances > FAR))
        rows.append({"model": model, "asked": asked, "median": float(np.median(distances)), "beyond": beyond})
    return rows


def of_digits(foreign: str | None, layers: str, seed: int) -> Iterator[Asked]:
    """Yield what models of digits are asked."""
    digits, rng = load_dataset("digits", seed=seed), np.random.default_rng(seed)
    x, y, tested = digits.x_train, digits.y_train, digits.x_test
    whole, few, part = (ContinualClassifier(layers, random_state=seed) for _ in range(3))
    whole.fit(x, y)
    few.fit(x[:25], y[:25])
    part.fit(x[y < 8], y[y < 8])
    yield "digits", "held-out digits", whole, tested
    yield "digits, only 25 learned", "held-out digits", few, tested
    yield "digits", "noise", whole, rng.integers(0, 256, tested.shape, dtype=np.uint8)
    yield "digits", "inverted digits", whole, 255 - tested
    mixed = tested.reshape(len(tested), -1)[:, rng.permutation(tested[0].size)].reshape(tested.shape)
    yield "digits", "digits with their pixels mixed", whole, mixed
    if foreign is not None:
        small = [
            cv2.resize(one, tested.shape[1:], interpolation=cv2.INTER_AREA)
            for one in load_dataset(foreign).x_test[:1000]
        ]
        yield "digits", f"{Path(foreign).stem} at 8x8 pixels", whole, np.array(small)
    yield "digits", "empty pictures", whole, np.zeros_like(tested[:1])
    yield "digits", "digits sixteen times too dark", whole, tested // 16
    yield "digits 0 to 7", "digits 8 and 9", part, tested[digits.y_test >= 8]


def of_tables(layers: str, seed: int) -> Iterator[Asked]:
    """Yield what models of tables are asked."""
    for name, load in TABLES.items():
        x, y = getattr(sklearn.datasets, load)(return_X_y=True)
        x, tested, y, _ = train_test_split(x, y, test_size=0.3, random_state=seed, stratify=y)
        whole, later = (ContinualClassifier(layers, random_state=seed) for _ in range(2))
        whole.fit(x, y)
        for label in np.roll(np.unique(y), -seed):
            later.partial_fit(x[y == label], y[y == label])
        even = np.random.default_rng(seed).uniform(x.min(axis=0), x.max(axis=0), (1000, x.shape[1]))
        yield name, "held-out rows", whole, tested
        yield f"{name}, class by class", "held-out rows", later, tested
        yield name, "rows × 1000", whole, tested * 1000
        yield name, "rows ÷ 10", whole, tested / 10
        yield name, "values drawn evenly from the range of each column", whole, even


if __name__ == "__main__":
    main()
