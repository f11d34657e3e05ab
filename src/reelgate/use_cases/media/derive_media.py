"""The work of one run on an existing file: examine it, then extract its audio if requested."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from reelgate.domain.books.video import Video
from reelgate.domain.media import conversion
from reelgate.domain.media.containers import HEAD_BYTES, MAX_BEFORE, Container, bytes_before, container_of, is_score
from reelgate.domain.media.conversion import CannotConvert, Reason, RunFailed
from reelgate.domain.media.derived_media import DerivedMedia, PosterState
from reelgate.domain.value_types import positional_value_type
from reelgate.ports.books import HasBooks
from reelgate.ports.media import Examined, Extracted, HasConversion, HasConverter, HasDerivedMedia, HasDerivedObjects
from reelgate.ports.runtime import HasClock
from reelgate.ports.storage import HasMediaRanges
from reelgate.use_cases.media.hold_lease import Hold


class Services(HasBooks, HasClock, HasConversion, HasConverter, HasDerivedMedia, HasDerivedObjects, HasMediaRanges, Protocol):
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
        """Return a range. Raises FileNotFound, Unavailable."""
        name, generation = self.video.object_name, self.video.generation
        return await self.services.media_ranges.read(name, generation, start=self.skipped + start, length=length)


async def derive_media(services: Services, record: DerivedMedia, video: Video, hold: Hold) -> Extracted | None:
    """Examine the file, unless that is done, and make its MP3 if requested. Return what the MP3 is, None if none was made.

    Object names contain the generation in the record, not that of the video, because the video's generation changes when an
    operator restores its object (`restore_object`).

    Raises:
        CannotConvert, RunFailed: some or all results are missing; `hold` has what is known so far.
        LeaseLost, Gone, FileNotFound, Unavailable.
    """
    until = services.now() + timedelta(seconds=services.conversion.deadline_seconds)
    source, container = await _media(services, video)
    if record.examination == "pending":
        record, no_sound = await _examine(services, record, source, container, hold, until)
        if record.audio.pending and no_sound is not None:
            raise CannotConvert(no_sound)
    if not record.audio.pending:
        return None
    if container.has_index and record.facts and (record.facts.duration_seconds or 0) > services.conversion.max_seconds:
        raise CannotConvert("too_long")
    return await _extract(services, record, source, container, hold, until)


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
    services: Services, record: DerivedMedia, source: VideoBytes, container: Container, hold: Hold, until: datetime
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
    poster = await _keep_poster(services, record, examined) if wants_poster else "none"
    record = await hold.examined(record, examined.facts, poster)
    return record, examined.no_sound or ("no_audio_track" if examined.facts.audio_codec is None else None)


async def _keep_poster(services: Services, record: DerivedMedia, examined: Examined) -> PosterState:
    if examined.poster is None:
        return "none" if examined.facts.video_codec is None else "failed"
    name = conversion.poster_name(record.uid, record.file_id, record.generation)
    writer = services.derived_objects.create(name, content_type=conversion.POSTER_TYPE)
    await writer.write(examined.poster)
    await writer.finish()
    return "ready"


async def _extract(
    services: Services, record: DerivedMedia, source: VideoBytes, container: Container, hold: Hold, until: datetime
) -> Extracted:
    video = source.video
    name = conversion.audio_name(record.uid, record.file_id, record.generation)
    writer = services.derived_objects.create(name, content_type=conversion.AUDIO_TYPE)
    try:
        made = await services.converter.extract_audio(
            source,
            container,
            writer,
            title=video.title or video.filename.rpartition(".")[0] or video.filename,
            max_seconds=services.conversion.max_seconds,
            seconds=_left(services, until),
            tick=hold.tick,
        )
        await hold.check()
    except BaseException:
        await writer.abandon()
        raise
    await writer.finish()
    return made


def _left(services: Services, until: datetime) -> float:
    left = (until - services.now()).total_seconds()
    if left <= 0:
        raise RunFailed("too_slow")
    return left
