"""A progress bar on stderr that vanishes when the work is done; there is none if stderr is no terminal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from indeependence.errors import shown
from indeependence.experiment.watching import Watch


@contextmanager
def progress(*, quiet: bool = False) -> Iterator[Watch]:
    """Yield a function to call with the present work, the examples done and the examples in all (0 if unknown).

    The bar shows the progress of the present work and the time left; if its length is unknown, the time taken.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

    from indeependence.encoder.fronts.front import watching

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),  # it has names of classes and files
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(compact=True, elapsed_when_finished=True),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=quiet or not console.is_terminal) as bar:
        line = bar.add_task("starting", total=None)
        present = ["starting"]

        def watch(what: str, done: int, total: int) -> None:
            what = shown(what)
            if what != present[0]:
                present[0] = what
                bar.reset(line, description=what, total=total or None)  # a speed of its own, so a time left of its own
            bar.update(line, completed=done, total=total or None)

        before = watching.set(watch)
        try:
            yield watch
        finally:
            watching.reset(before)
