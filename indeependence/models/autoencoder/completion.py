"""Pictures made whole by an autoencoder: a hidden part filled in, noise taken away, a code decoded again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indeependence.data.masks import known_part
from indeependence.encoder.quantise import as_bytes
from indeependence.errors import InputError
from indeependence.exact import TOP
from indeependence.models.autoencoder.labelled import LabelledAutoencoder
from indeependence.moments.moments import Label

GREY = 0.5  # of a hidden value where it is shown


@dataclass(frozen=True, eq=False)
class Completed:
    """Pictures ``[N, D]`` of values 0..1 in three stages, and a score ``[N, C]`` for each label that was learned."""

    original: np.ndarray
    given: np.ndarray  # what the model was given
    result: np.ndarray
    guess: np.ndarray  # the best that there is without the model's codes
    labels: tuple[Label, ...]
    scores: np.ndarray

    @property
    def squared_error(self) -> float:
        """The mean squared error of the result."""
        return float(np.mean((np.clip(self.result, 0, 1) - self.original) ** 2))

    @property
    def squared_error_before(self) -> float:
        """The mean squared error of the guess."""
        return float(np.mean((self.guess - self.original) ** 2))


def filled_in(
    model: LabelledAutoencoder, inputs: np.ndarray, hidden: str, *, method: str = "mean", steps: int = 100
) -> Completed:
    """Return pictures ``[N, ...]`` whose part ``hidden``, as in `known_part`, the model fills in.

    ``method`` and ``steps`` are those of `Autoencoder.infer`. Hidden values of the guess are means of all that was
    learned. Raises `InputError` for vectors and for no pictures.

    >>> rows = np.random.default_rng(0).integers(0, 256, (40, 4, 4), np.uint8)
    >>> model = LabelledAutoencoder([0, 1], "8").bootstrap(rows).learn([(rows, np.arange(40) % 2)])
    >>> found = filled_in(model, rows[:3], "top")
    >>> found.result.shape, bool((found.given[:, :8] == GREY).all()), found.scores.shape
    ((3, 16), True, (3, 2))
    """
    whole, original = _pictures(model, inputs)
    known, autoencoder, labels = known_part(hidden, model.shape), model.autoencoder, model.weights.labels
    inferred = autoencoder.infer(whole, mask=known, method=method, steps=steps)
    means = autoencoder.joint.mean[autoencoder.layout.inputs] / TOP
    return Completed(
        original,
        given=np.where(known.ravel(), original, GREY),
        result=inferred.inputs,
        guess=np.where(known.ravel(), original, means),
        labels=labels,
        scores=inferred.targets[:, [model.labels.index(label) for label in labels]],
    )


def cleaned(model: LabelledAutoencoder, inputs: np.ndarray, noise: float, seed: int | None = None) -> Completed:
    """Return pictures ``[N, ...]`` from which the model takes noise of the standard deviation ``noise``.

    The values are 0..1. With a ``seed`` the noise is added beforehand. Raises `InputError` for vectors and for no
    pictures.
    """
    _, original = _pictures(model, inputs)
    given = original if seed is None else with_noise(original, noise, seed)
    result, weights = model.autoencoder.denoise(given, noise=noise), model.weights
    scores = weights.scores(model.autoencoder.encode(result))
    return Completed(original, given=given, result=result, guess=given, labels=weights.labels, scores=scores)


def with_noise(values: np.ndarray, noise: float, seed: int) -> np.ndarray:
    """Return values of 0..1 with noise of this standard deviation, drawn by the ``seed``, cut to 0..1 again."""
    return np.clip(values + noise * np.random.default_rng(seed).standard_normal(values.shape), 0, 1)


def reconstructed(model: LabelledAutoencoder, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs ``[N, ...]`` as bytes, and what the tied layers make of their top codes, of the same shape."""
    whole = model.quantised(inputs)
    decoded, _ = model.autoencoder.decode(model.autoencoder.encode(whole))
    return whole, as_bytes(decoded).reshape(whole.shape)


def check_pictures(shape: tuple[int, ...]) -> None:
    """Raise `InputError` if inputs of this ``shape`` are vectors."""
    if len(shape) < 2:
        raise InputError("--mask, --clean and --noise need pictures, got vectors: leave them out for labels alone")


def _pictures(model: LabelledAutoencoder, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs as bytes ``[N, ...]`` and as values ``[N, D]`` of 0..1; raise `InputError` if they are vectors."""
    check_pictures(model.shape)
    whole = model.quantised(inputs)
    if not len(whole):
        raise InputError("expected at least one picture, got none")
    return whole, whole.reshape(len(whole), -1) / TOP
