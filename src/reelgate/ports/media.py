"""Converting videos; the records and the objects of derived media."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

from reelgate.domain.media.derived_media import DerivedMedia
from reelgate.domain.media.examination import Facts
from reelgate.domain.media.packaging import Sprites
from reelgate.domain.value_types import value_type

if TYPE_CHECKING:
    from reelgate.domain.media.containers import Container
    from reelgate.domain.media.conversion import ConversionRules, Reason
    from reelgate.domain.playback.renditions.kinds import ShardOrder
    from reelgate.domain.playback.segment_index import Segment

Tick = Callable[[int], Awaitable[None]]
"""Called every few seconds during the work with the percentage done. If it raises, the work ends."""


class RangeSource(Protocol):
    """A file of known size, read in pieces."""

    @property
    def size(self) -> int: ...

    async def read(self, start: int, length: int) -> bytes:
        """Return `length` bytes from `start`, fewer only at the end of the file. Raises Unavailable."""


class Sink(Protocol):
    """A target for bytes, written in order."""

    async def write(self, data: bytes) -> None:
        """Append. Raises Unavailable."""


@value_type
class Examined:
    """The facts of a file, and its poster (a small JPEG, or None).

    `no_sound` is the reason why no sound can be extracted; None if it can be tried.
    """

    facts: Facts
    poster: bytes | None
    no_sound: Reason | None = None


@value_type
class Extracted:
    """An MP3 that was written completely: its size in bytes and its duration.

    Attributes:
        media_seconds: the duration of the video, if decoding found another one than the file declares.
        truncated: whether the video ends before the declared end.
    """

    size: int
    duration_seconds: float
    media_seconds: float | None = None
    truncated: bool = False


@value_type
class Packaged:
    """A fragmented MP4 that was written completely.

    Attributes:
        size: of all of it, in bytes.
        codecs: as RFC 6381 has it.
        init_size: the bytes of the initialization section, from the beginning of the file.
        sheet: the small pictures as a JPEG, described by `sprites`; both None if no picture could be decoded.
    """

    size: int
    codecs: str
    frame_rate: float
    init_size: int
    segments: tuple[Segment, ...]
    sheet: bytes | None = None
    sprites: Sprites | None = None


@value_type
class EncodedShard:
    """A shard that was written completely.

    Attributes:
        size: in bytes. The first shard has the beginning of the file, of `init_size` bytes.
        configuration: what decoders need to know before they begin.
        starts: by how much the stamps of each track are moved, in seconds.
        segments: where they lie in the shard.
    """

    size: int
    codecs: str
    configuration: str
    init_size: int
    starts: tuple[float, ...]
    segments: tuple[Segment, ...]


class MediaConverter(Protocol):
    """Reads untrusted media files, within limits of time and memory.

    `examine` and `extract_audio` raise CannotConvert (because of the file, not retryable), RunFailed (too slow, or the
    converter died), Unavailable (source or sink cannot be reached), and what `tick` raises; so does `package`, but with
    CannotPackage in place of CannotConvert.
    """

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Wait for a free processor of this instance and hold it. Raises Unavailable when the wait takes too long."""

    async def examine(self, source: RangeSource, container: Container, *, poster: bool, seconds: float, tick: Tick) -> Examined:
        """Return the facts of a file, and its poster if `poster` is set. Takes at most `seconds`."""

    async def extract_audio(
        self,
        source: RangeSource,
        container: Container,
        sink: Sink,
        *,
        title: str,
        max_seconds: int,
        max_bytes: int,
        seconds: float,
        tick: Tick,
    ) -> Extracted:
        """Write the sound of a file as MP3 into a sink: at most `max_seconds` of sound and `max_bytes`, in at most `seconds`.

        The bit rate follows from the duration. If even the lowest would give too many bytes, nothing is decoded; if more sound
        comes than the file declares, the work ends where the bytes do: CannotConvert (`out_of_proportion`).
        """

    async def package(
        self, source: RangeSource, container: Container, sink: Sink, *, max_bytes: int, seconds: float, tick: Tick
    ) -> Packaged:
        """Write a video into a sink as a fragmented MP4 of at most `max_bytes`, in at most `seconds`.

        The pictures are copied. So is the sound, if players know its format; otherwise it is encoded as AAC.

        Raises CannotPackage (because of the file, not retryable), RunFailed, Unavailable, and what `sink` and `tick` raise.
        """

    async def encode_shard(
        self, source: RangeSource, order: ShardOrder, sink: Sink, *, max_bytes: int, seconds: float, tick: Tick
    ) -> EncodedShard:
        """Write some segments of a packaged video into a sink, in a smaller size: at most `max_bytes`, in at most `seconds`.

        The source is the beginning of the packaged file with these segments, and the one before them.
        Raises as `package` does.
        """


