"""Pieces of real photographs, of mixed sizes, read from files as `train` reads them: which photograph is a piece from?

    pip install scikit-image
    python benchmarks/photos.py

The photographs are those that packages ship: two of scikit-learn, one of Matplotlib and, where it is installed, more
of scikit-image. Each is cut into five strips; pieces of the second and of the fourth are tested on, so none was learned
in part. Pieces are 24 to 80 pixels high and wide. This measures the reading of mixed sizes on natural textures and
colours; it is no collection of objects. The others get the same pieces, fitted in the same way: logistic regression on
32x32 pixels, and on histograms of oriented gradients (HOG: 9 directions, cells of 8x8, normed blocks of 2x2) of grey
ones of 64x64.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import click
import cv2
import frame
import numpy as np
from findings import Row
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from indeependence import Dataset, load_dataset
from indeependence.data.picture_form import grey_of
from indeependence.data.readers.picture_survey import Size

TABLE = (
    "| photographs | pieces learned | method | learned | accuracy |\n"
    "| {photographs} | {pieces.mean:,.0f} | {method} | {how} | {accuracy:.1f} % |"
)
OF_SCIKIT_IMAGE = (
    *("astronaut.png", "brick.png", "camera.png", "chelsea.png", "coffee.png", "coins.png", "grass.png", "gravel.png"),
    *("hubble_deep_field.jpg", "ihc.png", "moon.png", "motorcycle_left.png", "retina.jpg", "rocket.jpg"),
)
STRIPS, TESTED = 5, (1, 3)
SIDES = 24, 80  # pixels of a piece, least and most


def photographs() -> Iterator[tuple[str, np.ndarray]]:
    """Yield names and RGB pictures of the photographs that are installed."""
    import matplotlib
    import sklearn.datasets

    places = [
        *sorted((Path(sklearn.datasets.__file__).parent / "images").glob("*.jpg")),
        Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg",
    ]
    try:
        import skimage

        places += [Path(skimage.__file__).parent / "data" / name for name in OF_SCIKIT_IMAGE]
    except ImportError:
        click.echo("scikit-image is not installed: three photographs only", err=True)
    for place in places:
        yield place.stem, np.asarray(cv2.imread(str(place), cv2.IMREAD_COLOR))[..., ::-1]


def write_pieces(folder: Path, each: int, seed: int) -> int:
    """Write ``each`` pieces of every photograph to learn, and half as many to test on; return how many photographs."""
    rng, count = np.random.default_rng(seed), 0
    for name, whole in photographs():
        strips = np.array_split(np.arange(whole.shape[1]), STRIPS)
        for number in range(each + each // 2):
            part = "train" if number < each else "test"
            columns = strips[rng.choice(TESTED if part == "test" else np.setdiff1d(range(STRIPS), TESTED))]
            height, width = np.minimum(rng.integers(SIDES[0], SIDES[1] + 1, 2), (len(whole), len(columns)))
            top, left = rng.integers(0, len(whole) - height + 1), columns[rng.integers(0, len(columns) - width + 1)]
            path = folder / part / name / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(path), whole[top : top + height, left : left + width, ::-1])
        count += 1
    return count


@click.command()
@frame.option("--each", default=200, help="Pieces of every photograph to learn; half as many are tested on.")
@frame.option("--layers", default="auto", help="As in evaluate.")
@frame.option("--seeds", default=3)
@frame.output_option("photos")
def main(each: int, layers: str, seeds: int, output: Path) -> None:
    """Print one row a method."""
    facts = frame.header(range(seeds))
    rows = frame.over_seeds(lambda seed: run(each, layers, seed), range(seeds))
    frame.publish(output, facts, photos=(TABLE, rows))


def run(each: int, layers: str, seed: int) -> list[Row]:
    """Return the accuracy in percent of every method on the pieces that the seed draws."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        count = write_pieces(folder, each, seed)
        found = [
            ("indeependence", "class by class", ours(load_dataset(folder), layers, seed)),
            ("logistic regression, HOG", "all at once", joint(load_dataset(folder, size=Size(64, 64)), hog)),
            ("logistic regression, 32x32 pixels", "all at once", joint(load_dataset(folder, size=Size(32, 32)), flat)),
        ]
    facts = {"photographs": str(count), "pieces": count * each}
    return [{**facts, "method": method, "how": how, "accuracy": accuracy} for method, how, accuracy in found]


def ours(dataset: Dataset, layers: str, seed: int) -> float:
    """Return the accuracy of a model that has learned one class after another; its encoder has seen the first only."""
    from indeependence import ContinualClassifier

    model = ContinualClassifier(layers, random_state=seed)
    for label in dataset.classes:
        rows = dataset.y_train == label
        model.partial_fit(dataset.x_train[rows], dataset.y_train[rows])
    return 100 * float(np.mean(model.predict(dataset.x_test) == dataset.y_test))


def joint(dataset: Dataset, features) -> float:
    """Return the accuracy of logistic regression on features of all pieces at once."""
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=300))
    model.fit(features(dataset.x_train), dataset.y_train)
    return 100 * float(model.score(features(dataset.x_test), dataset.y_test))


def flat(x: np.ndarray) -> np.ndarray:
    """Return pictures as vectors of their values."""
    return x.reshape(len(x), -1) / 255


def hog(x: np.ndarray, cell: int = 8, directions: int = 9) -> np.ndarray:
    """Return histograms of oriented gradients of pictures ``[N, H, W, 3]`` or ``[N, H, W]``, by blocks of 2x2 cells."""
    grey = np.stack([grey_of(one) if one.ndim == 3 else one for one in x]).astype(np.float32)
    down, right = np.gradient(grey, axis=(1, 2))
    bins = np.floor(np.arctan2(down, right) / np.pi % 1 * directions).astype(int) % directions
    height, width = grey.shape[1] // cell, grey.shape[2] // cell
    votes = np.where(bins[..., None] == np.arange(directions), np.hypot(down, right)[..., None], 0)
    cells = votes.reshape(len(x), height, cell, width, cell, directions).sum(axis=(2, 4))
    blocks = np.concatenate([cells[:, :-1, :-1], cells[:, 1:, :-1], cells[:, :-1, 1:], cells[:, 1:, 1:]], axis=-1)
    normed = blocks / (np.linalg.norm(blocks, axis=-1, keepdims=True) + 1e-3)
    return normed.reshape(len(x), -1)


if __name__ == "__main__":
    main()
