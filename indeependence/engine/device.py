"""A device of a framework: where its tensors live, and its fastest product of codes that is exact."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from indeependence.engine.products import Product, fast_products, plain_product
from indeependence.engine.trials import multiplies_exactly, wrongly_rounded
from indeependence.errors import InputError

CARD_VALUES, VALUES = 2**28, 2**22  # responses at a time, on a card and on a processor


@dataclass(frozen=True)
class Device:
    """A processor or a graphics card that computes through Keras with one framework."""

    framework: str
    name: str  # as `keras.device` takes it

    @classmethod
    def named(cls, framework: str, cards: int, name: str | None) -> Device:
        """Return the device of that name, one of so many ``cards`` or "cpu"; by default the first card, if any.

        Raise `InputError` if it is not there. Products of float32 are set to full precision: others are not exact.
        """
        present = [*(f"gpu:{number}" for number in range(cards)), "cpu"]
        asked = present[0] if name is None else {"gpu": "gpu:0", "cpu:0": "cpu"}.get(name.lower(), name.lower())
        if asked not in present:
            raise InputError(f"device: {framework} sees {', '.join(present)}, got {name!r}: choose one of these")
        _full_precision(framework)
        return cls(framework, asked)

    @property
    def is_card(self) -> bool:
        """Whether it is a graphics card."""
        return self.name != "cpu"

    @property
    def values(self) -> int:
        """How many float32 values are worth having at a time."""
        return CARD_VALUES if self.is_card else VALUES

    def scope(self) -> Any:
        """Return a context in which tensors are made on this device, and no gradients are kept."""
        import keras

        return keras.device(self.name)

    def put(self, array: np.ndarray) -> Any:
        """Return an array as a tensor on this device."""
        from keras import ops

        with self.scope():
            return ops.convert_to_tensor(array)

    @cached_property
    def product(self) -> Product:
        """The fastest function from codes float32 ``[N, I]`` and ``[N, J]`` to exact sums ``Σ l rᵀ`` in float32.

        Each is tried on this very device before it is trusted; the plain one has been, by `checked`.
        """
        faster = fast_products(self.framework) if self.is_card else []
        with self.scope():
            return next((product for product in faster if multiplies_exactly(product, self.put)), plain_product)

    def checked(self) -> Device:
        """Return this device; raise `InputError` if it does not compute as NumPy does, to the bit."""
        with self.scope():
            wrong = wrongly_rounded(self.put) or ["sums"] * (not multiplies_exactly(plain_product, self.put))
        if wrong:
            raise InputError(
                f"engine: {self.framework} rounds {' and '.join(wrong)} in ways of its own on this {self.name}, "
                "so that codes would differ: choose --engine numpy, or another framework"
            )
        return self


def _full_precision(framework: str) -> None:
    """Let products of float32 keep all bits: a card would round their factors to ten or so."""
    if framework == "tensorflow":
        import tensorflow

        tensorflow.config.experimental.enable_tensor_float_32_execution(False)
    elif framework == "jax":
        import jax

        jax.config.update("jax_default_matmul_precision", "highest")
        jax.config.update("jax_enable_x64", True)
    else:
        import torch

        torch.set_float32_matmul_precision("highest")
        torch.set_grad_enabled(False)
