"""Hold a file's record while a run works on it: report progress, and notice when the lease or the file is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from reelgate.domain.books.video import Video
from reelgate.domain.errors import Unavailable
from reelgate.domain.media.conversion import LEASE, Reason
from reelgate.domain.media.derived_media import DerivedMedia, LeaseLost
from reelgate.domain.media.examination import Findings
from reelgate.domain.media.packaging import Hls
from reelgate.domain.value_types import value_type
from reelgate.ports.books import HasBooks, ReadSet
from reelgate.ports.media import Extracted, FollowedMedia, HasDerivedMedia
from reelgate.ports.runtime import HasClock, HasIds


class Services(HasBooks, HasClock, HasDerivedMedia, HasIds, Protocol):
    """What holding the lease of a conversion needs."""


STEP_PERCENT = 5
STEP_TIME = timedelta(seconds=5)
"""Progress is written in steps of this many percent, but not more often than this: one core encodes seven minutes of sound
meanwhile (`bench convert_seconds`), and what takes less is not worth a write. Facts and poster, too, are written at the end
of the run or, if it takes longer than this, before."""
BEAT_TIME = timedelta(seconds=20)
"""The longest time between two writes, which renew the lease, and between two looks into the books: does the file exist?"""
SPARE = timedelta(seconds=30)
"""A run that cannot renew its lease stops this long before the lease ends."""


class Gone(Exception):
    """The file is in the trash (`trashed`: it may be restored) or was purged."""

    def __init__(self, *, trashed: bool) -> None:
        super().__init__()
        self.trashed = trashed


@value_type
class Order:
    """A message that a file should be converted. `id` is the message's, the same whenever it is delivered; `request` is the
    number of the user's request for an MP3, `hls_request` that for packaging, 0 without one; `restored` is set if the file was
    restored from the trash."""

    id: str
    uid: str
    file_id: str
    filename: str
    generation: int
    request: int = 0
    hls_request: int = 0
    restored: bool = False


@value_type
class Found:
    """What the books say of a file: the video if it exists, whether it is in the trash, and its owner's mail address and
    storage limit in bytes (None where the deployment's applies).
    """

    video: Video | None
    trashed: bool
    email: str | None = field(repr=False)
    storage_limit: int | None = None


async def find_video(services: HasBooks, uid: str, file_id: str) -> Found:
    """Return a file from the books: with one call if it exists, with a second one for the trash if not. Raises Unavailable."""
    snapshot = await services.books.read(uid, ReadSet(file_id=file_id))
    if snapshot.video is None:  # both at one instant, because the file may have been restored since
        snapshot = await services.books.read(uid, ReadSet(file_id=file_id, trashed_file_id=file_id))
    account = snapshot.account
    return Found(
        video=snapshot.video,
        trashed=snapshot.trashed is not None,
        email=account.email if account else None,
        storage_limit=account.storage_limit if account else None,
    )


@dataclass
class Hold:
    """A run's lease on a file's record, identified by `holder`.

    `found` is what the books said when they were last read, `announces` whether the outcome of the MP3 is news. The results of
    the examination and of packaging are kept here until the record is next written.
    """

    services: Services
    order: Order
    record: FollowedMedia
    holder: str
    found: Found | None = field(default=None, init=False)
    announces: bool = field(default=True, init=False)
    _findings: Findings | None = field(default=None, init=False)
    _hls: tuple[Hls, int] | None = field(default=None, init=False)
    _shown_percent: int = field(default=0, init=False)
    _written_at: datetime = field(init=False)
    _looked_at: datetime = field(init=False)

    def __post_init__(self) -> None:
        self._written_at = self._looked_at = self.services.now()

    async def find_live(self) -> Video:
        """Return the file from the books. Raises Gone, Unavailable."""
        now = self.services.now()
        self.found = await find_video(self.services, self.order.uid, self.order.file_id)
        self._looked_at = now
        if self.found.video is None:
            raise Gone(trashed=self.found.trashed)
        return self.found.video

    async def examined(self, record: DerivedMedia, findings: Findings) -> DerivedMedia:
        """Keep the results of the examination for the next write, and return the record with them. Raises LeaseLost.

        After an attempt that ended without a result they are written at once: it may have died, and this one may, too.
        """
        self._findings = findings
        if record.attempts > 1:
            return await self.write(lambda held: held)
        return record.examined(self.holder, findings)

    async def packaged(self, record: DerivedMedia, hls: Hls, file_size: int) -> DerivedMedia:
        """Keep what came of packaging for the next write, as `examined` does. Raises LeaseLost."""
        self._hls = (hls, file_size)
        if record.attempts > 1:
            return await self.write(lambda held: held)
        return record.packaged(self.holder, hls, file_size)

    async def write(self, change: Callable[[DerivedMedia], DerivedMedia]) -> DerivedMedia:
        """Write the record as returned by `change`. Raises LeaseLost if the record no longer exists, and the errors of
        `change`.
        """

        def decide(current: DerivedMedia | None) -> DerivedMedia:
            if current is None:
                raise LeaseLost
            if self._findings is not None and current.examination == "pending":
                current = current.examined(self.holder, self._findings)
            if self._hls is not None and current.hls.pending:
                current = current.packaged(self.holder, *self._hls)
            return change(current)

        now = self.services.now()
        record = await self.record.change(decide)
        if record is None:
            raise LeaseLost
        self._written_at, self._findings, self._hls = now, None, None
        return record

    async def refuse(self, reason: Reason) -> DerivedMedia:
        """End the run with a reason why nothing can be derived. Raises LeaseLost."""
        now = self.services.now()
        return await self.write(lambda held: held.refused(self.holder, reason, now=now))

    async def refuse_audio(self, reason: Reason) -> DerivedMedia:
        """End the run with a reason why there is no MP3. Raises LeaseLost."""
        now = self.services.now()
        return await self.write(lambda held: held.without_audio(self.holder, reason, now=now))

    async def leave(self, *, counts: bool) -> DerivedMedia:
        """End the run without an MP3: to be repeated, if there is work left; `counts`: whether it counts as an attempt. Return
        the record. Raises LeaseLost.
        """
        now = self.services.now()
        return await self.write(lambda held: held.left(self.holder, counts=counts, now=now))

    async def finish(self, made: Extracted, file_size: int) -> DerivedMedia:
        """End the run with its MP3 and return the record. Raises LeaseLost."""
        now = self.services.now()
        return await self.write(
            lambda held: held.finished(
                self.holder,
                size=made.size,
                file_size=file_size,
                duration_seconds=made.duration_seconds,
                media_seconds=made.media_seconds,
                truncated=made.truncated,
                now=now,
            )
        )

    async def check(self) -> None:
        """Make sure before the last step of a long run that the lease is held. Raises LeaseLost, Unavailable.

        Whether the file exists need not be asked: if it was purged meanwhile, the record is gone, and the last write fails.
        """
        now = self.services.now()
        if now - self._written_at >= BEAT_TIME:
            await self.write(lambda held: held.renewed(self.holder, now, percent=99))

    async def tick(self, percent: int) -> None:
        """Report progress, renew the lease and ask whether the file exists, at the intervals above.

        Raises:
            LeaseLost: another run holds the file, or its record was removed.
            Gone: the file was deleted.
            Unavailable: the lease could not be renewed and is about to end.
        """
        now = self.services.now()
        since = now - self._written_at
        stepped = percent - self._shown_percent >= STEP_PERCENT and since >= STEP_TIME
        shows = self._findings is not None and since >= STEP_TIME
        try:
            if stepped or shows or since >= BEAT_TIME:
                await self.write(lambda held: held.renewed(self.holder, now, percent=percent))
                self._shown_percent = percent
            if now - self._looked_at >= BEAT_TIME:
                await self.find_live()
        except Unavailable:
            if since > LEASE - SPARE:
                raise
