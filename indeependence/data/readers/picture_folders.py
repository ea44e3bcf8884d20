"""Folders of pictures, one folder for each class, as people have them."""

from __future__ import annotations

import os
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from indeependence.data.readers.picture_kinds import looks_like_a_picture
from indeependence.data.readers.sounds import is_sound
from indeependence.data.understood import counted, some
from indeependence.errors import InputError, is_utf_8

PARTS = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("test", "testing"), "test"),
    **dict.fromkeys(("val", "valid", "validation", "dev"), "val"),
}
LITTER = "__MACOSX"  # left by an archive program
MOST_WAYS, DEEPEST = 8, 100  # ways by links to one folder, and folders above one, as no folder of classes has them
Words = tuple[str, ...]  # a path below the folder, word by word


@dataclass(frozen=True)
class Tree:
    """What is in and below a folder: pictures, other files, and folders, each as the words of its path."""

    root: Path
    pictures: tuple[Words, ...]
    others: tuple[Words, ...]
    folders: tuple[Words, ...]

    def below(self, word: str) -> Tree:
        """Return the tree of the folder ``word`` in it; what is elsewhere counts as other files."""
        inner = [
            tuple(words[1:] for words in some if words[0] == word and len(words) > 1)
            for some in (self.pictures, self.others, self.folders)
        ]
        outside = tuple(("..", *words) for words in self.others if words[0] != word)
        return Tree(self.root / word, inner[0], (*outside, *inner[1]), inner[2])


@dataclass(frozen=True)
class Labelled:
    """Pictures of one part with their classes."""

    paths: tuple[Path, ...] = ()
    classes: tuple[str, ...] = ()


@dataclass(frozen=True)
class PictureFolder:
    """A folder's pictures for training and testing, and in words what else was in it."""

    train: Labelled
    test: Labelled
    remarks: tuple[str, ...]


def tree_of(folder: Path, wanted: Callable[[Path], bool] = looks_like_a_picture) -> Tree:
    """Return what is in and below a folder, in the order of names; a link to a folder above it is not followed.

    What is ``wanted`` counts as a picture.
    """
    pictures: list[Words] = []
    others: list[Words] = []
    folders: list[Words] = []
    ways: Counter[str] = Counter()

    def visit(place: Path, words: Words, above: frozenset[str]) -> None:
        above |= {os.path.realpath(place)}
        ways[os.path.realpath(place)] += 1
        if ways[os.path.realpath(place)] > MOST_WAYS or len(words) > DEEPEST:
            deep = "is reached by many links" if len(words) <= DEEPEST else f"has more than {DEEPEST} folders above it"
            raise InputError(f"{place} {deep}; expected folders of classes: remove the links or the folders in between")
        for entry in sorted(place.iterdir()):
            here = (*words, entry.name)
            if entry.is_dir():
                if entry.name.startswith(".") or entry.name == LITTER or os.path.realpath(entry) in above:
                    others.append((*words, entry.name + "/"))
                    continue
                folders.append(here)
                visit(entry, here, above)
            else:
                picture = entry.is_file() and not entry.name.startswith(".") and wanted(entry)
                (pictures if picture else others).append(here)

    visit(folder, (), frozenset())
    return Tree(folder, tuple(pictures), tuple(others), tuple(folders))


def picture_files(folder: Path) -> list[Path]:
    """Return the pictures in the folder itself, in the order of their names."""
    own = (path for path in sorted(folder.iterdir()) if path.is_file() and not path.name.startswith("."))
    return [path for path in own if looks_like_a_picture(path)]


