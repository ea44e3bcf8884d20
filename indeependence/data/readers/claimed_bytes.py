"""Reading as many bytes as a header claims, without trusting it."""

from pathlib import Path
from typing import IO

from indeependence.errors import InputError

SMALL = 1 << 30  # bytes that may be unpacked from anything
RATIO = 100  # times its own size to which a packed file may grow beyond that; pictures grow 2 to 10 times
_BLOCK = 1 << 20  # bytes a read: a header that lies can cost no more memory than this beyond the true size


def read_claimed(stream: IO[bytes], claimed: int, path: Path, *, packed: int) -> bytearray:
    """Return the `claimed` bytes left in the stream, unpacked from `packed` ones.

    Memory is never allocated by the claim: it grows with what is read, to at most one byte past the claim. Data packed
    far more densely than any real data, only to fill the memory, are refused while reading. Raise `InputError` for
    these, and if the stream has fewer or more bytes than claimed.

    >>> import io
    >>> read_claimed(io.BytesIO(b"abc"), 3, Path("file"), packed=3)
    bytearray(b'abc')
    """
    data = read_packed(stream, path, packed=packed, most=claimed + 1)
    check_size(path, claimed, len(data))
    return data


def read_packed(
    stream: IO[bytes], path: Path, *, packed: int, most: int | None = None, small: int | None = None
) -> bytearray:
    """Return all bytes left in the stream, or the ``most`` first of them, unpacked from ``packed`` ones.

    Raise `InputError` for data packed far more densely than any real data, unless there are no more than ``small``.
    """
    data = bytearray()
    while most is None or len(data) < most:
        block = stream.read(_BLOCK if most is None else min(_BLOCK, most - len(data)))
        if not block:
            break
        data += block
        if len(data) > max(SMALL if small is None else small, RATIO * packed):
            raise InputError(
                f"{path} grows to more than {RATIO} times its {packed} bytes; unpack it first, if it is meant to"
            )
    return data


def check_size(path: Path, claimed: int, found: int) -> None:
    """Raise `InputError` if the bytes found are fewer or more than the header claims."""
    if found < claimed:
        raise InputError(
            f"{path} is truncated: its header claims {claimed} bytes of values, it has {found}; fetch the file again"
        )
    if found > claimed:
        raise InputError(
            f"{path} goes on after the {claimed} bytes of values that its header claims; "
            "the file or its header is damaged"
        )
