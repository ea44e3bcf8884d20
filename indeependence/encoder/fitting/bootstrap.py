"""Encoders from a sample of the first task: every layer is fitted once, on the codes of the one below."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from indeependence.encoder.edges import fit_edges
from indeependence.encoder.encoder import Encoder, flat, width_over
from indeependence.encoder.fitting.bases import (
    drawn_bases,
    local_bases,
    principal_bases,
    sparse_bases,
    whitened_bases,
    whole_bases,
)
from indeependence.encoder.fitting.draws import Draws
from indeependence.encoder.fitting.grammar import LayerSpec, default_layers, members_of, parse_layers
from indeependence.encoder.fitting.linear import total
from indeependence.encoder.fitting.patch_fit import fit_patches
from indeependence.encoder.fitting.shading import shaded
from indeependence.encoder.fitting.vectors import box_layer, fourier_layer
from indeependence.encoder.fronts.front import Front
from indeependence.encoder.layers import Layer
from indeependence.encoder.layers.dense import DenseLayer, fits_exactly
from indeependence.encoder.layers.norm import NormLayer, typical_norm
from indeependence.encoder.limits import quantiser_within
from indeependence.encoder.quantise import Quantiser, fit_quantiser
from indeependence.errors import InputError
from indeependence.exact import TOP
from indeependence.machine import memory

DEVIATIONS = 3.5  # a projection this many standard deviations from its offset gets the largest code


def bootstrap(
    sample: np.ndarray,
    layers: str = "auto",
    *,
    seed: int = 0,
    members: int = 1,
    front: Front | None = None,
    limits: Any = None,
) -> Encoder:
    """Return an encoder fitted on ``sample [N, ...]``, which must come from the first task only; then frozen.

    ``layers`` is a text as in `parse_layers`; ``auto`` chooses by the shape of the data and by whether pictures are
    `shaded`; ``best`` is the most accurate encoder that we know, whatever time it takes. Equal samples and seeds give
    equal encoders, on every machine. With several ``members``, as in `members_of`, the codes of as many stacks of
    layers stand side by side. With a ``front``, limits and layers are fitted to its outputs. With ``limits``, as in
    `quantiser_within`, those are not taken from the sample.
    Raise `InputError` for an empty sample and for layers that do not fit its inputs.

    >>> encoder = bootstrap(np.random.default_rng(0).integers(0, 256, (50, 20), np.uint8), "8")
    >>> encoder(np.zeros((2, 20), np.uint8)).shape
    (2, 16)
    """
    if len(sample) == 0:
        raise InputError("expected at least one example to bootstrap the encoder on, got none")
    shape = sample.shape[1:]
    if front is not None:
        sample = front(sample)
        front.say_size(shape)
    vectors = sample.ndim == 2 and sample.dtype != np.uint8
    fitted_limits = fit_edges if vectors else fit_quantiser
    quantiser = fitted_limits(sample) if limits is None else quantiser_within(limits, sample)
    codes = quantiser(sample)
    listed = " | ".join(_chosen(text, sample.shape[1:], codes) for text in members_of(layers))
    texts = members_of(listed, members)  # the best layers may have several members themselves
    stacks = [parse_layers(text) for text in texts]
    text = " | ".join(dict.fromkeys(texts))
    _check_memory([_least_units(specs) for specs in stacks], text)
    fitted: list[Layer] = []
    widths = []
    for specs in stacks:
        own, width = _fit_stack(codes, specs, seed, len(fitted))
        fitted += own
        widths.append(width)
    _check_alike(widths, stacks)
    _check_memory(widths, text)
    return Encoder(
        " | ".join(texts),
        shape,
        quantiser,
        tuple(fitted),
        tuple(spec.keeps_input for specs in stacks for spec in specs),
        sum(widths),
        front,
        stacks=tuple(map(len, stacks)) if len(stacks) > 1 else (),
    )


def _fit_stack(codes: np.ndarray, specs: tuple[LayerSpec, ...], seed: int, first: int) -> tuple[list[Layer], int]:
    """Return the layers of one member and its number of units; ``first`` is the number of its first layer of all."""
    fitted: list[Layer] = []
    inputs = width = flat(codes).shape[1]
    for i, spec in enumerate(specs, first):
        layer = _fit(codes, spec, Draws(seed, i), inputs)
        fitted.append(layer)
        width = width_over(layer, codes.shape[1:], flat(codes).shape[1], keeps_input=spec.keeps_input)
        inputs = inputs if spec.keeps_input else width
        if len(fitted) < len(specs):  # only what comes above looks at the codes
            one = Encoder(spec.kind, codes.shape[1:], Quantiser(None, None), (layer,), (spec.keeps_input,), width)
            codes = one(codes)
    return fitted, width


def _check_alike(widths: list[int], stacks: list[tuple[LayerSpec, ...]]) -> None:
    """Raise `InputError` for members of other numbers of units or other copies: their sums would not fit together."""
    if len(set(widths)) > 1:
        found = ", ".join(f"{width:,}" for width in widths)
        raise InputError(f"--layers: expected as many units of every member, got {found}: change the numbers of bases")
    shifts = {specs[0].options.get("shift", 0) if specs else 0 for specs in stacks}
    if len(shifts) > 1:
        raise InputError("--layers: expected the same shift in every member: they learn the same copies of a picture")


def _least_units(specs: tuple[LayerSpec, ...]) -> int:
    """Return how many units the widest layer has at least: pooled ones have more, which only the fitted layer tells."""
    single = {"norm": 0, "fourier": 1, "boxes": 1}  # units of a basis; all others are mirrored
    return max((spec.bases * single.get(spec.kind, 2) for spec in specs), default=0)


def _check_memory(widths: list[int], text: str) -> None:
    """Raise `InputError` if sums of so many units of each member, and a solve, do not fit into this machine's memory.

    Whole numbers take ``8 H²`` bytes of each member, twice while they are learned; the one that is solved has its
    scatter and a factor of it beside.
    """
    widest, together, there = max(widths), 8 * sum(units**2 for units in widths), memory()
    needed = max(2 * together + 4 * widest**2, together + 16 * widest**2)
    if there is not None and needed > there:
        most = math.floor(widest * math.sqrt(there / needed))
        of_each = " of each member" if len(widths) > 1 else ""
        raise InputError(
            f"--layers: to learn and solve {widest:,} units{of_each} of {text} needs {needed / 2**30:.1f} GB, this "
            f"machine has {there / 2**30:.1f}: take fewer bases, so that there are at most {most:,} units"
        )


def _chosen(layers: str, shape: tuple[int, ...], codes: np.ndarray) -> str:
    """Return the text of the layers for inputs of ``shape``: ``layers`` itself, unless it leaves the choice to us."""
    if layers not in ("auto", "best"):
        return layers
    return default_layers(shape, len(codes), best=layers == "best", shaded=shaded(codes))


def _fit(codes: np.ndarray, spec: LayerSpec, draws: Draws, inputs: int) -> Layer:
    """Return a layer fitted on the ``codes`` below it; the first of those are the ``inputs``."""
    if spec.kind == "norm":
        return NormLayer(spec.bases or typical_norm(flat(codes)))
    if spec.kind in ("fourier", "boxes"):
        seen = flat(codes)[:, :inputs]
        if spec.kind == "boxes":
            return box_layer(seen, spec.bases, draws, sides=int(spec.options["sides"]))
        bandwidth, norm = spec.options["bandwidth"], bool(spec.options["norm"])
        return fourier_layer(seen.shape[1], spec.bases, draws, bandwidth=bandwidth, norm=norm)
    if spec.options["winners"] > spec.bases:
        raise InputError(f"--layers: {spec.options['winners']:.0f} winners need as many bases, got {spec.bases}")
    if spec.kind == "patches":
        return fit_patches(codes, spec, draws)
    return _fit_dense(flat(codes), spec, draws, codes.shape[1:])


def _fit_dense(codes: np.ndarray, spec: LayerSpec, draws: Draws, shape: tuple[int, ...]) -> DenseLayer:
    """Return a dense layer: bases by kind, an offset at the sample's mean, and one scale for all units."""
    options, inputs = spec.options, codes.shape[1]
    if spec.kind == "sparse":
        whole = sparse_bases(inputs, spec.bases, draws, density=max(options["density"], min(1.0, 3 / inputs)))
    elif spec.kind == "local":
        whole = whole_bases(fit_local_bases(shape, spec, draws))
    else:
        whole = whole_bases(_dense_bases(codes, spec, draws))
    if not fits_exactly(whole):
        raise InputError(f"--layers: too many inputs, {inputs}, to add up exactly: try a lower density")
    projected = codes.astype(np.float64) @ whole  # of whole numbers: exact
    mean = total(projected, 0) / len(projected)
    variances = total((projected - mean) ** 2, 0) / len(projected)
    spread = options.get("spread", 0.0) * np.sqrt(variances) * draws.normal((spec.bases,))
    deviation = float(np.sqrt(total(variances, 0) / spec.bases))
    threshold, winners = options["threshold"], int(options["winners"])
    return dense_layer(whole, mean + spread, deviation, threshold=threshold, winners=winners)


