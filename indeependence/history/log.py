"""The file of an audit log: only ever appended to, under a lock, and on disk before anything else happens."""

from __future__ import annotations

import contextlib
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path

from indeependence.errors import InputError
from indeependence.files.atomic import one_line_errors
from indeependence.files.held import taken
from indeependence.history.course import courses_of
from indeependence.history.entry import FIRST, Entry, State, Step, now, short

WAITED = 10.0  # seconds for another process that appends a line


def read(path: str | os.PathLike[str]) -> tuple[Entry, ...]:
    """Return the entries of the log ``path``.

    Raise `InputError`, which names the line, unless each is as it was written, has the hash of the one before, and
    begins where the one before of the same model ended. That lines are missing at the end is not seen here: compare
    with the model, or with a hash that was noted elsewhere.
    """
    with _about(path):
        try:
            if not Path(path).is_file():
                raise InputError("expected an audit log, found none: commands write one with --audit")
            content = Path(path).read_bytes()
        except OSError as error:
            raise InputError(f"cannot read it: {error.strerror or error}") from error
        return _parsed(content)


def append(path: str | os.PathLike[str], step: Step) -> Entry:
    """Append a line for ``step`` to the log ``path``, which is made if it is not there, and return it.

    On return it is on disk. Raise `InputError`, and write nothing, for a log that is not intact or cannot be written,
    and for a step that does not begin where the log's last one of this model ended.
    """
    with _opened(path) as descriptor:
        entries = _parsed(_content(descriptor))
        entry = step.sealed(_last(entries))
        courses_of((*entries, entry))
        _write(path, descriptor, entry)
    return entry


def settle(path: str | os.PathLike[str], model: str, found: State | None) -> None:
    """Compare the log ``path`` with what was ``found`` in a model's file before it is changed.

    A line is written before the file is replaced. If the program was stopped in between, the file is as before that
    line, and another line says so. Raise `InputError` if the log knows the model in another state, and if no log could
    be written.
    """
    if not os.path.lexists(path):
        if not os.access(Path(path).parent, os.W_OK):
            raise InputError(f"{path}: there is no folder for the audit log that can be written: name another place")
        return
    with _opened(path) as descriptor:
        entries = _parsed(_content(descriptor))
        course, sha256 = courses_of(entries).get(model), found.sha256 if found else None
        if course is None or course.sha256 == sha256:
            return
        if course.undone is None or course.undone.sha256 != sha256:
            raise InputError(
                f"expected {model} to be {short(course.sha256)}, as line {course.line} left it, got {short(sha256)}: "
                "it was changed or moved without this log; begin another log"
            )
        last = entries[course.line - 1]
        _write(path, descriptor, _taking_back(last, course.line, _last(entries), course.undone.total))


def _taking_back(entry: Entry, number: int, previous: str, total: int | None) -> Entry:
    """Return an entry that says that the step of another ``entry``, of that line ``number``, did not take place."""
    return Entry(
        when=now(),
        what="void",
        model=entry.model,
        anew=False,
        examples=None,
        classes=None,
        total=total,
        before=entry.after,
        after=entry.before,
        about={"line": number},
        previous=previous,
    )


def _last(entries: tuple[Entry, ...]) -> str:
    return entries[-1].sha256 if entries else FIRST


def _parsed(content: bytes) -> tuple[Entry, ...]:
    """Return the entries in the ``content`` of a log, all of which fit together."""
    *lines, rest = content.split(b"\n")
    entries = []
    for number, line in enumerate((*lines, rest) if rest else lines, start=1):
        try:
            entries.append(Entry.of_line(line))
        except InputError as error:
            raise InputError(f"line {number}: {error}") from error
    if rest:
        raise InputError(f"line {len(entries)}: expected a line break at its end, got none: it was cut short")
    courses_of(entries)
    return tuple(entries)


@contextlib.contextmanager
def _opened(path: str | os.PathLike[str]) -> Iterator[int]:
    """Yield a descriptor of the log, locked; raise `InputError` for links, folders, pipes and devices."""
    flags = os.O_CREAT | os.O_RDWR | os.O_APPEND | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    flags |= getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    with _about(path):
        if Path(path).is_symlink() or (os.path.lexists(path) and not Path(path).is_file()):
            raise InputError("expected a file for the audit log, found a link, folder, pipe or device: name another")
        with one_line_errors(path):
            descriptor = os.open(path, flags, 0o666)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise InputError("expected a file for the audit log, found something else: name another")
            with one_line_errors(path):
                _lock(descriptor)
            yield descriptor
        finally:
            os.close(descriptor)


def _lock(descriptor: int) -> None:
    """Wait for other processes that append to the log; raise `InputError` after `WAITED` seconds."""
    end = time.monotonic() + WAITED
    while taken(descriptor) is False:  # None where there are no locks
        if time.monotonic() > end:
            raise InputError("another process holds this log: wait for it, or name another")
        time.sleep(0.02)


def _content(descriptor: int) -> bytes:
    os.lseek(descriptor, 0, os.SEEK_SET)
    parts = []
    while part := os.read(descriptor, 1 << 20):
        parts.append(part)
    return b"".join(parts)


def _write(path: str | os.PathLike[str], descriptor: int, entry: Entry) -> None:
    """Append the whole line of ``entry``, or nothing."""
    size, data = os.fstat(descriptor).st_size, entry.line.encode() + b"\n"
    with one_line_errors(path):
        try:
            while data:
                data = data[os.write(descriptor, data) :]
            os.fsync(descriptor)
        except OSError:
            os.ftruncate(descriptor, size)
            raise
        if not size and os.name == "posix":  # a new file is on disk only once its folder is
            folder = os.open(Path(path).resolve().parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


@contextlib.contextmanager
def _about(path: str | os.PathLike[str]) -> Iterator[None]:
    """Let every message name the log."""
    try:
        yield
    except InputError as error:
        named = isinstance(error.__cause__, OSError)  # by `one_line_errors`
        raise InputError(str(error) if named else f"{os.fspath(path)}: {error}") from error
