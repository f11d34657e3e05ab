"""Keep a file's record while a run works on it: tell of progress, and notice when the file is not ours any more."""

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
    """What holding the lease of a conversion uses."""


STEP_PERCENT = 5
STEP_TIME = timedelta(seconds=1)
"""Progress is written every so many percent, but not more often than this: a document is good for one write a second."""
BEAT_TIME = timedelta(seconds=20)
"""How long at most between two writes: the lease has to be renewed, and the books asked whether the file is still there."""
SPARE = timedelta(seconds=30)
"""A run that cannot renew its lease stops so long before it ends."""


class Gone(Exception):
    """The file is not among the finished ones any more: `trashed`, from where it may come back, or purged."""

    def __init__(self, *, trashed: bool) -> None:
        super().__init__()
        self.trashed = trashed


async def find_live(services: Services, record: DerivedMedia) -> Video:
    """Return the file as the books have it. Raises Gone."""
    snapshot = await services.books.read(record.uid, ReadSet(filename=record.filename, trashed_file_id=record.file_id))
    if snapshot.video is not None and snapshot.video.file_id == record.file_id:
        return snapshot.video
    raise Gone(trashed=snapshot.trashed is not None)


@dataclass
class Hold:
    """A run's hold on a file's record, by the id `holder`."""

    services: Services
    uid: str
    file_id: str
    holder: str
    _written: tuple[int, datetime] | None = field(default=None, init=False)

    async def write(self, change: Callable[[DerivedMedia], DerivedMedia]) -> DerivedMedia:
        """Write the record as `change` makes it. Raises LeaseLost when there is none any more, and what `change` raises."""

        def decide(standing: DerivedMedia | None) -> DerivedMedia:
            if standing is None:
                raise LeaseLost
            return change(standing)

        record = await self.services.derived_media.change(self.uid, self.file_id, decide)
        if record is None:
            raise LeaseLost
        return record

    async def refuse(self, reason: Reason) -> DerivedMedia:
        """End the run with a reason why there is nothing to be had. Raises LeaseLost."""
        return await self.write(lambda held: held.refused(self.holder, reason))

    async def leave(self, *, counts: bool) -> None:
        """End the run without an outcome, for another one; `counts` tells whether the attempt was one. Raises LeaseLost."""
        await self.write(lambda held: held.left(self.holder, counts=counts))

    async def finish(self) -> DerivedMedia:
        """End the run, with everything done, and return the record. Raises LeaseLost."""
        return await self.write(lambda held: held.left(self.holder, counts=False) if held.lease else held)

    async def tick(self, percent: int) -> None:
        """Tell of progress and of being alive, now and then.

        Raises:
            LeaseLost: somebody else has the file.
            Gone: it was deleted.
            Unavailable: the lease could not be renewed for so long that it is about to end.
        """
        now = self.services.now()
        told, at = self._written or (percent, now)
        self._written = told, at
        stepped = percent - told >= STEP_PERCENT and now - at >= STEP_TIME
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
