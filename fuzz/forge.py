"""Forged model files: each field of each kind of file takes false values, is signed anew, and all commands use it.

    python -m fuzz.forge                  # every kind, each field once
    python -m fuzz.forge contexts         # one kind
    python -m fuzz.forge contexts 300     # two and three fields at once, drawn for 300 seconds

A finding is any error but an `InputError`, any warning but a `UserWarning`, over five seconds, or over 2 GB of
memory. Each is printed with the field, its value and the command. Nothing here is for production: `signed` lets every
fingerprint hold, as if the forger had computed it again.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import math
import random
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np

from fuzz.examples import KINDS, signed
from indeependence.commands import cli
from indeependence.errors import InputError

SECONDS, BYTES = 5, 2 << 30
GONE = object()
VALUES: tuple[Any, ...] = (
    *(GONE, None, True, False, 0, -1, 1, 3, 256, 2**31, 2**53, 2**64, 10**30, 0.5, -0.0, 1e308, 1e-320, 1e-9),
    *(math.nan, math.inf, "", "x", "auto", "none", "task", "class", "a\nb", "\ud800", "é" * 300),
    *([], {}, [1], [[]], {"a": 1}, [None], [math.nan], [10**6, 10**6, 3], [8, 8]),
)

Header, Arrays = dict[str, Any], dict[str, np.ndarray]
Place = tuple[Any, ...]  # keys and indices of a value in a header, or the name of an array


def read(path: Path) -> tuple[Header, Arrays]:
    """Return header and arrays of a model's file."""
    from safetensors import safe_open
    from safetensors.numpy import load_file

    with safe_open(path, "numpy") as file:
        return json.loads(file.metadata()["indeependence"]), load_file(path)


def write(path: Path, header: Header, arrays: Arrays) -> None:
    """Write a model's file, whatever stands in it."""
    from safetensors.numpy import save_file

    whole = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    save_file(whole, path, {"indeependence": json.dumps(header)})


def places(value: Any, place: Place = ()) -> Iterator[Place]:
    """Yield the places of all values below ``value``; of a long list, of its first two and its last."""
    if isinstance(value, dict):
        below = list(value.items())
    elif isinstance(value, list):
        below = [(at, value[at]) for at in sorted({0, 1, len(value) - 1}) if 0 <= at < len(value)]
    else:
        below = []
    for key, one in below:
        yield (*place, key)
        yield from places(one, (*place, key))


def with_value(header: Header, place: Place, value: Any) -> Header:
    """Return a copy of the header with another value in a place, or without it for `GONE`."""
    header = json.loads(json.dumps(header))
    parent: Any = header
    for key in place[:-1]:
        parent = parent[key]
    if value is GONE:
        del parent[place[-1]]
    else:
        parent[place[-1]] = value
    return header


def other_arrays(array: np.ndarray) -> Iterator[tuple[str, np.ndarray | None]]:
    """Yield false forms of an array: other types, shapes and values."""
    yield "gone", None
    for kind in ("int8", "uint8", "int64", "uint64", "float16", "float64", "bool"):
        if array.dtype != kind:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                yield kind, array.astype(kind)
    yield "no rows", array[:0] if array.ndim else array.reshape(1)
    yield "a row less", array[:-1] if array.ndim else array[None, None]
    yield "a row more", np.concatenate([array, array[-1:]]) if array.ndim else array[None]
    yield "an axis more", array[..., None]
    yield "scalar", np.zeros((), array.dtype)
    if array.ndim > 1:
        yield "turned", array.T
        yield "flat", array.ravel()
    whole = array.dtype.kind in "iu"
    ends = (np.iinfo(array.dtype).min, np.iinfo(array.dtype).max) if whole else (-np.inf, np.inf, np.nan, 1e300, -1)
    for end in (0, 1, *ends):
        with np.errstate(all="ignore"):
            yield f"all {end}", np.full_like(array, end)
            for at in (0, -1):
                if array.size and array.dtype != bool:
                    one = array.copy()
                    one.ravel()[at] = end
                    yield f"{end} at {at}", one
    if array.size > 1:
        yield "turned round", array[::-1].copy() if array.ndim else array
        if whole:
            yield "a bit more", array + array.dtype.type(1)
            doubled = array.astype(np.int64) * 2
            yield "double", doubled


def forgeries(header: Header, arrays: Arrays) -> Iterator[tuple[str, Header, Arrays]]:
    """Yield every forgery of one field, with words that describe it."""
    for place in places(header):
        for value in VALUES:
            yield f"{'.'.join(map(str, place))} = {_word(value)}", with_value(header, place, value), arrays
        found: Any = header
        for key in place:
            found = found[key]
        for word, other in _near(found):
            yield f"{'.'.join(map(str, place))} {word}", with_value(header, place, other), arrays
    for name, array in arrays.items():
        for word, false in other_arrays(array):
            rest = {other: one for other, one in arrays.items() if other != name}
            yield f"{name}: {word}", header, rest if false is None else {**rest, name: false}


