"""The trail of a model's file: a line goes to an audit log before it is replaced or its weights are given away."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from indeependence import models
from indeependence.errors import InputError
from indeependence.history.entry import Entry, State, Step
from indeependence.history.exported import digests_of
from indeependence.history.log import append, settle


class Trail:
    """What happens to the model in the file ``path``, whose lock the caller holds, noted in a ``log`` if there is one.

    A line is on disk before the file is replaced, so no change is without a line. If the program is stopped in between,
    the line stands for a step that did not take place; the next trail finds that and says so in the log.

    Raise `InputError` if the log is not intact, or knows the model in another state.
    """

    def __init__(self, path: Path, log: Path | None = None, *, beside: Sequence[Path] = ()):
        self.path, self.log = path, log
        self.state: State | None = None  # of the model in the file
        if log is not None:
            if log.resolve() in [one.resolve() for one in (path, *beside)]:
                raise InputError(f"{log} is to be written by this command already: name another file for --audit")
            self.state = state_in(path)
            settle(log, path.name, self.state)

    def replace(
        self,
        what: str,
        facts: Callable[[], Mapping[str, Any]],
        write: Callable[[], None],
        *,
        anew: bool = False,
        **about: Any,
    ) -> Entry | None:
        """Call ``write``, which replaces the file by a model with these ``facts``; return the line that was noted."""
        if self.log is None:
            write()
            return None
        after = State.of(facts())
        entry = append(self.log, Step(what, self.path.name, self.state, after, anew, about))
        try:
            write()
        except Exception:  # such as a full disk; if it was replaced after all, the line stays
            with contextlib.suppress(InputError):
                settle(self.log, self.path.name, state_in(self.path))
            raise
        self.state = after
        return entry

    def give(
        self,
        output: Path,
        facts: Mapping[str, Any],
        write: Callable[[], None],
        *,
        for_others: Sequence[Path] = (),
        **about: Any,
    ) -> None:
        """Call ``write``, which writes weights with these ``facts`` to ``output``, once a line says so.

        Of files ``for_others``, in which no fingerprint of ours stands, a second line notes the bytes.
        """
        about = {"output": output.name, "output_sha256": State.of(facts).sha256, **about}
        self._note_export(about)
        write()
        if for_others:
            self._note_export({**about, "files": digests_of(for_others)})

    def _note_export(self, about: Mapping[str, Any]) -> None:
        if self.log is not None and self.state is not None:
            append(self.log, Step("export", self.path.name, self.state, self.state, about=about))


def state_in(path: Path) -> State | None:
    """Return the state of the model in the file ``path``, from its arrays; None if there is no model."""
    try:
        return State.of(models.open(path).facts()) if path.is_file() else None
    except InputError:
        return None
