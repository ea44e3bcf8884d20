"""What a Keras network of one's own is made of, what is left of it without some units or weights, and attacks on it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from indeependence.data.datasets import Dataset
from indeependence.data.readers.pictures import rows_of
from indeependence.data.selection import Source
from indeependence.errors import InputError, did_you_mean, named
from indeependence.files.atomic import write_atomically
from indeependence.files.lock import make_folder
from indeependence.networks.chain import Link, chain_of, hidden, weighted_layers
from indeependence.networks.own import Label, OwnNetwork, open_network
from indeependence.networks.saliency import Activity, activity, kernel_of, unit_saliency, weight_saliency
from indeependence.networks.smaller import silence, without_units, without_weights
from indeependence.pruning.saliency import most_salient


@dataclass(frozen=True, eq=False)
class OwnCase:
    """A network in a file, and the data that it is asked about."""

    path: Path
    source: Source
    scale: str = "none"
    outputs: tuple[str, ...] | None = None  # names of the outputs
    limit: int = 1000  # examples of the training part that saliency is measured on
    seed: int = 0  # of which examples these are, and of random choices

    @cached_property
    def dataset(self) -> Dataset:
        """The data."""
        return self.source.load()

    @cached_property
    def network(self) -> OwnNetwork:
        """The network."""
        return open_network(self.path, self.dataset.classes.tolist(), scale=self.scale, outputs=self.outputs)

    @cached_property
    def seen(self) -> Activity:
        """How active the network is, on examples of the training part."""
        data, network = self.dataset, self.network
        rows = np.sort(np.random.default_rng(self.seed).permutation(len(data.y_train))[: self.limit])
        return activity(network, rows_of(data.x_train, rows), data.y_train[rows])

    def tests(self, limit: int | None = None, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
        """Return test examples of the network's classes, at most so many, and their labels."""
        data = self.dataset
        rows = self.source.learned_tests(data, self.network.labels)
        if limit is not None:
            rows = np.sort(np.random.default_rng(seed).permutation(rows)[:limit])
        return rows_of(data.x_test, rows), data.y_test[rows]


def look(case: OwnCase) -> dict[str, Any]:
    """Return what each layer with a kernel is made of and how active it is, in plain JSON values."""
    rows = []
    for layer in weighted_layers(case.network.model):
        kernel, saliency = kernel_of(layer), weight_saliency(layer, case.seen)
        rows.append(
            {
                "layer": layer.name,
                "kind": type(layer).__name__,
                "units": int(kernel.shape[-1]),
                "weights": int(kernel.size),
                "zero": float(np.mean(kernel == 0)),
                "inputs_active": case.seen.active[layer.name],
                "maav": float(saliency.mean()),
                "largest_maav": float(saliency.max()),
            }
        )
    facts = {"network": str(case.path), "parameters": int(case.network.model.count_params())}
    return {**facts, "accuracy": case.network.accuracy(*case.tests()), "layers": rows}


def look_into(case: OwnCase, name: str, top: int) -> dict[str, Any]:
    """Return the units and single weights of one layer that matter most, in plain JSON values."""
    model = case.network.model
    layer = _layer_named(name, [one.name for one in weighted_layers(model)], model)
    saliency = weight_saliency(layer, case.seen)
    order = np.argsort(-saliency, axis=None, kind="stable")[:top]
    places = [[int(one) for one in np.unravel_index(place, saliency.shape)] for place in order]
    kernel = kernel_of(layer)
    weights = [
        {"place": place, "weight": float(kernel[tuple(place)]), "maav": float(saliency[tuple(place)])}
        for place in places
    ]
    units = _units(case, chain_of(model), name, top) if layer is not weighted_layers(model)[-1] else []
    return {"layer": name, "units": units, "weights": weights}


def _units(case: OwnCase, links: Sequence[Link], name: str, top: int) -> list[dict[str, Any]]:
    """Return the most important units of a hidden layer, and the class that each of them works for most."""
    whole = unit_saliency(links, case.seen)[name]
    classes = case.seen.labels
    each = np.stack([unit_saliency(links, case.seen, label=label)[name] for label in classes])
    order = np.argsort(-whole, kind="stable")[:top].tolist()
    return [{"unit": unit, "maav": float(whole[unit]), "class": classes[int(each[:, unit].argmax())]} for unit in order]


@dataclass(frozen=True)
class Thinning:
    """Settings: which share of units, or of single weights, is removed from which layers, and by what."""

    fraction: float = 0.5
    ratios: tuple[tuple[str, float], ...] = ()  # of single layers, instead of ``fraction``
    by: str = "maav"  # one of `networks.saliency.WAYS`
    single: bool = False  # set single weights to 0, instead of removing units


def thin(case: OwnCase, thinning: Thinning, output: Path) -> dict[str, Any]:
    """Write a network without the least important units or weights to ``output``, and return what changed."""
    network = case.network
    x, y = case.tests()
    before, parameters, bytes_before = network.accuracy(x, y), _nonzero(network.model), case.path.stat().st_size
    if thinning.single:
        layers = weighted_layers(network.model)
        shares = _shares(thinning, [layer.name for layer in layers], network.model)
        found = {one.name: weight_saliency(one, case.seen, thinning.by, seed=case.seed) for one in layers}
        kept = {
            name: most_salient(found[name].ravel(), share).reshape(found[name].shape) for name, share in shares.items()
        }
        without_weights(network.model, kept)
        small = network.model
    else:
        links = chain_of(network.model)
        shares = _shares(thinning, [link.layer.name for link in hidden(links)], network.model)
        saliency = unit_saliency(links, case.seen, thinning.by, seed=case.seed)
        kept = {name: most_salient(saliency[name], share) for name, share in shares.items()}
        small = without_units(network.model, kept)
    after = OwnNetwork(small, case.scale, network.labels)
    save_network(small, output)
    what = "weights" if thinning.single else "units"
    return {
        "output": str(output),
        "layers": [
            {"layer": name, f"{what}_before": int(one.size), what: int(one.sum())} for name, one in kept.items()
        ],
        "parameters_before": parameters,
        "parameters": _nonzero(small),
        "file_bytes_before": bytes_before,
        "file_bytes": output.stat().st_size,
        "accuracy_before": before,
        "accuracy": after.accuracy(x, y),
    }


