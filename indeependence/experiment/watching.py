"""The progress of long work: a function that is called with each step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from indeependence.data.examples import Examples

Watch = Callable[[str, int, int], None]  # what is going on, examples done, examples in all (0 if not known)


def unwatched(what: str, done: int, total: int) -> None:
    """Do nothing: the progress is not shown."""


def watched(
    part: Examples, batch_size: int, watch: Watch, *, what: str = "learning"
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the batches of ``part``, and call ``watch`` after each one that is done."""
    done = 0
    for inputs, labels in part.batches(batch_size):
        yield inputs, labels
        done += len(labels)
        watch(f"{what} {part.name}", done, len(part))
