"""From the body of a request to inputs and labels: the checks, readers and messages of the command line."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from indeependence.data.gate import usable_inputs, usable_labels
from indeependence.data.picture_form import PictureForm
from indeependence.data.readers.arrays import npy_in
from indeependence.data.readers.decoding import Decoded, decoded, quiet_decoders
from indeependence.data.reading import Reading
from indeependence.encoder.quantise import check_shape
from indeependence.errors import InputError, shown
from indeependence.experiment.inference import of_shape
from indeependence.models.inputs import checked_inputs
from indeependence.serve.beginning import DRAWN, PHOTOGRAPH
from indeependence.serve.limits import Limits

NUMBERS_OR_TEXT = "buifOUST"  # kinds of arrays: no dates, complex numbers or records
CELLS = 2**22  # of rows that name their columns
TEXT = 1000  # characters of a cell in JSON
WHOLE = re.compile(r"-?[0-9]{1,30}")
_DECODING = threading.Lock()  # OpenCV's complaints are caught for the whole process
BODY = "body"  # what messages call a request's inputs
KINDS = "application/json, application/x-npy, text/csv, image/*, or multipart/form-data with pictures"


@dataclass(frozen=True, eq=False)
class Given:
    """The parts of a request: its kind and bytes, or pictures with their names, and what else it says."""

    kind: str  # of the body, without parameters
    body: bytes = b""
    pictures: tuple[tuple[str, bytes], ...] = ()
    labels: tuple[Any, ...] = ()  # in the query or in the form
    column: str | None = None  # of a table, with the labels


@dataclass(frozen=True, eq=False)
class Examples:
    """Inputs ``[N, ...]`` as a model needs them, labels ``[N]`` where there are some, and how they were read."""

    inputs: np.ndarray
    labels: np.ndarray | None
    reading: Reading = Reading()


class Gate:
    """Turns bodies into inputs of one model, or of one that begins with them.

    ``model`` is one of the right encoder, whatever it has learned; None before there is any. ``known`` are the labels
    that were learned; a ``photograph`` becomes one of that shape where there is no model.
    """

    def __init__(
        self, limits: Limits, model: Any = None, known: Sequence[Any] = (), *, photograph: tuple[int, ...] = PHOTOGRAPH
    ):
        self.limits, self.model, self.known, self.photograph = limits, model, known, photograph

    @property
    def _shape(self) -> tuple[int, ...]:
        return self.model.encoder_.shape if hasattr(self.model, "encoder_") else self.model.shape

    def examples(self, given: Given, *, labelled: bool) -> Examples:
        """Return inputs and, where it is to be ``labelled``, their labels; raise `InputError` for anything else."""
        found = self._read(given, labelled=labelled)
        self.limits.check_batch(len(found.inputs))
        return replace(found, labels=self._labels(found, given) if labelled else None)

    def _read(self, given: Given, *, labelled: bool) -> Examples:
        if given.kind == "application/json":
            return self._rows(given.body)
        if given.kind in ("application/x-npy", "application/octet-stream"):
            return Examples(self._fitting(npy_in(given.body, BODY)), None)
        if given.kind == "text/csv":
            return self._table(given, labelled=labelled)
        if given.kind.startswith("image/"):
            return self._pictures([("picture", given.body)])
        if given.kind == "multipart/form-data":
            return self._pictures(given.pictures)
        raise InputError(f"expected a body of {KINDS}, got {shown(given.kind) or 'none'}")

    def _rows(self, body: bytes) -> Examples:
        """Return the rows of a JSON object, each a list of numbers, a picture, or an object by the names of columns."""
        said = json_in(body)
        rows = said.get("rows")
        if not isinstance(rows, list) or not rows:
            raise InputError('expected {"rows": [...]} with at least one row: a list of numbers, or {"column": value}')
        self.limits.check_batch(len(rows))
        check_texts(rows)
        labels = said.get("labels")
        if "label" in said:
            labels = [said["label"]] * len(rows)
        known = None if labels is None else self._usable(labels)
        if any(isinstance(row, dict) for row in rows):
            return Examples(self._frame(rows), known)
        try:
            values = np.asarray(rows)
        except ValueError as error:
            raise InputError("rows: expected rows of one length, got others: bring them to one") from error
        return Examples(self._fitting(values), known)

    def _frame(self, rows: list[Any]) -> np.ndarray:
        """Return rows that name their columns."""
        import pandas as pd

        if self.model is None:
            raise InputError("rows: expected a table of text (text/csv) to begin with, which shows what columns hold")
        if not all(isinstance(row, dict) for row in rows):
            raise InputError('rows: expected all rows as {"column": value}, or all as lists')
        if len(set().union(*rows)) * len(rows) > CELLS:  # each row names others: a frame has a cell for all of them
            raise InputError("rows: expected the same columns in each row, got others in each: send several requests")
        return self._checked(pd.DataFrame(rows))

    def _fitting(self, values: np.ndarray) -> np.ndarray:
        """Return an array as inputs; one example alone becomes a batch of one."""
        if self.model is None:
            return usable_inputs({"rows": values})["rows"]
        if values.dtype.kind not in NUMBERS_OR_TEXT:
            raise InputError(f"expected numbers, got values of kind {values.dtype}: make numbers of them")
        shape = self._shape
        values = values[None] if values.shape == shape or (len(shape) == 3 and values.shape == shape[:2]) else values
        columns = self.model.reading.columns
        if columns and values.ndim == 2 and values.shape[1] == len(columns):
            import pandas as pd

            return self._checked(pd.DataFrame(values, columns=list(columns)))
        return self._checked(of_shape(values, shape))

    def _checked(self, inputs: Any) -> np.ndarray:
        if len(self._shape) == 1 and hasattr(self.model, "n_features_in_"):
            try:
                found = checked_inputs(self.model, inputs)  # columns by their names
            except (TypeError, ValueError) as error:  # as scikit-learn's estimators say it
                raise InputError(f"rows: {str(error).splitlines()[0]}") from error
        else:
            given = np.asarray(inputs)
            check_shape(given, self._shape)
            found = usable_inputs({"rows": given})["rows"]
        check_shape(found, self._shape)
        return found

    def _table(self, given: Given, *, labelled: bool) -> Examples:
        """Return the rows of a table of text, as files are read."""
        from indeependence.data.readers.tables import TableOptions, read_table

        reading = Reading() if self.model is None else self.model.reading
        own = labelled and not given.labels  # its last column has the labels, or the one that is named
        table = read_table(Path(BODY), TableOptions(given.column), reading, labelled=own, data=given.body)
        inputs = usable_inputs({BODY: table.x})[BODY]
        if self.model is not None:
            check_shape(inputs, self._shape)
        return Examples(inputs, table.y if own else None, table.reading)

    def _pictures(self, pictures: Sequence[tuple[str, bytes]]) -> Examples:
        """Return pictures in the form of the model, or in one chosen here."""
        if not pictures:
            raise InputError("expected pictures in the form, as files called pictures; got none")
        self.limits.check_batch(len(pictures))
        form = self._form(pictures)
        inputs = np.stack([form.of(one.values, one.alpha) for one in self._one_by_one(pictures)])
        return Examples(inputs, None, Reading(pictures=form.as_json()))

    def _one_by_one(self, pictures: Sequence[tuple[str, bytes]]) -> Iterator[Decoded]:
        """Yield each picture as it is in its file, which may be a thousand times as large as its bytes."""
        end = time.monotonic() + self.limits.seconds
        for name, data in pictures:
            if time.monotonic() > end:
                raise InputError(
                    f"{name}: expected pictures that are read in {self.limits.seconds:g} seconds: send fewer"
                )
            with _DECODING, quiet_decoders():
                found = decoded(data, shown(name))
            yield found

    def _form(self, pictures: Sequence[tuple[str, bytes]]) -> PictureForm:
        if self.model is None:
            coloured = any(one.values.ndim == 3 for one in self._one_by_one(pictures))
            return form_of(self.photograph if coloured else DRAWN)
        if self.model.reading.pictures is not None:
            return PictureForm.of_json(self.model.reading.pictures)
        shape = self._shape
        if len(shape) < 2:
            raise InputError(f"the model takes rows of {shape[0]} numbers, got pictures: send those")
        return form_of(shape)

    def _labels(self, found: Examples, given: Given) -> np.ndarray:
        """Return a label for each example, from the body or from beside it."""
        count = len(found.inputs)
        labels = found.labels
        if labels is None:
            if not given.labels:
                raise InputError('expected a label for each example, got none: say "labels", or ?label=NAME for all')
            names = given.labels * count if len(given.labels) == 1 else given.labels
            labels = self._usable(self._as_known(list(names)))
        if len(labels) != count:
            raise InputError(f"expected one label for each of {count} examples, got {len(labels)}")
        return labels

    def _usable(self, labels: Any) -> np.ndarray:
        """Return labels in their one form, none of them so long that an array of all would not fit into memory."""
        if isinstance(labels, list):
            self.limits.check_batch(len(labels))
            self.limits.check_names({label for label in labels if isinstance(label, str)})
        return usable_labels("labels", labels)

    def _as_known(self, names: list[Any]) -> list[Any]:
        """Return labels from a form or a query as numbers, where the model has learned numbers."""
        numbers = bool(self.known) and not isinstance(self.known[0], str)
        if numbers and all(WHOLE.fullmatch(str(name).strip()) for name in names):
            return [int(name) for name in names]
        return names


def form_of(shape: tuple[int, ...]) -> PictureForm:
    """Return the form of pictures of a ``shape`` for which no other is known: what is transparent is background.

    >>> form_of((28, 28)).shape, form_of((32, 32, 3)).shape
    ((28, 28), (32, 32, 3))
    """
    colour = len(shape) == 3
    return PictureForm(shape[0], shape[1], colour=colour, background=255 if colour else 0)


def check_texts(rows: list[Any]) -> None:
    """Raise `InputError` for a text of more than `TEXT` characters in nested lists: an array gives each that room."""
    waiting = [rows]
    while waiting:
        for one in waiting.pop():
            if isinstance(one, list):
                waiting.append(one)
            elif isinstance(one, str) and len(one) > TEXT:
                raise InputError(f"rows: expected texts of at most {TEXT:,} characters, got one of {len(one):,}")


def json_in(body: bytes) -> dict[str, Any]:
    """Return the JSON object in a body; raise `InputError` for anything else."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InputError(f"expected a JSON object, got something else ({error})") from error
    if not isinstance(said, dict):
        raise InputError(f"expected a JSON object, got {type(said).__name__}")
    return said
