"""Make of a video what can be made of it: look into it, take a picture of it, and its sound as MP3.

A run takes the file's record for itself (a lease) and counts its attempt before it looks at a byte, so that one that dies has
counted. Then it asks the books whether the file is still there. In this order no purge goes unnoticed: it comes either before
the books are asked, or after the record is written, which it removes.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Protocol

from reelgate.domain.errors import FileNotFound, Unavailable
from reelgate.domain.media import conversion
from reelgate.domain.media.conversion import CannotConvert, RunFailed
from reelgate.domain.media.derived_media import DerivedMedia, LeaseLost
from reelgate.ports import (
    HasEvents,
    HasIds,
)
from reelgate.use_cases.media.announce_audio import announce_audio
from reelgate.use_cases.media.derive_media import Services as DeriveServices
from reelgate.use_cases.media.derive_media import derive_media
from reelgate.use_cases.media.hold_lease import Gone, Hold, find_live


class Services(DeriveServices, HasEvents, HasIds, Protocol):
    """What converting a video uses."""


LATER_SECONDS = 30
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A message that a file is to be converted. `request` numbers those of people; `restored` is out of the trash."""

    uid: str
    file_id: str
    filename: str
    generation: int
    request: int = 0
    restored: bool = False


async def convert_video(services: Services, order: Order) -> str:
    """Carry out an order, however often it comes, and return a word on what became of it.

    Raises:
        Unavailable: it has to be delivered again: another run has the file, this one failed but another may do better, or
            something could not be reached.
    """
    async with services.converter.turn():
        hold = Hold(services, order.uid, order.file_id, services.new_id())
        record = await _take(services, order, hold)
        if record.lease is not None and record.lease.holder == hold.holder:
            ended = await _run(services, record, hold)
            if ended is None:
                return "gone"
            record = ended
    await announce_audio(services, record)
    return record.audio.state


async def _take(services: Services, order: Order, hold: Hold) -> DerivedMedia:
    """Return the record with a lease for this run if there is anything to do, else as it stands. Raises Unavailable."""
    rules, now = services.conversion, services.now()

    def decide(standing: DerivedMedia | None) -> DerivedMedia:
        record = standing or DerivedMedia(
            uid=order.uid, file_id=order.file_id, filename=order.filename, generation=order.generation
        )
        if record.lease is not None and record.lease.holder == hold.holder:
            return record  # written by a try whose answer was lost
        record = record.wants(request=order.request, restored=order.restored, automatic=rules.automatic)
        if not record.has_work:
            return record
        if record.leased(now):
            raise Unavailable("Another run has the file.", retry_after_seconds=LATER_SECONDS)
        if record.attempts >= rules.attempts:  # and the last of them died without a word
            return record.exhausted()
        return record.taken(hold.holder, now)

    record = await services.derived_media.change(order.uid, order.file_id, decide)
    if record is None:
        raise Unavailable("The file's record is gone again.")
    return record


async def _run(services: Services, record: DerivedMedia, hold: Hold) -> DerivedMedia | None:
    """Do one run's work and return the record it ends with; None for a file that is not there any more."""
    try:
        return await _work(services, record, hold)
    except Gone:
        _log.info("file %s/%s was purged", record.uid, record.file_id)
    except LeaseLost:  # to another run, or because the file was purged
        _log.warning("file %s/%s: the lease was lost", record.uid, record.file_id)
        if await _is_kept(services, record):
            raise Unavailable("Another run has taken the file over.", retry_after_seconds=LATER_SECONDS) from None
    await remove_derived(services, record.uid, record.file_id)  # also what this run may have written since the purge
    return None


async def _work(services: Services, record: DerivedMedia, hold: Hold) -> DerivedMedia:
    """Do the work and write down how it ended. Raises Gone for a purged file, LeaseLost, and Unavailable for
    another try.
    """
    try:
        await derive_media(services, record, await find_live(services, record), hold)
    except CannotConvert as error:
        return await hold.refuse(error.reason)
    except Gone as gone:
        if not gone.trashed:
            raise
        return await hold.refuse("gone")
    except RunFailed as error:
        if record.attempts >= services.conversion.attempts:
            return await hold.refuse(error.reason)
        await hold.leave(counts=True)
        raise Unavailable(f"The run failed ({error.reason}).", retry_after_seconds=LATER_SECONDS) from error
    except FileNotFound:  # an object is removed right after the books say so: the next delivery reads that there
        await hold.leave(counts=True)
        raise Unavailable("The object is gone.", retry_after_seconds=LATER_SECONDS) from None
    except Unavailable:
        await hold.leave(counts=False)
        raise
    return await hold.finish()


async def _is_kept(services: Services, record: DerivedMedia) -> bool:
    try:
        await find_live(services, record)
    except Gone as gone:
        return gone.trashed
    return True


async def remove_derived(services: Services, uid: str, file_id: str) -> None:
    """Remove everything that was derived from a file. Raises Unavailable; the same call again finishes it."""
    await services.derived_objects.remove_all(conversion.derived_folder(uid, file_id))
    await services.derived_media.delete(uid, file_id)