def passed_over(folder: Path, pictures: Sequence[Path]) -> tuple[str, ...]:
    """Return what is said of the files in the folder itself that are none of these ``pictures``."""
    own = (path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    return tuple(_left_out(sorted((path.name,) for path in set(own) - set(pictures))))


def picture_folder(folder: Path, wanted: Callable[[Path], bool] = looks_like_a_picture) -> PictureFolder:
    """Return the pictures of `train/CLASS/*` and `test/CLASS/*`, of `CLASS/*`, or of `CLASS/train/*`, with classes.

    Folders inside of a class belong to it. Names of parts count in any case; validation pictures are left out, or are
    the test part where there is no other. One folder around all is passed. What is ``wanted`` counts as a picture.
    Raise `InputError` for a class without pictures, and where there are no classes.
    """
    tree = _unwrapped(tree_of(folder, wanted))
    if not tree.pictures:
        holds = f"; it holds {some(_shown(tree.others))}" if tree.others else ""
        empty = [words[0] for words in tree.folders if len(words) == 1]
        if empty:
            raise _empty_class(tree, (empty[0],))
        raise InputError(
            f"{folder} holds no data: expected IDX or .npy files, or one folder of pictures a class{holds}"
        )
    placed = {words: _place(words, _has_parts(tree)) for words in tree.pictures}
    _check_classes(tree, placed)
    classed = [words for words in tree.pictures if placed[words][1]]
    found = {part: [words for words in classed if placed[words][0] == part] for part in ("train", "test", "val")}
    test = "test" if found["test"] or not found["val"] else "val"
    remarks = [*_remarks(tree, placed, found, test)]
    return PictureFolder(_labelled(tree, placed, found["train"]), _labelled(tree, placed, found[test]), tuple(remarks))


def pictures_below(
    folder: Path, wanted: Callable[[Path], bool] = looks_like_a_picture
) -> tuple[Labelled, tuple[str, ...]]:
    """Return the pictures to answer for, with their classes: those of the test part, or all; and remarks."""
    tree = _unwrapped(tree_of(folder, wanted))
    placed = {words: _place(words, _has_parts(tree)) for words in tree.pictures}
    classed = [words for words in tree.pictures if placed[words][1]]
    tests = [words for words in classed if placed[words][0] == "test"]
    return _labelled(tree, placed, tests or classed), tuple(_left_out(tree.others))


def labels_of(classes: Sequence[str]) -> np.ndarray:
    """Return names of folders as labels: whole numbers if all of them print back the same, else text.

    >>> labels_of(["10", "7"]), labels_of(["01", "1"])
    (array([10,  7]), array(['01', '1'], dtype='<U2'))
    """
    if all(name.isascii() and name.isdecimal() and str(int(name)) == name for name in classes):
        return np.array([int(name) for name in classes])
    return np.array([unicodedata.normalize("NFC", name) for name in classes])


def _unwrapped(tree: Tree) -> Tree:
    """Return the tree below folders that hold nothing but one folder of folders."""
    while tree.pictures:
        first = tree.pictures[0][0]
        if first.casefold() in PARTS or any(len(words) < 3 or words[0] != first for words in tree.pictures):
            break
        if any(words[1].casefold() in PARTS for words in tree.pictures) and not _has_parts(tree.below(first)):
            break
        if any(len(words) == 1 and words[0] != first for words in tree.folders):
            break  # an empty class beside it
        tree = tree.below(first)
    return tree


def _has_parts(tree: Tree) -> bool:
    """Return whether the folders at the top are parts with folders of classes: one to train on, or parts alone."""
    tops = {PARTS.get(words[0].casefold()) for words in tree.pictures if len(words) > 2}
    return "train" in tops or bool(tops and None not in tops)


def _place(words: Words, parts: bool) -> tuple[str, str]:
    """Return part and class of a picture; an empty class where it has none."""
    if parts:
        part = PARTS.get(words[0].casefold(), "")
        return part, words[1] if part and len(words) > 2 else ""
    if len(words) == 1:
        return "", ""
    below = PARTS.get(words[1].casefold(), "train") if len(words) > 2 else "train"
    return below, words[0]


def _check_classes(tree: Tree, placed: dict[Words, tuple[str, str]]) -> None:
    """Raise `InputError` where pictures have no classes, where none are to be learned, and for an empty class."""
    classes = {name for _, name in placed.values() if name}
    if not classes:
        raise InputError(
            f"{tree.root} holds pictures and no folders: expected one folder of pictures a class; "
            "put them into a folder named for their class, and give the folder around it; an autoencoder learns them "
            "without classes: train --target-data none"
        )
    if not _has_parts(tree) and all(name.casefold() in PARTS for name in classes):
        raise InputError(
            f"{tree.root} holds pictures in {', '.join(sorted(classes))}, without classes: "
            "expected train/CLASS and test/CLASS, one folder a class"
        )
    for name in sorted(classes):
        if not is_utf_8(name):
            raise InputError(f"{tree.root}: expected names of classes in UTF-8, got {name!r}: rename that folder")
    _check_spellings(tree, placed)
    if not any(part == "train" and name for part, name in placed.values()):
        raise InputError(
            f"{tree.root} has only one of train and test: expected both, train alone, or one folder a class"
        )
    for words in _class_folders(tree):
        if not any(picture[: len(words)] == words for picture in tree.pictures):
            raise _empty_class(tree, words)


def _check_spellings(tree: Tree, placed: dict[Words, tuple[str, str]]) -> None:
    """Raise `InputError` where two folders of one part have names that look alike: written in two ways of Unicode."""
    met: dict[tuple[str, str], str] = {}
    for part, name in sorted(set(placed.values())):
        other = met.setdefault((part, unicodedata.normalize("NFC", name)), name)
        if other != name:
            raise InputError(
                f"{tree.root} has two folders {name!r} that only Unicode tells apart ({ascii(other)} and "
                f"{ascii(name)}): rename one, or put their pictures together"
            )


def _class_folders(tree: Tree) -> Iterator[Words]:
    """Yield the folders that stand for classes."""
    parts = _has_parts(tree)
    for words in tree.folders:
        if len(words) == 1 + parts and (not parts or words[0].casefold() in PARTS):
            yield words


def _empty_class(tree: Tree, words: Words) -> InputError:
    inside = [other[-1] for other in tree.others if other[: len(words)] == words]
    holds = f" ({some(inside)})" if inside else ""
    if any(is_sound(Path(name)) for name in inside) and tree.pictures:
        held = some(_shown(tree.pictures))
        return InputError(f"{tree.root} holds pictures ({held}) and sounds{holds}: take either of them away")
    return InputError(
        f"class {words[-1]!r} is empty: {tree.root.joinpath(*words)} holds no picture that can be read{holds}; "
        "put some there (.png, .jpg, …), or remove the folder"
    )


def _labelled(tree: Tree, placed: dict[Words, tuple[str, str]], rows: Sequence[Words]) -> Labelled:
    """Return pictures with their classes, whose names are written in one way whatever system they come from."""
    rows = sorted(rows, key=lambda words: (placed[words][1], words))
    names = tuple(unicodedata.normalize("NFC", placed[words][1]) for words in rows)
    return Labelled(tuple(tree.root.joinpath(*words) for words in rows), names)


def _remarks(
    tree: Tree, placed: dict[Words, tuple[str, str]], found: dict[str, list[Words]], test: str
) -> Iterator[str]:
    """Yield what is said of subfolders, of the validation part, and of what was left out."""
    depth = 3 if _has_parts(tree) else 2
    inner = {w[depth - 1] for w in tree.pictures if len(w) > depth and placed[w][1] and w[1].casefold() not in PARTS}
    if inner:
        yield f"with those in {counted(len(inner), 'subfolder')} of classes ({some(sorted(inner))})"
    if found["val"]:
        count = counted(len(found["val"]), "validation picture")
        yield f"{count} to test on" if test == "val" else f"{count} left out"
    strays = [words for words in tree.pictures if not placed[words][1]]
    if strays:
        yield f"left out {counted(len(strays), 'picture')} without a class: {some(_shown(strays))}"
    yield from _left_out(tree.others)


def _left_out(others: Sequence[Words]) -> Iterator[str]:
    """Yield what is said of files that are no pictures."""
    if others:
        yield f"passed over {len(others):,} that {'is no picture' if len(others) == 1 else 'are no pictures'}: " + some(
            _shown(others)
        )


def _shown(paths: Sequence[Words]) -> list[str]:
    """Return paths as text, those outside of a folder that was passed without the way there."""
    return ["/".join(word for word in words if word != "..") for words in paths]
