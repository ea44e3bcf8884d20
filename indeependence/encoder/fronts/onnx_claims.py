"""What an ``.onnx`` file claims to need, known from its shapes alone, before any of it is run."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from indeependence.errors import InputError
from indeependence.machine import memory

LARGEST = 2**32  # bytes of one value, and of all that follows from constants alone
BY_CHANCE = {"RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Multinomial", "Bernoulli"}
NUMBERS = {"float32", "float16", "float64", "uint8"}  # types of inputs


@dataclass(frozen=True)
class Claims:
    """A network that was checked: its bytes, and the one input that it has."""

    model: bytes  # without what is not needed to run it
    name: str  # of the input
    dtype: np.dtype
    shape: tuple[int, ...]  # of one input, channels last
    batch: int  # inputs at a time
    channels_first: bool


def checked(archive: bytes, *, batch: int) -> Claims:
    """Return what the network in the bytes of an ``.onnx`` file claims; for ``batch`` inputs unless it says how many.

    Raise `InputError` unless it has one input and one output of numbers, and every value in it has a size that is known
    in advance and fits into memory. Code of other makers, loops, chance and other files are refused.
    """
    import onnx

    model = onnx.load_model_from_string(archive)
    if model.functions:
        raise InputError("expected a network of plain operators, got functions: export it without")
    _check_plain(model.graph)
    _check_weights(model.graph, len(archive))
    entry, output = _ends(model.graph)
    batch, *sides = _sides(entry, batch)
    _drop_promises(model)
    dtype = _dtype(entry.type.tensor_type.elem_type)
    _check_size("the input", _nbytes(dtype, (batch, *sides)))
    values = _values(model, {entry.name: (dtype, (batch, *sides))})
    if values[output.name][1][:1] != (batch,):
        raise InputError(f"expected an output with a row for each of {batch} inputs, got {values[output.name][1]}")
    first = len(sides) == 3 and sides[0] in (1, 3)
    shape = (*sides[1:], sides[0]) if first else tuple(sides)
    return Claims(model.SerializeToString(), entry.name, dtype, shape, batch, first)


def _sides(entry: Any, batch: int) -> list[int]:
    """Return the sides of the input, the first one of ``batch`` inputs unless it has a number; it is then fixed."""
    kind = entry.type.tensor_type
    if not entry.type.HasField("tensor_type") or str(_dtype(kind.elem_type)) not in NUMBERS:
        raise InputError("expected a network of pictures or vectors, got an input of other numbers: of text, perhaps?")
    sides = [side.dim_value for side in kind.shape.dim]
    if len(sides) < 2 or min(sides[1:]) < 1:
        raise InputError("expected an input of a fixed size, got sides of any size: export the network with fixed ones")
    sides[0] = max(sides[0], 0) or batch
    kind.shape.dim[0].dim_value = sides[0]
    return sides


def _ends(graph: Any) -> tuple[Any, Any]:
    """Return the only input and the only output."""
    weights = {one.name for one in graph.initializer}
    inputs = [one for one in graph.input if one.name not in weights]
    if len(inputs) != 1 or len(graph.output) != 1:
        raise InputError(
            f"expected a network of one input and one output, got {len(inputs)} and {len(graph.output)}: export the "
            "part that makes features"
        )
    return inputs[0], graph.output[0]


def _check_plain(graph: Any) -> None:
    """Raise `InputError` for a step that is not ONNX's own, and for one that is not the same each time."""
    if graph.sparse_initializer:
        raise InputError("expected plain weights, got sparse ones: export the network without")
    for node in graph.node:
        if node.domain not in ("", "ai.onnx"):
            raise InputError(f"expected ONNX's own operators, got {node.op_type} of {node.domain}: export without it")
        if node.op_type in BY_CHANCE:
            raise InputError(f"expected equal outputs every time, got {node.op_type}: export the network for answers")
        for one in node.attribute:
            if one.HasField("g") or one.graphs:
                raise InputError(f"expected no branches and loops, got {node.op_type}: export the network without it")
            if one.HasField("sparse_tensor") or one.sparse_tensors:
                raise InputError("expected plain weights, got sparse ones: export the network without")


def _check_weights(graph: Any, size: int) -> None:
    """Raise `InputError` unless all weights are numbers and in the file, which has this ``size``."""
    from onnx import numpy_helper

    tensors = list(graph.initializer)
    for one in (attribute for node in graph.node for attribute in node.attribute):
        tensors += [*([one.t] if one.HasField("t") else []), *one.tensors]
    for tensor in tensors:
        if tensor.data_location or tensor.external_data:
            raise InputError("expected a network in one file, got weights that are elsewhere: save it with them inside")
        if min(tensor.dims, default=0) < 0 or math.prod(tensor.dims) * _dtype(tensor.data_type).itemsize > 8 * size:
            raise InputError("expected weights that are in the file, got fewer than it claims: save it anew")
        if _dtype(tensor.data_type).kind == "f" and np.isnan(numpy_helper.to_array(tensor)).any():
            raise InputError(f"expected a network of numbers, got NaN in {tensor.name or 'its weights'}: train it anew")


def _drop_promises(model: Any) -> None:
    """Take out of a model what it says of itself and does not need: sizes of values, hints to those who run it."""
    for part in (model.graph.value_info, model.metadata_props, model.training_info):
        del part[:]
    for output in model.graph.output:
        output.type.tensor_type.ClearField("shape")


def _values(model: Any, values: dict[str, tuple[np.dtype, tuple[int, ...]]]) -> dict[str, Any]:
    """Return type and shape of all values in the model; raise `InputError` where they are not known, or too large."""
    import onnx

    # Without the propagation of data, which would build what a shape claims.
    inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=False).graph
    for one in (*inferred.value_info, *inferred.output):
        kind = one.type.tensor_type
        if one.type.HasField("tensor_type") and kind.HasField("shape"):
            sides = [side.dim_value if side.HasField("dim_value") else -1 for side in kind.shape.dim]
            if min(sides, default=0) >= 0:
                values[one.name] = _dtype(kind.elem_type), tuple(sides)
    _check_sizes(model.graph, values)
    return values


def _check_sizes(graph: Any, values: dict[str, Any]) -> None:
    """Raise `InputError` for a value of no known size or one that is too large, and for too many constants."""
    folded, constant = 0, {one.name for one in graph.initializer} | {""}
    for node in graph.node:
        alone = constant.issuperset(node.input)
        for name in filter(None, node.output):
            if name not in values:
                raise InputError(
                    f"expected sizes that are known in advance, got an output of {node.op_type} that has none: export "
                    "the network with a fixed batch"
                )
            nbytes = _nbytes(*values[name])
            folded += nbytes if alone else 0
            _check_size(node.op_type, max(nbytes, folded))
            constant |= {name} if alone else set()


def _check_size(what: str, nbytes: int) -> None:
    most = min(LARGEST, memory() or LARGEST)
    if nbytes > most:
        raise InputError(
            f"{what} needs {nbytes / 2**30:.1f} GB, at most {most / 2**30:.0f} are usable: take a smaller network"
        )


def _nbytes(dtype: np.dtype, shape: tuple[int, ...]) -> int:
    return math.prod(shape) * dtype.itemsize


def _dtype(code: int) -> np.dtype:
    """Return the type of a value's numbers; raise `InputError` for text."""
    import onnx

    if code in (onnx.TensorProto.UNDEFINED, onnx.TensorProto.STRING):
        raise InputError("expected a network of numbers, got text in it: take one of pictures or vectors")
    return np.dtype(onnx.helper.tensor_dtype_to_np_dtype(code))
