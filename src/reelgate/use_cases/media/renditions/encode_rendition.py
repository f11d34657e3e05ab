"""Encode what is missing of one rendition, shard by shard, and join the shards.

Each shard is an object of its own, and so is the table of all shards so far; both have new names each time they are written.
The record names the table that counts, and only a run that holds the lease can change that. So a run that dies, or one that has
lost its lease without knowing, leaves nothing behind that another one takes for its own work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from reelgate.domain.media.derived_media import DerivedMedia
from reelgate.domain.media.packaging import (
    HLS_TYPE,
    INDEX_TYPE,
    CannotPackage,
    RenditionSize,
    index_object,
    rendition_object,
    shards_folder,
)
from reelgate.domain.playback.renditions import runs
from reelgate.domain.playback.renditions.kinds import RenditionKind, ShardOrder, ShardRange, shards_of
from reelgate.domain.playback.renditions.shard_table import ShardTable
from reelgate.domain.playback.segment_index import Rendition, SegmentIndex
from reelgate.domain.value_types import positional_value_type
from reelgate.ports.books import HasBooks, HasPolicy
from reelgate.ports.media import EncodedShard, HasConversion, HasConverter, HasDerivedMedia, HasDerivedObjects, ObjectWriter
from reelgate.ports.runtime import HasClock, HasIds
from reelgate.use_cases.media.conversion.bound_derived import Room
from reelgate.use_cases.media.conversion.hold_lease import Hold

COMPOSED_AT_ONCE = 32
"""Objects that Cloud Storage joins in one call (Cloud Storage docs, "Composite objects")."""
SPARE_FACTOR = 1.5
"""A shard is begun only if there is time for one that takes so much longer than the longest one of the run."""


class Services(
    HasBooks, HasClock, HasConversion, HasConverter, HasDerivedMedia, HasDerivedObjects, HasIds, HasPolicy, Protocol
):
    """What encoding a rendition needs."""


class OutOfTime(Exception):
    """The run has done what fits into its time; another one goes on."""


@dataclass
class Encoding:
    """One run's work on the renditions of a packaged video, until a time."""

    services: Services
    record: DerivedMedia
    hold: Hold
    room: Room
    until: datetime
    _longest: float = 0.0

    async def make(self, kind: RenditionKind) -> None:
        """Encode what is missing of a rendition and complete it. Players see it from then on.

        Raises:
            CannotPackage: it cannot be made of this video.
            OutOfTime: progress was recorded, and there is more to do.
            RunFailed, LeaseLost, Gone, Unavailable.
        """
        index = SegmentIndex.from_json(await self.services.derived_objects.read(self._index_name))
        original = index.rendition(runs.ORIGINAL)
        if original is None:
            raise CannotPackage("broken_file")
        rendition = index.rendition(kind.name)
        if rendition is None:  # otherwise a run completed it and died before it said so
            table = await self._encoded(kind, original)
            await self._join(table)
            await self.hold.check()
            rendition = table.rendition()
            index = SegmentIndex(renditions=(*index.renditions, rendition))
            await self._write(self._index_name, index.to_json(), INDEX_TYPE)
        await self.services.derived_objects.remove_all(self._folder(kind.name))
        await self._record(rendition, index)

    async def give_up_others(self) -> None:
        """Remove what was made of a rendition that is no longer in the settings. Raises Unavailable."""
        if self.record.transcoding.rendition is not None:
            await self.services.derived_objects.remove_all(self._folder(self.record.transcoding.rendition))

    async def _record(self, rendition: Rendition, index: SegmentIndex) -> None:
        before = SegmentIndex(renditions=tuple(one for one in index.renditions if one.name != rendition.name))
        size = rendition.size + len(index.to_json()) - len(before.to_json())
        made = RenditionSize(name=rendition.name, width=rendition.width, height=rendition.height, size=rendition.size)
        holder, now, file_size = self.hold.holder, self.services.now(), self.room.size
        self.record = await self.hold.write(lambda held: runs.joined(held, holder, now, made, size=size, file_size=file_size))

    async def _encoded(self, kind: RenditionKind, original: Rendition) -> ShardTable:
        """Return the table of all shards, after encoding those that are missing."""
        table = await self._table(kind, original)
        plan = shards_of(original, self.services.conversion.shard_seconds)
        for number in range(len(table.objects), len(plan)):
            began = self.services.now()
            left = (self.until - began).total_seconds()
            if left <= SPARE_FACTOR * self._longest:
                raise OutOfTime
            table = await self._add(table, kind, original, plan[number], left)
            self._longest = max(self._longest, (self.services.now() - began).total_seconds())
        return table

    async def _table(self, kind: RenditionKind, original: Rendition) -> ShardTable:
        """Return what earlier runs made of this rendition, or nothing if they made something else."""
        width, height = kind.size_of(original.width, original.height)
        new = ShardTable(name=kind.name, source_bytes=original.size, width=width, height=height, frame_rate=original.frame_rate)
        progress = self.record.transcoding
        if progress.rendition != kind.name:
            await self.give_up_others()
            return new
        name = f"{self._folder(kind.name)}{progress.table}.json"
        table = ShardTable.from_json(await self.services.derived_objects.read(name))
        return table if (table.source_bytes, table.width, table.height) == (original.size, width, height) else new

    async def _add(
        self, table: ShardTable, kind: RenditionKind, original: Rendition, part: ShardRange, seconds: float
    ) -> ShardTable:
        """Encode one more shard and record it."""
        name = f"{self._folder(kind.name)}{self.services.new_id()}.mp4"
        made = await self._encode(table, kind, original, part, name, seconds)
        if not table.objects:
            table = replace(
                table, codecs=made.codecs, configuration=made.configuration, init_size=made.init_size, starts=made.starts
            )
        elif made.configuration != table.configuration:  # another version of the encoder
            raise CannotPackage("unsupported")
        table = table.with_shard(name, made.size, made.segments)
        written = self.services.new_id()
        await self._write(f"{self._folder(kind.name)}{written}.json", table.to_json(), INDEX_TYPE)
        holder, now = self.hold.holder, self.services.now()
        file_size = self.room.size
        self.record = await self.hold.write(
            lambda held: runs.advanced(held, holder, now, table, table=written, file_size=file_size)
        )
        return table

    async def _encode(
        self, table: ShardTable, kind: RenditionKind, original: Rendition, part: ShardRange, name: str, seconds: float
    ) -> EncodedShard:
        services, segments = self.services, original.segments
        lead, first, last = segments[part.lead], segments[part.first], segments[part.end - 1]
        source = _PackagedPart(
            services,
            rendition_object(self.record.uid, self.record.file_id, self.record.generation, original.name),
            original.init_size,
            lead.offset,
            last.offset + last.size - lead.offset,
        )
        order = ShardOrder(
            encoder=services.conversion.encoder,
            width=table.width,
            height=table.height,
            bits_per_second=kind.bits_per_second,
            frame_rate=table.frame_rate,
            lead_bytes=original.init_size + first.offset - lead.offset,
            number=len(table.objects),
            starts=table.starts,
        )

        async def tick(_: int) -> None:
            await self.hold.tick(0)  # the percentage in the record is the MP3's

        writer = services.derived_objects.create(name, content_type=HLS_TYPE)
        sink = _BoundedSink(writer, self.room, self.record.hls.bytes + table.size)
        # What is not smaller than the original helps nobody.
        most = original.size - table.size
        try:
            made = await services.converter.encode_shard(source, order, sink, max_bytes=most, seconds=seconds, tick=tick)
        except BaseException:
            await writer.abandon()
            raise
        await writer.finish()
        return made

    async def _join(self, table: ShardTable) -> None:
        """Join all shards into the file that players get. The same again gives the same."""
        names: Sequence[str] = table.objects
        folder, level = self._folder(table.name), 0
        while len(names) > COMPOSED_AT_ONCE:
            groups = [names[at : at + COMPOSED_AT_ONCE] for at in range(0, len(names), COMPOSED_AT_ONCE)]
            joined = [f"{folder}joined-{level}-{number}.mp4" for number in range(len(groups))]
            for name, group in zip(joined, groups, strict=True):
                await self.services.derived_objects.compose(name, group, content_type=HLS_TYPE)
            names, level = joined, level + 1
        name = rendition_object(self.record.uid, self.record.file_id, self.record.generation, table.name)
        await self.services.derived_objects.compose(name, names, content_type=HLS_TYPE)

    async def _write(self, name: str, data: bytes, content_type: str) -> None:
        writer = self.services.derived_objects.create(name, content_type=content_type)
        await writer.write(data)
        await writer.finish()

    @property
    def _index_name(self) -> str:
        return index_object(self.record.uid, self.record.file_id, self.record.generation)

    def _folder(self, name: str) -> str:
        return shards_folder(self.record.uid, self.record.file_id, self.record.generation, name)


@positional_value_type
class _PackagedPart:
    """The beginning of a packaged file with a part of it, `length` bytes from `offset`, as a `RangeSource`."""

    services: HasDerivedObjects
    name: str
    init_size: int
    offset: int
    length: int

    @property
    def size(self) -> int:
        """The bytes of both together."""
        return self.init_size + self.length

    async def read(self, start: int, length: int) -> bytes:
        """Return a range. Raises Unavailable."""
        head = b""
        if start < self.init_size:
            head = await self.services.derived_objects.read(self.name, start, min(length, self.init_size - start))
        if len(head) == length:
            return head
        at = self.offset + start + len(head) - self.init_size
        return head + await self.services.derived_objects.read(self.name, at, length - len(head))


class _BoundedSink:
    """Asks whether there is room for a shard beside what there is already."""

    def __init__(self, writer: ObjectWriter, room: Room, there: int) -> None:
        self._writer, self._room, self._bytes = writer, room, there

    async def write(self, data: bytes) -> None:
        """Append. Raises CannotPackage (`no_room`), Unavailable."""
        self._bytes += len(data)
        if not await self._room.takes_packaged(self._bytes):
            raise CannotPackage("no_room")
        await self._writer.write(data)
