"""Sums by period, and which of them count: what is old can be taken out exactly, so a model can follow a drift."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from operator import add

import numpy as np

from indeependence.errors import InputError
from indeependence.moments.centred import centre
from indeependence.moments.moments import Moments
from indeependence.moments.ridge import START, best_penalty, least_ridge
from indeependence.moments.weights import HeldOut, Weights

KINDS = ("all", "window", "half-life", "auto", "mix")
KEPT = 32  # periods at most, of which some are joined, where the choice is automatic
CLEARLY = 2.0  # standard errors
HALVINGS = 8  # after which a period no longer counts: the newest counts 128 times as much as the last that does


@dataclass(frozen=True)
class Rule:
    """Which periods count: all; the last ``size`` ones; half as much every ``size`` periods; or what fits the newest.

    "mix" keeps all, from which windows of several lengths answer together: see `windows`.

    >>> Rule("window", 3).size, Rule("mix").size
    (3, 32)
    """

    kind: str = "mix"
    size: int = KEPT

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InputError(f"expected a rule of {', '.join(KINDS)}, got {self.kind!r}")
        if self.size < (2 if self.kind in ("auto", "mix") else 1):
            raise InputError(f"{self.kind}: expected a number of periods of at least 1 (mix, auto: 2), got {self.size}")


@dataclass(frozen=True, eq=False)
class Period:
    """The sums of one period, or of several that were joined, with their numbers from 1."""

    first: int
    last: int
    sums: Moments

    def joined(self, later: Period) -> Period:
        """Return this period and the next one as one."""
        return Period(self.first, later.last, self.sums + later.sums)


@dataclass(frozen=True, eq=False)
class Periods:
    """The periods that are kept, from the oldest to the newest, and how often each counts in `chosen`.

    >>> import numpy as np
    >>> def one(value):
    ...     return Moments.empty("encoder", 1).learn([(np.array([[value]], np.uint8), np.array([0]))])
    >>> periods = Periods.empty(Rule("window", 2), Moments.empty("encoder", 1))
    >>> for value in (1, 2, 4):
    ...     periods = periods.closed(one(value))
    >>> periods.chosen.code_sum, periods.dropped
    (array([6]), 1)
    """

    rule: Rule
    nothing: Moments
    kept: tuple[Period, ...] = ()
    counts: tuple[int, ...] = ()  # how often each counts: a whole number, so that sums stay exact
    closed_ones: int = 0  # periods that have ended

    @classmethod
    def empty(cls, rule: Rule, nothing: Moments) -> Periods:
        """Return periods of ``nothing``, which are empty sums of an encoder."""
        return cls(rule, nothing)

    @cached_property
    def chosen(self) -> Moments:
        """The sums of all that counts: equal, to the bit, to having learned only that, and as often."""
        parts = [_times(*pair) for pair in zip(self.kept, self.counts, strict=True) if pair[1]]
        return reduce(add, parts, self.nothing)

    @property
    def dropped(self) -> int:
        """The number of oldest periods that do not count any more."""
        counted = [period.first for period, count in zip(self.kept, self.counts, strict=True) if count]
        return min(counted, default=1) - 1

    def closed(self, sums: Moments) -> Periods:
        """Return the periods after one more, with the ``sums`` of its examples, and what counts from now on."""
        number = self.closed_ones + 1
        periods = (*self.kept, Period(number, number, sums))
        rule, after = self.rule, replace(self, closed_ones=number)
        if rule.kind == "all":
            return replace(after, kept=(reduce(Period.joined, periods),), counts=(1,))
        if rule.kind == "window":
            return replace(after, kept=periods[-rule.size :], counts=(1,) * min(len(periods), rule.size))
        if rule.kind == "half-life":
            periods = periods[-rule.size * HALVINGS :]
            ages = range(len(periods) - 1, -1, -1)
            return replace(after, kept=periods, counts=tuple(2 ** (HALVINGS - 1 - age // rule.size) for age in ages))
        first = 0 if rule.kind == "mix" else chosen_by_newest(periods)
        counts = tuple(int(place >= first) for place in range(len(periods)))
        return _thinned(replace(after, kept=periods, counts=counts))

    @property
    def windows(self) -> tuple[Moments, ...]:
        """The sums of the last 1, 2, 4, … periods, and of all: each has learned only its own, to the bit."""
        found: list[Moments] = []
        start, length = len(self.kept), 1
        while start > 0:
            first = max(len(self.kept) - length, 0)
            parts = [period.sums for period in self.kept[first:start]]
            found.append(reduce(add, parts if not found else [*parts, found[-1]]))
            start, length = first, 2 * length
        return tuple(found)

    def open(self, current: Moments) -> Moments:
        """Return all that counts with the ``current`` period, which has not ended, as the newest."""
        return self.chosen + current.times(2 ** (HALVINGS - 1) if self.rule.kind == "half-life" else 1)

    def once(self, current: Moments) -> Moments:
        """Return all that counts with the ``current`` period, each example once: what cross-validation may look at."""
        if self.rule.kind != "half-life":
            return self.open(current)
        return reduce(add, (period.sums for period in self.kept), current)


def chosen_by_newest(periods: Sequence[Period]) -> int:
    """Return the place of the oldest period that is to count: those from there on fit the newest one.

    The newest period is answered from the 1, 2, 4, … periods before it, from all of them, and, by cross-validation,
    from itself alone. Of these the longest is taken whose squared error on the newest is not clearly larger than the
    least: by `CLEARLY` standard errors of the difference, which is about ``2 (e d / N)^½`` for an error ``e`` and
    scores that are ``d`` apart, squared. All of it follows from the newest one's sums, so no example is needed.
    """
    before = periods[:-1]
    if not before:
        return 0
    centred = centre(periods[-1].sums)
    alone = least_ridge(centred, best_penalty(centred))
    tried = [(len(before), alone), *_candidates(before)]
    labels = tuple(dict.fromkeys(label for period in periods for label in period.sums.labels))
    newest = HeldOut.of(periods[-1].sums, labels)
    errors = [alone.criterion, *(newest.error(weights) for _, weights in tried[1:])]
    least = int(np.argmin(errors))
    for (first, weights), error in zip(tried[::-1], errors[::-1], strict=True):
        doubt = 2 * np.sqrt(max(errors[least], 0.0) * max(newest.apart(weights, tried[least][1]), 0.0) / newest.count)
        if error <= errors[least] + CLEARLY * doubt:
            return first
    return tried[least][0]


def _candidates(before: Sequence[Period]) -> Iterator[tuple[int, Weights]]:
    """Yield the first of the last 1, 2, 4, … periods, and the ridge weights of their sums."""
    sums, start, length = None, len(before), 1
    while start > 0:
        first = max(len(before) - length, 0)
        parts = [period.sums for period in before[first:start]]
        sums = reduce(add, parts if sums is None else [*parts, sums])
        yield first, _ridge(sums)
        start, length = first, 2 * length


def _ridge(sums: Moments) -> Weights:
    """Return ridge weights with a usual penalty: to compare periods, it need not be the best."""
    return least_ridge(centre(sums), START)


def _times(period: Period, count: int) -> Moments:
    return period.sums if count == 1 else period.sums.times(count)


def _thinned(periods: Periods) -> Periods:
    """Return the periods with the two joined that are the least loss, if there are more than are kept.

    These are two neighbours that both count or both do not; of those the ones that are shortest for their age.
    """
    kept, counts = periods.kept, periods.counts
    if len(kept) <= periods.rule.size:
        return periods
    places = [place for place in range(len(kept) - 1) if counts[place] == counts[place + 1]]
    newest = kept[-1].last
    place = min(places, key=lambda at: (kept[at + 1].last - kept[at].first + 1) / (newest - kept[at].first + 1))
    joined = kept[place].joined(kept[place + 1])
    return replace(
        periods,
        kept=(*kept[:place], joined, *kept[place + 2 :]),
        counts=(*counts[:place], *counts[place + 1 :]),
    )