@dataclass(frozen=True)
class Surgery:
    """Settings: which class a network is to forget, and how many of its units are silenced for that."""

    forgotten: str
    fraction: float = 0.1
    layers: tuple[str, ...] = ()  # hidden layers; all if there is none


def operate(case: OwnCase, surgery: Surgery, output: Path) -> dict[str, Any]:
    """Write a network whose units that matter most for one class are silent, and return what it still knows."""
    network = case.network
    [label] = named([surgery.forgotten], case.seen.labels, option="--class", where="in the data")
    x, y = case.tests()
    before = _both(network, x, y, label)
    links = chain_of(network.model)
    names = [link.layer.name for link in hidden(links)]
    chosen = [_layer_named(name, names, network.model).name for name in surgery.layers] or names
    if not chosen:
        raise InputError(f"{case.path}: expected a network with a hidden layer, got none")
    gone = _units_of_class(links, case.seen, label, surgery.fraction)
    silence(links, {name: gone[name] for name in chosen})
    save_network(network.model, output)
    return {
        "output": str(output),
        "class": label,
        "units": {name: int(gone[name].sum()) for name in chosen},
        **{f"{name}_before": value for name, value in before.items()},
        **_both(network, x, y, label),
    }


def _units_of_class(links: Sequence[Link], seen: Activity, label: Label, fraction: float) -> dict[str, np.ndarray]:
    """Return masks of the units that exceed most, for one class, the mean of all others."""
    others = [other for other in seen.labels if other != label]
    own = unit_saliency(links, seen, label=label)
    rest = [unit_saliency(links, seen, label=other) for other in others]
    masks = {}
    for name, values in own.items():
        excess = values - np.mean([one[name] for one in rest], axis=0)
        masks[name] = np.zeros(len(values), bool)
        masks[name][np.argsort(-excess, kind="stable")[: round(fraction * len(values))]] = True
    return masks


def _both(network: OwnNetwork, x: np.ndarray, y: np.ndarray, label: Label) -> dict[str, float]:
    right, own = network.predict(x) == y, y == label
    if own.all() or not own.any():
        raise InputError(
            f"expected test examples of class {label} and of other classes, got only one kind: take other --data"
        )
    return {"accuracy_of_class": float(right[own].mean()), "accuracy_of_others": float(right[~own].mean())}


def _shares(thinning: Thinning, names: Sequence[str], model: Any) -> dict[str, float]:
    """Return the share to remove by layer."""
    if not names:
        raise InputError("expected a network with a hidden layer: of one layer, remove --weights")
    return {
        **dict.fromkeys(names, thinning.fraction),
        **{_layer_named(name, names, model).name: share for name, share in thinning.ratios},
    }


def _layer_named(name: str, names: Sequence[str], model: Any) -> Any:
    if name not in names:
        hint = did_you_mean(name, names)
        raise InputError(f"--layer: expected one of {', '.join(names)}, got {name}{hint}")
    return model.get_layer(name)


def _nonzero(model: Any) -> int:
    """Return the number of parameters that are trained, without those that are 0 in a kernel."""
    zeros = sum(int(np.sum(kernel_of(layer) == 0)) for layer in weighted_layers(model))
    return sum(int(np.prod(one.shape)) for one in model.trainable_weights) - zeros


def save_network(model: Any, output: Path) -> None:
    """Write a Keras model to a ``.keras`` file, as a whole or not at all."""
    make_folder(output)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        write_atomically(output, path.read_bytes())


@dataclass(frozen=True)
class Attack:
    """Settings of an attack on the pictures of the test part."""

    reaches: tuple[int, ...] = (8,)
    steps: int = 10  # of projected gradient descent; 0: the fast gradient sign alone
    limit: int = 200  # pictures


def attacked(case: OwnCase, attack: Attack) -> dict[str, Any]:
    """Return the accuracy under attack, on the cross-entropy and on the margin: right is what withstands both."""
    from indeependence.attacks.gradient import cross_entropy_loss, fgsm, margin_loss, pgd
    from indeependence.networks.attack import gradient_through

    network = case.network
    x, y = case.tests(attack.limit, case.seed)
    right = np.array([network.labels.index(label) for label in y.tolist()])
    gradients = [gradient_through(network, x.shape[1:], loss) for loss in (cross_entropy_loss, margin_loss)]
    ways: Mapping[str, Any] = {"fgsm": fgsm}
    if attack.steps:
        ways = {**ways, "pgd": lambda *given: pgd(*given, steps=attack.steps, seed=case.seed)}
    found: dict[str, dict[int, float]] = {name: {} for name in ways}
    for name, way in ways.items():
        for reach in attack.reaches:
            stood = [network.predict(way(gradient, x, right, reach)) == y for gradient in gradients]
            found[name][reach] = float(np.mean(np.all(stood, axis=0)))
    return {"network": str(case.path), "examples": len(y), "clean": network.accuracy(x, y), **found}
