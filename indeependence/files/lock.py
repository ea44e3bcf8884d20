"""One writer at a time: a process that changes a file holds its lock from the first read to the last write."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from indeependence.errors import InputError
from indeependence.files.atomic import one_line_errors
from indeependence.files.held import remove_litter, say_without, taken
from indeependence.files.journals import check_no_journal
from indeependence.files.ours import check_file

OTHER_THINGS = (errno.ELOOP, errno.EMLINK, errno.EISDIR, errno.ENXIO)  # links, folders and pipes, when opened
MADE_BY = {  # files of other endings are models
    ".sdr": ("a file of binary codes", "sparse embed"),
    ".willshaw": ("a memory", "sparse memorise"),
}
LONGEST = 20  # characters of a process's number, which is all that a lock file contains


@contextlib.contextmanager
def sole_writer(path: str | os.PathLike[str], *, folder: bool = False) -> Iterator[None]:
    """Hold the lock of ``path`` inside the block, which no other process can then enter.

    The lock is the system's, on a file ``.NAME.lock`` next to ``path``. It ends with the process that holds it, so a
    killed process leaves no stale lock. Where a file system has no locks a warning says so; on
    Windows nothing is locked. What killed processes left of ``path`` is removed.

    Raise `InputError` at once if another process holds the lock, if the folder cannot be written, or if the lock's
    name belongs to something else: a link, a file with other content, a folder or a device. That is left unchanged.
    Where ``path`` may be a ``folder``, that is no error either.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with sole_writer(Path(folder) / "model"):
    ...         print([file.name for file in Path(folder).iterdir()])
    ...     print(list(Path(folder).iterdir()))
    ['.model.lock']
    []
    """
    if os.name != "posix":
        yield
        return
    check_file(Path(path), folder=folder)
    target = Path(os.path.realpath(path))
    lock = target.with_name(f".{target.name}.lock")
    with one_line_errors(path):
        descriptor = _locked(lock, path)
    if descriptor is None:
        raise InputError(
            f"{path} is being written by another process{_holder(lock)}: wait for it, or name another file"
        )
    remove_litter(target)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            lock.unlink()  # before the lock ends: a file that is not there cannot be held
        os.close(descriptor)


def check_there(path: Path) -> None:
    """Raise `InputError` if there is no file ``path``; its ending says which command makes one."""
    if not path.is_file():
        what, command = MADE_BY.get(path.suffix, ("a model file", "bootstrap or train"))
        raise InputError(f"expected {what}, found none at {path}: make one with the command {command}")


@contextlib.contextmanager
def sole_writer_of(path: Path, *, existing: bool = False, folder: bool = False) -> Iterator[None]:
    """Hold the lock of a model's file inside the block; make its parent unless the file must be ``existing``.

    Raise `InputError` if a killed server left a journal beside it, which the new file would make useless. With
    ``folder``, what is written may itself be a folder.
    """
    if existing:
        check_there(path)
    else:
        make_folder(path)
    with sole_writer(path, folder=folder):
        check_no_journal(path)
        yield


def check_new(
    path: Path, hint: str = "--load goes on training it, --overwrite begins anew, or name another --model"
) -> None:
    """Raise `InputError`, with a ``hint``, if there is something at ``path`` already, which would be lost."""
    if os.path.lexists(path):
        raise InputError(f"{path} is there already: {hint}")


def check_replaces(path: Path, kind: str) -> None:
    """Raise `InputError` if what is at ``path`` is no model file of that ``kind``, and would be lost."""
    from indeependence.files.container import kind_of

    if not os.path.lexists(path):
        return
    try:
        found = kind_of(path)
    except InputError:
        found = "unknown"
    if found != kind:
        raise InputError(
            f"{path} is there already and of kind {found}, not {kind}: name another file, or say --overwrite"
        )


def make_folder(path: Path) -> None:
    """Make the folder of a file at ``path``; raise `InputError` where that is impossible."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make the folder {path.parent}: {error.strerror}; name another place") from error


def _locked(lock: Path, path: str | os.PathLike[str]) -> int | None:
    """Return a descriptor of the lock file, locked; None if another process holds it."""
    while True:
        descriptor = _opened(lock)
        held = taken(descriptor)
        if held is False:
            os.close(descriptor)
            return None
        if held is None:
            say_without(os.fspath(path), "has no locks: let no other process write to it")
        if held is None or _is_same_file(descriptor, lock):
            os.truncate(descriptor, 0)
            os.write(descriptor, str(os.getpid()).encode())
            return descriptor
        os.close(descriptor)  # its holder has removed it in the meantime


def _opened(lock: Path) -> int:
    """Return a descriptor of the lock file; raise `InputError` unless it is ours, so that no other is written to."""
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
