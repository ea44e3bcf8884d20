"""Readings of the same codes under attack: least squares beside softmax, and the margin as a detector.

    python benchmarks/attacks.py --data digits --data ../shared/data/mnist

A white box: gradients go through encoder and reading, cuts to whole numbers count as the identity; accuracy is that of
the real encoder on 8-bit pictures. Each attack is made twice, up the reading's own loss and up the margin; an example
counts as right only if it stands both. The detector is the margin of the scores: its AUROC between clean pictures and
attacked ones that changed a right answer into a wrong one, for each of the two attacks. The softmax's penalty is chosen
on held-out training examples.
"""

import warnings
from collections.abc import Callable
from functools import partial
from itertools import product
from pathlib import Path

import frame
import numpy as np
from findings import Row, where
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from indeependence import ContinualClassifier, Dataset
from indeependence.attacks.gradient import (
    cross_entropy_loss,
    fgsm,
    gradient_of,
    margin_loss,
    margins,
    pgd,
    squared_loss,
)

LAYERS = {8: "patches:16:size=3:pool=2:stride=2,+sparse:150", 28: "patches:16:size=7:pool=6:stride=4,+sparse:200"}
READINGS = {"least squares": squared_loss, "softmax": cross_entropy_loss}
LINES = {"FGSM": ":", "PGD": "-"}
STRENGTHS = (0.01, 0.1, 1.0, 10.0)  # of the softmax's weights, in scikit-learn's C
TABLE = (
    "| data | reading | attack | reach of 255 | clean | attacked | AUROC, own loss | AUROC, margin loss |\n"
    "| {data} | {reading} | {attack} | {reach} | {clean.mean:.1f} % | {accuracy:.1f} % | {auroc_own.mean:.3f} "
    "| {auroc_margin.mean:.3f} |"
)


def draw(rows: list[Row], path: Path) -> None:
    """Draw accuracy over reach for each data set: a colour for each reading, dotted for FGSM."""
    labels = {"xlabel": "reach, steps of 255", "ylabel": "accuracy, %", "ylim": (-3, 103)}
    with frame.figure(path, [row["data"] for row in rows], **labels) as panels:
        for data, (index, reading), (attack, line) in product(panels, enumerate(READINGS), LINES.items()):
            shown = where(rows, data=data, reading=reading, attack=attack)
            means = [np.mean(shown[0]["clean"]), *(np.mean(row["accuracy"]) for row in shown)]
            reaches = [0, *(int(row["reach"]) for row in shown)]
            panels[data].plot(reaches, means, **frame.look(index, line), label=f"{reading}, {attack}")


@frame.benchmark("attacks", TABLE, draw=draw)
@frame.small_layers
@frame.option("--limit", default=3000, help="Training examples.")
@frame.option("--pictures", default=200, help="Test examples that are attacked, drawn by the seed.")
@frame.option("--reach", "reaches", multiple=True, type=int, default=[8, 16, 32, 64])
@frame.option("--steps", default=10, help="Of PGD.")
def main(
    dataset: Dataset, seed: int, layers: str | None, limit: int, pictures: int, reaches: tuple[int, ...], steps: int
) -> list[Row]:
    """Measure accuracy in percent for each reading, attack and reach; each seed has its own encoder and pictures."""
    model = frame.fitted(dataset, layers, LAYERS, limit, seed)
    rows = np.random.default_rng(seed).permutation(len(dataset.y_test))[:pictures]
    x, right = dataset.x_test[rows], np.searchsorted(model.classes_, dataset.y_test[rows])
    attacks: dict[str, Callable[..., np.ndarray]] = {"FGSM": fgsm, "PGD": partial(pgd, steps=steps, seed=seed)}
    told = []
    for reading, loss in READINGS.items():
        weights, intercept = (squares if reading == "least squares" else softmax)(model, dataset, limit, seed)
        gradients = [gradient_of(model.encoder_, weights, intercept, one) for one in (loss, margin_loss)]
        clean = model.encoder_(x) @ weights + intercept
        for (attack, act), reach in product(attacks.items(), reaches):
            changed = [act(gradient, x, right, reach) for gradient in gradients]
            found = [model.encoder_(one) @ weights + intercept for one in changed]
            told.append({"reading": reading, "attack": attack, "reach": str(reach), **measures(clean, found, right)})
    return told


def squares(model: ContinualClassifier, *_: object) -> tuple[np.ndarray, np.ndarray]:
    """Return weights ``[H, C]`` and intercept of the model itself."""
    return model.weights.coefficients, model.weights.intercept


def softmax(model: ContinualClassifier, dataset: Dataset, limit: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return weights ``[H, C]`` and intercept of logistic regression on the codes; its C from a held-out fifth."""
    codes, y = model.encoder_(dataset.x_train[:limit]) / 255.0, dataset.y_train[:limit]
    held, learned = np.split(np.random.default_rng(seed).permutation(len(y)), [len(y) // 5])

    def reached(c: float) -> float:
        return LogisticRegression(C=c, max_iter=300).fit(codes[learned], y[learned]).score(codes[held], y[held])

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        best = LogisticRegression(C=max(STRENGTHS, key=reached), max_iter=300).fit(codes, y)
    return best.coef_.T / 255.0, best.intercept_


def measures(clean: np.ndarray, found: list[np.ndarray], right: np.ndarray) -> dict[str, float | None]:
    """Return accuracies in percent, and how well the margin tells attacked pictures that succeeded from clean ones."""
    stood = np.all([scores.argmax(1) == right for scores in found], axis=0)
    told: dict[str, float | None] = {"clean": 100 * float(np.mean(clean.argmax(1) == right))}
    told["accuracy"] = 100 * float(stood.mean())
    for name, scores in zip(("auroc_own", "auroc_margin"), found, strict=True):
        broken = (clean.argmax(1) == right) & (scores.argmax(1) != right)
        both = np.concatenate([margins(clean), margins(scores)[broken]])
        suspicious = np.repeat([0, 1], [len(clean), broken.sum()])
        told[name] = float(roc_auc_score(suspicious, -both)) if broken.any() else None
    return told


if __name__ == "__main__":
    main()