DecideMedia = Callable[[DerivedMedia | None], DerivedMedia | None]
"""A pure decision: the new record of a file, or None to keep it. It may run several times. Its errors end the change."""


class FollowedMedia(Protocol):
    """One file's record, changed several times by one run."""

    async def change(self, decide: DecideMedia) -> DerivedMedia | None:
        """See `DerivedMediaRecords.change`. The record is read only if it is not what the last change here left."""


class DerivedMediaRecords(Protocol):
    """One record per file. Every method raises Unavailable when the records cannot be reached."""

    async def get(self, uid: str, *file_ids: str) -> Mapping[str, DerivedMedia]:
        """Return the records that exist, by file id, as of one instant."""

    async def change(self, uid: str, file_id: str, decide: DecideMedia) -> DerivedMedia | None:
        """Read, decide and write; if the record was changed in between, start again, a limited number of times.

        Returns the record after that. Raises Unavailable when it kept changing, and when it would be created for an erased
        user.
        """

    def follow(self, uid: str, file_id: str, *, new: bool = False) -> FollowedMedia:
        """Return a file's record for several changes. `new`: it is expected not to exist yet.

        It is also created for an erased user: who follows a record checks then whether its file exists, and removes it.
        """

    async def delete(self, uid: str, file_id: str, *, day: date, now: datetime) -> None:
        """Delete the record of a file, if there is one. What its runs of this day took stays in `seconds_of_day`; one that is
        under way counts with what it has taken, and a lease more.
        """

    async def seconds_of_day(self, uid: str, day: date) -> int:
        """Return how many seconds the user's runs of a day took; those under way count with all that they may take."""

    async def running(self, uid: str, now: datetime) -> int:
        """Return how many runs of the user hold a file now."""

    async def extra_bytes(self, uid: str) -> int:
        """Return by how many bytes the user's derived objects exceed the files that they are derived from."""


class ObjectWriter(Protocol):
    """An object that is being written. It becomes visible when it is finished, never in part."""

    async def write(self, data: bytes) -> None:
        """Append. Raises Unavailable."""

    async def finish(self) -> None:
        """Make the object visible. It replaces one of the same name. Raises Unavailable."""

    async def abandon(self) -> None:
        """Discard the object. Never raises: if it cannot be discarded now, the bucket discards it later."""


class DerivedObjects(Protocol):
    """The bucket with derived media."""

    def create(self, name: str, *, content_type: str, large: bool = False) -> ObjectWriter:
        """Start writing an object of unknown size; its bytes are sent as they come, in larger pieces if it will be `large`."""

    async def read(self, name: str, start: int = 0, length: int | None = None) -> bytes:
        """Return a range of an object, or all of it. Raises Unavailable, also if it is gone."""

    async def compose(self, name: str, sources: Sequence[str], *, content_type: str) -> None:
        """Write an object that consists of others, at most 32, in this order. It replaces one of the same name.

        Raises Unavailable, also if one of them is gone.
        """

    async def remove_all(self, prefix: str) -> None:
        """Remove every object whose name starts with `prefix`. Raises Unavailable."""


class HasConversion(Protocol):
    """Offers the rules of conversion."""

    @property
    def conversion(self) -> ConversionRules: ...


class HasConverter(Protocol):
    """Offers the media converter."""

    @property
    def converter(self) -> MediaConverter: ...


class HasDerivedMedia(Protocol):
    """Offers the records of derived media."""

    @property
    def derived_media(self) -> DerivedMediaRecords: ...


class HasDerivedBucket(Protocol):
    """Offers the name of the bucket with derived media."""

    @property
    def derived_bucket(self) -> str: ...


class HasDerivedObjects(Protocol):
    """Offers the bucket with derived media."""

    @property
    def derived_objects(self) -> DerivedObjects: ...
