"""Readouts from the same sums where classes are equally frequent and where they are not: what `--readout balanced` is.

    python benchmarks/balance.py --data ../shared/data/clinc150.npz --data digits --data ../shared/data/mnist

No test row is looked at: of the rows to learn, a third is held out, evenly over classes, and judges. ``even`` learns
the others as they are. ``long tail`` learns of the most frequent class as many as there are, of the rarest a hundredth
(at least 3), and of those between them in equal ratios; the seed draws which class is which. All readouts are solved
from the sums of one model, with the penalty that cross-validation gives; but the last one sees the rows again.

* ridge, LDA: `--readout ridge` and `lda`, which takes a quarter of ridge's penalty. LDA answers by how frequent each
  class is.
* LDA, equal priors: without that.
* balanced: `--readout balanced`, the sums of as many examples of every class, each with the scatter within all. It is
  what ridge on many Gaussian samples of every class comes to, in closed form, as AnaCP (Momeni, Xiao & Liu 2025) draws
  them.
* adapted means: AnaCP's adaptation in closed form. Classes are regressed onto targets, which are their means, whitened
  by the scatter within classes, with 1 added to each singular value, and coloured again; the nearest target answers.
* adapted means, then balanced: the same, and that ridge on what the adaptation makes.
* ridge, rows weighted: each row counts as ``N / (C n_c)``, `class_weight="balanced"` in scikit-learn. It needs the
  products of every class apart.
"""

from dataclasses import replace

import frame
import numpy as np
from findings import Row
from sklearn.model_selection import train_test_split

from indeependence import ContinualClassifier, Dataset
from indeependence.moments.balanced import balanced
from indeependence.moments.centred import Centred, centre
from indeependence.moments.discriminant import discriminant
from indeependence.moments.ridge import STEP, best_penalty, least_ridge
from indeependence.moments.weights import Weights

TABLE = (
    "| data | classes | readout | even: accuracy | long tail: balanced accuracy | its rarest fifth of the classes |\n"
    "| {data} | {classes} | {readout} | {even:.2f} % | {tail:.2f} % | {rare:.2f} % |"
)


