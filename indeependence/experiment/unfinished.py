"""What an evaluation of many runs has done so far, kept beside its report until all of them are done."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from indeependence.errors import InputError, shown
from indeependence.experiment.course import EVERY, Checkpoints, removable
from indeependence.files.atomic import write_atomically
from indeependence.files.lock import sole_writer
from indeependence.report.result import plain

FOLDER = ".unfinished"
PLAN, CHECKPOINT = "plan.json", "checkpoint.safetensors"
RUN = re.compile(r"[0-9a-f]{16}\.json")
MISSING = object()
Told = TypeVar("Told")


@dataclass(eq=False)
class Unfinished:
    """The runs of one ``plan`` that are done, and the checkpoint of the present one; nothing is written before that.

    ``plan`` are plain JSON values by name: all that the results depend on.
    """

    folder: Path
    plan: Mapping[str, Any]
    every: int = EVERY
    resumed: bool = False
    _open: ExitStack = field(default_factory=ExitStack)
    _begun: bool = False

    @property
    def has_begun(self) -> bool:
        """Whether anything is kept."""
        return self._begun or self.resumed

    def result(self, run: str, of_json: Callable[[Any], Told]) -> Told | None:
        """Return what was kept of a run, by ``of_json``; None if it is not done."""
        path = self._path(run)
        if not (self.resumed and path.is_file()):
            return None
        with removable(path):
            return of_json(_loaded(path))

    def keep(self, run: str, told: Any) -> None:
        """Keep what a finished run told, in types that JSON has."""
        self.begin()
        write_atomically(self._path(run), json.dumps(plain(told), allow_nan=False).encode())
        (self.folder / CHECKPOINT).unlink(missing_ok=True)

    def checkpoints(self, run: str) -> Checkpoints:
        """Return where the checkpoints of a run go."""
        plan = hashlib.sha256(json.dumps([run, self.plan], sort_keys=True).encode()).hexdigest()
        return Checkpoints(self.folder / CHECKPOINT, plan, self.every, self.begin)

    def begin(self) -> None:
        """Write the plan, once; whatever another run left is removed first."""
        if self._begun:
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(
                f"cannot make the folder {self.folder}: {error.strerror}; name another --output"
            ) from error
        self._open.enter_context(sole_writer(self.folder / PLAN))
        if not self.resumed:
            self._clear()
        write_atomically(self.folder / PLAN, json.dumps(self.plan, allow_nan=False).encode())
        self._begun = True

    def finish(self) -> None:
        """Remove what was kept: all is done, and stands in the report."""
        if self.has_begun:
            self._clear()
            self._open.close()
            with contextlib.suppress(OSError):
                self.folder.rmdir()

    def _clear(self) -> None:
        kept = [path for path in self.folder.glob("*.json") if RUN.fullmatch(path.name)]
        for path in (*kept, self.folder / PLAN, self.folder / CHECKPOINT):
            path.unlink(missing_ok=True)

    def _path(self, run: str) -> Path:
        return self.folder / f"{hashlib.sha256(run.encode()).hexdigest()[:16]}.json"


@contextmanager
def unfinished(
    output: Path, plan: Mapping[str, Any], *, resume: bool = False, anew: bool = False, every: int = EVERY
) -> Iterator[Unfinished]:
    """Yield where to keep the runs of a ``plan`` inside the block; with ``resume``, with what is done of them.

    Raise `InputError` if the runs there are of another plan, and, unless ``resume`` or ``anew`` says what to do, if
    some of this one are done.
    """
    folder, plan = output / FOLDER, plain(dict(plan))
    before = _read(folder / PLAN) if (folder / PLAN).is_file() else None
    if before is not None and resume:
        _check_same(folder, before, plan)
    if before == plan and not resume and not anew:
        raise InputError(
            f"{output} holds an unfinished run of these options: --resume goes on, --overwrite begins anew"
        )
    with ExitStack() as stack:
        yield Unfinished(folder, plan, every, resume and before is not None, stack)


def _check_same(folder: Path, before: Any, plan: Mapping[str, Any]) -> None:
    if not isinstance(before, dict):
        raise InputError(f"{folder / PLAN}: expected what a run is, got something else: move {folder} away")
    for name in dict.fromkeys((*plan, *before)):
        was, now = before.get(name, MISSING), plan.get(name, MISSING)
        if was != now:
            raise InputError(
                f"--resume: the run in {folder.parent} began with {_named(name, was)}, got {_named(name, now)}: "
                "give what it began with, or leave --resume out"
            )


def _named(name: str, value: Any) -> str:
    if name in ("data_sha256", "files_sha256"):
        return f"{name.partition('_')[0]} of fingerprint {str(value)[:12]}"
    text = "nothing" if value in (MISSING, None) else shown(str(value))
    return f"version {text}" if name == "version" else f"--{name.replace('_', '-')} {text}"


def _read(path: Path) -> Any:
    try:
        return _loaded(path)
    except InputError as error:
        raise InputError(f"{path}: {error}: move {path.parent} away") from error


def _loaded(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"cannot be read ({error})") from error
