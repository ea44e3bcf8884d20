"""The ``--layers`` text: its grammar, and a good default for every shape of data."""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass

from indeependence.errors import InputError

# Every kind of layer with its options and their defaults; a bare number is a dense layer of principal bases.
OPTIONS: dict[str, dict[str, float]] = {
    "dense": {"threshold": 0.0, "winners": 0},
    "wide": {"threshold": 0.0, "winners": 0, "spread": 0.5, "floor": 1.0},
    "drawn": {"threshold": 0.7, "winners": 0, "rank": 50},
    "sparse": {"threshold": 0.7, "winners": 0, "spread": 0.0, "density": 0.1},
    "patches": {
        "size": 7,
        "threshold": 0.25,
        "winners": 0,
        "pool": 6,
        "stride": 4,
        "slopes": 0,
        "pad": 0,
        "contrast": 10.0,
        "root": 0,
        "flip": 0,
        "shift": 0,
        "floor": 0.1,
        "rounds": 20,
    },
    "local": {"threshold": 0.0, "winners": 0, "size": 9},
    "fourier": {"bandwidth": 1.5, "norm": 0},
    "boxes": {"sides": 3},
    "norm": {},
}
MAY_BE_ZERO = {"winners", "slopes", "pad", "root", "flip", "shift", "norm"}
WHOLE = MAY_BE_ZERO | {"sides", "rank", "size", "pool", "stride", "rounds"}
PICTURES = {"patches", "local"}  # kinds that need the rows and columns of a picture
LARGEST = 100_000  # bases in one layer
MOST_MEMBERS = 100
# Options that something is divided by, with the least that keeps every quotient finite.
LEAST = {"contrast": 0.01, "floor": 1e-6, "bandwidth": 0.001}
EXAMPLE = "400,250,150 or patches:64:size=7:pool=6:stride=4,+sparse:1500"


@dataclass(frozen=True)
class LayerSpec:
    """One layer of a ``--layers`` text: its kind, its number of bases, its options, and whether its input stays."""

    kind: str
    bases: int
    options: dict[str, float]
    keeps_input: bool  # the layer's code is appended to its input's code instead of replacing it


def members_of(text: str, count: int = 1) -> tuple[str, ...]:
    """Return the layers of each member: those that a ``--layers`` text lists, separated by ``|``, over and over.

    There are as many members as listed, or ``count`` if that is more; each has bases of its own, drawn with other
    seeds. Raise `InputError` for fewer than listed, or more than `MOST_MEMBERS`.

    >>> members_of("100 | 50,20", 3)
    ('100', '50,20', '100')
    """
    listed = [part.strip() for part in text.split("|")]
    if max(count, len(listed)) > MOST_MEMBERS:
        raise InputError(f"--members: expected at most {MOST_MEMBERS}, got {max(count, len(listed))}")
    if 1 < count < len(listed):
        raise InputError(f"--members: --layers lists {len(listed)} members, got {count}: leave --members out")
    return tuple(listed[i % len(listed)] for i in range(max(count, len(listed))))


def parse_layers(text: str) -> tuple[LayerSpec, ...]:
    """Return the layers that a ``--layers`` text describes, from the input upwards; none for ``inputs``.

    Layers are separated by commas. Each is a number of bases (a dense layer of principal bases) or
    ``KIND:BASES:option=value:…`` with KIND dense, wide, drawn, sparse, patches, local, fourier or boxes; a leading
    ``+`` appends the new code to the one below. Fourier and boxes look at the inputs only, as long as these are kept,
    so that they stand side by side. The last one may be ``norm:LONGEST``, which scales longer codes down to that
    length, or ``norm`` for the length that a tenth of the sample's codes do not reach. The layers of several members
    are told apart by `members_of`. Raise `InputError`, which says what to try, for any other text.

    >>> [(layer.kind, layer.bases, layer.keeps_input) for layer in parse_layers("400,+sparse:1500:density=0.05")]
    [('dense', 400, False), ('sparse', 1500, True)]
    """
    if text.strip() == "inputs":
        return ()
    layers = tuple(_parse_layer(part.strip(), first=i == 0) for i, part in enumerate(text.split(",")))
    if any(layer.kind == "norm" and (layer.keeps_input or layer is not layers[-1]) for layer in layers):
        raise InputError(f"--layers: norm bounds the whole code, so it must come last, without +; got '{text}'")
    return layers


