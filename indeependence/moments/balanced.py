"""Ridge as if all classes were equally frequent: rare classes are found, and frequent ones are answered less often."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from indeependence.moments.centred import Centred
from indeependence.moments.weights import Weights


def balanced(centred: Centred, ridge: Weights) -> Weights:
    """Return ridge on as many examples of every class, from the ``ridge`` weights of the sums as they are.

    To let each example count as ``N / (C n_c)`` takes the products of every class apart. The sums have those of all
    together; so every class gets its own mean and the scatter within all classes, as in linear discriminant analysis.
    With the class means ``D`` less the mean of all, the counts ``N`` and the even share ``B = n (I - 11ᵀ/C)`` of n
    examples, the scatter is then ``S + D (B - N) Dᵀ`` and the right side is ``D B``. By Woodbury's identity the weights
    are ``W N⁻¹ (I + (B - N) DᵀW N⁻¹)⁻¹ B``: ``C × C`` matrices are all that it takes.

    >>> from indeependence.moments.centred import centre
    >>> from indeependence.moments.moments import Moments
    >>> from indeependence.moments.ridge import ridge
    >>> rows = np.array([[1, 0], [3, 2], [2, 1], [3, 4]], np.uint8), np.array(["a", "a", "a", "b"])
    >>> centred = centre(Moments.empty("encoder", 2).learn([rows]))
    >>> for readout in (ridge(centred, 1.0), balanced(centred, ridge(centred, 1.0))):
    ...     print(readout.scores(np.array([[3, 3]])).argmax(1))
    [0]
    [1]
    """
    counts = centred.target_mean * centred.count
    apart, classes = centred.cross / counts, len(counts)
    even = centred.count / classes * (np.eye(classes) - 1 / classes)
    along = apart.T @ ridge.coefficients / counts
    mapping = np.linalg.solve(np.eye(classes) + (even - np.diag(counts)) @ along, even)
    coefficients = ridge.coefficients / counts @ mapping
    intercept = 1 / classes - (centred.code_mean + apart.mean(1)) @ coefficients
    return replace(ridge, coefficients=coefficients, intercept=intercept)
