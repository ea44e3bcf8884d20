"""One writer at a time: whoever changes a file holds its lock from reading it to the last write."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from indeependence.atomic import told_in_one_line
from indeependence.errors import InputError

OTHER_THINGS = (errno.ELOOP, errno.EMLINK, errno.EISDIR, errno.ENXIO)  # links, folders and pipes, when opened
LONGEST = 20  # characters of a process's number, all that a lock file ever holds


@contextlib.contextmanager
def sole_writer(path: str | os.PathLike[str]) -> Iterator[None]:
    """A block in which no other process enters a block for the same ``path``.

    The lock is the system's, on a file ``.NAME.lock`` beside ``path``, so that it ends with its holder, however that
    ends: what a killed process left behind holds up nobody. On systems without `fcntl` nothing is locked.

    Raises `InputError` at once if another process is in its block, if the folder cannot be written, or if what lies
    at the lock's name is no lock of ours: a link, a file with content of its own, a folder or a device. It is then
    left as it is.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with sole_writer(Path(folder) / "model"):
    ...         print([file.name for file in Path(folder).iterdir()])
    ...     print(list(Path(folder).iterdir()))
    ['.model.lock']
    []
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    target = Path(path).resolve()
    lock = target.with_name(f".{target.name}.lock")
    with told_in_one_line(path):
        descriptor = _locked(lock, fcntl)
    if descriptor is None:
        raise InputError(
            f"{path} is being written by another process{_holder(lock)}: wait for it, or name another file"
        )
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            lock.unlink()  # before the lock ends: nobody can hold a file that is not there
        os.close(descriptor)


def _locked(lock: Path, fcntl) -> int | None:
    """A descriptor of the lock file, locked; None if another process holds it."""
    while True:
        descriptor = _opened(lock)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        if _is_same_file(descriptor, lock):
            os.truncate(descriptor, 0)
            os.write(descriptor, str(os.getpid()).encode())
            return descriptor
        os.close(descriptor)  # its holder has removed it meanwhile


def _opened(lock: Path) -> int:
    """Return a descriptor of the lock file, which must be a file of ours: nothing else is ever written to."""
    try:
        descriptor = os.open(lock, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o666)
    except OSError as error:
        if error.errno in OTHER_THINGS:
            raise _not_ours(lock) from error
        raise
    state = os.fstat(descriptor)
    content = os.read(descriptor, LONGEST + 1) if stat.S_ISREG(state.st_mode) else b"?"
    if state.st_nlink > 1 or len(content) > LONGEST or not (content or b"0").isdigit():
        os.close(descriptor)
        raise _not_ours(lock)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _not_ours(lock: Path) -> InputError:
    return InputError(
        f"{lock} is no lock file of ours, and nothing was written to it: move it away, or rename the model"
    )


def _is_same_file(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _holder(lock: Path) -> str:
    try:
        return f" ({int(lock.read_text())})"
    except (OSError, ValueError):
        return ""
