"""Class after class on the features of a pretrained network: ours, and what others do with the same features.

    python ../shared/data/unpack_cifar10.py cifar10.npz
    python ../shared/data/unpack_cifar100.py cifar100.npz
    python benchmarks/pretrained.py --data cifar10.npz --tasks 5 --cache features
    python benchmarks/pretrained.py --data cifar10.npz --tasks 5 --cache features --layers inputs --flip \
        --depths fire5:2,fire6:2,fire7:2,fire8:2,fire9:2
    python benchmarks/pretrained.py --data cifar100.npz --tasks 10 --cache features --layers inputs --flip \
        --depths fire3,fire4,fire5,fire6,fire7,fire8,fire9
    python benchmarks/pretrained.py --data ../shared/data/clinc150.npz --tasks 15 --encoder none

The network has seen ImageNet, which knows most classes of both data sets. It looks at every picture once: with --cache,
its features are kept, and later runs read them. With ``none``, the data are features already. All methods get the same
features of the same tasks, in one process:

* ours: `ContinualClassifier(layers)`, bootstrapped on the first task; nothing else is chosen here;
* nearest mean: the class of the nearest mean feature, by cosine, as in RanPAC's tables;
* LDA: class means and one covariance, of which a hundredth is replaced by the mean variance, as in `compare`;
* ridge, and the rule of RanPAC (McDonnell et al. 2023): ridge on 10,000 random ReLU features. Both choose their penalty
  anew after each task among 17, from 1e-8 to 1e8, on a fifth of the examples of that task alone.

With --root, all get square roots of the features, which is what ours makes of them by itself: for the other methods.

The last accuracy is that on all test pictures, the average incremental one the mean over tasks of that on the classes
seen so far. CPU seconds are those of learning and answering after each task, without the network's.
"""

import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import click
import frame
import numpy as np
import scipy.linalg
from findings import Row

from indeependence import ContinualClassifier, Dataset
from indeependence.data.scenarios import shuffled_classes
from indeependence.encoder.fronts.front import Front
from indeependence.encoder.fronts.pretrained import pretrained

TABLE = (
    "| data | pretrained features | columns | tasks | method | stored examples | last accuracy "
    "| average incremental accuracy | sums | CPU seconds |\n"
    "| {data} | {network} | {columns} | {tasks} | {method} | 0 | {last:.2f} % | {incremental:.2f} % "
    "| {sums.mean:.3g} MB | {cpu_seconds.mean:.3g} |"
)
PENALTIES = 10.0 ** np.arange(-8, 9)
ROWS = 4096  # of features at a time
METHODS = ("ours", "nearest-mean", "lda", "ridge", "ranpac")
NONE = "none"
NETWORK = Path("../shared/data/encoders/squeezenet.keras")


class Method(Protocol):
    """What learns the features of one task after another."""

    @property
    def nbytes(self) -> int: ...
    def learn(self, x: np.ndarray, y: np.ndarray) -> None: ...
    def predict(self, x: np.ndarray) -> np.ndarray: ...


class Ours:
    """The classifier of this package, on features."""

    def __init__(self, layers: str, seed: int):
        self.model = ContinualClassifier(layers, random_state=seed)

    @property
    def nbytes(self) -> int:
        """The bytes of its sums."""
        return self.model.moments_.nbytes

    def learn(self, x: np.ndarray, y: np.ndarray) -> None:
        """Learn a task."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # on far values: features have long tails
            self.model.partial_fit(x, y)

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return labels."""
        return self.model.predict(x)


class Sums:
    """Sums of features float64 ``[D]`` for each class, with their products ``[D, D]`` if wanted."""

    def __init__(self, *, products: bool):
        self.cross: dict[int, np.ndarray] = {}
        self.counts: dict[int, int] = {}
        self.products, self.wanted = np.zeros((0, 0)), products

    @property
    def nbytes(self) -> int:
        """Their bytes; of the products, one of each pair that is equal."""
        crosses = sum(one.nbytes for one in self.cross.values())
        return crosses + self.products.nbytes // 2

    @property
    def labels(self) -> np.ndarray:
        """The classes, in the order of their sums."""
        return np.array(list(self.cross))

    @property
    def means(self) -> np.ndarray:
        """The mean of each class, ``[C, D]``."""
        return np.stack([self.cross[label] / self.counts[label] for label in self.cross])

    def add(self, x: np.ndarray, y: np.ndarray) -> None:
        """Add examples."""
        for label in np.unique(y).tolist():
            rows = x[y == label]
            self.cross[label] = self.cross.get(label, 0) + rows.sum(0, dtype=np.float64)
            self.counts[label] = self.counts.get(label, 0) + len(rows)
        if self.wanted:
            products = x.T @ x
            self.products = products + self.products if self.products.size else products.astype(np.float64)


