"""A network that gives what several of its layers see, or what it sees in a picture and its mirror image together.

Both are built in Keras from a network that is there, so what comes out is a network like any other: it is kept in the
model's file, its features go into the cache, and it is exported.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from indeependence.encoder.fronts.front import Network
from indeependence.encoder.fronts.keras_network import KerasNetwork, network_of
from indeependence.errors import InputError, did_you_mean

BETWEEN = ("Pooling", "Padding", "Resizing")  # layers that only change a size: their outputs are no depth of their own


@dataclass(frozen=True)
class Depth:
    """A layer by name, or the last ones of so many sizes, and in how many cells along each side it is averaged."""

    layer: str
    cells: int = 1

    @property
    def count(self) -> int:
        """How many sizes are asked for; 0 for a layer by name."""
        return int(self.layer) if self.layer.isdecimal() else 0


def parse_depths(text: Any) -> tuple[Depth, ...]:
    """Return depths from a text; raise `InputError` unless it is layers or one number, with cells if wanted.

    >>> parse_depths("fire5:2,fire9")
    (Depth(layer='fire5', cells=2), Depth(layer='fire9', cells=1))
    >>> parse_depths(3)[0].count
    3
    """
    if isinstance(text, bool) or not isinstance(text, str | int):
        raise _refused(text)
    found = tuple(_parsed(part, text) for part in str(text).split(","))
    if len({depth.layer for depth in found}) < len(found):
        raise InputError(f"--encoder-depths: expected each layer once, got {text!r}: leave one out")
    return found


def _parsed(part: str, text: str | int) -> Depth:
    layer, colon, cells = part.strip().partition(":")
    found = Depth(layer, int(cells) if cells.isdecimal() else int(not colon))
    number, alone = layer.isdecimal(), "," not in str(text)
    if not layer or not found.cells or (number and not (found.count and alone)):
        raise _refused(text)
    return found


def _refused(text: Any) -> InputError:
    return InputError(
        f"--encoder-depths: expected names of layers or how many sizes, with cells if wanted, got {text!r}: try 3, 3:2 "
        "or fire5:2,fire9"
    )


def network_at(network: Network, depths: Sequence[Depth]) -> KerasNetwork:
    """Return the network that gives the outputs of its layers at these ``depths``, pooled and side by side.

    An output ``[H, W, C]`` is averaged over the picture, or in a grid of cells, which overlap where its side is not a
    multiple of them; one of tokens ``[T, C]`` is averaged, and one of ``[C]`` stays. Raise `InputError` for an ONNX
    network, and for layers that are not there.
    """
    return _rebuilt("--encoder-depths", network, lambda model: _at(model, depths))


def mirrored_network(network: Network) -> KerasNetwork:
    """Return the network that gives the mean of its outputs on a picture and on its mirror image.

    Both have the same features then, to the bit. It takes twice the time. Raise `InputError` for an ONNX network, and
    for one that does not look at pictures.
    """
    return _rebuilt("--encoder-flip", network, _mirrored)


def _rebuilt(option: str, network: Network, change: Callable[[Any], Any]) -> KerasNetwork:
    if not isinstance(network, KerasNetwork):
        raise InputError(f"{option} goes with a Keras network, got an ONNX file: leave one out")
    try:
        # Keras numbers its operations in each thread anew: their names, and so the fingerprint, are always the same.
        with ThreadPoolExecutor(1) as apart:
            return apart.submit(lambda: network_of(change(network.model))).result()
    except InputError:
        raise
    except Exception as error:  # of any kind, as in loading a model
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise InputError(f"{option} cannot be used with {network.name}: {reason}") from error


def _at(model: Any, depths: Sequence[Depth]) -> Any:
    import keras

    chosen = [one for depth in depths for one in (_last_of_sizes(model, depth) if depth.count else [depth])]
    rows = [_pooled(_output(model, one.layer), one, f"depth_{place}") for place, one in enumerate(chosen, start=1)]
    joined = rows[0] if len(rows) == 1 else keras.layers.Concatenate(name="depths")(rows)
    return keras.Model(model.inputs, joined, name=model.name)


def _last_of_sizes(model: Any, depth: Depth) -> list[Depth]:
    """Return the last layer of each of the smallest sizes of the picture inside the network, the deepest at the end."""
    last: dict[int, str] = {}
    for layer in model.layers:
        shape: tuple[Any, ...] = getattr(getattr(layer, "output", None), "shape", ())
        if len(shape) == 4 and shape[1] and not any(word in type(layer).__name__ for word in BETWEEN):
            last[shape[1]] = layer.name
    if not 0 < depth.count <= len(last):
        found = f"{len(last)} sizes of pictures" if last else "no picture of a known size"
        raise InputError(f"--encoder-depths {depth.count}: {model.name} has {found} in it: name its layers instead")
    return [Depth(last[size], depth.cells) for size in sorted(last)[: depth.count]][::-1]


def _output(model: Any, name: str) -> Any:
    """Return what a layer gives; raise `InputError` for a name that the network does not have."""
    known = [layer.name for layer in model.layers]
    if name not in known:
        near = did_you_mean(name, known) or f": it has {', '.join(known[-4:])}, for example"
        raise InputError(f"--encoder-depths: expected a layer of {model.name}, got {name!r}{near}")
    return model.get_layer(name).output


def _pooled(output: Any, depth: Depth, name: str) -> Any:
    import keras

    sides = output.shape[1:-1]
    if len(sides) > 2 or (depth.cells > 1 and len(sides) != 2):
        raise InputError(
            f"--encoder-depths: {depth.layer} gives {'x'.join(map(str, output.shape[1:]))} numbers, which have no "
            "cells: name another layer, or leave :CELLS out"
        )
    if depth.cells == 1:
        pooling = {1: keras.layers.GlobalAveragePooling1D, 2: keras.layers.GlobalAveragePooling2D}
        return pooling[len(sides)](name=name)(output) if sides else output
    if None in sides or min(sides) < depth.cells:
        raise InputError(
            f"--encoder-depths: {depth.layer} has {'x'.join(map(str, sides))} places, expected at least {depth.cells} "
            "along each side: ask for fewer cells"
        )
    steps = [side // depth.cells for side in sides]
    window = [side - (depth.cells - 1) * step for side, step in zip(sides, steps, strict=True)]
    return keras.layers.Flatten(name=name)(
        keras.layers.AveragePooling2D(tuple(window), tuple(steps), name=f"{name}_cells")(output)
    )


def _mirrored(model: Any) -> Any:
    import keras

    shape = model.inputs[0].shape[1:]
    if len(shape) != 3:
        raise InputError(f"--encoder-flip: expected a network of pictures, {model.name} takes {len(shape)} sides")
    picture = keras.Input(shape, name="picture")
    both = [model(picture), model(keras.ops.flip(picture, axis=2))]
    return keras.Model(picture, keras.layers.Average(name="both")(both), name=f"{model.name}_both")
