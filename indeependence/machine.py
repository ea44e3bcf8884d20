"""Vectors, cores, threads and memory of this machine."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from threading import BoundedSemaphore, RLock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

# Limits of memory of Linux's control groups, of version 2 and 1.
CONTAINER = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
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


KEPT = 2**25  # bytes of an array up to which its freed memory is kept; the most that the C library takes
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # mallopt's numbers


@lru_cache(maxsize=1)
def keep_freed_memory() -> bool:
    """Let the C library keep the memory of freed arrays for the next ones, and return whether it does.

    It learns that by itself, unless MALLOC_TRIM_THRESHOLD_ is set, as Dask does for its workers: then each array of
    each batch is asked of the system anew and zeroed page by page, which takes longer than the products. Without glibc,
    nothing is changed. Source: mallopt(3).
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    return mallopt is not None and mallopt(MMAP_THRESHOLD, KEPT) == 1 and mallopt(TRIM_THRESHOLD, 2 * KEPT) == 1


MOST = 256  # threads: beyond, they only cost memory

_GUARD = RLock()
_open: list[int] = []  # what each open block asks for, in any thread
_restore: list[Callable[[], None]] = []  # how the libraries get their own threads back


@contextmanager
def limited_threads(threads: int | None) -> Iterator[None]:
    """Let matrix products use at most ``threads`` threads inside the block; None changes nothing.

    The libraries keep one number for the whole process. So the least that any open block asks for holds, in whichever
    threads the blocks are, and when the last one ends the libraries get back what they had before the first.
    """
    if threads is None:
        yield
        return
    threads = min(threads, MOST)
    _change(_open.append, threads)
    try:
        yield
    finally:
        _change(_open.remove, threads)


def _change(change: Callable[[int], None], threads: int) -> None:
    """Change what is asked for; tell the libraries only if the least did: that takes longer than some products."""
    with _GUARD:
        before = min(_open, default=0)
        change(threads)
        if min(_open, default=0) != before:
            _apply()


def _apply() -> None:
    """Give the libraries the least number of threads that is asked for, or their own back if none is."""
    if not _open:
        _restore.pop()()
        return
    limiter = libraries().limit(limits=min(_open), user_api="blas")
    if not _restore:  # only the first one has seen the libraries' own numbers
        _restore.append(limiter.restore_original_limits)


@lru_cache(maxsize=1)
def libraries() -> ThreadpoolController:
    """Return the loaded libraries for matrix products, searched once: that takes longer than encoding a row."""
    import scipy.linalg  # noqa: F401 (its own BLAS is limited only once it is loaded)
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def threads_for(jobs: int | None) -> int:
    """Return the number of threads that ``jobs`` asks for: all cores for None, all but ``-jobs - 1`` below 0.

    >>> threads_for(3), threads_for(None) == threads_for(-1) == available_cores()
    (3, True)
    """
    if not jobs:
        return available_cores()
    return min(jobs, MOST) if jobs > 0 else max(available_cores() + 1 + jobs, 1)


def available_cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@lru_cache(maxsize=1)
def one_of_few() -> BoundedSemaphore:
    """Return a context that as many threads enter at once as there are cores: more only hold each other up.

    A process that is forked begins with all turns free.
    """
    return BoundedSemaphore(available_cores())


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=one_of_few.cache_clear)


def memory() -> int | None:
    """Return the bytes of memory that this process may use: the machine's, or less where it is in a container.

    Return None where the system does not say.
    """
    try:
        machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return None
    return min(machine, *(_number_in(Path(limit)) or machine for limit in CONTAINER))


def _number_in(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):  # no container, or "max"
        return None


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
