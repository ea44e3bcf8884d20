"""Reading what a header claims without believing it."""

from pathlib import Path
from typing import IO

from indeependence.errors import InputError

SMALL = 1 << 30  # bytes that may be unpacked from anything
RATIO = 100  # times its own size that a packed file may grow beyond that; pictures grow 2 to 10 times
_BLOCK = 1 << 20  # bytes a read: a header that lies can cost no more memory than this beyond the true size


def read_claimed(stream: IO[bytes], claimed: int, path: Path, *, packed: int) -> bytearray:
    """The `claimed` bytes left in the stream, unpacked from `packed` ones; InputError if it holds fewer or more.

    Never allocates by the claim: memory grows with what really comes, to at most one byte past it. What was packed
    only to fill the memory, by more than any data is, is refused on the way.

    >>> import io
    >>> read_claimed(io.BytesIO(b"abc"), 3, Path("file"), packed=3)
    bytearray(b'abc')
    """
    data = bytearray()
    while len(data) <= claimed:
        block = stream.read(min(_BLOCK, claimed + 1 - len(data)))
        if not block:
            break
        data += block
        if len(data) > max(SMALL, RATIO * packed):
            raise InputError(
                f"{path} grows to more than {RATIO} times its {packed} bytes; unpack it first, if it is meant to"
            )
    check_size(path, claimed, len(data))
    return data


def check_size(path: Path, claimed: int, found: int) -> None:
    """Nothing; InputError if the bytes found are fewer or more than the header claims."""
    if found < claimed:
        raise InputError(
            f"{path} is truncated: its header claims {claimed} bytes of values, it has {found}; fetch the file again"
        )
    if found > claimed:
        raise InputError(
            f"{path} goes on after the {claimed} bytes of values that its header claims; "
            "the file or its header is damaged"
        )