def _parse_layer(text: str, *, first: bool) -> LayerSpec:
    words = text.removeprefix("+").split(":")
    if words[0].isdigit():
        words = ["dense", *words]
    kind, bases, settings = words[0], words[1] if len(words) > 1 else "", words[2:]
    if kind not in OPTIONS:
        raise InputError(
            f"--layers: expected {_listed(OPTIONS)} or a number, got '{text}'{_hint(kind, OPTIONS)}; try {EXAMPLE}"
        )
    if kind == "norm" and len(words) == 1:
        return LayerSpec(kind, 0, {}, text.startswith("+"))
    if not bases.isdigit() or not 0 < int(bases) <= LARGEST:
        raise InputError(f"--layers: expected 1 to {LARGEST} bases, got '{text}'; try {EXAMPLE}")
    if kind in PICTURES and not first:
        raise InputError(
            f"--layers: {kind} bases look at pictures, so they must come first; got '{text}' after another layer"
        )
    given = dict(setting.partition("=")[::2] for setting in settings)
    options = OPTIONS[kind] | {name: _parse_value(kind, name, value) for name, value in given.items()}
    if options.get("slopes") and ("pool" in given or "stride" in given):
        raise InputError(f"--layers: slopes are as many cells along each side: leave pool and stride out of '{text}'")
    return LayerSpec(kind, int(bases), options, text.startswith("+"))


def _parse_value(kind: str, name: str, value: str) -> float:
    known = OPTIONS[kind]
    if name not in known:
        raise InputError(f"--layers: {kind} has {_listed(known) or 'no options'}; got '{name}'{_hint(name, known)}")
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    least = LEAST.get(name, 1 if name in WHOLE - MAY_BE_ZERO else 0)
    if not least <= number < 1e6 or (name in WHOLE and number != int(number)):
        kind_of_number = "a whole number" if name in WHOLE else "a number"
        raise InputError(f"--layers: expected {kind_of_number} of at least {least} for {name}, got '{value}'")
    return int(number) if name in WHOLE else number


def default_layers(shape: tuple[int, ...], rows: int = 0, *, best: bool = False, shaded: bool = False) -> str:
    """Return a good ``--layers`` text for inputs of ``shape``: ``(D,)``, ``(H, W)`` or ``(H, W, 3)``.

    For vectors, the number of units grows with the ``rows`` of the first task: five for each, 1,400 to 3,000.

    The ``best`` one that we know takes several times the time and memory; it differs for pictures of at least 20
    pixels. The encoder of grey ones that are ``shaded`` keeps faint edges, pools in finer cells, adds a frame, and also
    learns four moved copies of each example.

    >>> default_layers((28, 28))
    'patches:64:size=7:slopes=4,+sparse:1500'
    >>> default_layers((30,), 200)
    '+boxes:700,+fourier:700'
    """
    side = min(shape[:2]) if len(shape) > 1 else 0
    if side >= 20 and len(shape) == 3:
        return " | ".join(_photograph_layers(size, 1200) for size in (4, 6, 8)) if best else _photograph_layers(6, 400)
    if side >= 20 and shaded:
        members = [(256, 7, 3), (144, 5, 4), (64, 7, 6)] if best else [(64, 7, 6)]
        return " | ".join(_shaded_layers(bases, size, slopes) for bases, size, slopes in members)
    if side >= 20:
        return f"patches:64:size=7:slopes=4{':shift=1,+sparse:2300' if best else ',+sparse:1500'}"
    if side >= 6:
        pool = max(2, side // 4)
        return f"patches:32:size=3:pool={pool}:stride={pool},+sparse:500"
    return _vector_layers(math.prod(shape), min(max(5 * rows, 1400), 3000))


def _vector_layers(columns: int, units: int) -> str:
    """Return layers for vectors: boxes and cosines for tables, cosines of directions for embeddings."""
    if columns >= 1000:
        return "+sparse:1000"
    return f"+fourier:{units}:norm=1" if columns >= 100 else f"+boxes:{units // 2},+fourier:{units // 2}"


def _shaded_layers(bases: int, size: int, slopes: int) -> str:
    """Return layers for grey pictures with faint edges; members have as many units: bases times cells."""
    grid = f"size={size}:pad={size // 2}:slopes={slopes}"
    return f"patches:{bases}:{grid}:contrast=2:floor=0.03:threshold=0.1:root=1:shift=1,+sparse:1500"


def _photograph_layers(size: int, bases: int) -> str:
    """Return layers for photographs, whose mirror images have the same code: colour bases, pooled in four quarters."""
    return f"patches:{bases}:size={size}:contrast=20:floor=0.003:threshold=0.5:slopes=2:root=1:flip=1:rounds=3"


def _listed(names) -> str:
    return ", ".join(names)


def _hint(word: str, known) -> str:
    near = difflib.get_close_matches(word, known, 1)
    return f" (did you mean '{near[0]}'?)" if near else ""
