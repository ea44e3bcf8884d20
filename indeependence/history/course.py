"""The course of a model through a log: every step begins where the last one ended, and the counts add up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from indeependence.errors import InputError
from indeependence.history.entry import FIRST, Entry, State, short


@dataclass(frozen=True)
class Course:
    """A model after some of its lines, and before the last one; counts are None where the log does not know them."""

    sha256: str | None = None
    total: int | None = 0
    classes: Mapping[Any, int] | None = field(default_factory=dict)
    line: int = 0  # the last one
    undone: Course | None = None  # as it would be if the last step had not taken place


def courses_of(entries: Iterable[Entry]) -> dict[str, Course]:
    """Return where each model of a log has come to, by the name of its file.

    Raise `InputError`, which names the line, where the chain of hashes is broken, a step does not begin where the one
    before ended, or counts do not add up.
    """
    courses: dict[str, Course] = {}
    previous = FIRST
    for number, entry in enumerate(entries, start=1):
        try:
            if entry.previous != previous:
                raise InputError(
                    f"expected the hash of the line before, {short(previous)}, got {short(entry.previous)}: a line was "
                    "changed, removed or moved"
                )
            courses[entry.model] = advanced(courses.get(entry.model), entry, number)
        except InputError as error:
            raise InputError(f"line {number}: {error}") from error
        previous = entry.sha256
    return courses


def advanced(course: Course | None, entry: Entry, number: int) -> Course:
    """Return the course after one more entry, of that line ``number``; raise `InputError` if it does not fit."""
    if course is None:
        course = _found(entry)
    if entry.before != course.sha256:
        raise InputError(
            f"expected {entry.model} to be {short(course.sha256)} before, as line {course.line} left it, got "
            f"{short(entry.before)}"
        )
    if entry.what == "void":
        return _taken_back(course, entry, number)
    begin = Course() if entry.anew or entry.before is None else course
    total = _total(begin, entry)
    _check_about(entry)
    return Course(entry.after, total, _classes(begin, entry), number, course)


def _found(entry: Entry) -> Course:
    """Return the course of a model that a log meets for the first time."""
    if entry.before is None:
        return Course()
    total = None if entry.total is None or entry.examples is None or entry.anew else entry.total - entry.examples
    return Course(entry.before, total, None)


def _taken_back(course: Course, entry: Entry, number: int) -> Course:
    """Return the course before the last step, which did not take place."""
    back = course.undone
    if back is None or back.sha256 != entry.after:
        raise InputError(f"expected the step of line {course.line} to be taken back, got {short(entry.after)}")
    if entry.total != back.total:
        raise InputError(f"expected {back.total} examples again, got {entry.total}")
    return Course(back.sha256, back.total, back.classes, number)


def _total(begin: Course, entry: Entry) -> int | None:
    if begin.total is not None and entry.examples is not None and begin.total + entry.examples != entry.total:
        raise InputError(f"expected {begin.total + entry.examples} examples in all, got {entry.total}")
    if begin.total is not None and begin.total < 0:
        raise InputError(f"expected no fewer than {entry.examples} examples in all, got {entry.total}")
    return entry.total


def _classes(begin: Course, entry: Entry) -> Mapping[Any, int] | None:
    """Return how many examples of each class there are afterwards."""
    if entry.classes is None:
        return None
    changes = dict(entry.classes)
    if entry.examples is not None and sum(changes.values()) != entry.examples:
        raise InputError(f"expected classes of {entry.examples} examples in all, got {sum(changes.values())}")
    if begin.classes is None:
        return None
    counts = {label: begin.classes.get(label, 0) + changes.get(label, 0) for label in {**begin.classes, **changes}}
    for label, count in counts.items():
        if count < 0:
            raise InputError(
                f"expected at most {begin.classes.get(label, 0)} examples of class {label} to go, got more"
            )
    return {label: count for label, count in counts.items() if count}


def _check_about(entry: Entry) -> None:
    """Raise `InputError` for an export that changes the model, and for a merge whose parts do not add up to it."""
    if entry.what == "export" and entry.after != entry.before:
        raise InputError(f"expected an export to leave {entry.model} as it is, got {short(entry.after)}")
    parts = entry.about.get("merged") if entry.what == "merge" else None
    if parts is None or entry.total is None:
        return
    try:
        total = sum(int(part["examples"]) for part in parts)
    except (TypeError, KeyError, ValueError) as error:
        raise InputError(f"expected the merged models with their examples, got {str(parts)[:40]!r}") from error
    if total != entry.total:
        raise InputError(f"expected {total} examples, as many as the merged models have, got {entry.total}")


def concerning(entries: Iterable[Entry], model: str) -> list[tuple[int, Entry]]:
    """Return the numbers and entries of the lines that speak of the model in a file of this name."""
    numbered = enumerate(entries, start=1)
    return [(line, entry) for line, entry in numbered if model in (entry.model, entry.about.get("output"))]


def verify(entries: Iterable[Entry], model: str | None = None, state: State | None = None) -> dict[str, Course]:
    """Return where each model of a log has come to; raise `InputError` unless chain and counts are intact.

    With the name of a ``model``'s file and its ``state``, that must be the log's last one of this model, or, for
    exported weights, the last export to a file of this name.
    """
    entries = tuple(entries)
    courses = courses_of(entries)
    if model is not None and state is not None:
        _check_model(entries, courses, model, state)
    return courses


def _check_model(entries: tuple[Entry, ...], courses: Mapping[str, Course], model: str, state: State) -> None:
    exports = [entry.about for entry in entries if entry.what == "export" and entry.about.get("output") == model]
    course = courses.get(model)
    if course is None and exports:
        if exports[-1].get("output_sha256") != state.sha256:
            expected = str(exports[-1].get("output_sha256"))
            raise InputError(
                f"{model}: expected the export {short(expected)}, the log's last, got {short(state.sha256)}"
            )
        return
    if course is None:
        raise InputError(f"{model}: expected a model of this log ({', '.join(courses) or 'it is empty'}), got another")
    if course.sha256 != state.sha256:
        undone = course.undone is not None and course.undone.sha256 == state.sha256
        why = "that step did not take place, or was undone" if undone else "the file was changed without the log"
        raise InputError(
            f"{model}: expected {short(course.sha256)}, as line {course.line} left it, got {short(state.sha256)}: {why}"
        )
    if course.total is not None and state.examples != course.total:
        raise InputError(f"{model}: expected {course.total} examples, as the log says, got {state.examples}")
    counts = None if state.classes is None else {label: count for label, count in state.classes if count}
    if course.classes is not None and counts is not None and counts != course.classes:
        raise InputError(f"{model}: expected the log's counts of each class, got others")
