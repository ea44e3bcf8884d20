"""The system's lock on an open file, and what killed processes left behind that no process holds any more."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import warnings
from pathlib import Path

# What a file system answers that cannot do something at all, as some shared, mounted and foreign ones cannot.
WITHOUT = frozenset({errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK, errno.EINVAL, errno.ENOSYS, errno.ENOTTY})


def taken(descriptor: int) -> bool | None:
    """Return whether this process holds the lock of an open file now; None where there are no locks."""
    try:
        import fcntl
    except ImportError:  # Windows
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno in WITHOUT:
            return None
        raise
    return True


def say_without(path: Path | str, what: str) -> None:
    """Warn that the file system of ``path`` cannot do something; the work goes on without it."""
    warnings.warn(f"{path}: this file system {what}", UserWarning, stacklevel=3)


def remove_litter(target: Path) -> None:
    """Remove the unfinished files of killed processes that were to become ``target``, by the names that we give them.

    A file that is being written is held by its process, and stays; so do all where the file system has no locks.
    """
    ours = re.compile(rf"\.{re.escape(target.stem)}-[0-9a-f]{{16}}\.tmp{re.escape(target.suffix)}")
    with contextlib.suppress(OSError):
        for entry in os.scandir(target.parent):
            if ours.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                _remove_unless_held(Path(entry.path))


def _remove_unless_held(path: Path) -> None:
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
        try:
            if taken(descriptor):
                path.unlink()
        finally:
            os.close(descriptor)
