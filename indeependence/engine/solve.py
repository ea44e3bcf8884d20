"""A scatter that is factored on a device: the part of a solve that takes most of its time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from indeependence.engine.device import Device

# What TensorFlow, PyTorch and Keras for JAX call the error of a matrix without a factor, behind one of Keras's.
NO_FACTOR = ("InvalidArgumentError", "LinAlgError", "_LinAlgError", "ValueError")


@dataclass(frozen=True, eq=False)
class DeviceScatter:
    """``Σ (h - mean)(h - mean)ᵀ``, float64 ``[H, H]`` on a device; `numpy.asarray` brings it back."""

    device: Device
    tensor: Any
    shape: tuple[int, int]

    @classmethod
    def of(cls, device: Device, upper: np.ndarray, code_sum: np.ndarray, code_mean: np.ndarray) -> DeviceScatter:
        """Return the scatter of sums: the ``upper`` triangle of ``Σ h hᵀ`` int64, ``Σ h`` and the mean ``[H]``."""
        from keras import ops

        with device.scope():
            half = ops.cast(device.put(upper), "float64")
            whole = half + ops.transpose(half) - ops.diag(ops.diagonal(half))
            outer = ops.outer(device.put(code_sum.astype(np.float64)), device.put(code_mean))
            return cls(device, whole - outer, (len(upper), len(upper)))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        from keras import ops

        return ops.convert_to_numpy(self.tensor).astype(dtype or np.float64)

    def diagonal(self) -> np.ndarray:
        """Return the scatter of each unit, float64 ``[H]``."""
        return self._diagonal

    @cached_property
    def _diagonal(self) -> np.ndarray:
        from keras import ops

        return np.array(ops.convert_to_numpy(ops.diagonal(self.tensor)))

    def factor(self, penalty: float) -> DeviceFactor | None:
        """Return the factor of this scatter with a penalty; None if it has none."""
        from keras import ops

        with self.device.scope():
            system = self.tensor + penalty * ops.eye(self.shape[0], dtype="float64")
            try:
                lower = ops.cholesky(system)
            except Exception as error:
                if type(error.__context__ or error).__name__ not in NO_FACTOR:  # such as too little memory
                    raise
                return None
            found = bool(ops.all(ops.isfinite(ops.diagonal(lower))))
        return DeviceFactor(self.device, lower) if found else None

    def eigh(self) -> tuple[np.ndarray, np.ndarray]:
        """Return eigenvalues ``[H]``, ascending, and eigenvectors ``[H, H]``."""
        from keras import ops

        with self.device.scope():
            values, vectors = ops.eigh(self.tensor)
            return ops.convert_to_numpy(values), ops.convert_to_numpy(vectors)


@dataclass(frozen=True, eq=False)
class DeviceFactor:
    """A lower factor ``L`` of ``S + λI = L Lᵀ`` on a device."""

    device: Device
    lower: Any

    def solve(self, targets: np.ndarray) -> np.ndarray:
        """Return ``(S + λI)⁻¹ targets`` for ``targets [H, C]``."""
        from keras import ops

        with self.device.scope():
            half = ops.solve_triangular(self.lower, self.device.put(targets), lower=True)
            whole = ops.solve_triangular(ops.transpose(self.lower), half, lower=False)
            return np.array(ops.convert_to_numpy(whole))
