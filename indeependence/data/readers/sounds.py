"""Sounds in ``.wav`` files, as spectrograms of one form."""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd
from pathlib import Path

import numpy as np

from indeependence.data.readers.picture_kinds import looks_like_a_picture
from indeependence.data.readers.picture_survey import Size
from indeependence.data.sound_form import LARGEST_SIDE, LONGEST, RATES, SoundForm
from indeependence.data.understood import counted, say
from indeependence.errors import InputError

SUFFIXES = (".wav", ".wave")
STREAMED = 0x7FFF0000  # bytes, from which on a size only says that it was not known


@dataclass(frozen=True, eq=False)
class Sounds:
    """Spectrograms ``[N, H, W]`` uint8, and the form that all of them have."""

    x: np.ndarray
    form: SoundForm


def is_sound(path: Path) -> bool:
    """Return whether a file is a sound by its name."""
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".")


def holds_sounds(path: Path) -> bool:
    """Return whether a file is a sound, or a folder holds sounds in or below it, and no pictures."""
    if not path.is_dir():
        return is_sound(path)
    found = False
    for one in path.rglob("*"):
        if one.is_file() and not one.name.startswith("."):
            if not is_sound(one) and looks_like_a_picture(one):
                return False
            found = found or is_sound(one)
    return found


def read_sounds(source: Path, paths: Sequence[Path], form: SoundForm | None = None, size: Size | None = None) -> Sounds:
    """Return the sounds in ``paths`` below ``source`` in the ``form`` of a model, or in one chosen here, and say how.

    A chosen form has the highest rate and the length of the longest sound, and 32 bands by 32 steps unless another
    ``size`` is asked for. Raise `InputError` for damaged files, and where a model's form has another size.
    """
    if form is not None and size is not None and (size.height, size.width) != form.shape:
        raise InputError(
            f"the model takes spectrograms of {form.height}x{form.width}, got --size {size.height}x{size.width}: leave "
            "it out, sounds are fitted"
        )
    if not paths:
        raise InputError(f"{source} holds no sound: expected .wav files")
    sounds = [read_wav(path) for path in paths]
    form = form or _chosen(sounds, size)
    x = np.stack([form.of(_at_rate(samples, rate, form.rate)) for rate, samples in sounds])
    about = f"{form.height}x{form.width} bands by steps of {form.seconds:.3g} s at {form.rate:,} Hz"
    say(f"{source}: {counted(len(paths), 'sound')}, as spectrograms of {about}")
    return Sounds(x, form)


def read_wav(path: Path) -> tuple[int, np.ndarray]:
    """Return the rate and the samples float64 ``[N]`` of -1..1 of a sound, all its channels mixed.

    Raise `InputError` for what is no intact ``.wav``, for silence without samples, and for more than a minute.
    """
    from scipy.io import wavfile

    data = path.read_bytes()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # notes on chunks that hold no samples
            rate, samples = wavfile.read(io.BytesIO(data))  # never more than the file holds
    except (ValueError, struct.error, EOFError, KeyError, TypeError, ZeroDivisionError, IndexError) as error:
        raise InputError(f"{path} is no intact .wav sound ({error}): save it again as WAV, of PCM samples") from error
    if missing := _missing(data):
        raise InputError(f"{path}: {missing:,} bytes of its samples are missing: the file is cut short, fetch it again")
    mixed = _as_shares(samples)
    mixed = mixed.mean(1) if mixed.ndim == 2 else mixed
    if not RATES[0] <= rate <= RATES[1] or not len(mixed) or len(mixed) > rate * LONGEST:
        raise InputError(
            f"{path}: expected a sound of up to {LONGEST:g} seconds at {RATES[0]:,} to {RATES[1]:,} Hz, got "
            f"{len(mixed):,} samples at {rate:,} Hz: cut it into shorter ones"
        )
    if not np.isfinite(mixed).all():
        raise InputError(f"{path}: its samples are not all finite numbers: save it again")
    return int(rate), mixed


def _missing(data: bytes) -> int:
    """Return how many bytes a ``.wav`` has fewer than it says; programs that write to a pipe claim 2 GB and more."""
    kind = ">I" if data.startswith(b"RIFX") else "<I"
    place = 12  # behind RIFF, its size, and WAVE
    while place + 8 <= len(data):
        (size,) = struct.unpack_from(kind, data, place + 4)
        if data[place : place + 4] == b"data":
            return max(0, place + 8 + size - len(data)) if size < STREAMED else 0
        place += 8 + size + size % 2
    return 0


def _as_shares(samples: np.ndarray) -> np.ndarray:
    """Return samples as shares of the loudest: 8-bit ones are about 128, other whole numbers and floats about 0."""
    if samples.dtype == np.uint8:
        return (samples.astype(np.float64) - 128) / 128
    if samples.dtype.kind in "iu":
        return samples / float(np.iinfo(samples.dtype).max)
    return samples.astype(np.float64)


def _chosen(sounds: Sequence[tuple[int, np.ndarray]], size: Size | None) -> SoundForm:
    rate = max(rate for rate, _ in sounds)
    seconds = max(len(samples) / of for of, samples in sounds)
    height, width = (32, 32) if size is None else (size.height, size.width)
    if max(height, width) > LARGEST_SIDE:
        raise InputError(f"--size: expected spectrograms of up to {LARGEST_SIDE} bands and steps, got {height}x{width}")
    return SoundForm(rate, max(seconds, 1e-3), height, width)


def _at_rate(samples: np.ndarray, rate: int, wanted: int) -> np.ndarray:
    """Return samples at the ``wanted`` rate."""
    if rate == wanted:
        return samples
    from scipy.signal import resample_poly

    common = gcd(rate, wanted)
    return resample_poly(samples, wanted // common, rate // common)
