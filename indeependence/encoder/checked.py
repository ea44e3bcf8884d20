"""The check of an encoder that was read from a file: whatever stands there, its codes are whole numbers of 0..255."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from indeependence.encoder.edges import Edges
from indeependence.encoder.encoder import Encoder
from indeependence.encoder.layers import Layer
from indeependence.encoder.layers.boxes import BoxLayer
from indeependence.encoder.layers.dense import DenseLayer, fits_exactly
from indeependence.encoder.layers.fourier import FourierLayer
from indeependence.encoder.layers.norm import NormLayer
from indeependence.encoder.layers.patches import PatchLayer
from indeependence.errors import InputError
from indeependence.exact import EXACT, TOP

LARGEST_SIDE = 2**20  # of a picture, and of anything counted in pixels or windows
STEEPEST = 1e15  # a gain over a contrast: float32 then holds every response and every sum of them


def check_encoder(encoder: Encoder) -> None:
    """Raise `InputError` unless every value of the encoder is finite and in its range, and its layers fit together."""
    shape, quantiser = encoder.shape, encoder.quantiser
    _expect(isinstance(encoder.layers_text, str), "a text of layers")
    _expect(0 < len(shape) < 4 and all(_whole(side, 1, 2**31) for side in shape), "the shape of an input")
    _expect(len(shape) < 3 or shape[2] == 3, "pictures that are grey or have three colours")
    if isinstance(quantiser, Edges):
        _expect(bool(np.isfinite(quantiser.edges).all()), "finite edges")
        _expect(encoder.front is not None or shape == (quantiser.edges.shape[1],), "edges for every column")
        _expect(len(quantiser.edges) > 0, "edges of at least one resolution")
        below = quantiser.width
    else:
        below = _check_limits(quantiser.low, quantiser.high, encoder)
    for index, (layer, keeps) in enumerate(zip(encoder.layers, encoder.keeps_input, strict=True)):
        _expect(isinstance(keeps, bool), "whether a layer keeps its input")
        _expect(not layer.takes_pictures or (index == 0 and len(shape) > 1), "pictures below a layer of patches")
        CHECKS[type(layer)](layer, shape if layer.takes_pictures else (below,))
        below = layer.width(shape if layer.takes_pictures else (below,)) + below * keeps
    # An encoder of which some units are kept says which ones; the caller checks those.
    _expect(encoder.kept is not None or encoder.units == below, f"{below} code units, as its layers have")


def _check_limits(low: np.ndarray | None, high: np.ndarray | None, encoder: Encoder) -> int:
    """Return the number of quantised values of an input; raise `InputError` for limits that are no such."""
    size = math.prod(encoder.shape)
    if low is None or high is None:
        _expect(low is None and high is None, "two limits or none")
        return size
    _expect(low.dtype == high.dtype == np.float64 and low.shape == high.shape, "limits in pairs")
    whole = encoder.front is not None and low.ndim == 1
    _expect(low.ndim == 0 or whole or low.shape == encoder.shape, "limits for every column")
    _expect(bool(np.isfinite(low).all() and np.isfinite(high - low).all() and (low < high).all()), "ascending limits")
    return low.size if whole else size


def _check_dense(layer: DenseLayer, shape: tuple[int, ...]) -> None:
    units = _check_bases(layer.bases, shape[0])
    _expect(_whole_array(layer.offset, (units,)), "whole-number offsets")
    _expect(_in_range(layer.scale, 0, 1e30) and _in_range(layer.threshold, 0, 1e30), "a finite scale and threshold")
    _expect(_whole(layer.winners, 0, units), "at most as many winners as bases")


def _check_patches(layer: PatchLayer, shape: tuple[int, ...]) -> None:
    for name, least in (("size", 1), ("pool", 1), ("stride", 1), ("pad", 0), ("shift", 0)):
        _expect(_whole(getattr(layer, name), least, LARGEST_SIDE), f"a whole number for {name}")
    side = min(shape[:2]) + 2 * layer.pad
    _expect(layer.pad < layer.size and layer.size + layer.pool - 1 <= side, "windows that fit into the pictures")
    pixels = layer.size**2 * (shape[2] if len(shape) > 2 else 1)
    _expect(pixels * TOP * TOP < EXACT, "windows of at most 258 values")
    units = _check_bases(layer.bases, pixels)
    _expect(_whole(layer.winners, 0, units), "at most as many winners as bases")
    _expect(_whole(layer.frame, 0, TOP), "a frame of 0 to 255")
    _expect(isinstance(layer.root, bool) and isinstance(layer.flip, bool), "truth values for root and flip")
    _expect(_in_range(layer.contrast, 1e-6, 1e9) and _in_range(layer.gain, 0, 1e15), "a contrast above 0")
    _expect(layer.gain / layer.contrast <= STEEPEST, "a gain that is not too steep")
    _expect(_in_range(layer.scale, 0, 1e30) and _in_range(layer.threshold, 0, 1e30), "a finite scale and threshold")


def _check_fourier(layer: FourierLayer, shape: tuple[int, ...]) -> None:
    _expect(_whole(layer.inputs, 1, shape[0]), "a layer that looks at some of the codes below it")
    units = _check_bases(layer.bases, layer.inputs)
    _expect(_whole_array(layer.phase, (units,)) and layer.phase.dtype == np.int32, "whole-number phases")
    _expect(_in_range(layer.scale, 0, 2.0**28) and _whole(layer.norm, 0, 1), "a finite scale")


def _check_boxes(layer: BoxLayer, shape: tuple[int, ...]) -> None:
    size = layer.columns.shape
    _expect(len(size) == 2 and size[0] > 0 and size[1] > 0 and _whole_array(layer.columns, size), "sides of boxes")
    _expect(0 <= int(layer.columns.min()) and int(layer.columns.max()) < shape[0], "sides on codes that are there")
    for name in ("thresholds", "gains"):
        side = getattr(layer, name)
        _expect(_whole_array(side, size) and side.dtype == np.int16, f"{name} of boxes")


def _check_norm(layer: NormLayer, shape: tuple[int, ...]) -> None:
    _expect(_whole(layer.longest, 1, 2**31), "a longest code")


CHECKS: dict[type[Layer], Callable[[Any, tuple[int, ...]], None]] = {
    DenseLayer: _check_dense,
    PatchLayer: _check_patches,
    FourierLayer: _check_fourier,
    BoxLayer: _check_boxes,
    NormLayer: _check_norm,
}


def _check_bases(bases: np.ndarray, inputs: int) -> int:
    """Return the number of bases ``[inputs, K]``; raise `InputError` unless their projections add up exactly."""
    _expect(isinstance(bases, np.ndarray) and bases.ndim == 2 and bases.shape[1] > 0, "bases")
    _expect(_whole_array(bases, (inputs, bases.shape[1])), f"whole-number bases of {inputs} inputs")
    _expect(fits_exactly(bases), "bases that add up exactly")
    return bases.shape[1]


def _whole_array(array: Any, shape: tuple[int, ...]) -> bool:
    return isinstance(array, np.ndarray) and array.dtype.kind == "i" and array.shape == shape


def _whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _in_range(value: Any, least: float, most: float) -> bool:
    number = isinstance(value, float | int | np.floating) and not isinstance(value, bool)
    return bool(number and least <= value <= most)  # no comparison holds for NaN


def _expect(holds: bool, what: str) -> None:
    if not holds:
        raise InputError(f"damaged model: expected {what}; use a copy of the file")
