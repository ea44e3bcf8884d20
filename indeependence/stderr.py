"""What C libraries print on stderr, past Python: caught, so that only what matters reaches a user's screen."""

from __future__ import annotations

import atexit
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from threading import Lock
from typing import IO

_ONE_AT_A_TIME = Lock()  # there is one stderr


@contextmanager
def caught_stderr() -> Iterator[Callable[[], list[str]]]:
    """Catch what is printed on stderr inside the block; yield a function that, after it, returns the lines."""
    told: list[str] = []
    with _ONE_AT_A_TIME:
        caught = _caught()
        kept = _stderr_into(caught)
        try:
            yield lambda: told
        finally:
            if kept is not None:
                if sys.stderr is not None:
                    sys.stderr.flush()
                os.dup2(kept, 2)
                os.close(kept)
            if caught.seek(0, os.SEEK_END):
                caught.seek(0)
                told += [line for line in caught.read().decode(errors="replace").splitlines() if line.strip()]
                caught.seek(0)
                caught.truncate()


@lru_cache(maxsize=1)
def _caught() -> IO[bytes]:
    """Return the file that catches what is printed, the same one each time."""
    file = tempfile.TemporaryFile()
    atexit.register(file.close)
    return file


def _stderr_into(file: IO[bytes]) -> int | None:
    """Let stderr of C go into ``file`` and return a copy of what it was; None where there is none."""
    if sys.stderr is not None:
        sys.stderr.flush()
    try:
        kept = os.dup(2)
        os.dup2(file.fileno(), 2)
    except OSError:
        return None
    return kept
