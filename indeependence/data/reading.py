"""How files become a model's inputs: fixed by the first data, and kept with the model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indeependence.files.container import damage_told, header_of
from indeependence.files.schema import expect, is_mapping


@dataclass(frozen=True)
class Reading:
    """Names of the input columns, and how tables, pictures and sounds are read; empty for arrays without names.

    ``table``, ``pictures`` and ``sounds`` are plain JSON values, as their readers make and understand them. In a model
    of pairs, ``other`` is how their other side is read.
    """

    columns: tuple[str, ...] = ()
    table: Mapping[str, Any] | None = None
    pictures: Mapping[str, Any] | None = None
    sounds: Mapping[str, Any] | None = None
    other: Reading | None = None

    def __hash__(self) -> int:
        return hash((self.columns, json.dumps([self.table, self.pictures, self.sounds], sort_keys=True), self.other))

    def header(self) -> dict[str, Any]:
        """Return the entries of a model file's header; none of an empty reading.

        >>> Reading(("p", "q")).header(), Reading().header()
        ({'columns': ['p', 'q']}, {})
        """
        more = {"table": self.table, "pictures": self.pictures, "sounds": self.sounds}
        kept = {name: dict(value) for name, value in more.items() if value}
        found: dict[str, Any] = {"columns": list(self.columns)} if self.columns else {}
        found |= {"reading": kept} if kept else {}
        other = self.other.header() if self.other else {}
        return found | ({"other": other} if other else {})

    @classmethod
    def of(cls, header: Mapping[str, Any]) -> Reading:
        """Return the reading in the ``header`` of a model's file; raise `InputError` where it is none.

        >>> Reading.of({"columns": ["p", "q"]}).columns
        ('p', 'q')
        """
        from indeependence.data.reading_checked import check_reading

        columns, kept, other = header.get("columns", []), header.get("reading", {}), header.get("other")
        expect(is_mapping(kept, ("table", "pictures", "sounds")), "how tables, pictures and sounds are read")
        check_reading(columns, kept.get("table"), kept.get("pictures"), kept.get("sounds"))
        expect(other is None or is_mapping(other, ("columns", "reading")), "how the other side is read")
        own = (kept.get("table"), kept.get("pictures"), kept.get("sounds"))
        return cls(tuple(columns), *own, other=None if other is None else cls.of(other))

    def fitting(self, shape: tuple[int, ...]) -> Reading:
        """Return self; raise `InputError` unless this reading makes inputs of that ``shape``."""
        from indeependence.data.reading_checked import check_fits

        check_fits(self.columns, self.table, self.pictures, self.sounds, shape)
        return self

    @classmethod
    def in_file(cls, path: str | Path) -> Reading:
        """Return the reading of the model in the file ``path``; raise `InputError` if there is none."""
        header = header_of(path)
        with damage_told(path):
            about = header.get("about", {})
            expect(isinstance(about, dict), "further values by name")
            return cls.of(about | header)
