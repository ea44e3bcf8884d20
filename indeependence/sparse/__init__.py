"""Sparse codes: k-winners layers, binary representations and what is built on them.

Names load their module on first use, so that those without Keras stay quick to import.
"""

from __future__ import annotations

_HOMES = {
    "ContrastiveLoss": "embedding_losses",
    "KWinners": "k_winners",
    "KWinners2D": "k_winners",
    "PlaneKL": "planes_penalties",
    "PlaneKernel": "planes_conv",
    "PlaneL1": "planes_penalties",
    "PlaneSparse": "planes",
    "PlaneWinners": "planes_penalties",
    "SDR": "sdr",
    "ShrinkPlanes": "planes_penalties",
    "SoftKWinners": "soft_winners",
    "SparseConv2D": "sparse_layers",
    "SparseDense": "sparse_layers",
    "SynapticScaling": "scaling",
    "TripletLoss": "embedding_losses",
    "WillshawMemory": "willshaw",
    "convolutional_network": "convolutional",
}
__all__ = sorted(_HOMES)


def __getattr__(name: str):
    if name not in _HOMES:
        raise AttributeError(f"module 'indeependence.sparse' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(f"indeependence.sparse.{_HOMES[name]}"), name)
