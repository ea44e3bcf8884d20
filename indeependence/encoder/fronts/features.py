"""Features that a front has made, on disk: inputs that were looked at before cost nothing."""

from __future__ import annotations

import contextlib
import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from indeependence.errors import InputError
from indeependence.files.atomic import one_line_errors, write_atomically

log = logging.getLogger(__name__)
ENDING = ".npy"
AT_ONCE = 1024  # inputs whose features are made, and then written, together
DIGEST = 32  # bytes of SHA-256


@dataclass(frozen=True, eq=False)
class FeatureCache:
    """Features in files below ``folder``, each row with the digest of its input and a digest of itself.

    There is a folder below for each key, that is for each front, and every file is a NumPy array of records, so a row
    is found whatever the order and the batches of a run. A damaged file is removed, and its rows are made again.

    It holds what a network makes of examples. That is stored data: delete the folder when it is no longer wanted.
    """

    folder: Path

    def rows(self, key: str, inputs: np.ndarray, made: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """Return the features float32 ``[N, D]`` of ``inputs [N, ...]``; those that are not there are ``made`` now."""
        shelf = self._shelf(key)
        names = [_digest_of(one) for one in inputs]
        found = shelf.rows(names)
        missing = [place for place, name in enumerate(names) if name not in found]
        for start in range(0, len(missing), AT_ONCE):
            places = missing[start : start + AT_ONCE]
            rows = np.asarray(made(inputs[places]), np.float32)
            new = dict(zip((names[place] for place in places), rows, strict=True))
            shelf.put(new)
            found |= new
        return np.stack([found[name] for name in names]) if names else made(inputs)

    def _shelf(self, key: str) -> _Shelf:
        if key not in self._shelves:
            self._shelves[key] = _Shelf(self.folder / key[:DIGEST])
        return self._shelves[key]

    @cached_property
    def _shelves(self) -> dict[str, _Shelf]:
        return {}

    def __getstate__(self) -> dict[str, Any]:
        return {"folder": self.folder}


def feature_cache(folder: str | Path) -> FeatureCache:
    """Return the cache in a ``folder``, which is made if it is not there; raise `InputError` if it cannot be."""
    folder = Path(folder)
    with one_line_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return FeatureCache(folder)


class _Shelf:
    """The files of one front; each is checked as a whole before the first of its rows is used."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.places: dict[bytes, tuple[Path, int]] = {}  # file and row, by digest of an input
        self.sound: set[Path] = set()  # files that were checked
        self.full = False
        with one_line_errors(folder):
            folder.mkdir(exist_ok=True)
        for path in sorted(folder.glob(f"[!.]*{ENDING}")):
            self._list(path)

    def _list(self, path: Path) -> None:
        records = self._records(path)
        names = [] if records is None else records["input"].tolist()
        self.places |= {name: (path, row) for row, name in enumerate(names)}

    def _records(self, path: Path) -> np.ndarray | None:
        """Return the records of a file, which stay on the disk; None, with a word, for one that is no use.

        Only a damaged file is removed: one that cannot be read may be whole. No file is kept open, since a process may
        have only so many.
        """
        try:
            return _read(path) if path.is_file() else None
        except (OSError, MemoryError) as error:
            log.warning("cannot read %s (%s): its features are made again", path, error)
        except Exception:  # of any kind: it depends on the damage
            self._drop(path)
        return None

    def rows(self, names: Sequence[bytes]) -> dict[bytes, np.ndarray]:
        """Return the features of the inputs with these digests, as far as they are in sound files."""
        wanted: dict[Path, dict[bytes, int]] = {}
        for name in names:
            if name in self.places:
                path, row = self.places[name]
                wanted.setdefault(path, {})[name] = row
        found: dict[bytes, np.ndarray] = {}
        for path, places in wanted.items():
            records = self._records(path)
            if records is not None and self._is_sound(path, records):
                found |= {name: np.array(records[row]["features"]) for name, row in places.items()}
        return found

    def _is_sound(self, path: Path, records: np.ndarray) -> bool:
        if path not in self.sound:
            if not _sound(records):
                self._drop(path)
                return False
            self.sound.add(path)
        return True

    def _drop(self, path: Path) -> None:
        log.warning("%s is damaged: its features are made again", path)
        self.places = {name: place for name, place in self.places.items() if place[0] != path}
        with contextlib.suppress(OSError):
            path.unlink()

    def put(self, new: dict[bytes, np.ndarray]) -> None:
        """Write features by the digests of their inputs; a full disk is said once, and nothing is lost by it."""
        if self.full:
            return
        width = len(next(iter(new.values())))
        records = np.array([(name, row, _check(name, row)) for name, row in new.items()], _record(width))
        path = self.folder / f"{hashlib.sha256(b''.join(new)).hexdigest()}{ENDING}"
        try:
            write_atomically(path, lambda file: np.save(file, records, allow_pickle=False))
        except InputError as error:
            self.full = True
            log.warning("%s: going on without keeping features", error)
            return
        self._list(path)


def _read(path: Path) -> np.ndarray:
    """Return the records of a file, which stay on the disk; raise an error of some kind for any other file."""
    records = np.load(path, mmap_mode="r", allow_pickle=False)
    if records.ndim != 1 or records.dtype != _record(records.dtype["features"].shape[0]):
        raise ValueError("other records")
    return records


def _sound(records: np.ndarray) -> bool:
    """Return whether each record is as it was written."""
    return all(one["check"].tobytes() == _check(one["input"].tobytes(), one["features"]) for one in records)


def _record(width: int) -> np.dtype:
    return np.dtype([("input", f"V{DIGEST}"), ("features", "<f4", (width,)), ("check", f"V{DIGEST}")])


def _digest_of(one: np.ndarray) -> bytes:
    """Return the digest of an input: of its bytes, its type and its shape."""
    return hashlib.sha256(f"{one.dtype.str} {one.shape} ".encode() + one.tobytes()).digest()


def _check(name: bytes, features: np.ndarray) -> bytes:
    return hashlib.sha256(name + features.tobytes()).digest()
