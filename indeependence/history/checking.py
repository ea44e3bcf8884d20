"""What the command ``verify`` checks: a log or a receipt, and whether a model and the ids are those it speaks of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indeependence import models
from indeependence.data.records import read_ids
from indeependence.errors import InputError
from indeependence.history.course import verify
from indeependence.history.entry import FIRST, SHOWN, State, short
from indeependence.history.exported import check_exported, is_for_others
from indeependence.history.log import read
from indeependence.history.receipt import Receipt, is_receipt, read_receipt


@dataclass(frozen=True)
class Claims:
    """A log or a receipt, and what is to agree with it."""

    log: Path
    model: Path | None = None
    receipt: Path | None = None
    ids: Path | None = None  # a file
    last: str | None = None  # a hash that was noted


def check(claims: Claims) -> dict[str, Any]:
    """Return facts about a log or a receipt that is intact and agrees; raise `InputError`, in one line, otherwise."""
    if claims.log.is_file() and is_receipt(claims.log):
        return _check_receipt(claims)
    entries = read(claims.log)
    for_others = claims.model is not None and is_for_others(claims.model)
    state = None if claims.model is None or for_others else State.of(models.open(claims.model).facts())
    try:
        courses = verify(entries, claims.model.name if claims.model else None, state)
        line = check_exported(entries, claims.model) if claims.model is not None and for_others else None
    except InputError as error:
        raise InputError(f"{claims.log}: {error}") from error
    hashes = [entry.sha256 for entry in entries]
    if claims.last is not None and not _stands_in(claims.last, hashes):
        raise InputError(f"{claims.log}: expected a line with the hash {claims.last}, got none: lines are missing")
    facts: dict[str, Any] = {
        "log": str(claims.log),
        "lines": len(entries),
        "models": {name: course.sha256 for name, course in courses.items()},
        "last_sha256": hashes[-1] if hashes else FIRST,
        **({"export_line": line, "agrees": str(claims.model)} if line else {}),
    }
    if claims.receipt is None:
        _check_ids(None, claims)
        return facts | _agrees(claims, state)
    receipt = read_receipt(claims.receipt)
    if receipt.entry.sha256 not in hashes:
        raise InputError(
            f"{claims.receipt}: expected a line of {claims.log}, got {short(receipt.entry.sha256)}, not in it"
        )
    _check_ids(receipt, claims)
    return facts | {"receipt_line": hashes.index(receipt.entry.sha256) + 1} | _agrees(claims, state)


def _stands_in(noted: str, hashes: list[str]) -> bool:
    return len(noted) >= SHOWN and any(one.startswith(noted.lower()) for one in (*hashes, FIRST))


def _check_receipt(claims: Claims) -> dict[str, Any]:
    """Return facts about a receipt that stands alone."""
    if claims.receipt is not None or claims.last is not None:
        raise InputError(f"{claims.log}: expected a log, got a receipt: --receipt and --last go with a log")
    receipt = read_receipt(claims.log)
    entry = receipt.entry
    _check_ids(receipt, claims)
    if claims.model is not None and is_for_others(claims.model):
        raise InputError(f"{claims.model}: a receipt is about the model itself, got an export: name the model's file")
    state = None if claims.model is None else State.of(models.open(claims.model).facts())
    if state is not None and state.sha256 != entry.after:
        raise InputError(
            f"{claims.log}: expected a model {short(entry.after)}, as the removal left it, got {short(state.sha256)} "
            f"in {claims.model}: it was changed since, as a log would say, or is another"
        )
    return {
        "receipt": str(claims.log),
        "model_sha256_before": entry.before,
        "model_sha256_after": entry.after,
        "removed": None if entry.examples is None else -entry.examples,
        "removed_at": entry.when,
        "receipt_sha256": entry.sha256,
    } | _agrees(claims, state)


def _check_ids(receipt: Receipt | None, claims: Claims) -> None:
    if claims.ids is None:
        return
    if receipt is None:
        raise InputError("--ids goes with --receipt, whose salt makes the digest of the ids: give that, too")
    try:
        receipt.check_ids(read_ids(claims.ids))
    except InputError as error:
        raise InputError(f"{claims.ids}: {error}") from error


def _agrees(claims: Claims, state: State | None) -> dict[str, Any]:
    """Return what was found to agree."""
    return {
        **({"agrees": str(claims.model), "model_sha256": state.sha256} if state else {}),
        **({"ids": "as in the receipt"} if claims.ids else {}),
        "intact": True,
    }
