"""The answers of a model to a test set, and the worst of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from indeependence.data.examples import Examples
from indeependence.experiment.watching import Watch, unwatched, watched
from indeependence.models.learner import Learner
from indeependence.moments.scores import best_labels
from indeependence.report.result import Mistake

MISTAKES = 24  # pictures shown


@dataclass(frozen=True, eq=False)
class Answers:
    """The answers to one test set: the right labels, the predicted ones, and their scores."""

    labels: np.ndarray  # [N]
    predicted: np.ndarray  # [N]
    scores: np.ndarray  # [N] of the predicted class

    @property
    def accuracy(self) -> float:
        """The share of right answers."""
        return float(np.mean(self.labels == self.predicted))


def read(model: Learner, codes: np.ndarray, labels: np.ndarray, among: list | None = None) -> Answers:
    """Return the answers for ``codes``, of all labels or the best one ``among`` some."""
    weights = model.weights
    scores = weights.scores(codes)
    predicted = best_labels(scores, weights.labels, among)
    columns = np.searchsorted(np.array(weights.labels), predicted)
    return Answers(labels, predicted, scores[np.arange(len(scores)), columns])


def answers_to(model: Learner, part: Examples, watch: Watch = unwatched) -> Answers:
    """Return the answers of a trained ``model`` to all of ``part``, read in batches; ``part`` must not be empty."""
    batches = watched(part, model.batch_size, watch, what="testing on")
    found = [read(model, model.encoder_(inputs, jobs=model.n_jobs), labels) for inputs, labels in batches]
    arrays = zip(*((one.labels, one.predicted, one.scores) for one in found), strict=True)
    return Answers(*map(np.concatenate, arrays))


def worst_mistakes(parts: Sequence[Examples], answers: Sequence[Answers]) -> tuple[Mistake, ...]:
    """Return the wrong answers of the highest scores to ``parts``, with their pictures; none for vectors."""
    found = [
        (answer.scores[row], index, row)
        for index, answer in enumerate(answers)
        for row in np.flatnonzero(answer.labels != answer.predicted)
    ]
    shown = []
    for score, index, row in sorted(found, key=lambda entry: -entry[0])[:MISTAKES]:
        part, answer = parts[index], answers[index]
        picture = replace(part, rows=part.rows[[row]]).arrays()[0][0]
        if picture.ndim < 2 or picture.dtype != np.uint8:
            return ()
        shown.append(Mistake(picture, answer.labels[row].item(), answer.predicted[row].item(), float(score)))
    return tuple(shown)