def dense_layer(
    whole: np.ndarray, offset: np.ndarray, deviation: float, *, threshold: float = 0.0, winners: int = 0
) -> DenseLayer:
    """Return the layer of whole-number bases ``[D, K]``, with offsets ``[K]`` and one deviation of all projections.

    >>> layer = dense_layer(np.array([[2], [1]]), np.array([10.0]), 100.0)
    >>> layer(np.array([[60, 0], [0, 0]], np.uint8))
    array([[80,  0],
           [ 0,  7]], dtype=uint8)
    """
    return DenseLayer(
        bases=whole.astype(np.int16),
        offset=np.round(offset).astype(np.int32),
        scale=np.float32(TOP / (DEVIATIONS * max(deviation, 1e-9))),
        threshold=np.float32(threshold * TOP / DEVIATIONS),
        winners=winners,
    )


def fit_local_bases(shape: tuple[int, ...], spec: LayerSpec, draws: Draws) -> np.ndarray:
    """Return bases ``[D, K]`` of a local layer on inputs of ``shape``; raise `InputError` unless it is a picture's."""
    size = int(spec.options["size"])
    if len(shape) < 2:
        raise InputError(f"--layers: local bases need pictures, got vectors of {shape[0]} values: try {spec.bases}")
    if size > min(shape[:2]):
        raise InputError(f"--layers: windows of {size} do not fit into {shape[0]}x{shape[1]}: try a smaller size")
    return local_bases(shape, spec.bases, draws, size=size)


def _dense_bases(codes: np.ndarray, spec: LayerSpec, draws: Draws) -> np.ndarray:
    second_moment = _covariance(codes)
    if spec.kind == "wide":
        return whitened_bases(second_moment, spec.bases, draws, floor=spec.options["floor"])
    if spec.kind == "drawn":
        return drawn_bases(second_moment, spec.bases, draws, rank=int(spec.options["rank"]))
    if spec.bases > codes.shape[1]:
        raise InputError(
            f"--layers: a dense layer has at most as many principal bases as inputs, {codes.shape[1]}; "
            f"got {spec.bases}: try wide:{spec.bases}"
        )
    return principal_bases(second_moment, spec.bases, draws)


def _covariance(codes: np.ndarray) -> np.ndarray:
    """Return the covariance ``[D, D]`` of codes ``[N, D]``, from whole-number sums."""
    count, values = len(codes), codes.astype(np.float64)
    sums = total(values, 0)
    return (count * (values.T @ values) - sums[:, None] * sums) / count**2
