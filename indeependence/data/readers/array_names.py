"""What the arrays of an .npz or of a folder are by their names: x, y, and the parts for training and for testing."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Sequence
from pathlib import Path

from indeependence.errors import SHOWN, InputError

logger = logging.getLogger(__name__)

FOUR, TWO = ("x_train", "y_train", "x_test", "y_test"), ("x", "y")
_SIDES = {
    "x": "x xs data feature features input inputs image images vector vectors embedding embeddings emb embs arr0",
    "y": "y ys label labels target targets class classes category categories arr1",
}
_PARTS = {"train": "train training tr", "test": "test testing te", "val": "val valid validation dev"}
_SIDE = {word: side for side, words in _SIDES.items() for word in words.split()}
_PART = {word: part for part, words in _PARTS.items() for word in words.split()}


def parts_of(names: Sequence[str]) -> dict[str, str]:
    """Return which of ``names`` is x, y, x_train, y_train, x_test or y_test; the first of several for one of them.

    Case and order of words do not count. Names say inputs (x, data, features, embeddings, images, …) or labels (y,
    label, target, …), and a part (train, test, val); arrays without names count by their order, as NumPy saves them. A
    part for validation is the test part where there is no other.

    >>> parts_of(["Embeddings", "labels"]), parts_of(["X_val", "train_images"])
    ({'x': 'Embeddings', 'y': 'labels'}, {'x_train': 'train_images', 'x_test': 'X_val'})
    """
    found: dict[str, str] = {}
    for name in sorted(names, key=lambda name: name not in (*FOUR, *TWO)):  # exact names come first
        words = re.sub(r"(?<=[a-z])(?=[A-Z])|[^A-Za-z0-9]+", " ", name.replace("arr_", "arr")).lower().split()
        words = [part for word in words for part in _split(word)]
        side = [_SIDE[word] for word in words if word in _SIDE]
        part = [_PART[word] for word in words if word in _PART]
        if len(side) == 1 and len(part) <= 1 and len(words) == len(side) + len(part):
            found.setdefault("_".join(side + part), name)
    for side_name in TWO:
        held_out = found.pop(f"{side_name}_val", None)
        if held_out and f"{side_name}_test" not in found:
            found[f"{side_name}_test"] = held_out
    return found


def _split(word: str) -> list[str]:
    """Return the words of ``xtrain`` or ``trainy``, which some write without anything between."""
    for part in ("train", "test", "val"):
        for side in TWO:
            if word in (side + part, part + side):
                return [side, part]
    return [word]


def parts_among(names: Sequence[str], source: Path) -> dict[str, str]:
    """Return the four parts among ``names``, or x and y; warn which names were taken, unless they are the usual ones.

    Training parts alone are x and y. Raise `InputError` if neither all four nor both are there.
    """
    known = parts_of(names)
    if "x_train" in known and "y_train" in known and not ("x_test" in known or "y_test" in known):
        known |= {"x": known["x_train"], "y": known["y_train"]}
    for wanted in (FOUR, TWO):
        if set(wanted) <= known.keys():
            taken = {part: known[part] for part in wanted}
            _say(taken, [name for name in names if name not in taken.values()], source)
            return taken
    missing = [part for part in FOUR if part not in known] if len(known) > 1 and known.keys() <= set(FOUR) else []
    lacks = f"has no {missing[0]}: " if missing else ""
    raise InputError(
        f"{source}: {lacks}expected the arrays {', '.join(FOUR)}, or x and y to be split by the test fraction; "
        f"got {', '.join(names[:SHOWN]) or 'none'}"
    )


def _say(taken: dict[str, str], left: Sequence[str], source: Path) -> None:
    """Warn of names that had to be understood; only note arrays that were passed over next to the usual ones."""
    others = [f"{name} as {part}" for part, name in taken.items() if name != part]
    passed = f"; passed over: {', '.join(left[:SHOWN])}" if left else ""
    if others:
        warnings.warn(f"{source}: took {', '.join(others)}{passed}", UserWarning, stacklevel=3)
    elif left:
        logger.info("%s: took %s%s", source, ", ".join(taken), passed)
