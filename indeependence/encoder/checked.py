"""The check of an encoder that was read from a file: whatever stands there, its codes are whole numbers of 0..255."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from indeependence.encoder.edges import Edges
from indeependence.encoder.encoder import Encoder, width_over
from indeependence.encoder.layers import Layer
from indeependence.encoder.layers.boxes import BoxLayer
from indeependence.encoder.layers.dense import DenseLayer, fits_exactly
from indeependence.encoder.layers.fourier import FourierLayer
from indeependence.encoder.layers.norm import NormLayer
from indeependence.encoder.layers.patches import PatchLayer
from indeependence.encoder.quantise import Quantiser
from indeependence.exact import EXACT, TOP
from indeependence.files.schema import expect, is_number, is_text, is_whole, wholes

LARGEST_SIDE = 2**20  # of a picture, and of anything counted in pixels or windows
STEEPEST = 1e15  # a gain over a contrast: float32 then holds every response and every sum of them


def check_encoder(encoder: Encoder) -> None:
    """Raise `InputError` unless every value of the encoder is finite and in its range, and its layers fit together."""
    shape, quantiser = encoder.shape, encoder.quantiser
    expect(is_text(encoder.layers_text), "a text of layers")
    check_input_shape(shape)
    if isinstance(quantiser, Edges):
        expect(bool(np.isfinite(quantiser.edges).all()), "finite edges")
        expect(encoder.front is not None or shape == (quantiser.edges.shape[1],), "edges for every column")
        expect(len(quantiser.edges) > 0, "edges of at least one resolution")
        below = quantiser.width
    else:
        below = check_limits(quantiser, shape, whole=encoder.front is not None)
    if encoder.stacks:
        _check_members(encoder)
    for one in encoder.each:
        top = _check_layers(one, below)
        # An encoder of which some units are kept says which ones; the caller checks those.
        units = is_whole(one.units, 1, 2**31)
        expect(units and (encoder.kept is not None or one.units == top), f"{top} code units, as its layers have")


def _check_members(encoder: Encoder) -> None:
    """Raise `InputError` unless the layers are those of several members that share the units evenly."""
    counts = encoder.stacks
    expect(len(counts) > 1 and all(is_whole(count, 0, len(encoder.layers)) for count in counts), "several members")
    expect(sum(counts) == len(encoder.layers) and encoder.kept is None, "the layers of each member, with all units")
    expect(is_whole(encoder.units, 1, 2**31) and encoder.units % len(counts) == 0, "as many units of each member")
    expect(len({one.shift for one in encoder.each}) == 1, "members that learn the same copies of an example")


def _check_layers(encoder: Encoder, below: int) -> int:
    """Return the number of units that the layers of one member have; raise `InputError` unless they fit together."""
    shape = encoder.shape
    for index, (layer, keeps) in enumerate(zip(encoder.layers, encoder.keeps_input, strict=True)):
        expect(isinstance(keeps, bool), "whether a layer keeps its input")
        expect(not layer.takes_pictures or (index == 0 and len(shape) > 1), "pictures below a layer of patches")
        CHECKS[type(layer)](layer, shape if layer.takes_pictures else (below,))
        below = width_over(layer, shape, below, keeps_input=keeps)
    return below


def check_input_shape(shape: tuple[int, ...]) -> None:
    """Raise `InputError` unless this is the shape of a vector, a grey picture or a colour picture."""
    expect(0 < len(shape) < 4 and all(is_whole(side, 1, 2**31) for side in shape), "the shape of an input")
    expect(len(shape) < 3 or shape[2] == 3, "pictures that are grey or have three colours")


def check_limits(quantiser: Quantiser, shape: tuple[int, ...], *, whole: bool = False) -> int:
    """Return the number of quantised values of an input of ``shape``; raise `InputError` for limits that are no such.

    With ``whole``, the outputs of a Keras model come before the limits, which are then for as many as there are.
    """
    low, high, size = quantiser.low, quantiser.high, math.prod(shape)
    if low is None or high is None:
        expect(low is None and high is None, "two limits or none")
        return size
    expect(low.dtype == high.dtype == np.float64 and low.shape == high.shape, "limits in pairs")
    whole = whole and low.ndim == 1
    expect(low.ndim == 0 or whole or low.shape == shape, "limits for every column")
    with np.errstate(over="ignore", invalid="ignore"):
        span = high - low
    expect(bool(np.isfinite(low).all() and np.isfinite(span).all() and (span > 0).all()), "ascending limits")
    return low.size if whole else size


def _check_dense(layer: DenseLayer, shape: tuple[int, ...]) -> None:
    units = _check_bases(layer.bases, shape[0])
    expect(wholes(layer.offset, (units,), "i"), "whole-number offsets")
    expect(is_number(layer.scale, 0, 1e30) and is_number(layer.threshold, 0, 1e30), "a finite scale and threshold")
    expect(is_whole(layer.winners, 0, units), "at most as many winners as bases")


def _check_patches(layer: PatchLayer, shape: tuple[int, ...]) -> None:
    for name, least in (("size", 1), ("pool", 1), ("stride", 1), ("slopes", 0), ("pad", 0), ("shift", 0)):
        expect(is_whole(getattr(layer, name), least, LARGEST_SIDE), f"a whole number for {name}")
    side = min(shape[:2]) + 2 * layer.pad
    cell = layer.slopes or layer.pool
    expect(layer.pad < layer.size and layer.size + cell - 1 <= side, "windows that fit into the pictures")
    pixels = layer.size**2 * (shape[2] if len(shape) > 2 else 1)
    expect(pixels * TOP * TOP < EXACT, "windows of at most 258 values")
    units = _check_bases(layer.bases, pixels)
    expect(is_whole(layer.winners, 0, units), "at most as many winners as bases")
    expect(is_whole(layer.frame, 0, TOP), "a frame of 0 to 255")
    expect(isinstance(layer.root, bool) and isinstance(layer.flip, bool), "truth values for root and flip")
    expect(is_number(layer.contrast, 1e-6, 1e9) and is_number(layer.gain, 0, 1e15), "a contrast above 0")
    expect(layer.gain / layer.contrast <= STEEPEST, "a gain that is not too steep")
    expect(is_number(layer.scale, 0, 1e30) and is_number(layer.threshold, 0, 1e30), "a finite scale and threshold")


def _check_fourier(layer: FourierLayer, shape: tuple[int, ...]) -> None:
    expect(is_whole(layer.inputs, 1, shape[0]), "a layer that looks at some of the codes below it")
    units = _check_bases(layer.bases, layer.inputs)
    expect(wholes(layer.phase, (units,), "i") and layer.phase.dtype == np.int32, "whole-number phases")
    expect(is_number(layer.scale, 0, 2.0**28) and is_whole(layer.norm, 0, 1), "a finite scale")


def _check_boxes(layer: BoxLayer, shape: tuple[int, ...]) -> None:
    size = layer.columns.shape
    expect(len(size) == 2 and size[0] > 0 and size[1] > 0 and wholes(layer.columns, size, "i"), "sides of boxes")
    expect(0 <= int(layer.columns.min()) and int(layer.columns.max()) < shape[0], "sides on codes that are there")
    for name in ("thresholds", "gains"):
        side = getattr(layer, name)
        expect(wholes(side, size) and side.dtype == np.int16, f"{name} of boxes")


def _check_norm(layer: NormLayer, shape: tuple[int, ...]) -> None:
    expect(is_whole(layer.longest, 1, 2**31), "a longest code")


CHECKS: dict[type[Layer], Callable[[Any, tuple[int, ...]], None]] = {
    DenseLayer: _check_dense,
    PatchLayer: _check_patches,
    FourierLayer: _check_fourier,
    BoxLayer: _check_boxes,
    NormLayer: _check_norm,
}


def _check_bases(bases: np.ndarray, inputs: int) -> int:
    """Return the number of bases ``[inputs, K]``; raise `InputError` unless their projections add up exactly."""
    expect(isinstance(bases, np.ndarray) and bases.ndim == 2 and bases.shape[1] > 0, "bases")
    expect(wholes(bases, (inputs, bases.shape[1]), "i"), f"whole-number bases of {inputs} inputs")
    expect(fits_exactly(bases), "bases that add up exactly")
    return bases.shape[1]
