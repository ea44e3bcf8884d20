"""Merging of two encoders: their bases are matched and averaged, weighted by their importance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.optimize import linear_sum_assignment

from indeependence.encoder.edges import Edges
from indeependence.encoder.encoder import Encoder, layers_with_bases
from indeependence.encoder.encoder import LayerWithBases as Layer
from indeependence.encoder.fitting.bases import whole_bases
from indeependence.encoder.layers.dense import DenseLayer, fits_exactly
from indeependence.encoder.layers.patches import PatchLayer
from indeependence.encoder.quantise import Quantiser
from indeependence.errors import InputError
from indeependence.pruning.remove import unit_bases


def base_importance(encoder: Encoder, saliency: np.ndarray) -> list[np.ndarray]:
    """Return the importance of each base, float64 ``[K]`` for each layer: the total saliency of its units.

    ``saliency`` is that of each unit, ``[H]``.

    A base whose units only feed the layer above gets the importance of the bases that use it, by ``|weights|``.
    """
    layers = layers_with_bases(encoder)
    counts = [layer.bases.shape[1] for layer in layers]
    inputs = int(np.prod(encoder.shape))
    given = np.bincount(unit_bases(encoder), weights=saliency, minlength=inputs + sum(counts))
    own = np.split(given, np.cumsum([inputs, *counts]))[1:-1]
    for i in reversed(range(1, len(own))):
        share = np.abs(layers[i].bases.astype(np.float64))
        read = share @ (own[i] / np.maximum(share.sum(0), 1e-12))
        units = read[-2 * counts[i - 1] * _cells(encoder, i - 1) :]
        own[i - 1] = own[i - 1] + units.reshape(-1, counts[i - 1], 2).sum((0, 2))
    return own


def merged(first: Encoder, second: Encoder, importance: tuple[list[np.ndarray], list[np.ndarray]]) -> Encoder:
    """Return an encoder in which each base is the average of one base of each encoder, weighted by importance.

    Bases have no order and, mirrored, no sign: each of ``second`` is matched with one of ``first`` so that the cosines
    add up to the most (Kuhn 1955), layer after layer, and layers above see their inputs in the new order. Its codes are
    new ones, so it cannot use the sums of either encoder. Raise `InputError` unless both were made from the same
    ``--layers`` for inputs of one shape and one range, and were not pruned.
    """
    _check_alike(first, second)
    layers: list[Layer] = []
    order: np.ndarray = np.arange(int(np.prod(first.shape)))  # of the units below: the unit of second for each of first
    for i, (mine, theirs) in enumerate(zip(layers_with_bases(first), layers_with_bases(second), strict=True)):
        theirs = _reordered(theirs, order) if isinstance(theirs, DenseLayer) else theirs
        places, signs = _matched(mine.bases.astype(np.float64), theirs.bases.astype(np.float64))
        shares = _shares(importance[0][i], importance[1][i][places])
        layers.append(_averaged(mine, theirs, places, signs, shares))
        own = _unit_order(places, signs, _cells(first, i))
        order = np.concatenate([order, own + len(order)]) if first.keeps_input[i] else own
    return replace(first, layers=tuple(layers))


def _check_alike(first: Encoder, second: Encoder) -> None:
    same = first.layers_text == second.layers_text and first.shape == second.shape
    shapes, others = ([one.bases.shape for one in layers_with_bases(each)] for each in (first, second))
    if not same or shapes != others:
        raise InputError("expected encoders of the same --layers for inputs of the same shape: bootstrap both alike")
    if not _same_limits(first.quantiser, second.quantiser) or first.kept is not None or second.kept is not None:
        raise InputError("expected encoders of the same input limits that were not pruned: bootstrap both alike")


def _same_limits(one: Quantiser | Edges, other: Quantiser | Edges) -> bool:
    if isinstance(one, Edges) or isinstance(other, Edges):
        return isinstance(one, Edges) and isinstance(other, Edges) and np.array_equal(one.edges, other.edges)
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return one.low is other.low and one.high is other.high
    return np.array_equal(one.low, other.low) and np.array_equal(one.high, other.high)


def _matched(mine: np.ndarray, theirs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return for each column of ``mine`` the place of its match in ``theirs``, and the sign that aligns both."""
    cosines = (mine / np.maximum(np.linalg.norm(mine, axis=0), 1e-12)).T @ (
        theirs / np.maximum(np.linalg.norm(theirs, axis=0), 1e-12)
    )
    places = linear_sum_assignment(-np.abs(cosines))[1]
    signs = np.where(cosines[np.arange(len(places)), places] < 0, -1.0, 1.0)
    return places, signs


def _shares(mine: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Return the weight of ``mine`` in each average; one half if neither is important."""
    total = mine + theirs
    return np.where(total > 0, mine / np.where(total > 0, total, 1.0), 0.5)


def _averaged(mine: Layer, theirs: Layer, places: np.ndarray, signs: np.ndarray, shares: np.ndarray) -> Layer:
    if isinstance(mine, PatchLayer) and isinstance(theirs, PatchLayer):
        own, other = mine.bases * mine.gain, theirs.bases[:, places] * signs * theirs.gain
        real = own * shares + other * (1 - shares)
        largest = max(np.abs(layer.bases.astype(int)).max() for layer in (mine, theirs))  # as fine as they are
        step = max(largest, 1) / max(np.abs(real).max(), 1e-12)
        whole = np.round(real * step)
        whole[np.abs(whole).argmax(0), np.arange(whole.shape[1])] -= whole.sum(0)  # zero sum, to the last unit
        share = float(shares.mean())
        scale = np.float32(share * mine.scale + (1 - share) * theirs.scale)
        return replace(mine, bases=whole.astype(np.int16), gain=1 / step, scale=scale)
    if not (isinstance(mine, DenseLayer) and isinstance(theirs, DenseLayer)):
        raise TypeError("expected two layers of one kind")
    # What a layer computes is (e W - b)·scale: the average is taken of W·scale and b·scale, then cut to whole numbers.
    real = mine.bases * mine.scale * shares + theirs.bases[:, places] * signs * theirs.scale * (1 - shares)
    offset = mine.offset * mine.scale * shares + theirs.offset[places] * signs * theirs.scale * (1 - shares)
    whole = whole_bases(real)
    step = np.abs(whole).sum() / max(np.abs(real).sum(), 1e-12)
    if not fits_exactly(whole):
        raise InputError(f"too many inputs, {len(whole)}, to add up exactly: merge encoders of sparser layers")
    bases, offsets = whole.astype(np.int16), np.round(offset * step).astype(np.int32)
    return replace(mine, bases=bases, offset=offsets, scale=np.float32(1 / step))


def _reordered(layer: DenseLayer, order: np.ndarray) -> DenseLayer:
    return replace(layer, bases=layer.bases[order])


def _unit_order(places: np.ndarray, signs: np.ndarray, cells: int) -> np.ndarray:
    """Return for each unit of my layer the unit of theirs: a negative sign swaps the two sides of a mirror."""
    sides = np.where(signs[:, None] > 0, [[0, 1]], [[1, 0]])
    one_cell = (2 * places[:, None] + sides).ravel()
    return (np.arange(cells)[:, None] * len(one_cell) + one_cell).ravel()


def _cells(encoder: Encoder, index: int) -> int:
    """Return in how many cells the bases of a layer have units: many for pooled layers, one for others."""
    layer = layers_with_bases(encoder)[index]
    return layer.width(encoder.shape) // (2 * layer.bases.shape[1]) if isinstance(layer, PatchLayer) else 1
