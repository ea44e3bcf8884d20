"""The grammar of ``--layers`` for autoencoders: dense and local layers only."""

from __future__ import annotations

import math
from collections.abc import Sequence

from indeependence.encoder.fitting.grammar import LayerSpec, parse_layers
from indeependence.errors import InputError

DEFAULT = "400,250,150"  # the original program's
KINDS = {"dense": {"threshold": 0.0, "winners": 0}, "local": {"threshold": 0.0, "winners": 0}}


def layer_specs(layers: str | Sequence[int], size: int) -> tuple[LayerSpec, ...]:
    """Return the layers, on rows of ``size`` entries, that a text or a sequence of numbers of bases describes.

    Raise `InputError` for other kinds of layers, other options than ``size``, and more dense bases than entries.

    >>> [(layer.kind, layer.bases) for layer in layer_specs((400, 250), 794)]
    [('dense', 400), ('dense', 250)]
    """
    text = layers_text(layers)
    specs = parse_layers(text)
    if not specs:
        raise InputError("--layers: expected at least one layer of an autoencoder, as in 400,250,150, got inputs")
    for spec in specs:
        plain = KINDS.get(spec.kind, {})
        if not plain or spec.keeps_input or any(spec.options[name] != value for name, value in plain.items()):
            raise InputError(
                f"--layers: an autoencoder has dense and local layers without options but size, got '{text}'; "
                f"try {DEFAULT} or local:1500:size=9"
            )
        if spec.kind == "dense" and spec.bases > size:
            raise InputError(f"--layers: expected at most {size} bases, as many as entries below, got {spec.bases}")
        size = 2 * spec.bases
    return specs


def layers_text(layers: str | Sequence[int]) -> str:
    """Return ``(400, 250)`` as ``400,250``; a text stays as it is."""
    return layers if isinstance(layers, str) else ",".join(map(str, layers))


def fitting_text(entries: int) -> str:
    """Return the layers of the original program, each with at most as many bases as entries below it.

    >>> fitting_text(794), fitting_text(74)
    ('400,250,150', '74,148,150')
    """
    fitting = []
    for bases in map(int, DEFAULT.split(",")):
        fitting.append(min(bases, entries))
        entries = 2 * fitting[-1]
    return layers_text(fitting)


def default_text(shape: tuple[int, ...]) -> str:
    """Return layers that predict labels well from inputs of ``shape``: local for pictures, dense for vectors.

    >>> default_text((28, 28)), default_text((30,))
    ('local:1500:size=9', '30')
    """
    side = min(shape[:2]) if len(shape) > 1 else 0
    if side >= 6:
        return f"local:{1500 if side >= 20 else 400}:size={max(3, side // 3)}"
    return str(min(400, shape[0]))


def pairs_text(shapes: Sequence[tuple[int, ...]]) -> str:
    """Return layers for pairs whose sides have these shapes: local on pictures, dense on vectors.

    >>> pairs_text([(14, 28), (14, 28)]), pairs_text([(28, 28), (5,)]), pairs_text([(5,), (3,)])
    ('local:1000:size=4', 'local:1500:size=9', '8')
    """
    sides = [min(shape[:2]) for shape in shapes if len(shape) > 1]
    if not sides or min(sides) < 6:
        return str(min(400, sum(math.prod(shape) for shape in shapes)))
    return f"local:{1500 if min(sides) >= 20 else 1000 if min(sides) >= 12 else 400}:size={max(3, min(sides) // 3)}"
