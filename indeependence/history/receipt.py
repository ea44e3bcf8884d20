"""A receipt for a removal: the line of the log, and the salt with which whoever has the ids can check their digest."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indeependence.errors import InputError
from indeependence.history.entry import Entry, values_in

SALT = 16  # bytes


@dataclass(frozen=True)
class Receipt:
    """The ``entry`` that stands for a removal, and the ``salt`` of the digest of its ids, which stands in no log."""

    entry: Entry
    salt: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the receipt in plain JSON values."""
        return {"receipt": self.entry.to_json(), "salt": self.salt}

    @property
    def text(self) -> str:
        """The content of its file."""
        return json.dumps(self.to_json(), indent=2) + "\n"

    def check_ids(self, ids: Iterable[str]) -> None:
        """Raise `InputError` unless these are the ids that the removal was asked for."""
        expected = self.entry.about.get("ids_sha256")
        if expected is None or self.salt is None:
            raise InputError("expected a receipt of a removal by --ids, got one of another removal")
        if ids_digest(ids, self.salt) != expected:
            raise InputError("expected the ids that the receipt was made for, got others")


def new_salt() -> str:
    """Return a new random salt."""
    return secrets.token_hex(SALT)


def ids_digest(ids: Iterable[str], salt: str) -> str:
    """Return the SHA-256 of ids, in any order, and a salt.

    >>> ids_digest(["a", "b"], "00") == ids_digest(["b", "a"], "00") != ids_digest(["ab"], "00")
    True
    """
    digest = hashlib.sha256(salt.encode())
    for one in sorted(one.encode("utf-8", "surrogatepass") for one in ids):
        digest.update(f"{len(one)}:".encode() + one)
    return digest.hexdigest()


def is_receipt(path: Path) -> bool:
    """Return whether the file ``path`` begins as a receipt does, and not as a log."""
    with path.open("rb") as file:
        return file.read(2) == b"{\n"


def read_receipt(path: Path) -> Receipt:
    """Return the receipt in the file ``path``; raise `InputError` for anything else, and for one that was changed."""
    if not path.is_file():
        raise InputError(f"{path}: expected a receipt, found no file: forget writes one with --receipt")
    try:
        kept = values_in(path.read_bytes())
    except OSError as error:
        raise InputError(f"{path}: cannot read the receipt: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: expected a receipt, got something else") from error
    if not isinstance(kept, dict) or kept.keys() != {"receipt", "salt"}:
        raise InputError(f"{path}: expected a receipt, got something else")
    if not isinstance(kept["salt"], str | None):
        raise InputError(f"{path}: expected the salt of a receipt, got something else")
    try:
        return Receipt(Entry.of_json(kept["receipt"]), kept["salt"])
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
