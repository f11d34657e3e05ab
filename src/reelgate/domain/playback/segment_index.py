"""Where the segments of a packaged video lie in its renditions' files.

A rendition is one fragmented MP4 (docs/adr/0037-packaging.md): its beginning (`ftyp` and `moov`) is the initialization section,
then each segment is one `moof` with its `mdat`. Playlists and the charges of leases are computed from this index.
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import Any

from reelgate.domain.value_types import positional_value_type, value_type

VERSION = 1


@positional_value_type
class Segment:
    """A piece of a rendition's file that begins with a key frame: offset and size in bytes, duration in milliseconds."""

    offset: int
    size: int
    milliseconds: int


@value_type
class Rendition:
    """One file that holds the video in one size: `name` is that of its object without the ending (`v0`).

    `codecs` is as RFC 6381 has it. Width and height are pixels as players show them. `init_size` is the number of bytes of the
    initialization section, from the beginning of the file.
    """

    name: str
    codecs: str
    width: int
    height: int
    frame_rate: float
    init_size: int
    segments: tuple[Segment, ...]

    @property
    def size(self) -> int:
        """The bytes that a player reads to see everything."""
        return self.init_size + sum(segment.size for segment in self.segments)

    @property
    def duration_seconds(self) -> float:
        """How long all segments play."""
        return sum(segment.milliseconds for segment in self.segments) / 1000

    def bytes_between(self, first_second: float, last_second: float) -> int:
        """Return the bytes of all segments that play at some time between two positions in seconds."""
        ends = list(accumulate(segment.milliseconds for segment in self.segments))
        first = bisect_right(ends, first_second * 1000)
        last = bisect_left(ends, last_second * 1000)
        return sum(segment.size for segment in self.segments[first : last + 1])


@value_type
class SegmentIndex:
    """All renditions of a video, the original size first."""

    renditions: tuple[Rendition, ...]

    def rendition(self, name: str) -> Rendition | None:
        """Return the rendition with this name, or None."""
        return next((one for one in self.renditions if one.name == name), None)

    def to_json(self) -> bytes:
        """Return the index as it is stored in the bucket."""
        content = {
            "v": VERSION,
            "renditions": [
                {
                    "name": one.name,
                    "codecs": one.codecs,
                    "width": one.width,
                    "height": one.height,
                    "fps": one.frame_rate,
                    "init": one.init_size,
                    "segments": [[segment.offset, segment.size, segment.milliseconds] for segment in one.segments],
                }
                for one in self.renditions
            ],
        }
        return json.dumps(content, separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, data: bytes) -> SegmentIndex:
        """Return the index that `to_json` has made. Raises ValueError for anything else."""
        content: Any = json.loads(data)
        if not isinstance(content, dict) or content.get("v") != VERSION:
            raise ValueError("This is no index of segments that this version can read.")
        try:
            return cls(renditions=tuple(_rendition(one) for one in content["renditions"]))
        except (KeyError, TypeError) as error:
            raise ValueError("This index of segments is not complete.") from error


def _rendition(content: dict[str, Any]) -> Rendition:
    return Rendition(
        name=content["name"],
        codecs=content["codecs"],
        width=content["width"],
        height=content["height"],
        frame_rate=content["fps"],
        init_size=content["init"],
        segments=tuple(Segment(*segment) for segment in content["segments"]),
    )
