"""The models that were merged into one, by the fingerprints of their sums: so that none is learned twice unnoticed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from indeependence.errors import InputError
from indeependence.files.schema import are_texts, expect, is_mapping


@dataclass(frozen=True)
class Merged:
    """The models inside a model; empty for one that was learned in one piece.

    The sums do not depend on it. A model that a later one began from counts as inside it, too.
    """

    models: frozenset[str] = frozenset()  # fingerprints of their sums
    whole: bool = True  # nothing but whole models was ever taken out

    def header(self) -> dict[str, Any]:
        """Return the entry of a model file's header; none where nothing was merged.

        >>> Merged().header(), Merged(frozenset({"b", "a"})).header()
        ({}, {'merged': {'models': ['a', 'b'], 'whole': True}})
        """
        return {"merged": {"models": sorted(self.models), "whole": self.whole}} if self.models else {}

    @classmethod
    def of(cls, header: Mapping[str, Any]) -> Merged:
        """Return what the ``header`` of a model's file says; raise `InputError` where that is nothing of the kind."""
        entry = header.get("merged", {})
        expect(is_mapping(entry, ("models", "whole")), "the models that were merged")
        models, whole = entry.get("models", []), entry.get("whole", True)
        expect(are_texts(models, unique=True) and isinstance(whole, bool), "fingerprints of models, each once")
        return cls(frozenset(models), whole)

    def parts(self, sums: str) -> frozenset[str]:
        """Return what stands for a model with the fingerprint ``sums`` where it is merged: its parts, or itself."""
        return self.models or frozenset({sums})

    def without(self, gone: frozenset[str]) -> Merged:
        """Return what is left when the models ``gone`` are taken out, or something else than models of these.

        >>> Merged(frozenset("abc")).without(frozenset("c")) == Merged(frozenset("ab"))
        True
        >>> Merged(frozenset("ab")).without(frozenset("x")).whole
        False
        """
        if not gone or not gone <= self.models:
            return Merged(self.models, whole=False)
        return Merged(self.models - gone, self.whole)


def joined(merged: Sequence[Merged], parts: Sequence[frozenset[str]]) -> Merged:
    """Return what is inside the sum of several models with these ``parts``, which are empty where nothing was learned.

    >>> joined([Merged(), Merged()], [frozenset("a"), frozenset("b")]) == Merged(frozenset("ab"))
    True
    >>> joined([Merged(), Merged()], [frozenset("a"), frozenset()])
    Merged(models=frozenset(), whole=True)
    """
    learned = [one for one, own in zip(merged, parts, strict=True) if own]
    if len(learned) < 2:
        return learned[0] if learned else Merged()
    return Merged(frozenset().union(*parts), all(one.whole for one in learned))


def check_not_twice(first: Merged, sums: str, other: Merged, other_sums: str) -> None:
    """Raise `InputError` if two models, of these fingerprints, are one and the same or have a part in common."""
    common = (first.models | {sums}) & (other.models | {other_sums})
    if common:
        raise InputError(
            f"what it has learned is in the sum already (model {min(common)[:12]}): merging would count those examples "
            "twice; leave it out, or say --again"
        )
