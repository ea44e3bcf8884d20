"""The readout of a model with contexts: each input is scored in the context under which it is likeliest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from indeependence.models.contexts.context import Context
from indeependence.models.contexts.gaussian import log_likelihoods
from indeependence.moments.moments import Label
from indeependence.moments.scores import softmax


@dataclass(frozen=True, eq=False)
class ContextReadout:
    """From 8-bit inputs to scores of labels. The rest of a batch does not change the scores of an input."""

    contexts: tuple[Context, ...]
    labels: tuple[Label, ...]  # of all contexts, sorted
    jobs: int | None = None

    def context_of(self, inputs: np.ndarray) -> np.ndarray:
        """Return the index ``[N]`` of the context under which each input is likeliest."""
        return log_likelihoods([context.inputs for context in self.contexts], inputs).argmax(1)

    def scores(self, inputs: np.ndarray) -> np.ndarray:
        """Return scores ``[N, C]``, about 1 for the right class; minus infinity for classes not in the context."""
        return self._scores(inputs, tempered=False)

    def probabilities(self, inputs: np.ndarray) -> np.ndarray:
        """Return probabilities ``[N, C]``: the softmax of the scores at the temperature of each input's context."""
        return softmax(self._scores(inputs, tempered=True))

    def temperatures(self, inputs: np.ndarray) -> np.ndarray:
        """Return the temperature ``[N]`` of the context of each input."""
        return np.array([context.weights.temperature for context in self.contexts])[self.context_of(inputs)]

    def _scores(self, inputs: np.ndarray, *, tempered: bool) -> np.ndarray:
        chosen = self.context_of(inputs)
        scores = np.full((len(inputs), len(self.labels)), -np.inf)
        for index in np.unique(chosen):
            context, rows = self.contexts[index], np.flatnonzero(chosen == index)
            columns = np.array([self.labels.index(label) for label in context.labels])
            own = context.weights.scores(context.encoder(inputs[rows], jobs=self.jobs))
            scores[np.ix_(rows, columns)] = own / context.weights.temperature if tempered else own
        return scores

    @property
    def penalty(self) -> float:
        """The penalty of the newest context."""
        return self.contexts[-1].weights.penalty
