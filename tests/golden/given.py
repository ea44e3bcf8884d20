"""Fixed inputs: whole numbers from a formula, the same for any version of any library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

NAMES = ("ant", "bee", "cat", "dog")
LEARNED, SECOND, ASKED, LATER, BRIGHT, DARK = 0, 500, 1000, 2000, 3000, 6000  # number of the first example of each use


@dataclass(frozen=True)
class Given:
    """What a model is given: pictures or vectors of ``shape``, bytes or ``fractions``, labels numbers or ``names``."""

    shape: tuple[int, ...]
    fractions: bool = False
    names: bool = False
    columns: tuple[str, ...] = ()  # of a table

    def examples(self, count: int, first: int, *, classes: int = 3) -> tuple[Any, np.ndarray]:
        """Return inputs ``[count, *shape]`` and labels ``[count]`` of the examples numbered from ``first``.

        Bytes are a polynomial of the numbers of example and value modulo a prime, with a stripe for each class; from
        number `BRIGHT` and from `DARK` on they are of two other kinds. Fractions are sixteenths.
        """
        number, place = np.arange(first, first + count), np.arange(int(np.prod(self.shape)))
        n, d = number[:, None], place[None, :]
        noise = (13 * n * n + 7 * d * d + 31 * n * d + n * n * d * d) % 8191 % 160
        values = noise + 95 * ((d + n) % classes == 0)
        values = np.where(n >= DARK, values // 8, np.where(n >= BRIGHT, 255 - values // 8, values))
        values = values.reshape(count, *self.shape)
        inputs: Any = values / 16 - 5 if self.fractions else values.astype(np.uint8)
        if self.columns:
            from pandas import DataFrame

            inputs = DataFrame(inputs, columns=list(self.columns))
        labels = number % classes
        return inputs, np.array(NAMES)[labels] if self.names else labels
