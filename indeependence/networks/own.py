"""A classifier in a ``.keras`` file: its answers to inputs as they come from files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from indeependence.encoder.fronts.keras_network import KerasNetwork
from indeependence.encoder.fronts.preparation import PLAIN, SCALES, prepared, times
from indeependence.encoder.fronts.pretrained import read_network
from indeependence.errors import InputError, some

Label = int | str
BATCH = 256


@dataclass(frozen=True, eq=False)
class OwnNetwork:
    """A Keras model whose outputs, one a class, are the larger the likelier the class is."""

    model: Any  # of Keras
    scale: str  # one of `SCALES`: what pictures of 0 to 255 become
    labels: tuple[Label, ...]  # of the outputs

    def scores(self, inputs: np.ndarray) -> np.ndarray:
        """Return the outputs float32 ``[N, C]`` for ``inputs [N, …]``."""
        rows = [np.asarray(self.model(batch, training=False)) for batch in self.batches(inputs)]
        scores = np.concatenate(rows) if rows else np.zeros((0, len(self.labels)), np.float32)
        if not np.isfinite(scores).all():
            raise InputError("expected a network of finite outputs, got NaN or infinity: try another --scale")
        return scores

    def predict(self, inputs: np.ndarray) -> np.ndarray:
        """Return the labels ``[N]`` of the largest outputs."""
        return np.array(self.labels)[self.scores(inputs).argmax(1)]

    def accuracy(self, inputs: np.ndarray, labels: np.ndarray) -> float:
        """Return the share of right answers."""
        return float(np.mean(self.predict(inputs) == labels))

    def batches(self, inputs: np.ndarray) -> Iterator[np.ndarray]:
        """Yield the inputs as the model takes them, float32, some at a time."""
        for start in range(0, len(inputs), BATCH):
            yield prepared(np.asarray(inputs[start : start + BATCH]), self.asked, self.scale)

    @cached_property
    def asked(self) -> tuple[int | None, ...]:
        """The shape of one input of the model."""
        return tuple(self.model.inputs[0].shape[1:])


def open_network(
    path: Path, classes: Sequence[Label], *, scale: str = PLAIN, outputs: Sequence[str] | None = None
) -> OwnNetwork:
    """Return the network in a ``.keras`` file, which runs no Python code of the file.

    Its outputs stand for ``outputs``, named as the ``classes`` of the data are; if that is not given, for the classes
    in their order, or for the numbers from 0 on if all classes are such numbers. Raise `InputError` for another file, a
    network of another number of outputs, and a scale of colours for one without.
    """
    network = read_network(path)
    if not isinstance(network, KerasNetwork):
        raise InputError(f"{path}: expected a .keras file: load the network in Keras and save it as .keras")
    try:
        model = network.model
        _check_scale(tuple(model.inputs[0].shape[1:]), scale)
        count = _outputs_of(model)
        return OwnNetwork(model, scale, _named(count, list(classes), outputs))
    except InputError as error:
        raise InputError(f"{path}: {error}") from error


def _outputs_of(model: Any) -> int:
    shape = model.outputs[0].shape
    if len(shape) != 2 or shape[1] is None or shape[1] < 2:
        found = times(tuple(shape[1:])) or "one"
        raise InputError(f"expected a network with one output for each class, got outputs of shape {found}")
    return int(shape[1])


def _check_scale(asked: tuple[int | None, ...], scale: str) -> None:
    channels = asked[-1] if len(asked) == 3 else 1
    if scale != PLAIN and (len(asked) < 2 or len(SCALES[scale].mean) not in (1, channels)):
        kind = "colour pictures" if len(SCALES[scale].mean) > 1 else "pictures"
        raise InputError(f"--scale {scale}: expected a network of {kind}, got one of {times(asked)}")


def _named(count: int, classes: list[Label], outputs: Sequence[str] | None) -> tuple[Label, ...]:
    """Return the labels of so many outputs."""
    if outputs is not None:
        if len(outputs) != count or len(set(outputs)) != count:
            raise InputError(f"--outputs: expected {count} different names, one for each output, got {len(outputs)}")
        known = {str(label): label for label in classes}
        return tuple(known.get(name, name) for name in outputs)
    if all(isinstance(label, int) and 0 <= label < count for label in classes):
        return tuple(range(count))
    if len(classes) != count:
        raise InputError(
            f"expected {count} classes, one for each output, got {some([str(one) for one in classes])}: name them "
            "by --outputs"
        )
    return tuple(classes)
