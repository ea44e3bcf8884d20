"""Sparse codes: k-winners layers, binary representations and what is built on them.

A name loads its module on first use, so that names without Keras are quick to import.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType

from indeependence.files.keras_names import FIRST_NAMES

_HOMES = {
    "ContrastiveLoss": "keras_layers.losses",
    "KWinners": "keras_layers.k_winners",
    "KWinners2D": "keras_layers.k_winners",
    "PlaneKL": "planes.penalties",
    "PlaneKernel": "planes.convolution",
    "PlaneL1": "planes.penalties",
    "PlaneSparse": "planes.planes",
    "PlaneWinners": "planes.penalties",
    "SDR": "binary_codes.sdr",
    "ShrinkPlanes": "planes.penalties",
    "SoftKWinners": "keras_layers.soft_winners",
    "SparseConv2D": "keras_layers.sparse",
    "SparseDense": "keras_layers.sparse",
    "SynapticScaling": "keras_layers.scaling",
    "TripletLoss": "keras_layers.losses",
    "WillshawMemory": "binary_codes.willshaw",
    "convolutional_network": "keras_layers.convolutional",
}
__all__ = sorted(_HOMES)


def __getattr__(name: str):
    if name not in _HOMES:
        raise AttributeError(f"module 'indeependence.sparse' has no attribute '{name}'")
    return getattr(import_module(f"indeependence.{_HOMES[name]}"), name)


class _Moved(ModuleType):
    """A module under the name in older saved networks; it loads the module that has its content now."""

    def __getattr__(self, name: str):
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(import_module(FIRST_NAMES[self.__name__]), name)


for _first in FIRST_NAMES:
    sys.modules.setdefault(_first, _Moved(_first))
