"""Removal of code units from encoder and sums: the smaller model is faster and can learn on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from sklearn.base import clone

from indeependence.encoder.encoder import Encoder, layers_with_bases, widths
from indeependence.encoder.encoder import LayerWithBases as Layer
from indeependence.encoder.layers.dense import DenseLayer
from indeependence.encoder.layers.patches import PatchLayer
from indeependence.errors import InputError
from indeependence.models.classifier.classifier import ContinualClassifier
from indeependence.moments.ledger import Ledger
from indeependence.moments.moments import Moments


def remove_units(model: ContinualClassifier, kept: np.ndarray) -> ContinualClassifier:
    """Return a model with only the units of the mask ``kept [H]``, to the bit as if it never had others.

    It learns, merges and forgets as any model does; it merges with models of the same encoder that kept the same units.
    Raise `InputError` for a mask of another size or without units.
    """
    encoder = narrowed(model.encoder_, kept)
    ledger = model.ledger_
    total = shrunk(ledger.total, kept, encoder.fingerprint)
    parts = {name: shrunk(part, kept, encoder.fingerprint) for name, part in ledger.parts.items()}
    return clone(model).start(encoder, Ledger(ledger.kind, total, parts))


def shrunk(moments: Moments, kept: np.ndarray, encoder: str) -> Moments:
    """Return the sums of the ``kept`` units, with the fingerprint of the ``encoder`` that computes only these.

    >>> sums = Moments.empty("whole", 3)
    >>> shrunk(sums, np.array([True, False, True]), "part").products.shape
    (2, 2)
    """
    products = moments.products[kept][:, kept]
    return replace(moments, encoder=encoder, products=products, cross=moments.cross[kept])


def narrowed(encoder: Encoder, kept: np.ndarray) -> Encoder:
    """Return the encoder of only the ``kept`` units, bool ``[H]``, equal to the bit.

    A base is no longer computed if none of its units is kept (both sides of its mirror, in all cells) and no layer
    above uses them; other units are computed and left out. In layers with k winners all bases stay, since one that is
    left out may still win. Raise `InputError` for a mask of another size or without units.
    """
    if kept.shape != (encoder.units,) or not kept.any():
        raise InputError(f"expected a mask of {encoder.units} units with one to keep at least, got {int(kept.sum())}")
    needed = np.zeros(widths(encoder)[-1], bool)
    needed[(np.arange(encoder.units) if encoder.kept is None else encoder.kept)[kept]] = True
    layers, keeps_input, stays = _climbed(encoder, _live_bases(encoder, needed))
    places = np.flatnonzero(needed[stays])
    smaller = replace(encoder, layers=layers, keeps_input=keeps_input, units=len(places), kept=places)
    return replace(smaller, kept=None) if len(places) == widths(smaller)[-1] else smaller


def unit_bases(encoder: Encoder) -> np.ndarray:
    """Return the number ``[H]`` of the base of each unit, counted over all layers; each input is its own base.

    >>> from indeependence.encoder.fitting.bootstrap import bootstrap
    >>> unit_bases(bootstrap(np.random.default_rng(0).integers(0, 256, (9, 4), np.uint8), "+2"))
    array([0, 1, 2, 3, 4, 4, 5, 5])
    """
    below = np.arange(widths(encoder)[0])
    for layer, keeps_input in zip(layers_with_bases(encoder), encoder.keeps_input, strict=True):
        own = _base_of_units(layer, encoder.shape) + below.max() + 1
        below = np.concatenate([below, own]) if keeps_input else own
    return below if encoder.kept is None else below[encoder.kept]


def _base_of_units(layer: Layer, shape: tuple[int, ...]) -> np.ndarray:
    """Return the number of the base of each unit of a layer: two sides for each base, cell after cell."""
    sides = np.repeat(np.arange(layer.bases.shape[1]), 2)
    return np.tile(sides, layer.width(shape) // len(sides)) if isinstance(layer, PatchLayer) else sides


def _live_bases(encoder: Encoder, needed: np.ndarray) -> list[np.ndarray]:
    """Return for each layer a mask of the bases that are needed, found from the top down."""
    live: list[np.ndarray] = []
    own_layers = layers_with_bases(encoder)
    below = widths(encoder)
    for i in reversed(range(len(own_layers))):
        layer, split = own_layers[i], below[i] if encoder.keeps_input[i] else 0
        base = _base_of_units(layer, encoder.shape)
        alive = np.bincount(base, weights=needed[split:], minlength=layer.bases.shape[1]) > 0
        if alive.any():
            alive |= layer.winners > 0
        elif not encoder.keeps_input[i]:
            alive[: max(layer.winners, 1)] = True  # not used, but the layer above needs some input
        live.insert(0, alive)
        passed = needed[:split] if split else np.zeros(below[i], bool)
        read = passed if isinstance(layer, PatchLayer) else (layer.bases[:, alive] != 0).any(1)
        needed = passed | read
    return live


def _climbed(encoder: Encoder, live: list[np.ndarray]) -> tuple[tuple[Layer, ...], tuple[bool, ...], np.ndarray]:
    """Return the layers with only live bases, whether each keeps its input, and which units of the code are left."""
    layers: list[Layer] = []
    stood: list[bool] = []
    stays = np.ones(widths(encoder)[0], bool)
    for layer, keeps_input, alive in zip(layers_with_bases(encoder), encoder.keeps_input, live, strict=True):
        own = alive[_base_of_units(layer, encoder.shape)]
        if alive.any():
            layers.append(_taken(layer, stays, alive))
            stood.append(keeps_input)
        stays = np.concatenate([stays, own]) if keeps_input else own
    return tuple(layers), tuple(stood), stays


def _taken(layer: Layer, inputs: np.ndarray, alive: np.ndarray) -> Layer:
    """Return a layer with only the ``inputs`` that are left and the bases that are ``alive``."""
    if isinstance(layer, DenseLayer):
        bases = np.ascontiguousarray(layer.bases[inputs][:, alive])
        return replace(layer, bases=bases, offset=layer.offset[alive])
    return replace(layer, bases=np.ascontiguousarray(layer.bases[:, alive]))
