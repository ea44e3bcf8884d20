"""The answers of a model to a test set, and the worst of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from indeependence.data.examples import Examples
from indeependence.experiment.watching import Watch, unwatched, watched
from indeependence.models.contexts.readout import ContextReadout
from indeependence.models.learner import Learner
from indeependence.models.readout import Readout
from indeependence.moments.scores import best_labels, competing, softmax
from indeependence.moments.weights import Weights
from indeependence.report.result import Mistake

MISTAKES = 24  # pictures shown


@dataclass(frozen=True, eq=False)
class Answers:
    """The answers to one test set: the right labels, the predicted ones, and how sure the model is of those."""

    labels: np.ndarray  # [N]
    predicted: np.ndarray  # [N]
    confidence: np.ndarray  # [N] of the predicted class
    measure: str = "probability"  # what confidence is; "score" where a readout has no probabilities

    @property
    def accuracy(self) -> float:
        """The share of right answers."""
        return float(np.mean(self.labels == self.predicted))


def read(model: Learner, codes: np.ndarray, labels: np.ndarray, among: list | None = None) -> Answers:
    """Return the answers for ``codes``, of all labels or the best one ``among`` some."""
    weights = model.weights
    scores, columns = weights.scores(codes), competing(weights.labels, among)
    predicted = best_labels(scores, weights.labels, among)
    places = np.searchsorted(np.array(weights.labels)[columns], predicted)
    temperatures = _temperatures(weights, codes)
    confidence, measure = scores[:, columns], "score"
    if temperatures is not None:
        with np.errstate(invalid="ignore"):  # no class of ``among`` is in an input's context: probability 0
            confidence, measure = np.nan_to_num(softmax(confidence / temperatures)), "probability"
    return Answers(labels, predicted, confidence[np.arange(len(scores)), places], measure)


def _temperatures(weights: Readout, codes: np.ndarray) -> np.ndarray | None:
    """Return what scores are divided by for probabilities, ``[N, 1]`` or ``[1, 1]``; None for other kinds of scores."""
    if isinstance(weights, ContextReadout):
        return weights.temperatures(codes)[:, None]
    return np.array([[weights.temperature]]) if isinstance(weights, Weights) else None


def answers_to(model: Learner, part: Examples, watch: Watch = unwatched) -> Answers:
    """Return the answers of a trained ``model`` to all of ``part``, read in batches; ``part`` must not be empty."""
    batches = watched(part, model.batch_size, watch, what="testing on")
    found = [read(model, model.encoder_(inputs, jobs=model.n_jobs), labels) for inputs, labels in batches]
    arrays = zip(*((one.labels, one.predicted, one.confidence) for one in found), strict=True)
    right, predicted, confidence = map(np.concatenate, arrays)
    return Answers(right, predicted, confidence, found[0].measure)


def worst_mistakes(parts: Sequence[Examples], answers: Sequence[Answers]) -> tuple[Mistake, ...]:
    """Return the most confident wrong answers to ``parts``, with their pictures; none for vectors."""
    found = [
        (answer.confidence[row], index, row)
        for index, answer in enumerate(answers)
        for row in np.flatnonzero(answer.labels != answer.predicted)
    ]
    shown = []
    for confidence, index, row in sorted(found, key=lambda entry: -entry[0])[:MISTAKES]:
        part, answer = parts[index], answers[index]
        picture = replace(part, rows=part.rows[[row]]).arrays()[0][0]
        if picture.ndim < 2 or picture.dtype != np.uint8:
            return ()
        pair = answer.labels[row].item(), answer.predicted[row].item()
        shown.append(Mistake(picture, *pair, float(confidence), answer.measure))
    return tuple(shown)
