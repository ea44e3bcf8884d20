"""Options that say how the work is divided, and who does it; none of them changes a result."""

from __future__ import annotations

from indeependence.commands.shared.engine import engine_options
from indeependence.commands.shared.help import Function, option, section
from indeependence.commands.shared.types import (
    COUNT,
)

# How the work is divided, and where it is done; none of it changes a result.
_WORK = section(
    "Work",
    option(
        "--batch-size",
        type=COUNT,
        default=256,
        show_default=True,
        rare=True,
        help="Number of examples encoded at a time; any value gives the same result.",
    ),
    option("--threads", type=COUNT, metavar="N", help="Number of threads; all cores if absent."),
)


def work_options(function: Function) -> Function:
    """Give a command the options of its work."""
    return _WORK(engine_options(function))


threads_option = section(
    "Work", option("--threads", type=COUNT, metavar="N", help="Number of threads; all cores if absent.")
)

# Who does the work, if not this process; none of it changes a result.
distribution_options = section(
    "Work",
    option("--workers", type=COUNT, metavar="N", help="Sum in N processes, started by Dask."),
    option(
        "--scheduler",
        metavar="ADDRESS",
        rare=True,
        help="Sum on the workers of a Dask scheduler, e.g. tcp://host:8786.",
    ),
    option(
        "--gram-blocks",
        type=COUNT,
        metavar="B",
        rare=True,
        help="Divide the products into B x B blocks, so that no worker holds all of them; for very many code units.",
    ),
)