@frame.benchmark("balance", TABLE, seeds=5)
@frame.option("--layers", default="auto", help="As in evaluate.")
@frame.option("--ratio", default=100.0, help="Examples of the most frequent class for one of the rarest.")
@frame.option("--limit", default=9000, help="Look at most at so many rows to learn.")
def main(dataset: Dataset, seed: int, layers: str, ratio: float, limit: int) -> list[Row]:
    """Measure every readout on even and on uneven classes."""
    x, names = np.asarray(dataset.x_train), np.asarray(dataset.y_train)
    rng = np.random.default_rng(seed)
    some = rng.permutation(len(names))[:limit]
    classes, y = np.unique(names, return_inverse=True)
    learned, held = train_test_split(some, test_size=1 / 3, random_state=seed, stratify=y[some])
    frequent = rng.permutation(len(classes))
    tail = long_tail(y[learned], frequent, ratio)
    rare = np.isin(y[held], frequent[-max(len(classes) // 5, 1) :])
    found: dict[str, list[float]] = {}
    for rows in (learned, learned[tail]):
        model = ContinualClassifier(layers, random_state=seed).fit(x[rows], y[rows])
        codes = model._codes(x[held])
        for name, scores in answers(model, x[rows], y[rows], codes).items():
            right = scores.argmax(1) == y[held]
            each = [float(np.mean(right[y[held] == one])) for one in range(len(classes))]
            found.setdefault(name, []).extend([100 * float(np.mean(each)), 100 * float(np.mean(right[rare]))])
    return [
        {"classes": str(len(classes)), "readout": name, "even": even, "tail": uneven, "rare": last}
        for name, (even, _, uneven, last) in found.items()
    ]


def long_tail(y: np.ndarray, frequent: np.ndarray, ratio: float) -> np.ndarray:
    """Return the places of rows of which classes have ever fewer, from the most ``frequent`` to the rarest."""
    kept = []
    for rank, label in enumerate(frequent):
        rows = np.flatnonzero(y == label)
        kept.append(rows[: max(3, round(len(rows) * ratio ** (-rank / (len(frequent) - 1))))])
    return np.concatenate(kept)


def answers(model: ContinualClassifier, x: np.ndarray, y: np.ndarray, codes: np.ndarray) -> dict[str, np.ndarray]:
    """Return the scores of all readouts, by name."""
    centred = centre(model.moments_)
    best = best_penalty(centred)
    ridge, finer = least_ridge(centred, best), least_ridge(centred, best / STEP)
    adapted, metric = adapted_means(centred, finer)
    weights = {
        "ridge": ridge,
        "ridge, a quarter of the penalty": finer,
        "LDA": discriminant(centred, finer),
        "LDA, equal priors": even_discriminant(centred, finer),
        "balanced": balanced(centred, ridge),
        "adapted means": adapted,
        "adapted means, then balanced": ridge_behind(centred, finer, metric, best),
        "ridge, rows weighted": weighted_ridge(centred, model._codes(x), y, best),
    }
    return {name: one.scores(codes) for name, one in weights.items()}


def even_discriminant(centred: Centred, ridge: Weights) -> Weights:
    """Return linear discriminant analysis of equally frequent classes, by Woodbury's identity as in `discriminant`."""
    counts = centred.target_mean * centred.count
    apart = centred.cross / counts
    along = apart.T @ ridge.coefficients
    mapping = np.linalg.inv(np.eye(len(counts)) - along) / counts
    coefficients = ridge.coefficients @ mapping
    return replace(
        ridge,
        coefficients=coefficients,
        intercept=-np.diag(along @ mapping) / 2 - centred.code_mean @ coefficients,
    )


def adapted_means(centred: Centred, ridge: Weights) -> tuple[Weights, np.ndarray]:
    """Return the readout of the nearest target, and the products ``[C, C]`` of the targets.

    All of it follows from ``W = (S + λI)⁻¹ Q`` and the class means, as in `discriminant`.
    """
    counts = centred.target_mean * centred.count
    apart = centred.cross / counts  # [H, C]: means less the mean of all
    middle = np.eye(len(counts)) - 1 / len(counts)  # takes the mean of the means away
    along = apart.T @ ridge.coefficients
    within = along @ np.linalg.inv(np.eye(len(counts)) - along)  # Dᵀ (S_w + λI)⁻¹ D N, by Woodbury's identity
    whitened = middle @ (within / counts) @ middle * (centred.count - len(counts))
    squares, axes = np.linalg.eigh((whitened + whitened.T) / 2)
    lengths = np.sqrt(np.maximum(squares, 1e-12 * squares.max()))
    spread = axes * (1 + (squares > 1e-9 * squares.max()) / lengths)
    turn = spread @ axes.T
    metric = turn @ (middle @ (apart.T @ apart) @ middle) @ turn.T
    coefficients = ridge.coefficients @ metric
    intercept = centred.target_mean @ metric - np.diag(metric) / 2 - centred.code_mean @ coefficients
    return replace(ridge, coefficients=coefficients, intercept=intercept), metric


def ridge_behind(centred: Centred, ridge: Weights, metric: np.ndarray, penalty: float) -> Weights:
    """Return ridge, as if classes were even, on the products of ridge scores with the targets."""
    sizes, axes = np.linalg.eigh((metric + metric.T) / 2)
    root = axes * np.sqrt(np.maximum(sizes, 0))
    seen = ridge.coefficients @ root  # [H, C]: the adaptation, turned so that it has C columns
    scatter = seen.T @ (np.asarray(centred.scatter) @ seen)
    small = replace(
        centred,
        scatter=scatter,
        cross=seen.T @ centred.cross,
        code_mean=centred.code_mean @ seen,
        scale=float(np.trace(scatter) / len(scatter)),
    )
    behind = balanced(small, least_ridge(small, min(penalty, 1e-3)))
    return replace(ridge, coefficients=seen @ behind.coefficients, intercept=behind.intercept)


def weighted_ridge(centred: Centred, codes: np.ndarray, y: np.ndarray, penalty: float) -> Weights:
    """Return ridge on rows that count inversely to how frequent their class is."""
    shares = 1 / (len(centred.labels) * centred.count * centred.target_mean)
    weight = centred.count * shares[y][:, None]
    rows = codes.astype(np.float64)
    mean = (weight * rows).sum(0) / centred.count
    targets = np.eye(len(shares))[y] - 1 / len(shares)
    even = replace(
        centred,
        scatter=(weight * (rows - mean)).T @ (rows - mean),
        cross=(weight * (rows - mean)).T @ targets,
        target_scatter=np.full(len(shares), centred.count / len(shares) * (1 - 1 / len(shares))),
        code_mean=mean,
        target_mean=np.full(len(shares), 1 / len(shares)),
    )
    return least_ridge(replace(even, scale=float(even.scatter.diagonal().mean())), penalty)


if __name__ == "__main__":
    main()
