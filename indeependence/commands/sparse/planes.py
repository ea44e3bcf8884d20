"""``sparse planes``: a 1 in the map of a class, and the picture that it becomes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from indeependence.commands.shared import options
from indeependence.commands.shared.help import command, option, section
from indeependence.commands.shared.settings import taken
from indeependence.commands.shared.types import COUNT
from indeependence.errors import InputError
from indeependence.machine import limited_threads

if TYPE_CHECKING:
    import numpy as np

    from indeependence.moments.moments import Label, Moments
    from indeependence.planes.class_maps import ClassMaps, Put

MOST = 4 * 2**30  # bytes of sums by class


@command()
@options.data_options
@options.part_options
@section(
    "Pictures",
    option("--labels", metavar="A,B,…", help="A row of pictures for each of these; of all classes if not given."),
)
@section(
    "Pictures", option("--count", type=COUNT, default=5, show_default=True, help="Pictures in a row, the mean first.")
)
@section(
    "Pictures",
    option("--variations", type=click.IntRange(0), default=20, show_default=True, help="Maps beside each class's own."),
)
@section(
    "Pictures",
    option(
        "--spread",
        type=click.FloatRange(0),
        default=0.7,
        show_default=True,
        help="How much the drawn pictures vary; 1: as the class.",
    ),
)
@section(
    "Pictures",
    option(
        "--put",
        "puts",
        multiple=True,
        metavar="LABEL@ROW,COLUMN",
        help="Instead of rows: one picture with a 1 at that place, from 0, of the map; again for more.",
    ),
)
@section("Pictures", option("--size", metavar="HxW", help="Of the one picture; as the data's if not given."))
@section(
    "Pictures",
    option(
        "--output",
        type=click.Path(path_type=Path, dir_okay=False),
        default=Path("artifacts/planes.png"),
        show_default=True,
        help="The pictures as PNG.",
    ),
)
@options.seed_option
@options.threads_option
@options.json_option
def planes(**choice: Any) -> None:
    """Put a 1 into the map of a class and write the picture that a transposed convolution makes of it.

    Its kernels come from the sums of each class's pictures. Only the maps of the classes that are put somewhere exist.

    \b
    Examples:
      python cli.py sparse planes --data digits --count 8
      python cli.py sparse planes --data mnist --put 3@14,14 --put 7@14,40 --size 28x56
    """
    from indeependence.report.pictures.grid import write_grid

    with limited_threads(choice["threads"]):
        sums, shape = _learned(choice)
        found, wanted = _kernels(sums, shape, choice), choice["puts"]
        pictures, columns = _one(found, wanted, shape, choice) if wanted else _rows(found, shape, choice)
    write_grid(choice["output"], pictures.reshape(len(pictures), -1) / 255, pictures.shape[1:], columns)
    told = {
        "pictures": len(pictures),
        "maps": len(found.kernels),
        "examples": sum(part.count for part in sums.values()),
        "output": str(choice["output"]),
    }
    click.echo(json.dumps(told) if choice["as_json"] else f"{len(pictures)} pictures: {choice['output']}")


def _learned(choice: dict[str, Any]) -> tuple[dict[Label, Moments], tuple[int, ...]]:
    """The sums of each class's pictures, moved to the middle."""
    import numpy as np

    from indeependence.data.selection import Part, Source
    from indeependence.moments.ledger import accumulate_by_class
    from indeependence.moments.moments import Moments
    from indeependence.planes.class_maps import centred

    train = taken(Part, choice).of(taken(Source, choice).load())
    first = train.arrays()[0][:1]
    if first.ndim < 3 or first.dtype != np.uint8:
        raise InputError(
            f"--data {choice['data']}: expected 8-bit pictures, got {first.dtype} of shape {first.shape[1:]}"
        )
    shape, size = first.shape[1:], int(np.prod(first.shape))
    if 8 * size**2 * len(train.classes) > MOST:
        raise InputError(
            f"the sums of {len(train.classes)} classes of {size} pixels need more than {MOST / 2**30:.0f} GiB: "
            "expected fewer --classes or smaller pictures"
        )
    batches = ((centred(inputs).reshape(len(inputs), -1), labels) for inputs, labels in train.batches(1024))
    return accumulate_by_class(Moments.empty("pictures", size), batches), shape


def _kernels(sums: dict[Label, Moments], shape: tuple[int, ...], choice: dict[str, Any]) -> ClassMaps:
    from indeependence.planes.class_maps import class_maps

    variations = min(choice["variations"], min(part.units for part in sums.values()) - 1)
    return class_maps(sums, shape, variations=variations)


def _rows(found: ClassMaps, shape: tuple[int, ...], choice: dict[str, Any]) -> tuple[np.ndarray, int]:
    """A row for each label: the mean, then drawn pictures."""
    import numpy as np

    from indeependence.planes.class_maps import pictures_of, placed

    height, width = shape[:2]
    names = None if choice["labels"] is None else [name.strip() for name in choice["labels"].split(",")]
    labels = found.labels if names is None else [_label(found, name) for name in names]
    row, column = (height - 1) // 2, (width - 1) // 2
    drawn = []
    for i, label in enumerate(labels):
        for j in range(choice["count"]):
            spread, seed = (choice["spread"] if j else 0.0), (choice["seed"], i, j)
            maps = placed(found, [(label, row, column)], (height, width), spread=spread, seed=seed)
            drawn.append(pictures_of(found, maps))
    return np.concatenate(drawn), choice["count"]


def _one(
    found: ClassMaps, words: tuple[str, ...], shape: tuple[int, ...], choice: dict[str, Any]
) -> tuple[np.ndarray, int]:
    """One picture with everything that was put into it, as it is on average."""
    from indeependence.planes.class_maps import pictures_of, placed

    size = re.fullmatch(r"(\d+)x(\d+)", choice["size"] or f"{shape[0]}x{shape[1]}")
    if size is None or "0" in size.groups():
        raise click.UsageError(f"--size: expected rows x columns, 28x56 say, got '{choice['size']}'")
    extent = int(size[1]), int(size[2])
    return pictures_of(found, placed(found, [_put(found, word) for word in words], extent)), 1


def _put(found: ClassMaps, word: str) -> Put:
    parts = re.fullmatch(r"(.+)@(\d+),(\d+)", word)
    if parts is None:
        raise click.UsageError(f"--put: expected LABEL@ROW,COLUMN, 3@14,14 say, got '{word}'")
    return _label(found, parts[1]), int(parts[2]), int(parts[3])


def _label(found: ClassMaps, name: str) -> Label:
    by_name = {str(label): label for label in found.labels}
    if name not in by_name:
        raise InputError(f"expected a class of the data, {', '.join(by_name)}, got '{name}'")
    return by_name[name]
