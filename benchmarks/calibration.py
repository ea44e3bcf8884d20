"""How well `predict_proba` tells how often the model is right, at the temperature known from the sums alone.

    python benchmarks/calibration.py --data digits --data ../shared/data/mnist

Learns the first 80 % of the training examples and measures on the other 20 %: the expected calibration error in 15
bins (Guo et al. 2017), and the cross-entropy beside the least that any temperature could reach.
"""

import frame
import numpy as np
from findings import Row

from indeependence import ContinualClassifier, Dataset

TABLE = (
    "| data | layers | temperature from the sums | best on held-out | calibration error | cross-entropy | best |\n"
    "| {data} | {layers} | {temperature:.3f} | {best_temperature:.3f} | {error:.4f} | {entropy:.4f} "
    "| {best_entropy:.4f} |"
)


@frame.benchmark("calibration", TABLE, seeds=1)
@frame.option("--layers", default="auto")
def main(dataset: Dataset, seed: int, layers: str) -> list[Row]:
    """Measure the temperature and what it leads to, beside the best temperature in hindsight."""
    order = np.random.default_rng(seed).permutation(len(dataset.y_train))
    learned, held_out = np.split(order, [len(order) * 4 // 5])
    model = ContinualClassifier(layers, random_state=seed).fit(dataset.x_train[learned], dataset.y_train[learned])
    weights = model.weights
    scores = weights.scores(model.encoder_(dataset.x_train[held_out]))
    right = np.searchsorted(np.array(weights.labels), dataset.y_train[held_out])
    tried = {temperature: cross_entropy(scores, right, temperature) for temperature in np.geomspace(0.01, 1, 60)}
    best = min(tried, key=lambda temperature: tried[temperature])
    row = {
        "layers": layers,
        "temperature": weights.temperature,
        "best_temperature": best,
        "error": calibration_error(scores, right, weights.temperature),
        "entropy": cross_entropy(scores, right, weights.temperature),
        "best_entropy": tried[best],
    }
    return [row]


def softmax(scores: np.ndarray, temperature: float) -> np.ndarray:
    """Return the probabilities of scores."""
    powers = np.exp((scores - scores.max(1, keepdims=True)) / temperature)
    return powers / powers.sum(1, keepdims=True)


def cross_entropy(scores: np.ndarray, right: np.ndarray, temperature: float) -> float:
    """Return the mean negative logarithm of the right class's probability."""
    return float(-np.log(softmax(scores, temperature)[np.arange(len(right)), right] + 1e-12).mean())


def calibration_error(scores: np.ndarray, right: np.ndarray, temperature: float, bins: int = 15) -> float:
    """Return the mean distance between confidence and accuracy over bins of confidence."""
    probabilities = softmax(scores, temperature)
    confidence, correct = probabilities.max(1), probabilities.argmax(1) == right
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [abs((confidence[place == b] - correct[place == b]).sum()) for b in range(bins)]
    return float(np.sum(gaps) / len(right))


if __name__ == "__main__":
    main()
