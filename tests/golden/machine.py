"""Which linear algebra made the golden files: it decides how eigenvectors, and so new encoders, are rounded."""

from pathlib import Path

import pytest
from threadpoolctl import threadpool_info

MADE_BY = {"numpy": ("0.3.31.188.0", "SkylakeX"), "scipy": ("0.3.30", "SkylakeX")}  # OpenBLAS: version, kernels


def skip_on_another() -> None:
    """Skip the test unless this machine's linear algebra is the one that made the golden files."""
    found = {}
    for library in threadpool_info():
        package = Path(library["filepath"]).parent.name.removesuffix(".libs")  # others bring theirs, too
        if library["user_api"] == "blas" and package in MADE_BY:
            found[package] = library["version"], library.get("architecture")
    if found != MADE_BY:
        pytest.skip(f"new encoders depend on the linear algebra: expected {MADE_BY}, got {found}")
