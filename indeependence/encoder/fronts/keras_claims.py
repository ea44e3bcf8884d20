"""What a ``.keras`` file claims to need, known from its shapes alone, before any of it is allocated."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from typing import Any

from indeependence.errors import InputError
from indeependence.machine import memory

LARGEST_OUTPUT = 2**32  # bytes that a layer may make of one batch
DEEPEST = 200  # levels of a config; Keras and we climb it by recursion
ELSEWHERE = {"TFSMLayer", "StringLookup", "IntegerLookup", "TextVectorization"}  # layers that read files of their own


def check_claims(config: dict[str, Any], weights: bytes, *, batch: int) -> None:
    """Raise `InputError` if the model of ``config`` claims more weights than its file ``weights`` can hold.

    So it is if a layer makes outputs of more than `LARGEST_OUTPUT` bytes of one ``batch``, or of more than the memory
    of this machine. The model is built from shapes alone: no weight gets a value.
    """
    # Keras keeps the variables that wait for values in a list of each thread: those of the claims end with theirs.
    with ThreadPoolExecutor(1) as apart:  # on a copy: Keras takes the config apart
        claimed, widest = apart.submit(_claims, {**deepcopy(config), "compile_config": None}).result()
    if claimed > len(weights):
        raise InputError(f"its layers need {claimed:,} bytes of weights, its file holds {len(weights):,}: save it anew")
    most = min(LARGEST_OUTPUT, memory() or LARGEST_OUTPUT)
    if widest * batch > most:
        raise InputError(
            f"a layer makes {widest * batch / 2**30:.1f} GB of {batch} inputs, at most {most / 2**30:.0f} are usable: "
            "take a smaller model"
        )


def check_config(config: Any) -> None:
    """Raise `InputError` for a config too deep to be climbed, and for layers that read other files."""
    level, deep = [config], 0
    while level:
        deep += 1
        if deep > DEEPEST:
            raise InputError(f"expected a config of at most {DEEPEST} levels, got a deeper one")
        named = {one["class_name"] for one in level if isinstance(one, dict) and isinstance(one.get("class_name"), str)}
        if named & ELSEWHERE:
            raise InputError(f"it has a layer {min(named & ELSEWHERE)}, which reads other files: use others instead")
        level = [below for one in level for below in _below(one)]


def _below(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []


def _claims(config: dict[str, Any]) -> tuple[int, int]:
    """Return the least bytes of all variables in a file, and those that the widest layer makes of one input."""
    import keras

    with keras.StatelessScope(initialize_variables=False):
        model = keras.saving.deserialize_keras_object(config, safe_mode=True)
        # What is float64 in the model may be float32 in its file.
        claimed = sum(_nbytes(one.shape, one.dtype.replace("64", "32")) for one in model.variables)
    return claimed, max((_nbytes(one.shape[1:], one.dtype) for one in _outputs(model)), default=0)


def _outputs(model: Any) -> Iterator[Any]:
    """Yield the symbolic outputs of all layers of a model, and of the models in it."""
    for layer in (*getattr(model, "operations", ()), *getattr(model, "layers", ())):
        for node in getattr(layer, "_inbound_nodes", ()):  # a layer that is used twice has two of them
            yield from node.output_tensors
        yield from _outputs(layer)


def _nbytes(shape: tuple[int | None, ...], dtype: str) -> int:
    """Return the bytes of an array, in which a side of any length counts once.

    >>> _nbytes((None, 3), "bfloat16"), _nbytes((5,), "bool")
    (6, 5)
    """
    bits = re.search(r"\d+", dtype)
    return math.prod(size or 1 for size in shape) * (int(bits[0]) if bits else 8) // 8
