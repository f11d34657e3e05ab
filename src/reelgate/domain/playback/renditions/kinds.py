"""Which smaller renditions there can be, and what is encoded in one run of the encoder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reelgate.domain.value_types import value_type

if TYPE_CHECKING:  # the settings of all functions name kinds, and few of them know indexes
    from reelgate.domain.playback.segment_index import Rendition


@value_type
class RenditionKind:
    """A size of pictures.

    Attributes:
        label: how it is called in the settings.
        name: of its object, without the ending.
        side: the shorter side of its pictures in pixels.
        bits_per_second: what its pictures may have at most, over two seconds.
    """

    label: str
    name: str
    side: int
    bits_per_second: int

    def fits(self, width: int, height: int) -> bool:
        """Return whether a video of this size is larger."""
        return min(width, height) > self.side

    def size_of(self, width: int, height: int) -> tuple[int, int]:
        """Return the size of its pictures for a video of a size: in proportion, and even, as colours need two pixels."""
        ratio = self.side / min(width, height)
        return max(2, 2 * round(width * ratio / 2)), max(2, 2 * round(height * ratio / 2))


KINDS = (
    RenditionKind(label="240p", name="v1", side=240, bits_per_second=400_000),
    RenditionKind(label="480p", name="v2", side=480, bits_per_second=1_200_000),
)
"""The smallest first: it is made first, and helps those with the slowest networks."""


def kinds_for(labels: Sequence[str], width: int, height: int) -> tuple[RenditionKind, ...]:
    """Return the kinds that a video of a size gets, of those in the settings."""
    return tuple(kind for kind in KINDS if kind.label in labels and kind.fits(width, height))


@value_type
class ShardOrder:
    """What to encode of a packaged video.

    Attributes:
        encoder: FFmpeg's name for it.
        width, height: of the pictures, both even.
        bits_per_second: what the pictures may have at most, over two seconds.
        frame_rate: of the whole video, for the encoder's level.
        lead_bytes: where in the source the shard begins. What is before is only decoded: the first pictures may refer to it.
        number: of this shard. 0 writes the beginning of the file.
        starts: what the shard with number 0 returned; that one needs none.
    """

    encoder: str
    width: int
    height: int
    bits_per_second: int
    frame_rate: float
    lead_bytes: int
    number: int
    starts: tuple[float, ...] = ()


@value_type
class ShardRange:
    """Segments of the original, by number: from `first` to before `end`. `lead` is the one before, or `first`."""

    lead: int
    first: int
    end: int


def shards_of(rendition: Rendition, seconds: int) -> tuple[ShardRange, ...]:
    """Return how to divide a video: into whole segments, each shard of so many seconds, or a little more."""
    shards: list[ShardRange] = []
    first = milliseconds = 0
    for number, segment in enumerate(rendition.segments, start=1):
        milliseconds += segment.milliseconds
        if milliseconds >= seconds * 1000 or number == len(rendition.segments):
            shards.append(ShardRange(lead=max(0, first - 1), first=first, end=number))
            first, milliseconds = number, 0
    return tuple(shards)
