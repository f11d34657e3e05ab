"""What was made of a rendition so far: its shards, and where its segments will lie once these are joined."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import Any

from reelgate.domain.playback.segment_index import Rendition, Segment
from reelgate.domain.value_types import value_type


@value_type
class ShardTable:
    """The table of a rendition under way. It is an object in the bucket, too large for a record.

    Attributes:
        name: of the rendition.
        source_bytes: the size of the file that it is made of.
        width, height, frame_rate, codecs, init_size: of the rendition.
        configuration: what decoders need to know before they begin. It must be the same in each shard.
        starts: by how much the stamps of each track are moved, in seconds.
        objects: the names of the shards, in order.
        size: of all shards, in bytes.
        segments: of all shards, where they lie in the joined file.
    """

    name: str
    source_bytes: int
    width: int
    height: int
    frame_rate: float
    codecs: str = ""
    configuration: str = ""
    init_size: int = 0
    starts: tuple[float, ...] = ()
    objects: tuple[str, ...] = ()
    size: int = 0
    segments: tuple[Segment, ...] = ()

    def with_shard(self, object_name: str, size: int, segments: tuple[Segment, ...]) -> ShardTable:
        """Return the table with one more shard, in which the segments lie as they do in its object."""
        moved = tuple(Segment(self.size + one.offset, one.size, one.milliseconds) for one in segments)
        return replace(self, objects=(*self.objects, object_name), size=self.size + size, segments=(*self.segments, *moved))

    def rendition(self) -> Rendition:
        """Return the rendition that all shards make together."""
        return Rendition(
            name=self.name,
            codecs=self.codecs,
            width=self.width,
            height=self.height,
            frame_rate=self.frame_rate,
            init_size=self.init_size,
            segments=self.segments,
        )

    def to_json(self) -> bytes:
        """Return the table as it is stored in the bucket."""
        segments = [[one.offset, one.size, one.milliseconds] for one in self.segments]
        return json.dumps({**asdict(self), "segments": segments}, separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, data: bytes) -> ShardTable:
        """Return the table that `to_json` has made. Raises ValueError for anything else."""
        content: Any = json.loads(data)
        try:
            tuples = {name: tuple(content[name]) for name in ("starts", "objects")}
            return cls(**{**content, **tuples, "segments": tuple(Segment(*one) for one in content["segments"])})
        except (KeyError, TypeError) as error:
            raise ValueError("This is no table of shards that this version can read.") from error
