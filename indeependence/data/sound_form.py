"""Sounds as inputs: one log spectrogram of a fixed size, whatever their length and rate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from indeependence.files.schema import by_name, expect, is_number, is_whole

FLOOR = -80.0  # decibels below the loudest possible sound that become 0
LOWEST = 50.0  # hertz, where the first band begins
RATES = (1000, 384_000)  # samples a second
LONGEST = 60.0  # seconds of one sound
LARGEST_SIDE = 1024


@dataclass(frozen=True)
class SoundForm:
    """The spectrogram that every sound becomes: ``height`` bands on the mel scale by ``width`` steps of time.

    Sounds are brought to one rate; shorter ones end in silence, longer ones are cut.
    """

    rate: int  # samples a second
    seconds: float
    height: int = 32
    width: int = 32

    @property
    def shape(self) -> tuple[int, int]:
        """The shape of an input."""
        return self.height, self.width

    @property
    def samples(self) -> int:
        """The number of samples that are looked at."""
        return max(1, round(self.rate * self.seconds))

    def to_json(self) -> dict[str, Any]:
        """Return the form as plain JSON values, for a model's file."""
        return asdict(self)

    @classmethod
    def of_json(cls, values: Mapping[str, Any]) -> SoundForm:
        """Return the form that `to_json` described; raise `InputError` for what is none."""
        found = by_name(values)
        expect(found.keys() == {"rate", "seconds", "height", "width"}, "rate, seconds, height and width of sounds")
        expect(
            is_whole(found["rate"], *RATES) and is_number(found["seconds"], 1e-3, LONGEST), "rate and length of sounds"
        )
        expect(all(is_whole(found[side], 1, LARGEST_SIDE) for side in ("height", "width")), "a size of spectrograms")
        return cls(**found)

    def of(self, samples: np.ndarray) -> np.ndarray:
        """Return the spectrogram uint8 ``[height, width]`` of ``samples [N]`` of -1..1 at this rate, low bands last.

        Each column is the power of the bands in a Hann window about its time, in decibels: 0 at `FLOOR`, 255 at the
        loudest.

        >>> tone = np.sin(2 * np.pi * 440 * np.arange(4000) / 8000)
        >>> picture = SoundForm(8000, 0.5, 16, 4).of(tone)
        >>> picture.shape, bool(picture[12].min() > picture[4].max())
        ((16, 4), True)
        """
        length, hop = self.samples, self.samples / self.width
        window = max(int(2 * hop), min(256, length))
        held = np.zeros(length + 2 * window)
        cut = samples[:length]
        held[window : window + len(cut)] = cut
        starts = np.round(window + (np.arange(self.width) + 0.5) * hop - window / 2).astype(int)
        frames = np.stack([held[start : start + window] for start in starts]) * np.hanning(window)
        size = 1 << max(window - 1, 2047).bit_length()  # fine enough for the lowest bands
        power = np.abs(np.fft.rfft(frames, size)) ** 2 / (np.hanning(window).sum() / 2) ** 2
        bands = power @ mel_bands(self.rate, size, self.height).T
        decibels = 10 * np.log10(np.maximum(bands, 1e-12))
        levels = np.clip(np.rint((decibels - FLOOR) / -FLOOR * 255), 0, 255).astype(np.uint8)
        return levels.T[::-1]


@lru_cache(maxsize=8)
def mel_bands(rate: int, size: int, count: int) -> np.ndarray:
    """Return weights ``[count, size // 2 + 1]`` of frequencies in triangular bands, evenly spaced on the mel scale.

    Source: Stevens, Volkmann & Newman 1937, in the form of O'Shaughnessy 1987. The heights of a band add up to 1.
    """
    lowest, highest = (2595 * np.log10(1 + frequency / 700) for frequency in (LOWEST, rate / 2))
    edges = 700 * (10 ** (np.linspace(lowest, highest, count + 2) / 2595) - 1)
    frequencies = np.arange(size // 2 + 1) * rate / size
    rising = (frequencies - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - frequencies) / np.diff(edges)[1:, None]
    weights = np.maximum(np.minimum(rising, falling), 0)
    return weights / np.maximum(weights.sum(1, keepdims=True), 1e-12)
