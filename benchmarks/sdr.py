"""Binary codes of pictures, learned class by class from sums alone: nearest centroid, reconstruction, information.

    python benchmarks/sdr.py --data ../shared/data/mnist --figure docs/images/sdr.png

Every seed has its own order of classes; the encoder and the unlabelled codes know the first class alone. With
--held-out the last sixth of the training part is left out and stands in for the test part.
"""

from __future__ import annotations

import json
import shlex
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from accuracy import matrix_rate  # noqa: E402

from indeependence.machine import use_wide_vectors  # noqa: E402

if TYPE_CHECKING:
    import numpy as np

    from indeependence import ContinualClassifier
    from indeependence.binary_codes.embedding import Embedding
    from indeependence.binary_codes.reconstruction import PictureSums
    from indeependence.moments.moments import Moments

PIECE = 2000  # pictures encoded at a time
VARIATIONS = (0.0, 0.1, 0.2, 0.3, 0.5)


@dataclass(frozen=True, eq=False)
class Learned:
    """What is kept after the last class: never a picture."""

    model: ContinualClassifier
    pictures: PictureSums  # encoder codes with pixels
    fixed: Embedding  # unlabelled, from the sums of the first class
    codes: Moments  # of its binary codes
    rows: Moments  # of its binary codes beside pixels


@click.command()
@click.option("--data", default="digits", show_default=True)
@click.option("--units", default=512, show_default=True)
@click.option("--active", default=26, show_default=True)
@click.option("--seeds", default=5, show_default=True)
@click.option("--layers", default="auto", show_default=True)
@click.option(
    "--held-out", is_flag=True, help="Measure on a sixth of the training part; the test part is not looked at."
)
@click.option(
    "--figure", type=click.Path(path_type=Path), help="Pictures, codes and reconstructions of the first seed."
)
@click.option("--output", type=click.Path(path_type=Path), default=Path("artifacts/sdr.json"), show_default=True)
def main(
    data: str, units: int, active: int, seeds: int, layers: str, held_out: bool, figure: Path | None, output: Path
):
    """Print a table of means and each seed's values, and for the first seed what variation does."""
    use_wide_vectors()
    import numpy as np

    from indeependence import load_dataset

    click.echo(f"command: {shlex.join(['python', *sys.argv])}\nmatrix product: {matrix_rate():.0f} GFLOP/s float32\n")
    dataset = load_dataset(data)
    x, y, x_test, y_test = parts_of(dataset, held_out=held_out)
    runs = []
    for seed in range(seeds):
        began = time.process_time()
        order = np.random.default_rng(seed).permutation(dataset.classes)
        learned = learn(x, y, order, (units, active), layers, seed)
        test = learned.model.encoder_(x_test)
        if seed == 0:
            click.echo(variations(learned, test, x_test, y_test, (units, active)) + "\n")
            if figure:
                draw(figure, learned, test, x_test, y_test, (units, active))
        measured = measure(learned, test, x_test, y_test, (units, active), seed)
        runs.append({"seed": seed, "order": order.tolist(), **measured, "cpu_seconds": time.process_time() - began})
        click.echo(json.dumps(runs[-1]), err=True)
    click.echo(table(runs))
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(runs, indent=2))


