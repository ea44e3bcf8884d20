"""The options that say where a command computes."""

from __future__ import annotations

from functools import wraps
from typing import Any

import click

from indeependence.commands.shared.help import Function, option, section
from indeependence.engine.choice import ENGINES, use_engine

_OPTIONS = section(
    "Work",
    option(
        "--engine",
        type=click.Choice(ENGINES),
        metavar="NAME",
        default="auto",
        show_default=True,
        help=f"Compute with {', '.join(ENGINES[1:])}; auto: on a graphics card if there is one, else numpy.",
    ),
    option("--device", metavar="NAME", rare=True, help="Of that engine: cpu, gpu:0, gpu:1, …; the first card if any."),
)


def engine_options(function: Function) -> Function:
    """Give a command ``--engine`` and ``--device``, and run it with the engine that they name."""

    @wraps(function)
    def on_engine(*words: Any, engine: str, device: str | None, **choice: Any) -> Any:
        elsewhere = [name for name in ("workers", "scheduler") if choice.get(name)]
        if elsewhere and engine != "auto":
            raise click.UsageError(f"--engine is of this process, --{elsewhere[0]} sums in others: leave one out")
        if choice.get("kind") == "conceptor" and engine != "auto":
            raise click.UsageError("--engine goes with --kind classifier or autoencoder, got conceptor: leave one out")
        if elsewhere:
            engine = "numpy"
        with use_engine(engine, device):
            return function(*words, **choice)

    return _OPTIONS(on_engine)  # type: ignore[return-value]
