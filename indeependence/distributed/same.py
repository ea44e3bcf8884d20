"""What must be the same on every machine of a cluster, so that all of them read and encode the same."""

from __future__ import annotations

import hashlib
import sys
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

# What reads data or encodes it, besides our own code; adding whole numbers depends on none of them.
PACKAGES = ("numpy", "opencv-python-headless", "pillow", "pandas", "pyarrow", "scikit-learn", "keras", "tensorflow")
Versions = tuple[tuple[str, str], ...]


@lru_cache(maxsize=1)
def here() -> Versions:
    """Return the versions in this process, found once: of our code its digest, since a version may have many states.

    A package that is not installed is left out: whatever needs it says so.
    """
    python = ".".join(map(str, sys.version_info[:2]))
    return ("indeependence", _digest(Path(__file__).parents[1])), ("Python", python), *_installed()


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        source = path.read_bytes().replace(b"\r\n", b"\n")  # as Git may write it on Windows
        digest.update(f"{path.relative_to(folder).as_posix()} {len(source)} ".encode() + source)
    return digest.hexdigest()[:12]


def _installed() -> Versions:
    found = []
    for package in PACKAGES:
        try:
            found.append((package, version(package)))
        except PackageNotFoundError:
            continue
    return tuple(found)


def differences(there: Versions) -> str:
    """Return what this process has in another version than ``there``, as text; an empty one if nothing.

    >>> differences(here()), differences((("Python", "2.7"),)).split(" and ")[0]
    ('', 'Python 2.7 expected')
    """
    mine = dict(here())
    other = [(name, wanted, mine[name]) for name, wanted in there if mine.get(name, wanted) != wanted]
    return ", ".join(f"{name} {wanted} expected and {got} found" for name, wanted, got in other)
