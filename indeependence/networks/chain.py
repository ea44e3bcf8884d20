"""The layers of a network one after another, and which unit of a layer each input of the next one comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from indeependence.errors import InputError

WEIGHTED = ("Dense", "Conv2D", "SparseDense", "SparseConv2D")
COUNTING = ("BatchNormalization", "KWinners", "KWinners2D", "SoftKWinners")  # have weights, one for each unit
PASSING = {  # treat each unit for itself, without weights
    *("InputLayer", "Activation", "ReLU", "LeakyReLU", "ELU", "Softmax", "Identity", "Rescaling", "PlaneWinners"),
    *("Dropout", "SpatialDropout2D", "AlphaDropout", "GaussianDropout", "GaussianNoise", "ActivityRegularization"),
    *("MaxPooling2D", "AveragePooling2D", "GlobalMaxPooling2D", "GlobalAveragePooling2D", "ZeroPadding2D"),
    *("Cropping2D", "UpSampling2D"),
}


@dataclass(frozen=True, eq=False)
class Link:
    """A layer of a chain, and from which units its inputs and outputs, along the last axis, are."""

    layer: Any
    inputs: np.ndarray | None  # [F] the number of a unit of the weighted layer before; None: there is none before
    outputs: np.ndarray | None

    @property
    def weighted(self) -> bool:
        """Whether it has a kernel."""
        return kind_of(self.layer) in WEIGHTED


def kind_of(layer: Any) -> str:
    """Return the name of a layer's class."""
    return type(layer).__name__


def weighted_layers(model: Any) -> list[Any]:
    """Return the layers with a kernel; raise `InputError` if there is none, or a model inside the model."""
    inside = [layer.name for layer in model.layers if hasattr(layer, "layers")]
    if inside:
        raise InputError(f"expected a network of layers alone, got a model inside it: {inside[0]}")
    found = [layer for layer in model.layers if kind_of(layer) in WEIGHTED]
    if not found:
        raise InputError(f"expected a network with layers of the kinds {', '.join(WEIGHTED)}, got none")
    for layer in found:
        if getattr(layer, "groups", 1) != 1 or getattr(layer, "data_format", "channels_last") == "channels_first":
            raise InputError(f"layer {layer.name}: expected channels last and in one group")
    return found


def chain_of(model: Any) -> list[Link]:
    """Return all layers in their order; raise `InputError` unless each follows on one other, and all are understood."""
    weighted_layers(model)
    branches = kind_of(model) != "Sequential"
    links: list[Link] = []
    owner: np.ndarray | None = None
    for place, layer in enumerate(model.layers):
        if place and branches and not _follows(model.layers[place - 1], layer):
            raise InputError(f"expected layers one after another, got a branch at layer {layer.name}")
        after = _after(layer, owner)
        links.append(Link(layer, owner, after))
        owner = after
    if links[-1].outputs is None or len(links[-1].outputs) != model.outputs[0].shape[-1]:
        last = links[-1].layer.name
        raise InputError(f"expected outputs that are units of a layer with weights, got others at the end: {last}")
    return links


def _follows(before: Any, layer: Any) -> bool:
    """Return whether a layer of a functional model has one parent, the layer before it."""
    nodes = layer._inbound_nodes  # the only place where Keras has its graph
    parents = [tensor._keras_history.operation for tensor in nodes[0].input_tensors] if len(nodes) == 1 else []
    return len(parents) == 1 and parents[0] is before


def _after(layer: Any, owner: np.ndarray | None) -> np.ndarray | None:
    """Return the unit that each output of a layer is from, or raise `InputError` for a layer that is not understood."""
    kind = kind_of(layer)
    if kind in WEIGHTED:
        return np.arange(layer.kernel.shape[-1])
    if owner is None:
        return None
    if kind == "Flatten":
        return np.tile(owner, int(np.prod(layer.input.shape[1:-1])))
    if kind == "MirroredReLU":
        return np.repeat(owner, 2)
    if kind in PASSING or kind in COUNTING:
        return owner
    raise InputError(f"layer {layer.name}: expected a layer that treats each unit for itself, got one of kind {kind}")


def hidden(links: Sequence[Link]) -> list[Link]:
    """Return the layers with a kernel but the last, whose units are the network's outputs."""
    return [link for link in links if link.weighted][:-1]
