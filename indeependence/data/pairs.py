"""Pairs: two sources whose examples belong together, by their names or by their order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from indeependence.data.datasets import Dataset, load_dataset
from indeependence.data.gate import MayMiss, finite
from indeependence.data.inputs import Inputs, read_inputs
from indeependence.data.readers.arrays import holds_npy, read_npz
from indeependence.data.readers.idx import holds_idx
from indeependence.data.readers.named import NAMES
from indeependence.data.readers.pictures import rows_of
from indeependence.data.reading import Reading
from indeependence.data.selection import Source
from indeependence.data.understood import some
from indeependence.errors import InputError

NONE = "none"  # in place of another side: the values of one are tied with one another
ENDING = re.compile(r"\.[^./]+$")


@dataclass(frozen=True, eq=False)
class TwoSides:
    """Inputs and targets that belong together, row by row, and what each pair is called."""

    inputs: Inputs
    targets: Inputs

    @property
    def reading(self) -> Reading:
        """How the files of both sides became these."""
        return replace(self.inputs.reading, other=self.targets.reading)


def load_pairs(source: Source, target_data: str, reading: Reading | None = None) -> Dataset:
    """Return pairs as a data set whose labels are the other side ``[N, ...]``, without a test part.

    With the ``reading`` of a model both sides are read as it needs them. Raise `InputError` as `read_pairs` does.
    """
    found = read_pairs(source, target_data, reading)
    x, y = found.inputs.x, np.asarray(found.targets.x)
    return Dataset(Path(source.data).resolve().name, x, y, x[:0], y[:0], found.reading, found.inputs.names)


def read_pairs(source: Source, target_data: str, reading: Reading | None = None) -> TwoSides:
    """Return both sides, matched by their names where both have names, else by the order of their rows.

    With `NONE` in place of the other side it has no values.
    Names are those of files in two folders, without their endings, or of an id column that two tables have. One .npz
    that is given as both sides has the arrays x and y. Raise `InputError`, which names the first of them, for examples
    without a partner, for other numbers of rows, and for a name that stands for two.
    """
    if target_data == NONE:
        alone = side_of(source, None if reading is None else replace(reading, other=None))
        check_whole(source.data, alone)
        return TwoSides(alone, Inputs(np.zeros((len(alone.x), 0), np.uint8)))
    if Path(source.data).suffix.lower() == ".npz" and source.data == target_data:
        arrays = read_npz(Path(source.data))
        sides = [Inputs(np.asarray(arrays[f"{side}_train" if "x_train" in arrays else side])) for side in "xy"]
        sides = [replace(side, x=_checked(source.data, side.x)) for side in sides]
    else:
        readings = (None, None) if reading is None else (reading, reading.other or Reading())
        asked = (source, replace(source, data=target_data))
        sides = [side_of(one, known) for one, known in zip(asked, readings, strict=True)]
    inputs, targets = sides
    check_whole(source.data, inputs)
    check_whole(target_data, targets)
    if inputs.names and targets.names:
        return _by_name((source.data, target_data), inputs, targets)
    if len(inputs.x) != len(targets.x):
        raise InputError(
            f"expected a target for each input, got {len(targets.x):,} in {target_data} and {len(inputs.x):,} in "
            f"{source.data}: rows belong together by their order, or tables by an --id column that both have"
        )
    return TwoSides(inputs, targets)


def side_of(source: Source, reading: Reading | None = None) -> Inputs:
    """Return one side: files of a folder with their names, or rows; of a data set with parts, the one to learn from."""
    path = Path(source.data)
    if source.data in NAMES or (path.is_dir() and (holds_idx(path) or holds_npy(path))):
        return Inputs(load_dataset(source.data, test_fraction=0).x_train)
    return read_inputs(source.data, reading, size=source.size, **{**source.of_table, "label": None})


def check_whole(source: str, side: Inputs) -> None:
    """Raise `InputError`, with the place in ``source``, if values of a table are missing: pairs need all of them."""
    if isinstance(side.x, MayMiss):
        finite(source, np.asarray(side.x))


def _checked(source: str, values: np.ndarray) -> np.ndarray:
    from indeependence.data.gate import usable_inputs

    rows = values.reshape(-1, 1) if values.ndim == 1 else values
    return usable_inputs({source: rows})[source]


def _by_name(sources: tuple[str, str], inputs: Inputs, targets: Inputs) -> TwoSides:
    """Return the pairs in the order of the inputs' names."""
    names = [
        [ENDING.sub("", name) if _is_of_files(side) else name for name in side.names] for side in (inputs, targets)
    ]
    for source, known in zip(sources, names, strict=True):
        _check_once(source, known)
    for source, known, other in ((sources[1], names[1], names[0]), (sources[0], names[0], names[1])):
        missing = sorted(set(other) - set(known))
        if missing:
            raise InputError(
                f"{source} has no partner for {len(missing):,} of {len(other):,}: {some(missing)}; expected the same "
                "names on both sides"
            )
    place = {name: row for row, name in enumerate(names[1])}
    rows = np.array([place[name] for name in names[0]], int)
    matched = replace(targets, x=rows_of(targets.x, rows), names=tuple(targets.names[row] for row in rows))
    return TwoSides(replace(inputs, names=tuple(names[0])), matched)


def _is_of_files(side: Inputs) -> bool:
    return side.reading.pictures is not None or side.reading.sounds is not None


def _check_once(source: str, names: Sequence[str]) -> None:
    twice = sorted(name for name, count in Counter(names).items() if count > 1)
    if twice:
        raise InputError(f"{source} has several examples called {some(twice)}: expected each name once")
