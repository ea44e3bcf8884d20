"""A size that a header claims takes no memory before it is checked."""

import gzip
import io
import tracemalloc
import zipfile

import numpy as np
import pytest

from tests.data.small_files import PARTS, refused, small_data, write_idx, write_npy


def huge_npy() -> bytes:
    """The header of a .npy that claims 8 TiB, and 16 bytes of values."""
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": "<f8", "fortran_order": False, "shape": (1 << 20, 1 << 20)})
    return stream.getvalue() + bytes(16)


@pytest.mark.parametrize("kind", ["idx", "idx.gz", "npy", "npz"])
def test_a_header_that_lies_costs_no_memory(tmp_path, kind):
    huge_idx = b"\0\0\x08\x03" + b"\xff" * 12 + bytes(100)
    if kind.startswith("idx"):
        write_idx(tmp_path, small_data(4, 4), packed=kind[3:])
        content = gzip.compress(huge_idx) if kind == "idx.gz" else huge_idx
        (tmp_path / f"train-images-idx3-ubyte{kind[3:]}").write_bytes(content)
    else:
        write_npy(tmp_path, small_data(4, 4))
        (tmp_path / "x_train.npy").write_bytes(huge_npy())
    source = tmp_path
    if kind == "npz":
        source = tmp_path / "some.npz"
        with zipfile.ZipFile(source, "w") as archive:
            for part in PARTS:
                archive.write(tmp_path / f"{part}.npy", f"{part}.npy")
    tracemalloc.start()
    try:
        refused(source, "truncated: its header claims")
        assert tracemalloc.get_traced_memory()[1] < 10 << 20
    finally:
        tracemalloc.stop()
