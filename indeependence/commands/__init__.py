"""The command line, one file for each command; importing it loads neither NumPy nor TensorFlow."""

from __future__ import annotations

import sys
import warnings
from typing import Any

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
from indeependence.commands.shared.help import WIDTH, Group
from indeependence.commands.shared.options import show_what_is_understood
from indeependence.commands.sparse.group import sparse
from indeependence.commands.test import test
from indeependence.commands.train import bootstrap, train
from indeependence.errors import InputError, shown
from indeependence.machine import use_wide_vectors


@click.group(
    cls=Group,
    commands=[
        *(evaluate, compare, bootstrap, train, infer, test, generate, forget, merge, inspect, export, sparse),
        completion,
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
    warnings.showwarning = _note  # type: ignore[assignment]
    try:
        cli.main(standalone_mode=False)
    except InputError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)
    except (MemoryError, FloatingPointError, OverflowError) as error:
        click.echo(f"Error: {error or 'not enough memory'}: try smaller numbers, or fewer code units", err=True)
        sys.exit(1)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        sys.exit(130)
    except BrokenPipeError:  # the reader of our output, such as `head`, needs no more
        sys.stderr.close()
        sys.exit(1)


def _note(message: Warning | str, *_: Any) -> None:
    """Print a warning as one line on stderr."""
    click.echo(f"Note: {shown(str(message))}", err=True)
