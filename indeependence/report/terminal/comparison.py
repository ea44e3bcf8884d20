"""Several methods on the same tasks, or several seeds, as a table for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from indeependence.errors import shown
from indeependence.report.comparison import HEAD, Entry, row
from indeependence.report.series import Series, plus_minus, shown_metrics
from indeependence.report.tables import headings

SEEDS = 6  # columns of single seeds


def comparison_table(entries: Sequence[Entry]) -> Table:
    """Return the methods one below the other, for ``rich.console.Console().print``."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for i, name in enumerate(HEAD):
        table.add_column(Text(name), justify="right" if i else "left", no_wrap=not i)
    for entry in entries:
        table.add_row(*map(Text, row(entry)))
    return table


def joint_table(series: Sequence[Series]) -> Table:
    """Return a column for each of the series, and in it mean ± deviation of each metric; of one alone, every seed, too.

    More than six seeds do not fit: their values are in the files.
    """
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    results = series[0].results
    seeds = results if len(series) == 1 and len(results) <= SEEDS else ()
    table.add_column(Text(f"mean ± deviation over {len(results)} seeds" if len(results) > 1 else "one seed"))
    for one in series:
        table.add_column(Text(shown(one.name)), justify="right")
    for result in seeds:
        table.add_column(Text(f"seed {result.seed}"), justify="right", no_wrap=True)
    metrics = shown_metrics(series)
    for metric, heading in zip(metrics, headings(metrics), strict=True):
        means = [plus_minus(metric, one.spread(metric.name)) for one in series]
        each = [metric.text(getattr(result, metric.name)) for result in seeds]
        table.add_row(Text(heading), *map(Text, (*means, *each)))
    return table
