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
from reelgate.ports import HasBooks, HasClock, HasDerivedMedia, ReadSet


class Services(HasBooks, HasClock, HasDerivedMedia, Protocol):
    """What holding the lease of a conversion needs."""


STEP_PERCENT = 5
STEP_TIME = timedelta(seconds=1)
"""Progress is written in steps of this many percent, but not more often than this: a document allows one write a second."""
BEAT_TIME = timedelta(seconds=20)
"""The longest time between two writes. Each write renews the lease, and then the books are asked whether the file exists."""
SPARE = timedelta(seconds=30)
"""A run that cannot renew its lease stops this long before the lease ends."""


class Gone(Exception):
    """The file is in the trash (`trashed`: it may be restored) or was purged."""

    def __init__(self, *, trashed: bool) -> None:
        super().__init__()
        self.trashed = trashed


async def find_live(services: Services, record: DerivedMedia) -> Video:
    """Return the file from the books. Raises Gone."""
    snapshot = await services.books.read(record.uid, ReadSet(filename=record.filename, trashed_file_id=record.file_id))
    if snapshot.video is not None and snapshot.video.file_id == record.file_id:
        return snapshot.video
    raise Gone(trashed=snapshot.trashed is not None)


@dataclass
class Hold:
    """A run's lease on a file's record, identified by `holder`."""

    services: Services
    uid: str
    file_id: str
    holder: str
    _written: tuple[int, datetime] | None = field(default=None, init=False)

    async def write(self, change: Callable[[DerivedMedia], DerivedMedia]) -> DerivedMedia:
        """Write the record as returned by `change`. Raises LeaseLost if the record no longer exists, and the errors of
        `change`.
        """

        def decide(current: DerivedMedia | None) -> DerivedMedia:
            if current is None:
                raise LeaseLost
            return change(current)

        record = await self.services.derived_media.change(self.uid, self.file_id, decide)
        if record is None:
            raise LeaseLost
        return record

    async def refuse(self, reason: Reason) -> DerivedMedia:
        """End the run with a reason why nothing can be derived. Raises LeaseLost."""
        return await self.write(lambda held: held.refused(self.holder, reason))

    async def leave(self, *, counts: bool) -> None:
        """End the run without a result, to be repeated; `counts`: whether it counts as an attempt. Raises LeaseLost."""
        await self.write(lambda held: held.left(self.holder, counts=counts))

    async def finish(self) -> DerivedMedia:
        """End the run as completed and return the record. Raises LeaseLost."""
        return await self.write(lambda held: held.left(self.holder, counts=False) if held.lease else held)

    async def tick(self, percent: int) -> None:
        """Report progress and renew the lease, at the intervals above.

        Raises:
            LeaseLost: another run holds the file.
            Gone: the file was deleted.
            Unavailable: the lease could not be renewed and is about to end.
        """
        now = self.services.now()
        reported, at = self._written or (percent, now)
        self._written = reported, at
        stepped = percent - reported >= STEP_PERCENT and now - at >= STEP_TIME
        if not stepped and now - at < BEAT_TIME:
            return
        try:
            record = await self.write(lambda held: held.renewed(self.holder, now, percent=percent))
            await find_live(self.services, record)
        except Unavailable:
            if now - at > LEASE - SPARE:
                raise
            return
        self._written = percent, now