class NearestMean:
    """The class of the nearest mean, by cosine."""

    def __init__(self) -> None:
        self.sums = Sums(products=False)

    @property
    def nbytes(self) -> int:
        """The bytes of its sums."""
        return self.sums.nbytes

    def learn(self, x: np.ndarray, y: np.ndarray) -> None:
        """Learn a task."""
        self.sums.add(x, y)

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return labels."""
        means = self.sums.means
        return self.sums.labels[(x @ (means / np.linalg.norm(means, axis=1, keepdims=True)).T).argmax(1)]


class LDA:
    """Linear discriminants of one covariance; its shrinkage is fixed."""

    shrinkage = 1e-2

    def __init__(self) -> None:
        self.sums = Sums(products=True)

    @property
    def nbytes(self) -> int:
        """The bytes of its sums."""
        return self.sums.nbytes

    def learn(self, x: np.ndarray, y: np.ndarray) -> None:
        """Learn a task, and solve."""
        self.sums.add(x, y)
        means, counts = self.sums.means, np.array(list(self.sums.counts.values()))
        covariance = (self.sums.products - (means.T * counts) @ means) / counts.sum()
        spread = np.trace(covariance) / len(covariance)
        covariance *= 1 - self.shrinkage
        covariance[np.diag_indices(len(covariance))] += self.shrinkage * spread
        self.slopes = np.linalg.solve(covariance, means.T)
        self.offsets = -np.sum(means.T * self.slopes, 0) / 2

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return labels."""
        return self.sums.labels[(x @ self.slopes + self.offsets).argmax(1)]


class Ridge:
    """Ridge with the penalty that is best for the last task, on features or on random ReLU features of them."""

    def __init__(self, seed: int, random_features: int = 0):
        self.sums, self.units = Sums(products=True), random_features
        self.rng = np.random.default_rng(seed)
        self.directions: np.ndarray | None = None

    @property
    def nbytes(self) -> int:
        """The bytes of its sums; the directions follow from the seed."""
        return self.sums.nbytes

    def learn(self, x: np.ndarray, y: np.ndarray) -> None:
        """Learn a task, choose the penalty by it, and solve."""
        if self.units and self.directions is None:
            self.directions = self.rng.standard_normal((x.shape[1], self.units)).astype(np.float32)
        codes = self._codes(x)
        self.sums.add(codes, y)
        order = self.rng.permutation(len(y))
        targets = (y[:, None] == self.sums.labels).astype(float)
        penalty = best_penalty(codes[order], targets[order])
        cross = np.stack(list(self.sums.cross.values()), axis=1)
        self.weights = solved(self.sums.products, penalty, cross)

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return labels."""
        return self.sums.labels[(self._codes(x) @ self.weights).argmax(1)]

    def _codes(self, x: np.ndarray) -> np.ndarray:
        return x if self.directions is None else np.maximum(x @ self.directions, 0)


def best_penalty(codes: np.ndarray, targets: np.ndarray) -> float:
    """Return the penalty with the least squared error on the last fifth, learned from the others of these examples."""
    count = int(0.8 * len(codes))
    known, held = codes[:count].astype(np.float64), codes[count:].astype(np.float64)
    # In the smaller of two equal forms: of the products of units, or of examples.
    few = count < codes.shape[1]
    products, sides = (known @ known.T, held @ known.T) if few else (known.T @ known, held)
    right = targets[:count] if few else known.T @ targets[:count]
    errors = []
    for penalty in PENALTIES:
        errors.append(np.mean((sides @ solved(products, penalty, right) - targets[count:]) ** 2))
    return float(PENALTIES[np.argmin(errors)])


def solved(products: np.ndarray, penalty: float, right: np.ndarray) -> np.ndarray:
    """Return ``(products + penalty I)⁻¹ right``."""
    penalised = products.copy()
    penalised[np.diag_indices(len(penalised))] += penalty
    try:
        return scipy.linalg.solve(penalised, right, assume_a="pos")
    except np.linalg.LinAlgError:  # so small a penalty that rounding outweighs it
        return np.linalg.solve(penalised, right)


def features(dataset: Dataset, front: Front) -> Dataset:
    """Return the data set with the network's features in place of pictures."""
    began = time.process_time()
    parts = []
    for part, x in (("train", dataset.x_train), ("test", dataset.x_test)):
        blocks = []
        for start in range(0, len(x), ROWS):
            blocks.append(front(x[start : start + ROWS]))
            click.echo(f"features, {part}: {min(start + ROWS, len(x)):,} of {len(x):,}", err=True)
        parts.append(np.concatenate(blocks))
    click.echo(f"features: {time.process_time() - began:.0f} CPU seconds", err=True)
    return replace(dataset, x_train=parts[0], x_test=parts[1])


