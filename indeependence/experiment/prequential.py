"""A stream as far as it was learned: rows are answered, then learned, and readouts are solved when that pays."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from indeependence.experiment.stream_answers import Target
from indeependence.moments.moments import Moments
from indeependence.moments.periods import Periods, Rule
from indeependence.moments.shares import shares
from indeependence.report.stream import Change

PAYS = 0.05  # of the rows behind a readout: so many new ones, and it is solved again
PAYS_OF_SEVERAL = 0.1
GROWN = 1.5  # times as many rows ask for another penalty
FEW = 5  # at the beginning, a row in so many is worth it
FEWEST = 40  # rows that several readouts answer, at least, before one is solved again


@dataclass(frozen=True)
class Rows:
    """Rows of a stream: what is answered from, and what is learned once they were answered."""

    codes: np.ndarray  # uint8 [N, H]
    learned: np.ndarray  # uint8 [N, R]: codes and, if numbers are learned, their bytes
    labels: np.ndarray  # [N], by which sums are kept
    right: np.ndarray  # places among classes [N], or numbers [N, T]

    def __getitem__(self, rows: slice) -> Rows:
        return Rows(self.codes[rows], self.learned[rows], self.labels[rows], self.right[rows])


@dataclass
class Solved:
    """A readout, and how many rows are behind it, and were learned since."""

    readout: Any = None
    behind: int = 0
    waiting: int = 0
    chosen_for: int = 0  # rows behind it when its penalty was chosen

    def until_due(self, pays: float = PAYS) -> int:
        """Return how many more rows make it worth solving again; 0 if it is."""
        return max(int(pays * self.behind) - self.waiting, 0)


@dataclass
class Prequential:
    """A stream as far as it was learned, answered by the readout of what counts."""

    target: Target
    nothing: Moments
    rule: Rule
    block: int = 1
    period: int = 200
    rows: int = 0
    times_solved: int = 0
    changes: list[Change] = field(default_factory=list)
    led: Counter[str] = field(default_factory=Counter)  # rows in which each of several answers had the largest share

    def __post_init__(self) -> None:
        self.periods, self.current = Periods.empty(self.rule, self.nothing), self.nothing
        self.single = Solved()

    def go_through(self, rows: Rows) -> np.ndarray:
        """Return the answer to each row, NaN for none; learn block after block, and period after period."""
        found, start, count = [], 0, len(rows.right)
        while start < count:
            stop = min(start + self._together(), count)
            part = rows[start:stop]
            found.append(self._answer(part))
            self._learn(part)
            start = stop
        return np.concatenate(found)

    def _together(self) -> int:
        """Return how many rows the same readouts answer: whole blocks, until solving pays or a period ends."""
        until = min(self._until_due(), self.period - self.current.count)
        return -(-max(until, 1) // self.block) * self.block

    def _learn(self, rows: Rows) -> None:
        self.current = self.current.learn([(rows.learned, rows.labels)])
        self.rows += len(rows.right)
        ended = self.current.count >= self.period
        if ended:
            self._close()
        self._solve_again(len(rows.right), ended)

    def _close(self) -> None:
        before = self.periods
        self.periods, self.current = before.closed(self.current), self.nothing
        if self.periods.dropped != before.dropped:
            last = self.periods.closed_ones
            self.changes.append(Change(self.rows, last, self.periods.dropped + 1, before.dropped + 1))

    # What answers

    def _until_due(self) -> int:
        return self.single.until_due()

    def _answer(self, rows: Rows) -> np.ndarray:
        if self.single.readout is None:
            return np.full((len(rows.right), self.target.width), np.nan)
        return self.target.answers(self.single.readout, rows.codes)

    def _solve_again(self, learned: int, ended: bool) -> None:
        self.single.waiting += learned
        if ended or not self.single.until_due():
            sums, once = self.periods.open(self.current), self.periods.once(self.current)
            like = None if once is sums or once.count == sums.count else self.target.solve(once)
            self.single = Solved(self.target.solve(sums, like), behind=once.count)
            self.times_solved += 1


WITHOUT = ("the last row alone", "all rows, without inputs")


@dataclass
class MixedPrequential(Prequential):
    """A stream that is answered by several readouts, each with the share that its answers of late have earned.

    They are of the last 1, 2, 4, … periods and of all, each with the one that has not ended; of all units and, where
    there are such, of the ``inputs`` alone. Two more answers need no inputs, so that what these know is never missed.
    """

    inputs: np.ndarray | None = None  # units of what is learned that are codes of inputs alone

    def __post_init__(self) -> None:
        super().__post_init__()
        self.kinds = [None] if self.inputs is None else [None, self.inputs]
        self.several: dict[tuple[int, int], Solved] = {}  # by window and kind
        self.windows: tuple[Moments, ...] = (self.nothing,)
        self.earned: dict[tuple[int, int], float] = {}  # sums of log-likelihoods
        self.plain = np.zeros(2)  # those of the answers without inputs

    def _until_due(self) -> int:
        """All at once: what is solved a little later is hardly worse."""
        return min(FEWEST - self.current.count % FEWEST, 1 + self.rows // FEW)

    def _answer(self, rows: Rows) -> np.ndarray:
        keys = list(self.several)
        found = list(self.target.without_inputs(rows.right, self.block))
        for key in keys:
            units = self.kinds[key[1]]
            codes = rows.codes if units is None else rows.codes[:, : int((units < rows.codes.shape[1]).sum())]
            found.append(self.target.answers(self.several[key].readout, codes))
        answers = np.stack(found)
        likelihoods = np.stack([self.target.likelihoods(one, rows.right) for one in answers])
        before = np.array([*self.plain, *(self.earned[key] for key in keys)])
        share, after = shares(before, likelihoods, block=self.block)
        self.plain, self.earned = after[:2], dict(zip(keys, after[2:].tolist(), strict=True))
        names = [*WITHOUT, *map(self._name, keys)]
        for place, count in zip(*np.unique(share.argmax(0), return_counts=True), strict=True):
            self.led[names[place]] += int(count)
        mixed = np.einsum("en,ena->na", share, answers)
        if not self.rows:
            mixed[: self.block] = np.nan
        return mixed

    def _name(self, key: tuple[int, int]) -> str:
        window, kind = key
        length = 2**window
        reach = "all periods" if window == len(self.windows) - 1 else f"the last {length} period{'s' * (length > 1)}"
        return reach + (", inputs alone" if self.kinds[kind] is not None else "")

    def _close(self) -> None:
        super()._close()
        longest = len(self.windows) - 1
        self.windows = self.periods.windows
        for key in [key for key in self.several if key[0] == longest]:  # a longer one begins as what was the longest
            for window in range(longest + 1, len(self.windows)):
                self.earned[window, key[1]] = self.earned[key]
                self.several[window, key[1]] = Solved()

    def _solve_again(self, learned: int, ended: bool) -> None:
        if not self.several and self.rows > 1:
            self.several = {(0, kind): Solved() for kind in range(len(self.kinds))}
            self.earned = dict.fromkeys(self.several, float(self.plain.max()))
        pays = PAYS_OF_SEVERAL
        for (window, kind), one in self.several.items():
            one.waiting += learned
            if ended or one.readout is None or not one.until_due(pays):
                units, sums = self.kinds[kind], self.windows[window] + self.current
                keeps = not ended and sums.count < GROWN * one.chosen_for
                part = sums if units is None else sums.part(units)
                readout = self.target.solve(part, one.readout if keeps else None)
                chosen_for = one.chosen_for if keeps else sums.count
                self.several[window, kind] = Solved(readout, behind=sums.count, chosen_for=chosen_for)
                self.times_solved += 1