def _near(found: Any) -> Iterator[tuple[str, Any]]:
    """Yield values near a true one, which are the hardest to tell from it."""
    if isinstance(found, list) and found:
        yield "twice its first", [found[0], *found]
        yield "without its last", found[:-1]
        yield "turned round", found[::-1]
        yield "twice the same", [found[0]] * len(found)
    if isinstance(found, int | float) and not isinstance(found, bool):
        yield "and one more", found + 1
        yield "negative", -found
        yield "as a float", float(found)
        yield "as text", str(found)


def _word(value: Any) -> str:
    return "gone" if value is GONE else repr(value)[:40]


class TooLong(BaseException):
    """Raised by the alarm of `watched`."""


def _late(*_: Any) -> None:
    raise TooLong


@contextlib.contextmanager
def watched(seconds: int = SECONDS) -> Iterator[None]:
    """Make warnings errors inside the block, but those for users, and end it after some seconds of work."""
    before = signal.signal(signal.SIGPROF, _late)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", UserWarning)
            yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def finding(words: list[str]) -> str | None:
    """Run one command in this process; return what is wrong with how it ended, None if nothing is."""
    out, err = io.StringIO(), io.StringIO()
    try:
        with watched(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            cli.main(words, standalone_mode=False)
    except InputError as error:
        return "two lines" if "\n" in str(error) else None
    except (click.ClickException, click.Abort):
        return None
    except (Exception, TooLong, SystemExit) as error:
        where = traceback.extract_tb(error.__traceback__)
        own = [step for step in where if "indeependence" in step.filename and "fuzz" not in step.filename]
        at = f" at {Path(own[-1].filename).name}:{own[-1].lineno}" if own else ""
        return f"{type(error).__name__}: {str(error)[:100]!r}{at}"
    return None


def findings(
    folder: Path, commands: Sequence[list[str]], forged: Iterator[tuple[str, Header, Arrays]]
) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the commands on each of the forged files, each wrong thing once."""
    seen = set()
    for words, header, arrays in forged:
        try:
            write(folder / "forged", header, arrays)
        except (TypeError, ValueError, UnicodeEncodeError):
            continue  # cannot be written at all
        content = (folder / "forged").read_bytes()
        for command in commands:
            for left in folder.glob("new*"):
                left.unlink()
            wrong = finding([part.replace("@", f"{folder}/") for part in command])
            if wrong and (key := (command[0], wrong.split(" at ")[-1], wrong.split(":")[0])) not in seen:
                seen.add(key)
                yield f"{words}; {' '.join(command)}", wrong
            if (folder / "forged").read_bytes() != content:
                (folder / "forged").write_bytes(content)


def several(header: Header, arrays: Arrays, until: float, seed: int) -> Iterator[tuple[str, Header, Arrays]]:
    """Yield forgeries of two or three fields at once, drawn, until a time."""
    rng = random.Random(seed)
    every = [(place, value) for place in places(header) for value in VALUES]
    while time.monotonic() < until:
        words, false, others = [], header, dict(arrays)
        for _ in range(rng.choice((2, 2, 3))):
            if rng.random() < 0.6:
                place, value = rng.choice(every)
                with contextlib.suppress(KeyError, IndexError, TypeError):
                    false = with_value(false, place, value)
                    words.append(f"{'.'.join(map(str, place))} = {_word(value)}")
            elif others:
                name = rng.choice(sorted(others))
                word, one = rng.choice(list(other_arrays(others[name])))
                others = {other: array for other, array in others.items() if other != name}
                others |= {} if one is None else {name: one}
                words.append(f"{name}: {word}")
        yield " & ".join(words), false, others


def limit_memory() -> None:
    """Let this process take no more than `BYTES` beyond what it has now."""
    import resource

    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + BYTES,) * 2)


def made(kind: str, folder: Path) -> tuple[Header, Arrays]:
    """Make the true file of a kind, and all that its commands need, in ``folder``; return its header and arrays."""
    KINDS[kind].make(folder)
    return read(folder / "true")


def main() -> None:
    """Forge the kinds of the command line."""
    kind, seconds = (*sys.argv[1:], "", "")[:2]
    if kind and kind not in KINDS:
        sys.exit(f"expected a kind, one of {', '.join(KINDS)}, got {kind!r}")
    limit_memory()
    wrong = 0
    for name in [kind] if kind else KINDS:
        with tempfile.TemporaryDirectory() as place, signed():
            folder, began, count = Path(place), time.monotonic(), itertools.count()
            header, arrays = made(name, folder)
            drawn = several(header, arrays, began + float(seconds or 0), seed=int(began * 1000))
            forged = itertools.chain(() if seconds else forgeries(header, arrays), drawn)
            for words, what in findings(
                folder, KINDS[name].commands, (one for one, _ in zip(forged, count, strict=False))
            ):
                wrong += 1
                print(f"{name}: {words}\n    {what}", flush=True)
            print(f"{name}: {next(count):,} forged files, {time.monotonic() - began:.0f} s", flush=True)
    sys.exit(min(wrong, 1))


if __name__ == "__main__":
    main()