def rooted(x: np.ndarray) -> np.ndarray:
    """Return square roots with the signs of the values."""
    return np.sign(x) * np.sqrt(np.abs(x))


def part_of(dataset: Dataset, limit: int | None, held_out: int) -> Dataset:
    """Return at most ``limit`` examples of each part, drawn once, to test on some of those to learn if wanted."""
    if held_out:
        dataset = frame.held_out(dataset, held_out, seed=0)
    drawn = [np.random.default_rng(0).permutation(len(y))[:limit] for y in (dataset.y_train, dataset.y_test)]
    return replace(
        dataset,
        x_train=dataset.x_train[drawn[0]],
        y_train=dataset.y_train[drawn[0]],
        x_test=dataset.x_test[drawn[1]],
        y_test=dataset.y_test[drawn[1]],
    )


def learned(method: Method, dataset: Dataset, tasks: list[np.ndarray]) -> Row:
    """Return accuracies in percent, bytes and seconds of a method that learns these groups of classes."""
    began, accuracies = time.process_time(), []
    for number, classes in enumerate(tasks, start=1):
        rows = np.isin(dataset.y_train, classes)
        method.learn(dataset.x_train[rows], dataset.y_train[rows])
        asked = np.flatnonzero(np.isin(dataset.y_test, np.concatenate(tasks[:number])))
        blocks = [asked[start : start + ROWS] for start in range(0, len(asked), ROWS)]
        right = [method.predict(dataset.x_test[block]) == dataset.y_test[block] for block in blocks]
        accuracies.append(100 * float(np.mean(np.concatenate(right))))
    return {
        "last": accuracies[-1],
        "incremental": float(np.mean(accuracies)),
        "after each task": accuracies,
        "sums": method.nbytes / 1e6,
        "cpu_seconds": time.process_time() - began,
    }


@frame.benchmark("pretrained", TABLE)
@frame.option("--encoder", default=str(NETWORK), help="As in evaluate; none for data that are features.")
@frame.option("--depths", help="As --encoder-depths in evaluate.")
@frame.option("--flip", is_flag=True, help="As --encoder-flip in evaluate.")
@frame.option("--cache", type=click.Path(path_type=Path), default=Path("artifacts/features"), help="As in evaluate.")
@frame.option("--root", is_flag=True, help="Give the square roots of the features to all methods.")
@frame.option("--tasks", default=5)
@frame.option("--layers", default="auto", help="Of ours, on the features.")
@frame.option("--method", "only", multiple=True, type=click.Choice(METHODS), default=METHODS, help="May be repeated.")
@frame.option("--random-features", default=10_000, help="Of RanPAC's rule; 0 leaves it out.")
@frame.option("--limit", type=int, help="Use at most so many pictures of each part.")
@frame.option("--held-out", default=0, help="Test on so many pictures of the training part, to choose something.")
def main(
    dataset: Dataset,
    seed: int,
    encoder: str,
    depths: str | None,
    flip: bool,
    cache: Path,
    root: bool,
    tasks: int,
    layers: str,
    only: tuple[str, ...],
    random_features: int,
    limit: int | None,
    held_out: int,
) -> list[Row]:
    """Measure every method on the same features; a seed draws the order of the classes, and bases and directions."""
    dataset, name = part_of(dataset, limit, held_out), "as they are"
    if encoder != NONE:
        dataset = features(dataset, pretrained(encoder, depths=depths, flip=flip, cache=cache))
        name = ", ".join([Path(encoder).stem, *[f"`{depths}`"] * bool(depths), *["flip"] * flip, *["roots"] * root])
    if root:
        dataset = replace(dataset, x_train=rooted(dataset.x_train), x_test=rooted(dataset.x_test))
    groups = np.array_split(shuffled_classes(dataset, seed), tasks)
    made: dict[str, tuple[str, Callable[[], Method]]] = {
        "ours": (f"ours, `{layers}`", lambda: Ours(layers, seed)),
        "nearest-mean": ("nearest mean", NearestMean),
        "lda": ("LDA, shrinkage 0.01", LDA),
        "ridge": ("ridge, penalty from the last task", lambda: Ridge(seed)),
        "ranpac": (f"RanPAC's rule, {random_features:,} random features", lambda: Ridge(seed, random_features)),
    }
    about = {"network": name, "columns": f"{dataset.x_train.shape[1]:,}", "tasks": f"{tasks} × {len(groups[0])}"}
    asked = [one for one in only if random_features or one != "ranpac"]
    return [{**about, "method": made[one][0], **learned(made[one][1](), dataset, groups)} for one in asked]


if __name__ == "__main__":
    main()
