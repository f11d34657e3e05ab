"""The work of one run on an existing file: examine it, then package it and extract its audio if requested."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from reelgate.domain.books.video import Video
from reelgate.domain.media import conversion
from reelgate.domain.media.containers import HEAD_BYTES, MAX_BEFORE, Container, bytes_before, container_of, is_score
from reelgate.domain.media.conversion import CannotConvert, Reason, RunFailed
from reelgate.domain.media.derived_media import DerivedMedia
from reelgate.domain.media.examination import Findings, PosterState
from reelgate.domain.value_types import positional_value_type, value_type
from reelgate.ports.books import HasBooks, HasPolicy
from reelgate.ports.media import Examined, Extracted, HasConversion, HasConverter, HasDerivedMedia, HasDerivedObjects
from reelgate.ports.runtime import HasClock, HasIds
from reelgate.ports.storage import HasMediaRanges
from reelgate.use_cases.media.conversion.bound_derived import Room
from reelgate.use_cases.media.conversion.hold_lease import Hold
from reelgate.use_cases.media.conversion.package_video import package_video


class Services(
    HasBooks,
    HasClock,
    HasConversion,
    HasConverter,
    HasDerivedMedia,
    HasDerivedObjects,
    HasIds,
    HasMediaRanges,
    HasPolicy,
    Protocol,
):
    """What deriving media needs."""


EXAMINE_SECONDS = 60.0
"""A file that cannot be examined within a minute is not an ordinary recording."""
MAX_LOOK_BYTES = 4 * 1024 * 1024
"""Leading zeros are skipped in ranges that grow up to this size. A file whose content starts later is not treated as media.
This limits the number of reads for files of any size."""


@positional_value_type
class VideoBytes:
    """A video's bytes as a `RangeSource`, without the first `skipped` ones."""

    services: Services
    video: Video
    skipped: int = 0

    @property
    def size(self) -> int:
        """The size in bytes, as in the books, minus what is skipped."""
        return self.video.size - self.skipped

    async def read(self, start: int, length: int) -> bytes:
        """Return a range. Raises VideoNotFound, Unavailable."""
        name, generation = self.video.object_name, self.video.generation
        return await self.services.media_ranges.read(name, generation, start=self.skipped + start, length=length)


@value_type
class Derived:
    """What a run made: the MP3, or the reason why there is none, both None if none was requested.

    `not_packaged` is set if packaging failed in a way that another run may not, and is left to this.
    """

    made: Extracted | None = None
    no_audio: Reason | None = None
    not_packaged: RunFailed | None = None


async def derive_media(services: Services, record: DerivedMedia, video: Video, hold: Hold) -> Derived:
    """Examine the file, unless that is done, package it and make its MP3 if requested.

    Packaging comes first, because it takes a fraction of the time. If it fails, the MP3 is made all the same.

    Object names contain the generation in the record, not that of the video, because the video's generation changes when an
    operator restores its object (`restore_object`).

    Raises:
        CannotConvert, RunFailed: all results that were still to be made are missing; `hold` has what is known so far.
        LeaseLost, Gone, VideoNotFound, Unavailable.
    """
    until = services.now() + timedelta(seconds=services.conversion.deadline_seconds)
    source, container = await _media(services, video)
    room = Room(services, record, video.size, storage_limit=hold.found.storage_limit if hold.found else None)
    no_sound = None
    if record.examination == "pending":
        record, no_sound = await _examine(services, record, source, container, hold, until, room)
    not_packaged = None
    if record.hls.pending:
        try:
            seconds = _left(services, until) / (2 if record.audio.pending else 1)  # the MP3 must not suffer from it
            record = await package_video(services, record, source, container, hold, room, seconds=seconds)
        except RunFailed as error:
            if record.attempts >= services.conversion.attempts:
                record = await hold.packaged(record, record.hls.ended(error.reason), video.size)
            else:
                not_packaged = error
    if not record.audio.pending:
        return Derived(not_packaged=not_packaged)
    try:
        if no_sound is not None:
            raise CannotConvert(no_sound)
        if container.has_index and record.facts and (record.facts.duration_seconds or 0) > services.conversion.max_seconds:
            raise CannotConvert("too_long")
        made = await _extract(services, record, source, container, hold, until, room)
    except CannotConvert as error:
        return Derived(no_audio=error.reason, not_packaged=not_packaged)
    return Derived(made=made, not_packaged=not_packaged)


