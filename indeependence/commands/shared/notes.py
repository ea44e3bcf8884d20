"""What is said on stderr next to the results: one line each, or with --json one JSON object a line."""

from __future__ import annotations

import json
import sys

import click

from indeependence.errors import shown


def note(text: str, *, before: str = "Note: ") -> None:
    """Print a note in one line, after the word ``before``; with --json as the object ``{"note": text}``."""
    click.echo(json.dumps({"note": text}) if for_a_program() else before + shown(text), err=True)


def for_a_program() -> bool:
    """Return whether the running command was asked for JSON; where none runs, whether the command line asks for it."""
    ctx = click.get_current_context(silent=True)
    if ctx is not None and "as_json" in ctx.params:
        return bool(ctx.params["as_json"])
    return "--json" in sys.argv[1:]
