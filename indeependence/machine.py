"""Vectors, cores, threads and memory of this machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

WIDE = {"avx512f", "avx512dq", "avx512bw", "avx512vl", "avx512cd"}


def use_wide_vectors() -> None:
    """Let OpenBLAS use AVX-512 where the processor has it but is too new for the library to recognise it.

    This doubles the speed of matrix products on such a machine; sums stay the same to the bit, since they are exact.
    It must run before NumPy is imported. The user's own choice in OPENBLAS_CORETYPE has precedence.
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
    """Let matrix products use at most ``threads`` threads inside the block; all cores for None."""
    import scipy.linalg  # noqa: F401 (its own BLAS is limited only once it is loaded)
    from threadpoolctl import threadpool_limits

    with threadpool_limits(threads):
        yield


@lru_cache(maxsize=1)
def libraries() -> ThreadpoolController:
    """Return the loaded libraries for matrix products, searched once: that takes longer than encoding a row."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def available_cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def peak_memory() -> int | None:
    """Return the largest resident memory of this process so far, in bytes; None where the system does not say."""
    status = Path("/proc/self/status")
    if status.exists():  # Linux: unlike getrusage, without the peak of a larger parent process
        return int(status.read_text().split("VmHWM:")[1].split()[0]) * 1024
    try:
        import resource
    except ImportError:  # Windows
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
