"""A progress bar on stderr that vanishes when it is done, and is never there when stderr is no terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from indeependence.experiment.watching import Watch


@contextmanager
def progress(*, quiet: bool = False) -> Iterator[Watch]:
    """A function to call with what is going on, examples done and examples in all (0 where that is not known).

    The bar shows how far the present work is and the time that is left of it; where its length is not known, the time
    that it has taken.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(compact=True, elapsed_when_finished=True),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as bar:
        line = bar.add_task("starting", total=None)
        present = ["starting"]

        def watch(what: str, done: int, total: int) -> None:
            if what != present[0]:
                present[0] = what
                bar.reset(line, description=what, total=total or None)  # a speed of its own, so a time left of its own
            bar.update(line, completed=done, total=total or None)

        yield watch
