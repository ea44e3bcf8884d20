"""A patch layer from a sample: k-means bases of its windows, in whole numbers, and a scale that fills 0..255."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from indeependence.encoder.fitting.bases import STEPS
from indeependence.encoder.fitting.draws import Draws
from indeependence.encoder.fitting.grammar import LayerSpec
from indeependence.encoder.fitting.patch_bases import patch_bases, scatter
from indeependence.encoder.fitting.shading import border
from indeependence.encoder.layers.patches import PatchLayer
from indeependence.engine.choice import active
from indeependence.errors import InputError
from indeependence.exact import EXACT, TOP
from indeependence.machine import available_cores, limited_threads

WINDOWS = 100_000  # sampled for k-means at the most
AGAIN = 4  # times as many as there are, of few pictures
QUIET = 5.0  # windows of a smaller standard deviation, in pixel steps, are left out
RESPONSE_STEPS = 32  # whole steps to one unit of whitened response
MANY = 64  # pictures that are worth bringing to another device
PICTURES = 500  # used for the scale of the pooled code


def fit_patches(pictures: np.ndarray, spec: LayerSpec, draws: Draws) -> PatchLayer:
    """Return the layer of ``spec`` fitted to ``pictures [N, H, W, …]``; raise `InputError` if windows do not fit."""
    options = spec.options
    size = int(options["size"])
    check_patches(pictures.shape[1:], size, int(options["slopes"] or options["pool"]), int(options["pad"]))
    windows = _sample_windows(pictures, size, draws)
    whitened = {"contrast": options["contrast"], "floor": options["floor"]}
    bases = patch_bases(windows, spec.bases, draws, **whitened, rounds=int(options["rounds"]))
    step = STEPS / np.abs(bases).max()
    whole = np.round(bases * step)
    whole[np.abs(whole).argmax(0), np.arange(spec.bases)] -= whole.sum(0)  # zero sum, to the last unit
    layer = PatchLayer(
        bases=whole.astype(np.int16),
        size=size,
        contrast=options["contrast"],
        gain=RESPONSE_STEPS / step,
        threshold=np.float32(options["threshold"] * RESPONSE_STEPS),
        winners=int(options["winners"]),
        pool=int(options["pool"]),
        stride=int(options["stride"]),
        root=options["root"] > 0,
        flip=options["flip"] > 0,
        shift=int(options["shift"]),
        scale=np.float32(1),
        pad=int(options["pad"]),
        frame=border(pictures) if options["pad"] else 0,
        slopes=int(options["slopes"]),
    )
    return replace(layer, scale=_scale(layer, pictures[:PICTURES]))


def _scale(layer: PatchLayer, pictures: np.ndarray) -> np.float32:
    """Return the scale that brings nearly all sums of cells to 0..255."""
    sums = _sums(layer, pictures)
    positive = np.sort(sums[sums > 0])
    largest = float(positive[len(positive) * 999 // 1000]) if len(positive) else 1.0
    return np.float32(TOP / (np.sqrt(largest) if layer.root else largest))


def _sums(layer: PatchLayer, pictures: np.ndarray) -> np.ndarray:
    """Return the sums of cells ``[N, H]``, made on another device where one is used, else on all cores."""
    if len(pictures) >= MANY and (device := active()) is not None:
        from indeependence.encoder.on_device import pooled_on

        return pooled_on(device, layer, pictures)
    parts = np.array_split(pictures, min(available_cores(), len(pictures)))
    with limited_threads(1), ThreadPoolExecutor(len(parts)) as pool:
        return np.concatenate(list(pool.map(layer.pooled, parts)))


def _sample_windows(pictures: np.ndarray, size: int, draws: Draws) -> np.ndarray:
    """Return windows ``[N, D]`` float64 at random places of random pictures, without the quiet ones."""
    rows, columns = (side - size + 1 for side in pictures.shape[1:3])
    drawn = (min(WINDOWS, AGAIN * len(pictures) * rows * columns),)
    picture = draws.below(len(pictures), drawn)
    top = draws.below(rows, drawn)[:, None, None] + np.arange(size)[:, None]
    left = draws.below(columns, drawn)[:, None, None] + np.arange(size)
    sampled = pictures[picture[:, None, None], top, left].reshape(*drawn, -1).astype(np.float64)
    lively = sampled[scatter(sampled) > (QUIET * sampled.shape[1]) ** 2]
    return lively if len(lively) else sampled


def check_patches(shape: tuple[int, ...], size: int, pool: int, pad: int) -> None:
    """Raise `InputError`, which says what to try, if such windows and cells do not fit into pictures of ``shape``."""
    if len(shape) < 2:
        raise InputError(f"--layers: patches need pictures, got vectors of {shape[0]} values: try wide:1000")
    if pad >= size:
        raise InputError(f"--layers: expected pad below the size of windows, {size}, got {pad}: try pad={size // 2}")
    least = max(size, size + pool - 1 - 2 * pad)
    if min(shape[:2]) < least:
        raise InputError(
            f"--layers: windows of {size} pooled by {pool} need pictures of at least {least} pixels, "
            f"got {shape[0]}x{shape[1]}: try a smaller size or pool"
        )
    pixels = size * size * (shape[2] if len(shape) > 2 else 1)
    if pixels == 1:
        raise InputError("--layers: expected windows of at least 2 values, which can differ, got 1: try size=3")
    if pixels * TOP * TOP >= EXACT:
        raise InputError(f"--layers: expected windows of at most 258 values, got {pixels}: try a smaller size")
