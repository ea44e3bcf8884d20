"""Records that are asked for by ids: rows of a table by its id column, or pictures by the names of their files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from indeependence.data.datasets import Dataset
from indeependence.data.examples import Examples
from indeependence.errors import InputError, some


def read_ids(path: Path) -> tuple[str, ...]:
    """Return the ids in a text file, one a line; spaces around them and empty lines do not count.

    Raise `InputError` for a file that is none, that has no ids, or that has one twice.
    """
    if not path.is_file():
        raise InputError(f"--ids {path}: expected a text file with one id a line, found none")
    try:
        words = [line.strip() for line in path.read_text("utf-8-sig").split("\n")]
    except (OSError, ValueError) as error:
        raise InputError(f"--ids {path}: expected a text file in UTF-8, one id a line ({error})") from error
    ids = [word for word in words if word]
    if not ids:
        raise InputError(f"--ids {path}: expected one id a line, got none")
    twice = [word for word, count in Counter(ids).items() if count > 1]
    if twice:
        raise InputError(f"--ids {path}: expected each id once, got more than one of {some(twice)}")
    return tuple(ids)


def records(dataset: Dataset, ids: Sequence[str]) -> Examples:
    """Return the training examples with these ``ids``, each of which there must be once.

    A picture's id is its path below the folder, such as cat/1.png, or the name of its file alone, if no other has it.
    Raise `InputError`, which names them, for ids that are not found or are found more than once.
    """
    if not dataset.names:
        raise InputError(
            f"--ids: the examples of {dataset.name} have no names: expected a table with --id, the column that names "
            "its rows, or a folder of pictures"
        )
    rows = _rows_by_id(dataset)
    absent = [one for one in ids if one not in rows]
    if absent:
        raise InputError(f"--ids: {len(absent):,} of {len(ids):,} are not in {dataset.name}: {some(absent)}")
    twice = [one for one in ids if len(rows[one]) > 1]
    if twice:
        raise InputError(
            f"--ids: expected each once in {dataset.name}, found more than one of {some(twice)}: "
            "hand in the records that are meant and no others"
        )
    return Examples(dataset.name, dataset.x_train, dataset.y_train, np.array([rows[one][0] for one in ids]))


def _rows_by_id(dataset: Dataset) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = {}
    for row, name in enumerate(dataset.names):
        rows.setdefault(name, []).append(row)
        if dataset.reading.pictures is not None and "/" in name:
            rows.setdefault(name.rpartition("/")[2], []).append(row)
    return rows
