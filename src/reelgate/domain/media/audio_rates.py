"""The bit rate of an MP3: as good as its size may be."""

from __future__ import annotations

from typing import Literal

from reelgate.domain.value_types import positional_value_type

Layout = Literal["mono", "stereo"]


@positional_value_type
class AudioRate:
    """How an MP3 is encoded. `sample_rate` is None where the sound's own one is kept, if MPEG-1 has it."""

    layout: Layout
    bits_per_second: int
    sample_rate: int | None = None

    def bytes_for(self, seconds: float) -> int:
        """Return the size of an MP3 that plays this long, with some to spare: declared durations are a little inexact."""
        return OVERHEAD_BYTES + int((seconds * 1.01 + 2) * self.bits_per_second / 8)


OVERHEAD_BYTES = 4096
"""What an MP3 has beside its sound: a tag with the title, and an empty frame with its length."""

_MONO = (
    AudioRate("mono", 96_000),
    AudioRate("mono", 80_000),
    AudioRate("mono", 64_000),
    AudioRate("mono", 48_000, 32_000),
    AudioRate("mono", 32_000, 24_000),
    AudioRate("mono", 24_000, 22_050),
    AudioRate("mono", 16_000, 16_000),
)
_STEREO = (
    AudioRate("stereo", 160_000),
    AudioRate("stereo", 128_000),
    AudioRate("stereo", 112_000),
    AudioRate("stereo", 96_000),
    AudioRate("stereo", 80_000, 32_000),
    AudioRate("stereo", 64_000, 24_000),
    *_MONO[3:],
)
_RATES: dict[Layout, tuple[AudioRate, ...]] = {"mono": _MONO, "stereo": _STEREO}
"""Best first. A lower bit rate gets a lower sample rate (of MPEG-2, ISO/IEC 13818-3): less treble, but no gurgling. The last
one is for speech, like a telephone's; below it there is little left to listen to."""


def usual_rate(layout: Layout) -> AudioRate:
    """Return the rate of an MP3 whose size does not matter."""
    return _RATES[layout][0]


def best_rate(layout: Layout, seconds: float, max_bytes: int) -> AudioRate | None:
    """Return the best rate at which an MP3 of this duration has at most so many bytes, None if there is none."""
    return next((rate for rate in _RATES[layout] if rate.bytes_for(seconds) <= max_bytes), None)
