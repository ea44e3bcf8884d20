"""A-GEM: no step of a new task may, to first order, make the loss of stored examples rise.

Source: Chaudhry et al., "Efficient lifelong learning with A-GEM", ICLR 2019, equation 11.
"""

from __future__ import annotations

import numpy as np

from indeependence.models.baselines.losses import labelled
from indeependence.models.baselines.memory import Arrays
from indeependence.models.baselines.replay import WithExamples


class AveragedGradientMemory(WithExamples):
    """Fine-tuning with gradients that are turned away from what stored examples would lose.

    Each step compares with the gradient of as many stored examples as are in its batch; the buffer is a reservoir.

    >>> rows = np.random.default_rng(0).integers(0, 256, (50, 4), np.uint8)
    >>> model = AveragedGradientMemory(["a", "b"], examples=10, hidden=8, steps=20).restart(rows)
    >>> model.learn([(rows, np.array(["a", "b"] * 25))]).stored_examples
    10
    """

    @property
    def about(self) -> str:
        """The settings in words."""
        return f"{super().about}, gradients projected by {self.examples:,} stored examples"

    def _learn_task(self, codes: np.ndarray, columns: np.ndarray) -> None:
        for rows in self._rows(codes):
            new = labelled(codes[rows], columns[rows], self._seen)
            if not len(self.buffer):
                self.net.step(new)
                continue
            again = self._again(len(rows))
            reference = self.net.slopes(labelled(again.codes, again.columns, self._seen))
            self.net.apply(projected(self.net.slopes(new), reference))
        self.buffer = self.buffer.sampled(self.examples, self._rng, codes, columns)


def projected(slopes: Arrays, reference: Arrays) -> Arrays:
    """Return ``g - (g·r / r·r) r`` where ``g·r`` is negative, otherwise the gradient g as it is.

    >>> projected((np.array([1.0, -1.0]),), (np.array([0.0, 2.0]),))[0].tolist()
    [1.0, 0.0]
    """
    product = sum(float(np.vdot(g, r)) for g, r in zip(slopes, reference, strict=True))
    if product >= 0:
        return slopes
    share = product / sum(float(np.vdot(r, r)) for r in reference)
    return tuple(g - g.dtype.type(share) * r for g, r in zip(slopes, reference, strict=True))
