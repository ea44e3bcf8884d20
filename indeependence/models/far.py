"""Values far outside the first task's range: counted while they are learned or asked about, and said in one line."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from indeependence.encoder.edges import Edges
from indeependence.encoder.encoder import Encoder
from indeependence.models.learner import Batch
from indeependence.models.learner import Encoder as AnyEncoder

SHARE = 0.05  # of a column's values; fewer are outliers, which do no harm
ROWS = 256  # looked at together; sparse ones become dense


def noticed(encoder: AnyEncoder, batches: Iterable[Batch], columns: Sequence[str] = ()) -> Iterator[Batch]:
    """Yield the same batches; at the end, warn of a column of which more than `SHARE` lies far outside.

    Only vectors that are coded by `Edges` are looked at, which a frozen Keras model does not come before.
    """
    quantiser = encoder.quantiser if isinstance(encoder, Encoder) and encoder.front is None else None
    if not isinstance(quantiser, Edges):
        yield from batches
        return
    far, rows = np.zeros(quantiser.edges.shape[1], np.int64), 0
    for inputs, labels in batches:
        if inputs.shape[1:] == far.shape:  # another shape is refused by the encoder
            far += sum(quantiser.far(inputs[start : start + ROWS]) for start in range(0, len(inputs), ROWS))
            rows += len(inputs)
        yield inputs, labels
    _warn(far / max(rows, 1), columns)


def _warn(shares: np.ndarray, columns: Sequence[str]) -> None:
    worst = int(shares.argmax())
    if shares[worst] <= SHARE:
        return
    name = columns[worst] if len(columns) == len(shares) else str(worst + 1)
    others = int((shares > SHARE).sum()) - 1
    more = f" (and of {others} more)" if others else ""
    warnings.warn(
        f"{shares[worst]:.0%} of the values of column {name}{more} lie far outside the range of the first task, where "
        "they are hardly told apart: another unit? If not, begin a new model with a sample that covers them",
        UserWarning,
        stacklevel=2,
    )
