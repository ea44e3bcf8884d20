"""What names a source of inputs, and what may be said about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from indeependence.data.readers.named import NAMES
from indeependence.data.readers.picture_survey import Size
from indeependence.data.reading import Reading
from indeependence.errors import InputError, did_you_mean

if TYPE_CHECKING:
    from indeependence.data.readers.tables import TableOptions

TABLES = (".csv", ".tsv", ".txt", ".data", ".dat", ".parquet")
OTHER_TABLES = (".xlsx", ".xls", ".ods", ".feather", ".arff", ".json", ".jsonl", ".sav", ".dta")  # that people may try


def is_table(source: str | Path) -> bool:
    """Return whether a path is that of a table, by its ending.

    >>> is_table("a.csv"), is_table("A.CSV.GZ"), is_table("a.npz"), is_table("t10k-labels-idx1-ubyte.gz")
    (True, True, False, False)
    """
    return str(source).lower().removesuffix(".gz").endswith(TABLES)


def table_options(
    source: str | Path, *, label: str | None, header: bool | None, ignore: str | Sequence[str], id: str | None
) -> TableOptions | None:
    """Return what is said about a table; raise `InputError` if it is said about anything else."""
    if not (label or header is not None or ignore or id or is_table(source)):
        return None
    from indeependence.data.readers.tables import TableOptions

    options = TableOptions(label, header, ignore, id)
    options.check(source, is_table(source) and str(source) not in NAMES)
    return options


def existing(source: str | Path) -> Path:
    """Return the path of a file or folder that is there; raise `InputError`, with what was perhaps meant, if not."""
    path = Path(source)
    if str(source) and path.exists():  # Path("") would be the current folder
        if not (path.is_file() or path.is_dir()):  # to open a pipe would wait for ever
            raise InputError(f"{source}: expected a file or folder, found a pipe or device: save its content as a file")
        return path
    hint = did_you_mean(str(source), [*_neighbours(path), *NAMES]) or f"; give a path, or one of {', '.join(NAMES)}"
    raise InputError(f"no file, folder or data set {str(source)!r}{hint}")


def _neighbours(path: Path) -> list[str]:
    """Return the entries of the folder in which ``path`` was looked for, written as it was."""
    folder = path.parent
    return [str(folder / entry.name) for entry in islice(folder.iterdir(), 1000)] if folder.is_dir() else []


def as_a_table(path: Path) -> str:
    """Return what to do with tables of other programs."""
    return f"; save it as .csv, instead of {path.suffix}" if path.suffix.lower() in OTHER_TABLES else ""


def check_size_is_for_pictures(source: str | Path, size: Size | None, found: Reading) -> None:
    """Raise `InputError` for a ``size`` of what has none."""
    if size is not None and found.pictures is None and found.sounds is None:
        raise InputError(f"--size is for files of pictures or sounds, and {source} holds none: leave it out")


@contextmanager
def one_line_errors(source: str | Path) -> Iterator[None]:
    """Raise `InputError` where the system does not let ``source`` be read."""
    try:
        yield
    except OSError as error:
        raise InputError(f"cannot read {error.filename or source}: {error.strerror or error}") from error
