"""Fitting the stack of tied layers: at first to a sample, later again to the sums."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from indeependence.encoder.fitting.bootstrap import fit_local_bases
from indeependence.encoder.fitting.draws import Draws
from indeependence.encoder.fitting.grammar import LayerSpec
from indeependence.encoder.layers.dense import DenseLayer
from indeependence.models.autoencoder.bases import adam_bases, drift, eigen_bases, layer_of, random_bases
from indeependence.models.autoencoder.sums import AutoencoderSums
from indeependence.models.autoencoder.tied import Tied, tied
from indeependence.moments.regression import joint

Options = Mapping[str, Any]  # those of `Autoencoder`


def first_stack(specs: Sequence[LayerSpec], options: Options, rows: np.ndarray) -> Tied:
    """Return layers fitted to sample ``rows`` uint8 ``[N, D + C]``, one after another from the bottom upwards."""
    codes = rows
    layers, centres = [], []
    for index, spec in enumerate(specs):
        values = codes.astype(np.float64)
        mean = values.mean(0)
        covariance = (values - mean).T @ (values - mean) / len(values)
        layers.append(layer_of(_first_bases(index, spec, options, covariance), mean, covariance))
        centres.append(mean)
        codes = layers[-1](codes)
    return tied(options["layers"], tuple(layers), tuple(centres))


def _first_bases(index: int, spec: LayerSpec, options: Options, covariance: np.ndarray) -> np.ndarray:
    if spec.kind == "local" and options.get("both"):
        return _bases_of_each_side(spec, options, covariance)
    if spec.kind == "local":
        bases = fit_local_bases(tuple(options["shape"]), spec, Draws(options["seed"], index))
        return np.vstack([bases, np.zeros((len(covariance) - len(bases), spec.bases))])
    return _principal_bases(covariance, spec.bases, [options["seed"], index])


def _principal_bases(covariance: np.ndarray, count: int, seed: list[int]) -> np.ndarray:
    return eigen_bases(covariance, random_bases(len(covariance), count, np.random.default_rng(seed)))


def _bases_of_each_side(spec: LayerSpec, options: Options, covariance: np.ndarray) -> np.ndarray:
    """Return bases ``[D + C, K]`` that look at one side each: local ones on pictures, principal ones on vectors."""
    found, start = [], 0
    for side, shape in enumerate((tuple(options["shape"]), tuple(options["target_shape"]))):
        size = math.prod(shape)
        part = slice(start, start + size)
        if not size:  # of a model of one side alone
            continue
        if len(shape) > 1:
            own = fit_local_bases(shape, spec, Draws(options["seed"], side))
        else:
            own = _principal_bases(covariance[part, part], min(spec.bases, size), [options["seed"], side])
        found.append(np.zeros((len(covariance), own.shape[1])))
        found[-1][part] = own
        start += size
    return np.hstack(found)


def refitted_stack(
    stack: Tied, specs: Sequence[LayerSpec], options: Options, sums: AutoencoderSums, *, steps: int
) -> tuple[Tied, list[float]]:
    """Return layers fitted again to ``sums``, and the share of the sums of each layer that is then out of date.

    Local bases stay as they are. ``steps`` are those of Adam.
    """
    below = (sums.rows, *sums.deep)
    layers: list[DenseLayer] = []
    centres, drifts, moved = [], [], 0.0
    for index, layer in enumerate(stack.layers):
        known, seen = joint(below[index]), slice(0, len(layer.bases))
        mean, covariance = known.mean[seen], known.covariance(seen)
        fixed = specs[index].kind == "local"
        layers.append(layer if fixed else _refitted(layer, options, mean, covariance, steps))
        centres.append(stack.centres[index] if fixed else mean)
        moved = min(1.0, moved + drift(layer, layers[-1], mean, covariance))
        drifts.append(1 - (1 - sums.drift[index]) * (1 - moved))
    return tied(options["layers"], tuple(layers), tuple(centres)), drifts


def _refitted(layer: DenseLayer, options: Options, mean: np.ndarray, covariance: np.ndarray, steps: int) -> DenseLayer:
    start = layer.bases / np.linalg.norm(layer.bases.astype(np.float64), axis=0)
    if options["solver"] == "adam":
        bases = adam_bases(covariance, start, steps=steps, rate=options["rate"])
    else:
        bases = eigen_bases(covariance, start)
    return layer_of(bases, mean, covariance)
