"""Who may use a server: names with secrets, compared in constant time and never written anywhere."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from indeependence.errors import InputError

VARIABLE = "INDEEPENDENCE_TOKEN"
SHORTEST = 16  # characters of a secret
HERE = "here"  # the name of everyone, where no token is asked for
MAKE_ONE = "python3 -c 'import secrets; print(secrets.token_urlsafe())' makes one"


class Tokens:
    """Names and the digests of their secrets; no secret is kept.

    >>> tokens = Tokens({"ann": "a secret of many characters"})
    >>> tokens.name_of("a secret of many characters"), tokens.name_of("another one"), tokens
    ('ann', None, Tokens of ann)
    """

    def __init__(self, secrets: Mapping[str, str]):
        self._digests = {name: _digest(secret) for name, secret in secrets.items()}

    def __bool__(self) -> bool:
        return bool(self._digests)

    def __repr__(self) -> str:
        return f"Tokens of {', '.join(self._digests) or 'nobody'}"

    def name_of(self, secret: str) -> str | None:
        """Return whose ``secret`` it is, or None; it takes equally long whether, and with which, it agrees."""
        given, found = _digest(secret), None
        for name, digest in self._digests.items():
            if hmac.compare_digest(digest, given):
                found = name
        return found


def _digest(secret: str) -> bytes:
    return sha256(secret.encode()).digest()  # of one length, whatever the secret's is


def read_tokens(path: Path | None, variable: str | None) -> Tokens:
    """Return the tokens of a file of lines ``NAME:SECRET``, or of the environment's ``variable``, one or none.

    Raise `InputError`, which shows no secret, for other lines, short secrets, and a name or a secret that is there
    twice.
    """
    lines = [] if variable is None else [("the variable " + VARIABLE, variable)]
    if path is not None:
        try:
            text = path.read_text()
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"cannot read {path}: {getattr(error, 'strerror', None) or 'no text'}") from error
        lines += [(f"{path}, line {number}", line) for number, line in enumerate(text.splitlines(), start=1)]
    found: dict[str, str] = {}
    for where, line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        name, colon, secret = (part.strip() for part in line.partition(":"))
        name, secret = (name, secret) if colon else ("token", name)
        if not name or len(secret) < SHORTEST:
            raise InputError(
                f"{where}: expected NAME:SECRET with at least {SHORTEST} characters of secret, got {len(secret)}; "
                f"{MAKE_ONE}"
            )
        if not secret.isascii() or not secret.isprintable() or ":" in secret:
            raise InputError(f"{where}: expected a secret of letters, digits and signs without a colon; {MAKE_ONE}")
        if name in found or secret in found.values():
            raise InputError(f"{where}: expected each name and each secret once, got {name} again")
        found[name] = secret
    if path is not None and not found:
        raise InputError(f"{path}: expected lines NAME:SECRET, got none; {MAKE_ONE}")
    return Tokens(found)


def is_here(host: str) -> bool:
    """Return whether an address is reached from this machine alone.

    >>> is_here("127.0.0.1"), is_here("localhost"), is_here("::1"), is_here("0.0.0.0"), is_here("example.org")
    (True, True, True, False, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_address(host: str, tokens: Tokens) -> None:
    """Raise `InputError` for an address that others reach, unless a token is asked for."""
    if not is_here(host) and not tokens:
        raise InputError(
            f"--host {host} can be reached from other machines: give --tokens FILE (lines NAME:SECRET) or the "
            f"variable {VARIABLE}; {MAKE_ONE}"
        )
