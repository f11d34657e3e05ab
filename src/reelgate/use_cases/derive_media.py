"""The work of one run on a file that is there: examine it, then extract its sound if that is wanted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from reelgate.domain import conversion
from reelgate.domain.containers import HEAD_BYTES, MAX_TAGS, Container, container_of, is_score, tag_bytes
from reelgate.domain.conversion import CannotConvert, Reason, RunFailed
from reelgate.domain.derived_media import DerivedMedia, PosterState
from reelgate.domain.video import Video
from reelgate.ports import Services
from reelgate.ports.conversion import Examined
from reelgate.use_cases.hold_lease import Hold, find_live

EXAMINE_SECONDS = 60.0
"""A file whose facts and one picture are not known after a minute is none that people make."""


@dataclass(frozen=True, slots=True)
class VideoBytes:
    """A video's bytes as a `RangeSource`."""

    services: Services
    video: Video

    @property
    def size(self) -> int:
        """The size in bytes, as the books have it."""
        return self.video.size

    async def read(self, start: int, length: int) -> bytes:
        """Return a range. Raises FileNotFound, Unavailable."""
        return await self.services.media_ranges.read(self.video.object_name, self.video.generation, start=start, length=length)


async def derive_media(services: Services, record: DerivedMedia, video: Video, hold: Hold) -> None:
    """Examine the file, unless that is done, and make its MP3, if it is wanted. The results are in its record.

    Their objects are named by the record's generation, where they are looked for: the video's is another one after an operator
    has brought back its object (`restore_object`).

    Raises:
        CannotConvert, RunFailed: there are no results, or not all; what is known by then is in the record.
        LeaseLost, Gone, FileNotFound, Unavailable.
    """
    until = services.now() + timedelta(seconds=services.conversion.deadline_seconds)
    container = await _container(services, video)
    if record.examination == "pending":
        record, no_sound = await _examine(services, record, video, container, hold, until)
        if record.audio.wanted and no_sound is not None:
            raise CannotConvert(no_sound)
    if not record.audio.wanted:
        return
    if container.has_index and record.facts and (record.facts.duration_seconds or 0) > services.conversion.max_seconds:
        raise CannotConvert("too_long")
    await _extract(services, record, video, container, hold, until)


async def _container(services: Services, video: Video) -> Container:
    """Return what the file is. Raises CannotConvert for what is no video or sound, by its type or by its content."""
    if video.content_type.partition("/")[0] not in {"video", "audio"}:
        raise CannotConvert("wrong_type")
    source, start = VideoBytes(services, video), 0
    head = await source.read(0, min(video.size, HEAD_BYTES))
    container = container_of(head)
    for _ in range(MAX_TAGS):  # a tag with pictures is longer than a head
        start += tag_bytes(head)
        if not tag_bytes(head) or start >= video.size:
            break
        head = await source.read(start, min(video.size - start, HEAD_BYTES))
        container = container_of(head) or container
    if container is None:
        raise CannotConvert("unsupported" if is_score(head) else "broken_file")
    return container


async def _examine(
    services: Services, record: DerivedMedia, video: Video, container: Container, hold: Hold, until: datetime
) -> tuple[DerivedMedia, Reason | None]:
    """Return the record with the facts, and why there can be no MP3 if that is known now."""
    wants_poster = video.content_type.startswith("video/")
    examined = await services.converter.examine(
        VideoBytes(services, video),
        container,
        poster=wants_poster,
        seconds=min(EXAMINE_SECONDS, _left(services, until)),
        tick=hold.tick,
    )
    poster = await _keep_poster(services, record, examined) if wants_poster else "none"
    record = await hold.write(lambda held: held.examined(hold.holder, examined.facts, poster))
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
    services: Services, record: DerivedMedia, video: Video, container: Container, hold: Hold, until: datetime
) -> None:
    name = conversion.audio_name(record.uid, record.file_id, record.generation)
    writer = services.derived_objects.create(name, content_type=conversion.AUDIO_TYPE)
    try:
        made = await services.converter.extract_audio(
            VideoBytes(services, video),
            container,
            writer,
            title=video.title or video.filename.rpartition(".")[0] or video.filename,
            max_seconds=services.conversion.max_seconds,
            seconds=_left(services, until),
            tick=hold.tick,
        )
        # The last look before the object appears: it must not do so for a file that is gone, or after the lease has ended.
        now = services.now()
        await find_live(services, await hold.write(lambda held: held.renewed(hold.holder, now, percent=99)))
    except BaseException:
        await writer.abandon()
        raise
    await writer.finish()
    done = services.now()
    await hold.write(
        lambda held: held.finished(
            hold.holder,
            size=made.size,
            duration_seconds=made.duration_seconds,
            media_seconds=made.media_seconds,
            truncated=made.truncated,
            now=done,
        )
    )


def _left(services: Services, until: datetime) -> float:
    left = (until - services.now()).total_seconds()
    if left <= 0:
        raise RunFailed("too_slow")
    return left
