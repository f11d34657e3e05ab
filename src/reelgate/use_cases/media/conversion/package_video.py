"""Package a video for players: one fragmented MP4, a sheet of small pictures, and the index of segments."""

from __future__ import annotations

from typing import Protocol

from reelgate.domain.media.containers import Container
from reelgate.domain.media.derived_media import DerivedMedia
from reelgate.domain.media.packaging import (
    HLS_TYPE,
    INDEX_TYPE,
    SPRITES_TYPE,
    CannotPackage,
    RenditionSize,
    index_object,
    rendition_object,
    sprites_object,
)
from reelgate.domain.playback.segment_index import Rendition, SegmentIndex
from reelgate.ports.books import HasPolicy
from reelgate.ports.media import (
    HasConversion,
    HasConverter,
    HasDerivedMedia,
    HasDerivedObjects,
    ObjectWriter,
    Packaged,
    RangeSource,
)
from reelgate.ports.runtime import HasClock
from reelgate.use_cases.media.conversion.bound_derived import Room
from reelgate.use_cases.media.conversion.hold_lease import Hold

ORIGINAL = "v0"
"""The name of the rendition in the original size."""


class Services(HasClock, HasConversion, HasConverter, HasDerivedMedia, HasDerivedObjects, HasPolicy, Protocol):
    """What packaging a video needs."""


async def package_video(
    services: Services,
    record: DerivedMedia,
    source: RangeSource,
    container: Container,
    hold: Hold,
    room: Room,
    *,
    seconds: float,
) -> DerivedMedia:
    """Package a video within so many seconds, and return its record with what came of it.

    The index is written last: where it is, the rest is. What a run leaves behind is overwritten by the next one, or
    removed with the video.

    Raises:
        RunFailed: another run may succeed.
        LeaseLost, Gone, VideoNotFound, Unavailable.
    """
    try:
        if record.facts is None or record.facts.width is None or record.facts.height is None:
            raise CannotPackage("no_picture")
        packaged = await _write_rendition(services, record, source, container, hold, room, seconds)
        rendition = Rendition(
            name=ORIGINAL,
            codecs=packaged.codecs,
            width=record.facts.width,
            height=record.facts.height,
            frame_rate=packaged.frame_rate,
            init_size=packaged.init_size,
            segments=packaged.segments,
        )
    except CannotPackage as error:
        return await hold.packaged(record, record.hls.ended(error.reason), room.size)
    # Closing a large object can take long. Another run that has the lease by now may have written an index with renditions.
    await hold.check()
    names = (record.uid, record.file_id, record.generation)
    if packaged.sheet is not None:
        await _write(services, sprites_object(*names), packaged.sheet, SPRITES_TYPE)
    index = SegmentIndex(renditions=(rendition,))
    content = index.to_json()
    await _write(services, index_object(*names), content, INDEX_TYPE)
    size = packaged.size + len(packaged.sheet or b"") + len(content)
    short = tuple(RenditionSize(name=one.name, width=one.width, height=one.height, size=one.size) for one in index.renditions)
    hls = record.hls.packaged(short, size=size, sprites=packaged.sprites, now=services.now())
    return await hold.packaged(record, hls, room.size)


async def _write_rendition(
    services: Services,
    record: DerivedMedia,
    source: RangeSource,
    container: Container,
    hold: Hold,
    room: Room,
    seconds: float,
) -> Packaged:
    async def tick(_: int) -> None:
        await hold.tick(0)  # the percentage in the record is the MP3's

    name = rendition_object(record.uid, record.file_id, record.generation, ORIGINAL)
    writer = services.derived_objects.create(name, content_type=HLS_TYPE, large=True)
    sink = _BoundedSink(writer, room)
    most = services.conversion.max_audio_bytes(room.size)
    try:
        packaged = await services.converter.package(source, container, sink, max_bytes=most, seconds=seconds, tick=tick)
        await hold.check()
    except BaseException:
        await writer.abandon()
        raise
    await writer.finish()
    return packaged


async def _write(services: Services, name: str, data: bytes, content_type: str) -> None:
    writer = services.derived_objects.create(name, content_type=content_type)
    await writer.write(data)
    await writer.finish()


class _BoundedSink:
    """Asks whether there is room only when more comes than the video itself has: then it is one read, usually none."""

    def __init__(self, writer: ObjectWriter, room: Room) -> None:
        self._writer, self._room, self._written = writer, room, 0

    async def write(self, data: bytes) -> None:
        """Append. Raises CannotPackage (`no_room`), Unavailable."""
        self._written += len(data)
        if not await self._room.takes_packaged(self._written):
            raise CannotPackage("no_room")
        await self._writer.write(data)
