"""Networks without some of their units, really smaller; and without single weights, which become 0."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from indeependence.errors import InputError
from indeependence.networks.chain import COUNTING, Link, chain_of, kind_of, weighted_layers

SIZE = {"Dense": "units", "SparseDense": "units", "Conv2D": "filters", "SparseConv2D": "filters"}


def without_units(model: Any, kept: Mapping[str, np.ndarray]) -> Any:
    """Return a smaller network with only the units of the masks ``kept [K]``, by the names of hidden layers.

    It answers as the whole one does whose left-out units are 0 after their activation. Layers of k winners keep their
    k. Raise `InputError` as `chain_of` does, and where as many winners as units would be left.
    """
    from indeependence.quiet_keras import keras

    links = chain_of(model)
    layers, weights = [], []
    before = None  # the mask of units of the last layer with a kernel
    for link in links:
        layer = link.layer
        if kind_of(layer) == "InputLayer":
            continue
        own = kept.get(layer.name, np.ones(layer.kernel.shape[-1], bool)) if link.weighted else None
        taken = np.ones(0, bool) if before is None or link.inputs is None else before[link.inputs]
        layers.append(_changed(layer, taken, own))
        weights.append([_cut(np.asarray(one), link, taken, own) for one in layer.weights])
        before = own if own is not None else before
    small = keras.Sequential([keras.Input(model.inputs[0].shape[1:]), *layers], name=model.name)
    for layer, values in zip(layers, weights, strict=True):
        layer.set_weights(values)
    return small


def _changed(layer: Any, taken: np.ndarray, own: np.ndarray | None) -> Any:
    """Return a new layer of the same settings, of fewer units or with the same number of winners."""
    config = layer.get_config()
    if own is not None:
        config[SIZE[kind_of(layer)]] = int(own.sum())
    elif hasattr(layer, "winners") and len(taken):
        there = layer.input.shape[1:] if getattr(layer, "over", "") == "map" else (1,)
        most = int(np.prod(there[:-1], dtype=int)) * int(taken.sum())
        if kind_of(layer) == "SoftKWinners" and layer.winners >= most:
            raise InputError(f"layer {layer.name}: {layer.winners} of {most} units would win: remove fewer before it")
        config["k"] = min(layer.winners, most)
        if config.get("k_inference") is not None:
            config["k_inference"] = min(layer.winners_inference, most)
    return type(layer).from_config(config)


def _cut(values: np.ndarray, link: Link, taken: np.ndarray, own: np.ndarray | None) -> np.ndarray:
    """Return one array of a layer's weights without what is gone."""
    if own is not None:
        values = values[..., own]
        return values[..., taken, :] if values.ndim > 1 and len(taken) else values
    counted = kind_of(link.layer) in COUNTING and values.ndim == 1 and len(taken)
    return values[taken] if counted else values


def silence(links: Sequence[Link], units: Mapping[str, np.ndarray]) -> None:
    """Set the weights to 0, in place, that read these ``units``, masks ``[K]`` by hidden layer: surgery."""
    weighted = [link for link in links if link.weighted]
    for link, reader in zip(weighted, weighted[1:], strict=False):
        gone = units.get(link.layer.name)
        if gone is not None:
            kernel = np.asarray(reader.layer.kernel).copy()
            kernel[..., gone[reader.inputs], :] = 0
            reader.layer.kernel.assign(kernel)


def without_weights(model: Any, kept: Mapping[str, np.ndarray]) -> None:
    """Set the weights outside the masks ``kept [… , F, K]`` to 0, in place, by the names of layers."""
    for layer in weighted_layers(model):
        if layer.name in kept:
            layer.kernel.assign(np.asarray(layer.kernel) * kept[layer.name])
