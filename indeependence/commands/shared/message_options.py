"""Options that say what is printed and where reports go; and the notes on stderr."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from indeependence.commands.shared.help import Function, option, section
from indeependence.commands.shared.notes import note
from indeependence.commands.shared.types import (
    FOLDER,
)

# Loggers that are always heard.
UNDERSTOOD = ("indeependence.data.understood", "indeependence.encoder.fronts", "indeependence.engine")
tensorboard_option = section(
    "Output",
    option(
        "--tensorboard",
        type=FOLDER,
        metavar="DIR",
        help="Write scalars, pictures and histograms for TensorBoard to this folder.",
    ),
)


def _set_verbosity(ctx: click.Context, parameter: click.Parameter, count: int) -> None:
    """Write notes to stderr: what is being done from -v on, and how from -vv on."""
    handler = _Notes()
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger = logging.getLogger("indeependence")
    logger.handlers = [handler]
    logger.setLevel({0: logging.WARNING, 1: logging.INFO}.get(count, logging.DEBUG))


def show_what_is_understood(ctx: click.Context) -> None:
    """Until the command ends, write on stderr the lines that say how files were understood, at any verbosity."""
    handler = _Notes()
    handler.setFormatter(logging.Formatter("%(message)s"))
    loggers = [logging.getLogger(name) for name in UNDERSTOOD]
    for logger in loggers:
        logger.addHandler(handler)
        logger.propagate = False
        logger.setLevel(logging.INFO)

    @ctx.call_on_close
    def keep_quiet() -> None:
        for logger in loggers:
            logger.removeHandler(handler)
            logger.propagate = True
            logger.setLevel(logging.NOTSET)


class _Notes(logging.Handler):
    """Handler that writes notes where messages go, even if that changes while a progress bar is shown."""

    def emit(self, record: logging.LogRecord) -> None:
        note(self.format(record), before="")


# How results are printed.
output_options = section(
    "Messages",
    option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else."),
    option("--quiet", is_flag=True, help="Show no progress bar."),
    option(
        "-v",
        "--verbose",
        count=True,
        expose_value=False,
        callback=_set_verbosity,
        help="Report on stderr what is being done; -vv reports more.",
    ),
)
json_option = section(
    "Messages", option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
)


def folder_option(default: str, what: str) -> Callable[[Function], Function]:
    """Return the option for the folder that a command writes ``what`` to."""
    settings: dict[str, Any] = {"type": FOLDER, "default": Path(default), "show_default": True, "metavar": "DIR"}
    return section("Output", option("--output", **settings, help=f"Folder of {what}."))