async def _media(services: Services, video: Video) -> tuple[VideoBytes, Container]:
    """Return the file without leading tags and zeros, and its container.

    Raises:
        CannotConvert: its type or its content is neither video nor audio.
    """
    if video.content_type.partition("/")[0] not in {"video", "audio"}:
        raise CannotConvert("wrong_type")
    source, container, length = VideoBytes(services, video), None, HEAD_BYTES
    for _ in range(MAX_BEFORE):
        read = await source.read(0, min(source.size, length))
        head = read[:HEAD_BYTES]
        container = container_of(head) or container
        before = bytes_before(read)
        if not before or before >= source.size:
            break
        if any(read):
            length = HEAD_BYTES
        elif length < MAX_LOOK_BYTES:
            length *= 4
        else:
            break
        source = VideoBytes(services, video, source.skipped + before)
    if container is None:
        raise CannotConvert("unsupported" if is_score(head) else "broken_file")
    return source, container


async def _examine(
    services: Services, record: DerivedMedia, source: VideoBytes, container: Container, hold: Hold, until: datetime, room: Room
) -> tuple[DerivedMedia, Reason | None]:
    """Return the record with the facts, and with the reason if an MP3 is already known to be impossible."""
    wants_poster = source.video.content_type.startswith("video/")
    examined = await services.converter.examine(
        source,
        container,
        poster=wants_poster,
        seconds=min(EXAMINE_SECONDS, _left(services, until)),
        tick=hold.tick,
    )
    poster = await _keep_poster(services, record, examined, room) if wants_poster else "none"
    ready = examined.poster is not None and poster == "ready"
    findings = Findings(
        facts=examined.facts,
        size=source.video.size,
        poster=poster,
        poster_secret=services.new_id() if ready else None,
        poster_bytes=len(examined.poster or b"") if ready else 0,
    )
    record = await hold.examined(record, findings)
    return record, examined.no_sound or ("no_audio_track" if examined.facts.audio_codec is None else None)


async def _keep_poster(services: Services, record: DerivedMedia, examined: Examined, room: Room) -> PosterState:
    if examined.poster is None:
        return "none" if examined.facts.video_codec is None else "failed"
    if not await room.takes_poster(len(examined.poster)):
        return "failed"
    name = conversion.poster_name(record.uid, record.file_id, record.generation)
    writer = services.derived_objects.create(name, content_type=conversion.POSTER_TYPE)
    await writer.write(examined.poster)
    await writer.finish()
    return "ready"


async def _extract(
    services: Services, record: DerivedMedia, source: VideoBytes, container: Container, hold: Hold, until: datetime, room: Room
) -> Extracted:
    video = source.video
    bound = await room.for_audio(record)
    name = conversion.audio_name(record.uid, record.file_id, record.generation)
    writer = services.derived_objects.create(name, content_type=conversion.AUDIO_TYPE)
    try:
        made = await services.converter.extract_audio(
            source,
            container,
            writer,
            title=video.title or video.filename.rpartition(".")[0] or video.filename,
            max_seconds=services.conversion.max_seconds,
            max_bytes=bound.max_bytes,
            seconds=_left(services, until),
            tick=hold.tick,
        )
        await hold.check()
    except BaseException as error:
        await writer.abandon()
        if isinstance(error, CannotConvert) and error.reason == "out_of_proportion" and bound.by_room:
            raise CannotConvert("no_room") from None
        raise
    await writer.finish()
    return made


def _left(services: Services, until: datetime) -> float:
    left = (until - services.now()).total_seconds()
    if left <= 0:
        raise RunFailed("too_slow")
    return left
