"""How many answers stay right when test pictures become noisy: the noise score of arXiv 1903.11257."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from indeependence.data.corruptions import add_gaussian, occlude, set_pixels
from indeependence.errors import InputError
from indeependence.moments.gram import add_gram, mirrored_upper

Labels = Callable[[np.ndarray], np.ndarray]  # of 8-bit inputs [N, …]
Codes = Callable[[np.ndarray], np.ndarray]  # 8-bit [N, H], of such inputs
LEVELS = tuple(level / 20 for level in range(11))  # 0, 0.05, … 0.5
GREY = 190  # 0.7469 · 255: two standard deviations above the mean of MNIST, as published
KINDS: dict[str, Callable[..., np.ndarray]] = {
    "pixels": partial(set_pixels, value=GREY),
    "gaussian": add_gaussian,
    "occlusion": occlude,
}


@dataclass(frozen=True)
class NoiseCurve:
    """The number of right answers at each level of one kind of noise."""

    kind: str
    levels: tuple[float, ...]
    right: tuple[int, ...]
    examples: int

    @property
    def score(self) -> int:
        """The number of right answers over all levels."""
        return sum(self.right)

    @property
    def accuracies(self) -> tuple[float, ...]:
        """The share of right answers at each level."""
        return tuple(right / self.examples for right in self.right)


def noise_curve(
    predict: Labels,
    inputs: np.ndarray,
    labels: np.ndarray,
    *,
    kind: str = "pixels",
    levels: Sequence[float] = LEVELS,
    seed: int = 0,
    batch_size: int = 1000,
) -> NoiseCurve:
    """Return the right answers of ``predict`` for noisy ``inputs [N, …]`` (8-bit), level by level.

    It takes memory for one batch.

    At level η, "pixels" sets ⌊η·pixels⌋ random pixels of each picture to `GREY` (Ahmad & Scheinkman, "How can we be so
    dense?", 2019, whose noise score is the sum over `LEVELS`), "gaussian" adds noise of the deviation η·255, and
    "occlusion" blackens a rectangle of that share of the picture. The noise depends on the seed, the level's place
    and the example's, not on the batch size.

    Raises `InputError` for an unknown kind, inputs that are no 8-bit pictures, and levels outside 0 to 1.

    >>> inputs, labels = np.full((4, 2, 2), 9, np.uint8), np.ones(4, bool)
    >>> curve = noise_curve(lambda noisy: noisy[:, 0, 0] > 0, inputs, labels, levels=(0, 0.5))
    >>> curve.right, curve.score
    ((4, 4), 8)
    """
    _check(inputs, kind, levels)
    right = []
    for number, level in enumerate(levels):
        key = np.random.SeedSequence([seed, number]).generate_state(2, np.uint64)
        right.append(_right(predict, partial(KINDS[kind], level=level, key=key), inputs, labels, batch_size))
    return NoiseCurve(kind, tuple(levels), tuple(right), len(inputs))


def noise_covariance(
    encode: Codes,
    inputs: np.ndarray,
    *,
    kind: str = "pixels",
    levels: Sequence[float] = LEVELS[2::2],
    seed: int = 0,
    batch_size: int = 1000,
) -> np.ndarray:
    """Return the covariance, float64 ``[H, H]``, of random changes of uint8 codes by noise on their ``inputs``.

    Every input is made noisy twice at each level; half the mean of ``(h - h') (h - h')ᵀ`` is the covariance of the code
    of one input at one level, as a mean over both. No label is used. The mean change of a code is not in it. The sums
    are whole numbers, so they do not depend on the batches. Raises `InputError` as `noise_curve` does.

    >>> inputs = np.full((50, 2, 2), 9, np.uint8)
    >>> noise_covariance(lambda noisy: noisy.reshape(-1, 4), inputs, levels=[0]).sum()
    np.float64(0.0)
    """
    _check(inputs, kind, levels)
    units = encode(inputs[:1]).shape[1]
    total = np.zeros((units, units), np.int64)
    for number, level in enumerate(levels):
        keys = np.random.SeedSequence([seed, number, 1]).generate_state(4, np.uint64).reshape(2, 2)
        for rows in _batches(len(inputs), batch_size):
            one, other = (encode(KINDS[kind](inputs[rows], rows, level=level, key=key)) for key in keys)
            add_gram(total, one.astype(np.int16) - other)
    return mirrored_upper(total) / (2 * len(levels) * len(inputs))


def _check(inputs: np.ndarray, kind: str, levels: Sequence[float]) -> None:
    if kind not in KINDS:
        raise InputError(f"expected noise of one of the kinds {', '.join(KINDS)}, got {kind!r}")
    if inputs.dtype != np.uint8 or not len(inputs):
        got = f"{inputs.dtype} values" if len(inputs) else "none"
        raise InputError(f"expected 8-bit pictures, of 0 to 255, to make noisy, got {got}: try picture files or IDX")
    if kind == "occlusion" and inputs.ndim < 3:
        raise InputError(f"expected pictures to hide a part of, got vectors of {inputs.shape[1]} values: try pixels")
    if not len(levels) or not all(0 <= level <= 1 for level in levels):
        raise InputError(f"expected levels of noise from 0 to 1, got {', '.join(map(str, levels)) or 'none'}")


def _right(predict: Labels, spoil: Callable, inputs: np.ndarray, labels: np.ndarray, batch_size: int) -> int:
    count = 0
    for rows in _batches(len(inputs), batch_size):
        count += int(np.sum(predict(spoil(inputs[rows], rows)) == labels[rows]))
    return count


def _batches(count: int, batch_size: int) -> Iterator[np.ndarray]:
    """Return the numbers of ``count`` examples, a batch at a time."""
    return (np.arange(start, min(start + batch_size, count)) for start in range(0, count, batch_size))
