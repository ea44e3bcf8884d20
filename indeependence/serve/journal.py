"""The journal of a server: what was learned since the model's file was written, on disk before it is acknowledged.

A line of JSON and the codes of one request, for each request, with their length and digest in front. Codes are what the
sums of so few examples show anyway; there is no example among them. `Journal.clear` empties it at each checkpoint.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from indeependence.errors import InputError
from indeependence.files.atomic import one_line_errors
from indeependence.files.journals import journal_of
from indeependence.files.schema import are_texts, is_text, is_whole

START = b"indeependence journal 1\n"
LENGTH, DIGEST = 8, 32  # bytes in front of a record
MOST = 2**31  # bytes of a record


@dataclass(frozen=True, eq=False)
class Change:
    """The codes of examples that one request learns or forgets, and whose request it was."""

    what: str  # "learn" or "forget"
    codes: np.ndarray  # [N, H] uint8
    labels: tuple[Any, ...]  # of each code
    by: str
    task: int | None = None

    @property
    def inverse(self) -> Change:
        """What takes this one back."""
        return Change("forget" if self.what == "learn" else "learn", self.codes, self.labels, self.by, self.task)


@dataclass(frozen=True, eq=False)
class Record:
    """A change in a journal, and the fingerprints of the sums before and after it."""

    change: Change
    before: str
    after: str

    def packed(self) -> bytes:
        """Return the record as bytes, with their length and digest in front."""
        change = self.change
        head = {
            "what": change.what,
            "labels": change.labels,
            "shape": change.codes.shape,
            "by": change.by,
            "task": change.task,
            "before": self.before,
            "after": self.after,
        }
        body = json.dumps(head).encode() + b"\n" + np.ascontiguousarray(change.codes).tobytes()
        return len(body).to_bytes(LENGTH, "big") + hashlib.sha256(body).digest() + body

    @classmethod
    def unpacked(cls, body: bytes) -> Record:
        """Return the record in the ``body`` that `packed` made; raise `InputError` for anything else."""
        try:
            line, _, codes = body.partition(b"\n")
            head = json.loads(line)
            rows, units = head["shape"]
            labels = tuple(head["labels"])
            sound = head["what"] in ("learn", "forget") and is_text(head["by"]) and len(labels) == rows
            sound &= is_whole(rows, 1, MOST) and is_whole(units, 1, MOST) and len(codes) == rows * units
            sound &= are_texts([head["before"], head["after"]])
            sound &= {type(one) for one in labels} in ({int}, {str}) and (
                head["task"] is None or is_whole(head["task"], 1, MOST)
            )
            values = np.frombuffer(codes, np.uint8).reshape(rows, units)
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise InputError("expected a change in the journal, got something else") from error
        if not sound:
            raise InputError("expected a change in the journal, got something else")
        change = Change(head["what"], values, labels, head["by"], head["task"])
        return cls(change, head["before"], head["after"])


class Journal:
    """The open journal of the model in the file ``path``, whose lock the caller holds."""

    def __init__(self, path: Path):
        self.path = journal_of(path)
        with one_line_errors(self.path):
            flags = os.O_CREAT | os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
            self._file = os.open(self.path, flags, 0o600)
        self.size = os.fstat(self._file).st_size
        self.records = 0

    def append(self, record: Record) -> None:
        """Write a record and wait until it is on disk; raise `InputError`, and leave the journal as it was, if not."""
        data = record.packed() if self.size else START + record.packed()
        with one_line_errors(self.path):
            try:
                _write(self._file, data, self.size)
                os.fsync(self._file)
            except OSError:
                os.ftruncate(self._file, self.size)
                raise
        self.size += len(data)
        self.records += 1

    def clear(self) -> None:
        """Forget all records: the model's file holds them."""
        with one_line_errors(self.path):
            os.ftruncate(self._file, 0)
            os.fsync(self._file)
        self.size = self.records = 0

    def close(self) -> None:
        """Close the journal, and take it away if it is empty."""
        if self._file < 0:
            return
        os.close(self._file)
        self._file = -1
        if not self.size:
            self.path.unlink(missing_ok=True)

    def read(self) -> Iterator[Record]:
        """Yield all whole records; what a killed process left unfinished at the end was never acknowledged.

        Raise `InputError` for a file that is no journal, and where another record follows a damaged one.
        """
        with one_line_errors(self.path):
            data = _read(self._file)
        if data[: len(START)] != START[: len(data)]:
            raise InputError(f"{self.path} is no journal of a server: move it away, nothing was written to it")
        at = len(START)
        while at + LENGTH + DIGEST <= len(data):
            length = int.from_bytes(data[at : at + LENGTH], "big")
            begin = at + LENGTH + DIGEST
            body = data[begin : begin + length]
            if len(body) < length:
                return
            if hashlib.sha256(body).digest() != data[at + LENGTH : begin]:
                if begin + length < len(data):
                    raise InputError(f"{self.path} is damaged: use copies of it and of the model's file, or remove it")
                return
            yield Record.unpacked(body)
            at = begin + length


def _write(file: int, data: bytes, place: int) -> None:
    os.lseek(file, place, os.SEEK_SET)
    left = memoryview(data)
    while left:
        left = left[os.write(file, left) :]


def _read(file: int) -> bytes:
    os.lseek(file, 0, os.SEEK_SET)
    with os.fdopen(os.dup(file), "rb") as stream:
        return stream.read()
