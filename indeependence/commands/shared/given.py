"""Which options stand on the command line, and how they are written there."""

from __future__ import annotations

import click

OPTIONS = {"table": "--csv", "again": "--from", "file": "MODEL", "files": "FILE"}  # of parameters with another name


def given(ctx: click.Context, name: str) -> bool:
    """Return whether an option stands on the command line."""
    return name in ctx.params and ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE


def option_of(name: str) -> str:
    """Return how a parameter is written on the command line.

    >>> option_of("batch_size"), option_of("table")
    ('--batch-size', '--csv')
    """
    return OPTIONS.get(name, f"--{name.replace('_', '-')}")


def refuse(ctx: click.Context, names: tuple[str, ...], advice: str) -> None:
    """Raise `UsageError`, which ends with ``advice``, for the first of these options that was given."""
    for name in names:
        if given(ctx, name):
            raise click.UsageError(f"{option_of(name)} {advice}")
