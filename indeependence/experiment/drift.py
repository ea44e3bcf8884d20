"""The periods of a model compared: which columns and classes moved from each to the next, from its ledger's sums."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from indeependence.encoder.edges import Edges
from indeependence.encoder.encoder import Encoder
from indeependence.errors import InputError
from indeependence.models.learner import Encoder as AnyEncoder
from indeependence.moments.drift import moved
from indeependence.moments.ledger import Ledger
from indeependence.moments.moments import Moments

MOST = 5  # columns and classes of each comparison
LARGE = 1e9  # standard deviations that a shift is said to be at most: of a column that did not vary


class HasLedger(Protocol):
    """A model with one set of sums and a ledger."""

    ledger_: Ledger

    @property
    def encoder_(self) -> AnyEncoder: ...
    @property
    def reading(self) -> Any: ...


def drift(model: HasLedger) -> list[dict[str, Any]]:
    """Return what moved from each task in the ledger of a model to the next, as plain JSON values.

    Columns are those of vectors whose values stand first in the code; of other models only classes are compared. Raise
    `InputError` for a model without a ledger by task, or with fewer than two tasks.
    """
    ledger = getattr(model, "ledger_", None)
    parts: Mapping[Any, Moments] = ledger.parts if ledger is not None and ledger.kind == "task" else {}
    if len(parts) < 2:
        raise InputError(
            "--drift compares the periods of a model: expected one trained with --ledger task, one train for each "
            f"period, got {len(parts)} of them"
        )
    names, columns = sorted(parts), columns_of(model.encoder_)
    return [
        {"from": int(one), "to": int(other), **_told(model, parts[one], parts[other], columns)}
        for one, other in zip(names[:-1], names[1:], strict=True)
    ]


def columns_of(encoder: AnyEncoder) -> np.ndarray:
    """Return the column that each of the first code units is a code of; nothing where there are none such."""
    if not isinstance(encoder, Encoder) or encoder.front is not None or encoder.kept is not None:
        return np.zeros(0, np.intp)
    if not isinstance(encoder.quantiser, Edges) or not all(encoder.keeps_input):
        return np.zeros(0, np.intp)
    resolutions, columns = encoder.quantiser.edges.shape[:2]
    return np.tile(np.arange(columns), resolutions)


def _told(model: HasLedger, before: Moments, after: Moments, columns: np.ndarray) -> dict[str, Any]:
    found = moved(before, after)
    classes = [
        {"class": label, "share_before": first, "share_after": second}
        for label, first, second in found.classes[:MOST]
        if len(found.classes) > 1
    ]
    return {
        "examples": [before.count, after.count],
        "columns": _columns(model, found.shift, found.ratio, columns),
        "classes": classes,
    }


def _columns(model: HasLedger, shift: np.ndarray, ratio: np.ndarray, columns: np.ndarray) -> list[dict[str, Any]]:
    """Return the columns that moved most, by the resolution of their code that shows it best."""
    if not len(columns):
        return []
    names = model.reading.columns or tuple(str(place) for place in range(1, columns.max() + 2))
    best: dict[int, int] = {}
    for unit, column in enumerate(columns.tolist()):
        if column not in best or abs(shift[unit]) > abs(shift[best[column]]):
            best[column] = unit
    order = sorted(best, key=lambda column: -abs(shift[best[column]]))
    return [
        {
            "column": names[column],
            "shift": float(np.clip(shift[best[column]], -LARGE, LARGE)),
            "spread_ratio": float(ratio[best[column]]),
        }
        for column in order[:MOST]
    ]


def lines(found: list[dict[str, Any]]) -> list[str]:
    """Return a comparison as lines for people.

    >>> one = {"column": "heat", "shift": 1.25, "spread_ratio": 0.5}
    >>> lines([{"from": 1, "to": 2, "examples": [9, 8], "columns": [one], "classes": []}])
    ['period 1 to 2 (9, 8 examples): heat +1.25 deviations (spread x0.50)']
    """
    text = []
    for one in found:
        columns = [
            f"{each['column']} {each['shift']:+.2f} deviations (spread x{each['spread_ratio']:.2f})"
            for each in one["columns"]
        ]
        classes = [
            f"class {each['class']} {100 * each['share_before']:.1f} to {100 * each['share_after']:.1f} %"
            for each in one["classes"]
        ]
        counts = ", ".join(f"{count:,}" for count in one["examples"])
        text.append(f"period {one['from']} to {one['to']} ({counts} examples): {'; '.join([*columns, *classes])}")
    return text