def parts_of(dataset: Any, *, held_out: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Inputs and labels to learn and to test on; held out: both of the training part, the last sixth to test on."""
    x, y = dataset.x_train, dataset.y_train
    if not held_out:
        return x, y, dataset.x_test, dataset.y_test
    cut = len(y) * 5 // 6
    return x[:cut], y[:cut], x[cut:], y[cut:]


def learn(x: np.ndarray, y: np.ndarray, order: np.ndarray, size: tuple[int, int], layers: str, seed: int) -> Learned:
    """One class after another; nothing stays of a class but its sums when the next one begins."""
    import numpy as np

    from indeependence import ContinualClassifier
    from indeependence.binary_codes.centroids import code_sums
    from indeependence.binary_codes.embedding import unlabelled_embedding
    from indeependence.binary_codes.reconstruction import PictureSums, picture_rows
    from indeependence.moments.moments import Moments, accumulate

    model = ContinualClassifier(layers, random_state=seed).bootstrap(x[y == order[0]])
    pictures = PictureSums.empty(model.encoder_.units, x[0].size)
    rows, fixed, codes = Moments.empty("rows", size[0] + x[0].size), None, None
    for label in order:
        pieces = [np.flatnonzero(y == label)[start : start + PIECE] for start in range(0, (y == label).sum(), PIECE)]
        encoded = [model.encoder_(x[piece]) for piece in pieces]
        pairs = [(part, y[piece]) for part, piece in zip(encoded, pieces, strict=True)]
        model.add(accumulate(Moments.empty(model.encoder_.fingerprint, model.encoder_.units), pairs))
        if fixed is None or codes is None:
            fixed = unlabelled_embedding(model.moments_, *size, seed=seed)
            codes = Moments.empty(fixed.fingerprint, size[0])
        for part, piece in zip(encoded, pieces, strict=True):
            bits = fixed(part)
            pictures = pictures.learn(part, x[piece], y[piece])
            codes += code_sums(fixed, bits, y[piece])
            rows = accumulate(rows, [(picture_rows(bits, x[piece]), y[piece])])
    if fixed is None or codes is None:
        raise SystemExit("no class to learn")
    return Learned(model, pictures, fixed, codes, rows)


def measure(
    learned: Learned, test: np.ndarray, x: np.ndarray, y: np.ndarray, size: tuple, seed: int
) -> dict[str, float]:
    """All figures of one seed."""
    import numpy as np

    from indeependence.binary_codes.centroids import counted_centroids
    from indeependence.binary_codes.duty import duty_entropy, duty_of
    from indeependence.binary_codes.reconstruction import counted_decoder, reconstruction_error
    from indeependence.moments.information import label_entropy, label_information, mutual_information
    from indeependence.moments.regression import joint
    from indeependence.moments.ridge import best_ridge, centre

    units = size[0]
    told = labelled(learned, test, x, y, size, seed)
    fixed = learned.fixed(test)
    reading = best_ridge(centre(learned.codes))
    read = np.array(reading.labels)[reading.scores(fixed.bits).argmax(1)]
    mean = joint(learned.rows).mean[units:]
    bits, pixels = slice(0, units), slice(units, learned.rows.units)
    return {
        "classifier": float(np.mean(learned.model.label(learned.model.weights.scores(test)) == y)),
        "labelled": told["accuracy"],
        "class scores alone": labelled(learned, test, x, y, size, seed, variation=0.0)["accuracy"],
        "unlabelled": float(np.mean(counted_centroids(learned.codes).nearest(fixed) == y)),
        "unlabelled, ridge on the bits": float(np.mean(read == y)),
        "error, labelled": told["error"],
        "error, unlabelled": reconstruction_error(x, counted_decoder(learned.rows, units)(fixed), mean),
        "error, unlabelled scores before k-winners": scores_error(learned, test, x, mean),
        "error, class means": reconstruction_error(x, class_means(learned, y), mean),
        "duty entropy, labelled": told["entropy"],
        "duty entropy, unlabelled": duty_entropy(duty_of(fixed.bits)),
        "bits, input and code": mutual_information(joint(learned.rows), bits, pixels),
        "bits, input and label": label_information(learned.rows, pixels),
        "bits, code and label": label_information(learned.rows, bits),
        "bits, label": label_entropy(learned.rows.counts),
    }


def labelled(learned: Learned, test, x, y, size: tuple, seed: int, **options: Any) -> dict[str, float]:
    """Nearest-centroid accuracy, reconstruction error and entropy of labelled codes; all but the test from sums."""
    import numpy as np

    from indeependence.binary_codes.centroids import expected_centroids
    from indeependence.binary_codes.duty import duty_entropy, duty_of
    from indeependence.binary_codes.embedding import labelled_embedding
    from indeependence.binary_codes.reconstruction import expected_decoder, reconstruction_error

    sums = learned.model.moments_
    embedding = labelled_embedding(sums, *size, seed=seed, weights=learned.model.weights, **options)
    codes = embedding(test)
    nearest = expected_centroids(embedding, sums, seed=seed).nearest(codes)
    decoder = expected_decoder(embedding, sums, learned.pictures, seed=seed)
    mean = np.sum(list(learned.pictures.by_class.values()), axis=0) / sums.count
    return {
        "accuracy": float(np.mean(nearest == y)),
        "error": reconstruction_error(x, decoder(codes), mean),
        "entropy": duty_entropy(duty_of(codes.bits)),
    }


def scores_error(learned: Learned, test: np.ndarray, x: np.ndarray, mean: np.ndarray) -> float:
    """The error of pictures told linearly from the real-valued scores, from sums: what binarising starts from."""
    import numpy as np

    from indeependence.binary_codes.reconstruction import reconstruction_error
    from indeependence.moments.gram import mirrored_upper

    sums, bases = learned.model.moments_, learned.fixed.bases.astype(np.float64)
    code_mean = sums.code_sum / sums.count
    covariance = bases.T @ (mirrored_upper(sums.products) / sums.count - np.outer(code_mean, code_mean)) @ bases
    cross = bases.T @ (learned.pictures.cross / sums.count - np.outer(code_mean, mean))
    scale = covariance.diagonal().mean()
    weights = np.linalg.solve(covariance + 1e-6 * scale * np.eye(len(covariance)), cross)
    scores = learned.fixed.scores(test) + learned.fixed.offset - code_mean @ bases
    return reconstruction_error(x, scores @ weights + mean, mean)


def class_means(learned: Learned, labels: np.ndarray) -> np.ndarray:
    """The mean picture of each example's class ``[N, D]``."""
    import numpy as np

    sums = learned.model.moments_
    counts = dict(zip(sums.labels, sums.counts.tolist(), strict=True))
    return np.stack([learned.pictures.by_class[label] / counts[label] for label in labels.tolist()])


def variations(learned: Learned, test, x, y, size: tuple) -> str:
    """A table: accuracy, reconstruction error and entropy of labelled codes by variation."""
    lines = ["| variation | nearest centroid | reconstruction error | duty entropy |", "| --- | --- | --- | --- |"]
    for variation in VARIATIONS:
        told = labelled(learned, test, x, y, size, 0, variation=variation)
        lines.append(
            f"| {variation:g} | {100 * told['accuracy']:.2f} % | {told['error']:.3f} | {told['entropy']:.1f} bits |"
        )
    return "\n".join(lines)


def draw(path: Path, learned: Learned, test, x, y, size: tuple) -> None:
    """Writes rows of pictures, their labelled codes, and what labelled and unlabelled codes say of them, as one PNG."""
    import numpy as np

    from indeependence.binary_codes.embedding import labelled_embedding
    from indeependence.binary_codes.reconstruction import counted_decoder, expected_decoder
    from indeependence.report.pictures.grid import write_png

    rows = [int(np.flatnonzero(y == label)[0]) for label in np.unique(y)]
    sums, shape = learned.model.moments_, x.shape[1:]
    embedding = labelled_embedding(sums, *size, weights=learned.model.weights)
    codes, fixed = embedding(test[rows]), learned.fixed(test[rows])
    decoder = expected_decoder(embedding, sums, learned.pictures)
    again = [decoder(codes), counted_decoder(learned.rows, size[0])(fixed)]
    tall = -(-size[0] // shape[1])
    padded = np.pad(255 * codes.bits, ((0, 0), (0, tall * shape[1] - size[0]))).reshape(-1, tall, shape[1])
    strips = [x[rows], padded, *(np.clip(one, 0, 255).reshape(-1, *shape) for one in again)]
    picture = np.vstack(
        [np.hstack(list(np.pad(strip, ((0, 0), (1, 1), (1, 1)), constant_values=64))) for strip in strips]
    )
    write_png(path, np.kron(picture.astype(np.uint8), np.ones((2, 2), np.uint8)))


def table(runs: list[dict[str, Any]]) -> str:
    """A line for each figure: mean and deviation (N - 1) over seeds, and each value."""
    import numpy as np

    lines = ["| figure | mean | each seed |", "| --- | --- | --- |"]
    for name in (name for name in runs[0] if name not in ("seed", "order")):
        scale, digits = (100, 2) if runs[0][name] <= 1 and not name.startswith(("error", "bits")) else (1, 3)
        values = scale * np.array([one[name] for one in runs])
        deviation = f" ± {values.std(ddof=1):.{digits}f}" if len(values) > 1 else ""
        unit = " %" if scale == 100 else ""
        lines.append(
            f"| {name} | {values.mean():.{digits}f}{deviation}{unit} | {', '.join(f'{v:.{digits}f}' for v in values)} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
