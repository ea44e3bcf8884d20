"""Options that say which examples are meant, and how their files are read."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem

from indeependence.commands.shared.help import option, section
from indeependence.commands.shared.types import (
    COUNT,
    FROM_ZERO,
    THRESHOLD,
    Finite,
    PictureSize,
)

SOURCES = (
    "digits, mnist, fashion-mnist, cifar10, cifar100, or a path: a folder of IDX files, .npy pairs or pictures by "
    "class, an .npz or a table."
)


def _sources(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the names of data sets that begin like this, and let the shell complete files."""
    names = [name for name in SOURCES.split(", or a path")[0].split(", ") if name.startswith(incomplete)]
    return [*map(CompletionItem, names), CompletionItem(incomplete, type="file")]


_TABLE = (
    option(
        "--ignore",
        metavar="A,B,…",
        rare=True,
        help="Columns of a table to leave out, by name or number: 1 is the first, -1 the last.",
    ),
    option("--id", metavar="NAME", rare=True, help="Column of a table that names its rows; no input."),
    option(
        "--header",
        type=click.Choice(["yes", "no"]),
        metavar="yes|no",
        rare=True,
        help="Whether the first row of a table has the names of its columns; by its content if absent.",
    ),
)
_LABEL = (
    option(
        "--label",
        metavar="NAME",
        help="Label column of a table, by name or number (-1: the last one, as if absent).",
    ),
    *_TABLE,
)
_SIZE = option(
    "--size",
    type=PictureSize(),
    metavar="N|HxW",
    rare=True,
    help="Pixels that picture files are fitted into with padding (64:crop: cropped); chosen from them if absent.",
)
_READING = (
    *_LABEL,
    option(
        "--test-fraction",
        type=Finite(0, 1, min_open=True, max_open=True),
        rare=True,
        help="Share of each class to test on, if the data has no test part; 0.2 if absent.",
    ),
)
# Training and forgetting use all of the data, unless a share is to be left out.
_READING_ALL = (
    *_LABEL,
    option(
        "--test-fraction",
        type=Finite(0, 1, max_open=True),
        default=0.0,
        rare=True,
        help="Share of each class to leave out, if the data has no test part; all examples are used by default.",
    ),
)
# How tables are read that need no labels.
table_options = section("Data", *_TABLE)

# Where labelled examples come from: to measure on, to learn, to forget.
_DATA = option("--data", default="digits", show_default=True, help=SOURCES, shell_complete=_sources)
size_option = section("Data", _SIZE)
unsized_data_options = section("Data", _DATA, *_READING_ALL)
data_options = section("Data", _DATA, *_READING, _SIZE)
learned_data_options = section("Data", _DATA, *_READING_ALL, _SIZE)
examples_options = section(
    "Data", option("--examples", "data", metavar="DATA", help=SOURCES, shell_complete=_sources), *_READING_ALL, _SIZE
)

# Which of the examples are meant.
test_data_option = section(
    "Data",
    option("--data", help="Also report the accuracy on the test part of " + SOURCES, shell_complete=_sources),
    *_READING,
    _SIZE,
)
part_options = section(
    "Data",
    option("--classes", metavar="A,B,…", help="Use only examples of these classes."),
    option("--skip", type=FROM_ZERO, default=0, metavar="N", help="Leave out the first N examples."),
    option("--limit", type=COUNT, metavar="N", help="Use at most N examples."),
)

# The other side of pairs, in place of labels.
target_data_option = section(
    "Data",
    option(
        "--target-data",
        metavar="DATA",
        shell_complete=_sources,
        help="The other side of pairs, in place of labels; none: learn --data alone.",
    ),
)

# Columns of numbers, or of several labels, in place of one label.
target_option = section(
    "Data",
    option("--target", metavar="A,B,…", help="Columns of numbers to learn, not labels (--labels: of 0 and 1)."),
    option(
        "--labels",
        metavar="A,B,…",
        rare=True,
        help="Columns of a table that are 0 or 1, or true or false: labels of which a row can have several.",
    ),
    option(
        "--threshold",
        type=THRESHOLD,
        metavar="P|f1",
        rare=True,
        help="With --labels: the probability from which a row has a label; f1: those of the largest F1 expected.",
    ),
)
