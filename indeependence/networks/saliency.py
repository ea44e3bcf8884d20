"""Mean activated absolute values of a network's single weights and units, over all examples or those of a class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from indeependence.networks.chain import Link, hidden, weighted_layers
from indeependence.networks.own import Label, OwnNetwork

WAYS = ("maav", "magnitude", "random")


@dataclass(frozen=True, eq=False)
class Activity:
    """How active the inputs of each layer with a kernel are, by class."""

    labels: tuple[Label, ...]
    counts: np.ndarray  # [C] examples
    sizes: dict[str, np.ndarray]  # layer → Σ mean |x| over places, [C, F]
    active: dict[str, float]  # layer → the share of its inputs that are not 0

    def mean(self, layer: str, label: Label | None = None) -> np.ndarray:
        """Return mean ``|x|``, ``[F]``, of all examples or of those of one class."""
        if label is None:
            return self.sizes[layer].sum(0) / max(self.counts.sum(), 1)
        place = self.labels.index(label)
        return self.sizes[layer][place] / max(self.counts[place], 1)


def activity(network: OwnNetwork, inputs: np.ndarray, labels: np.ndarray) -> Activity:
    """Return the activity that examples and their labels ``[N]`` cause."""
    from indeependence.quiet_keras import keras

    layers = weighted_layers(network.model)
    probe = keras.Model(network.model.inputs[0], [layer.input for layer in layers])
    classes = tuple(np.unique(labels).tolist())
    places = np.searchsorted(np.array(classes), labels)
    sizes = {layer.name: np.zeros((len(classes), layer.input.shape[-1])) for layer in layers}
    active = dict.fromkeys(sizes, 0.0)
    done = 0
    for batch in network.batches(inputs):
        rows = np.eye(len(classes))[places[done : done + len(batch)]]
        found = probe(batch, training=False)
        for layer, values in zip(layers, found if len(layers) > 1 else [found], strict=True):
            size = np.abs(np.asarray(values, np.float64)).reshape(len(batch), -1, values.shape[-1])
            sizes[layer.name] += rows.T @ size.mean(1)
            active[layer.name] += float((size > 0).mean((1, 2)).sum()) / len(inputs)
        done += len(batch)
    return Activity(classes, np.bincount(places, minlength=len(classes)), sizes, active)


def kernel_of(layer: Any) -> np.ndarray:
    """Return the kernel ``[…, F, K]`` that a layer works with: without the weights that a mask keeps out."""
    kernel = np.asarray(layer.kernel)
    return kernel * np.asarray(layer.mask) if hasattr(layer, "mask") else kernel


def weight_saliency(
    layer: Any, seen: Activity, by: str = "maav", *, label: Label | None = None, seed: int = 0
) -> np.ndarray:
    """Return the importance ``[…, F, K]`` of the single weights of a layer.

    ``maav``: ``|w|·mean |x|``, in a convolution of the channel over all places; ``magnitude``: ``|w|``; ``random``, for
    comparison, by ``seed``.
    """
    kernel = np.abs(kernel_of(layer)).astype(np.float64)
    if by == "random":
        return np.random.default_rng(seed).random(kernel.shape) * (kernel > 0)
    return kernel * seen.mean(layer.name, label)[:, None] if by == "maav" else kernel


def unit_saliency(
    links: Sequence[Link], seen: Activity, by: str = "maav", *, label: Label | None = None, seed: int = 0
) -> dict[str, np.ndarray]:
    """Return by hidden layer the importance ``[K]`` of its units: that of the weights which read them, added up."""
    weighted, found = [link for link in links if link.weighted], {}
    for link, reader in zip(hidden(links), weighted[1:], strict=True):
        saliency = weight_saliency(reader.layer, seen, by, label=label, seed=seed)
        each = saliency.sum((*range(saliency.ndim - 2), saliency.ndim - 1))
        found[link.layer.name] = np.bincount(
            np.asarray(reader.inputs), weights=each, minlength=link.layer.kernel.shape[-1]
        )
    return found
