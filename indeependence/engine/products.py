"""Products of codes on a device: exact in short formats, since codes have eight bits and sums are added in float32."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Product = Callable[[Any, Any], Any]


def plain_product(left: Any, right: Any) -> Any:
    """Return ``Σ l rᵀ`` of codes float32 ``[N, I]`` and ``[N, J]``, multiplied in float32."""
    from keras import ops

    return ops.matmul(ops.transpose(left), right)


def fast_products(framework: str) -> list[Product]:
    """Return faster ways to the same sums that cards have, the fastest first.

    Whole numbers up to 255 have eight bits, as many as bfloat16 holds, and tensor cores add up in float32.
    """
    known: dict[str, list[Product]] = {
        "torch": [_torch_bfloat16],
        "jax": [_jax_bfloat16],
        "tensorflow": [_tensorflow_short],
    }
    return known[framework]


def _torch_bfloat16(left: Any, right: Any) -> Any:
    import torch

    short = [codes.to(torch.bfloat16) for codes in (left, right)]
    return torch.mm(short[0].T, short[1], out_dtype=torch.float32)


def _jax_bfloat16(left: Any, right: Any) -> Any:
    import jax

    short = [codes.astype(jax.numpy.bfloat16) for codes in (left, right)]
    return jax.lax.dot_general(*short, (((0,), (0,)), ((), ())), preferred_element_type=jax.numpy.float32)


def _tensorflow_short(left: Any, right: Any) -> Any:
    """Multiply in the format of eight exponent and ten fraction bits that TensorFlow has for float32 on cards."""
    import tensorflow as tf

    short = tf.config.experimental.enable_tensor_float_32_execution
    short(True)
    try:
        return tf.linalg.matmul(left, right, transpose_a=True)
    finally:
        short(False)
