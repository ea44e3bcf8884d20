"""The command line, one file for each command; importing it loads neither NumPy nor TensorFlow."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import warnings
from io import TextIOWrapper
from typing import Any, NoReturn

import click

from indeependence import __version__
from indeependence.commands.compare import compare
from indeependence.commands.completion import completion
from indeependence.commands.evaluate import evaluate
from indeependence.commands.export import export
from indeependence.commands.forget import forget, merge
from indeependence.commands.generate import generate
from indeependence.commands.infer import infer
from indeependence.commands.inspect import inspect
from indeependence.commands.rollback import rollback
from indeependence.commands.serve import serve
from indeependence.commands.shared.help import WIDTH, Group
from indeependence.commands.shared.message_options import show_what_is_understood
from indeependence.commands.shared.notes import for_a_program, note
from indeependence.commands.sparse.group import sparse
from indeependence.commands.test import test
from indeependence.commands.train import bootstrap, train
from indeependence.commands.verify import verify
from indeependence.errors import InputError, shown
from indeependence.machine import use_wide_vectors


@click.group(
    cls=Group,
    commands=[
        *(evaluate, compare, bootstrap, train, infer, test, generate, forget, merge, inspect, verify, export),
        *(serve, rollback),
        *(sparse, completion),
    ],
    context_settings={
        "help_option_names": ["-h", "--help"],
        "max_content_width": WIDTH,
        "token_normalize_func": lambda name: name.replace("_", "-"),  # --boot_skip is --boot-skip
    },
)
@click.version_option(__version__, prog_name="indeependence")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Learn task after task from exact sums, without storing any example.

    \b
    Example: learn handwritten digits two at a time and measure what is forgotten
      python cli.py evaluate --data digits --tasks 5
    """
    show_what_is_understood(ctx)


def main() -> None:
    """Run the command line; exit with 0 if done, 1 for bad data or files, 2 for wrong usage, 130 if interrupted."""
    use_wide_vectors()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # no name fails to be printed, whatever the terminal can show
    warnings.showwarning = _note  # type: ignore[assignment]
    signal.signal(signal.SIGTERM, signal.getsignal(signal.SIGINT))  # a service that is stopped ends as by Ctrl-C
    try:
        cli.main(standalone_mode=False)
        if sys.stdout is not None:  # a closed one
            sys.stdout.flush()  # what does not fit on a full disk is noticed here
    except InputError as error:
        _fail(str(error), 1)
    except (MemoryError, FloatingPointError, OverflowError) as error:
        _fail(f"{error or 'not enough memory'}: try smaller numbers, or fewer code units", 1)
    except click.ClickException as error:
        _fail(" ".join(error.format_message().split()), error.exit_code, _usage(error))
    except (click.Abort, KeyboardInterrupt):
        _fail("interrupted", 130)
    except BrokenPipeError:  # the reader of our output, such as `head`, needs no more
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:
        _close_output()
        _fail(f"{error.filename or 'output'}: {error.strerror or error}", 1)


def _fail(message: str, code: int, usage: str = "") -> NoReturn:
    """Print one line on stderr, or one JSON object where the answer would have been one, and exit with ``code``."""
    as_json = for_a_program()
    line = json.dumps({"error": message, "exit_code": code}) if as_json else f"{usage}Error: {shown(message)}"
    click.echo(line, err=True)
    sys.exit(code)


def _usage(error: click.ClickException) -> str:
    """Return the lines that click puts above the message on wrong usage."""
    if not isinstance(error, click.UsageError) or error.ctx is None:
        return ""
    return f"{error.ctx.get_usage()}\nTry '{error.ctx.command_path} --help' for help.\n\n"


def _close_output() -> None:
    """Let go of output that cannot be written, so that Python does not try again at its end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _note(message: Warning | str, *_: Any) -> None:
    """Print a warning as one line on stderr."""
    note(str(message))
