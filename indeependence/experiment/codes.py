"""Work with files of binary codes: the nearest ones, their unions, an associative memory on disk, and pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from indeependence.binary_codes.matching import false_match
from indeependence.binary_codes.reconstruction import Decoder
from indeependence.binary_codes.sdr import SDR, density, overlaps, union_of_all
from indeependence.binary_codes.storage import SDRFile, read_sdr, write_sdr
from indeependence.binary_codes.willshaw import WillshawMemory
from indeependence.errors import InputError
from indeependence.exact import TOP
from indeependence.files.lock import sole_writer_of

AT_ONCE = 256  # queries


def rows_named(text: str, count: int) -> np.ndarray:
    """Return the rows of a text such as ``0,5-9``, or of all; raise `InputError` unless they are below ``count``.

    >>> rows_named("0,5-7", 9), rows_named("all", 2)
    (array([0, 5, 6, 7]), array([0, 1]))
    """
    if text == "all":
        return np.arange(count)
    rows: list[int] = []
    for word in text.split(","):
        first, dash, last = (part.strip() for part in word.partition("-"))
        if not first.isdecimal() or (dash and not last.isdecimal()) or int(last or first) < int(first):
            raise InputError(f"--rows: expected numbers of rows such as 0,5-9, or all, got '{text}'")
        if int(last or first) >= count:
            raise InputError(f"--rows: expected rows from 0 to {count - 1}, got {last or first}")
        rows += range(int(first), int(last or first) + 1)
    return np.array(rows)


@dataclass(frozen=True)
class Search:
    """Settings of a search: which rows are looked for, and how many of the nearest codes are told."""

    rows: str = "0-9"
    top: int = 5


def search(path: Path, queries: Path | None, asked: Search) -> list[dict[str, Any]]:
    """Return for each query the codes of the file that share most bits with it, in plain JSON values.

    The queries are rows of another file, or of the same one; a row is then not told as its own neighbour. Equally near
    codes are told in the order of their rows. ``by_chance`` is the probability that a random code of equally many bits
    shares as many.
    """
    there = read_sdr(path)
    asking = there if queries is None else read_sdr(queries)
    rows = rows_named(asked.rows, len(asking.codes))
    found = []
    for start in range(0, len(rows), AT_ONCE):
        part = rows[start : start + AT_ONCE]
        shared = overlaps(asking.codes[part], there.codes)
        if queries is None:
            shared[np.arange(len(part)), part] = -1
        for row, counts in zip(part.tolist(), shared, strict=True):
            order = np.argsort(-counts, kind="stable")[: asked.top]
            nearest = [_neighbour(there, asking, row, int(one), int(counts[one])) for one in order if counts[one] >= 0]
            found.append({"row": row, "label": _label(asking, row), "nearest": nearest})
    return found


def _neighbour(there: SDRFile, asking: SDRFile, row: int, one: int, shared: int) -> dict[str, Any]:
    active, stored = int(asking.codes[row : row + 1].active[0]), int(there.codes[one : one + 1].active[0])
    chance = false_match(there.codes.units, active, shared, stored=stored) if active and stored else 1.0
    return {"row": one, "label": _label(there, one), "shared": shared, "by_chance": chance}


def _label(file: SDRFile, row: int) -> int | str | None:
    return None if file.labels is None else file.labels[row].item()


def unite(paths: Sequence[Path], output: Path, *, whole: bool = False) -> dict[str, Any]:
    """Write one code for each label, with every bit that any code of the label has; for all together if ``whole``.

    ``found_by_chance`` is the probability that all bits of a random code are in the union, as if it belonged to it.
    """
    files = [read_sdr(path) for path in paths]
    for path, file in zip(paths, files, strict=True):
        if file.codes.units != files[0].codes.units:
            raise InputError(f"{path}: expected codes of {files[0].codes.units} units, got {file.codes.units}")
        if file.labels is None and not whole:
            raise InputError(f"{path}: expected codes with labels: unite them all by --whole")
    codes = SDR(np.concatenate([file.codes.packed for file in files]), files[0].codes.units)
    if not len(codes):
        raise InputError("expected codes to unite, got none")
    active = round(float(codes.active.mean()))
    if whole:
        united, labels, counts = union_of_all(codes), None, [len(codes)]
    else:
        of = np.concatenate([_comparable(file.labels, files) for file in files])
        labels, numbers = np.unique(of, return_counts=True)
        parts = [union_of_all(codes[of == label]).packed for label in labels]
        united, counts = SDR(np.concatenate(parts), codes.units), numbers.tolist()
    about = {"united": [path.name for path in paths], "units": codes.units}
    with sole_writer_of(output):
        write_sdr(output, SDRFile(united, labels, about))
    names = [None] * len(united) if labels is None else labels.tolist()
    rows = [
        {
            "label": name,
            "codes": count,
            "active": bits,
            "found_by_chance": false_match(codes.units, active, active, stored=bits) if bits >= active else 0.0,
        }
        for name, count, bits in zip(names, counts, united.active.tolist(), strict=True)
    ]
    return {"output": str(output), "units": codes.units, "density": density(united), "unions": rows}


def _comparable(labels: np.ndarray | None, files: Sequence[SDRFile]) -> np.ndarray:
    """Return labels as text where some file has text."""
    text = any(file.labels is not None and file.labels.dtype.kind == "U" for file in files)
    return np.asarray(labels).astype(str) if text else np.asarray(labels)


def memorise(codes: Path, targets: Path | None, memory: Path) -> dict[str, Any]:
    """Add the codes of a file, or pairs with those of another, to a Willshaw memory on disk; it is made if absent."""
    cues = read_sdr(codes).codes
    aims = cues if targets is None else read_sdr(targets).codes
    with sole_writer_of(memory):
        known = WillshawMemory.load_file(memory) if memory.exists() else WillshawMemory.empty(cues.units, aims.units)
        learned = known.learn(cues, aims)
        learned.save(memory)
    return {
        "memory": str(memory),
        "pairs": len(cues),
        "cue_units": learned.cues,
        "target_units": learned.targets,
        "load_before": known.load,
        "load": learned.load,
        "file_bytes": memory.stat().st_size,
    }


@dataclass(frozen=True)
class Recall:
    """Settings of recalling: how many bits win, in how many steps, and what is first taken from the cues to try it."""

    active: int | None = None  # winners; None: what all bits of the cue reach
    steps: int = 1
    drop: float = 0.0  # share of the bits of each cue
    seed: int = 0  # of the bits that are dropped


def recall(memory: Path, cues: Path, output: Path, asked: Recall) -> dict[str, Any]:
    """Write the codes that a memory gives for the cues of a file, with the labels of the cues."""
    known, given = WillshawMemory.load_file(memory), read_sdr(cues)
    damaged = _dropped(given.codes, asked.drop, asked.seed)
    found = known.recall(damaged, active=asked.active, steps=asked.steps)
    about = {"recalled_from": memory.name, "cues": cues.name, "units": found.units}
    with sole_writer_of(output):
        write_sdr(output, SDRFile(found, given.labels, about))
    facts = {
        "output": str(output),
        "codes": len(found),
        "mean_active_units": float(found.active.mean()) if len(found) else 0.0,
    }
    if known.cues != known.targets or not len(found):
        return facts
    right = np.bitwise_count(found.packed & given.codes.packed).sum(1)
    bits = given.codes.active.sum()
    return {
        **facts,
        "cue_bits_given": float(damaged.active.sum() / max(bits, 1)),
        "cue_bits_recalled": float(right.sum() / max(bits, 1)),
        "recalled_whole": float(np.mean((found.packed == given.codes.packed).all(1))),
    }


def _dropped(codes: SDR, share: float, seed: int) -> SDR:
    """Return codes without a ``share`` of the set bits of each, drawn by the seed."""
    if not share:
        return codes
    bits = codes.bits
    order = np.random.default_rng(seed).random(bits.shape)
    order[~bits] = 2.0  # set bits come first
    rank = order.argsort(1).argsort(1)
    return SDR.of(bits & (rank >= np.round(share * codes.active)[:, None]))


def pictures(codes: Path, decoder: Path, rows: str) -> np.ndarray:
    """Return pictures uint8 ``[N, H, W]`` or ``[N, H, W, 3]`` of some codes of a file."""
    file, known = read_sdr(codes), Decoder.load(decoder)
    if file.codes.units != known.units:
        raise InputError(f"{codes}: expected codes of {known.units} units, as {decoder} has, got {file.codes.units}")
    drawn = known(file.codes[rows_named(rows, len(file.codes))])
    return np.clip(np.round(drawn), 0, TOP).astype(np.uint8).reshape(-1, *known.shape)
