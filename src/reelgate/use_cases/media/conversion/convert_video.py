"""Convert a video: examine it, make a poster, package it for players, and extract the audio as MP3.

A run takes a lease on the file's record and counts its attempt before it reads a byte, so that a crashed run is counted. Then
it checks in the books whether the file still exists. In this order no purge is missed: a purge happens either before the
books are read, or after the record is written, and then removes the record. The second write has all results and ends the
lease; only a long run writes in between. Each is written on condition that the record is what this run last wrote, so a run
whose file was purged meanwhile fails to write, and removes what it made.

Before it takes the lease, a run asks how much of the day's time its user's runs have taken, and how many are under way
(`admit_run`). What it may take itself is charged with the lease.
"""

from __future__ import annotations

import contextlib
import logging
from typing import Protocol

from reelgate.domain.errors import Unavailable, VideoNotFound
from reelgate.domain.media import conversion
from reelgate.domain.media.conversion import CannotConvert, RunFailed
from reelgate.domain.media.derived_media import DerivedMedia, LeaseLost
from reelgate.ports.events import HasEvents
from reelgate.use_cases.media.conversion.admit_run import admit_run
from reelgate.use_cases.media.conversion.announce_audio import announce_again, announce_audio
from reelgate.use_cases.media.conversion.derive_media import Services as DeriveServices
from reelgate.use_cases.media.conversion.derive_media import derive_media
from reelgate.use_cases.media.conversion.hold_lease import Gone, Hold, Order, find_video


class Services(DeriveServices, HasEvents, Protocol):
    """What converting a video needs."""


LATER_SECONDS = 30
_log = logging.getLogger(__name__)


async def convert_video(services: Services, order: Order) -> str:
    """Handle an order and return the outcome in one word. Repeated deliveries are harmless.

    Raises:
        Unavailable: the order must be delivered again, because another run holds the file, this one failed but another may
            succeed, or a service could not be reached.
    """
    async with services.converter.turn():
        first = not (order.request or order.hls_request or order.restored)  # nothing else is known of the file yet
        hold = Hold(services, order, services.derived_media.follow(order.uid, order.file_id, new=first), services.new_id())
        record = await _take(services, order, hold)
        taken = record.lease is not None and record.lease.holder == hold.holder
        if taken:
            ended = await _run(services, record, hold)
            if ended is None:
                return "gone"
            record = ended
        elif record.order == order.id and not await is_kept(services, record):
            # No run has looked for the file, and this order may be older than its purge: nothing else would remove the record.
            await remove_derived(services, record.uid, record.file_id)
            return "gone"
    if taken:
        if hold.announces:
            await announce_audio(services, record, hold.found)
    else:
        await announce_again(services, record, order.id)
    return record.audio.state


async def _take(services: Services, order: Order, hold: Hold) -> DerivedMedia:
    """Return the record with a lease for this run if there is anything to do, else the record as it is. Raises Unavailable."""
    rules, now = services.conversion, services.now()
    admission = await admit_run(services, order.uid)
    day, tomorrow = services.policy.day_of(now), services.policy.next_day_starts(now)

    def decide(current: DerivedMedia | None) -> DerivedMedia:
        record = current or DerivedMedia(
            uid=order.uid, file_id=order.file_id, filename=order.filename, generation=order.generation
        )
        if record.lease is not None and record.lease.holder == hold.holder:
            return record  # written by an attempt whose answer was lost
        record = record.with_request(
            request=order.request,
            hls_request=order.hls_request,
            restored=order.restored,
            automatic=rules.automatic,
            automatic_hls=rules.hls == "automatic",
        )
        if not record.has_work:
            return record
        if record.leased(now):
            raise Unavailable("Another run is working on the file.", retry_after_seconds=LATER_SECONDS)
        if record.attempts >= rules.attempts:  # and the last of them crashed
            return record.exhausted(order=order.id)
        if admission == "tomorrow":
            return record.put_off(order=order.id, retry_at=tomorrow)
        if admission == "later":
            raise Unavailable("Other files of this user are being converted.", retry_after_seconds=LATER_SECONDS)
        hold.announces = record.audio.pending or record.order == order.id
        return record.taken(hold.holder, now, order=order.id, day=day, charged=rules.deadline_seconds)

    record = await hold.record.change(decide)
    if record is None:
        raise Unavailable("The file's record was removed meanwhile.")
    return record


async def _run(services: Services, record: DerivedMedia, hold: Hold) -> DerivedMedia | None:
    """Do one run's work and return its final record; None if the file no longer exists."""
    try:
        return await _work(services, record, hold)
    except Gone:
        _log.info("file %s/%s was purged", record.uid, record.file_id)
        with contextlib.suppress(LeaseLost):  # the purge may have removed the record already
            await hold.leave(counts=False)  # so that the day is charged with the time that the run took, not with all it may
    except LeaseLost:  # to another run, or because the file was purged
        _log.warning("file %s/%s: the lease was lost", record.uid, record.file_id)
        if await is_kept(services, record):
            raise Unavailable("Another run has taken over the file.", retry_after_seconds=LATER_SECONDS) from None
    await remove_derived(services, record.uid, record.file_id)  # also what this run may have written since the purge
    return None


async def _work(services: Services, record: DerivedMedia, hold: Hold) -> DerivedMedia:
    """Do the work and record the outcome. Raises Gone for a purged file, LeaseLost, and Unavailable if it should be retried."""
    try:
        video = await hold.find_live()
        derived = await derive_media(services, record, video, hold)
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
        raise _failed(error) from error
    except VideoNotFound:  # objects are removed right after the books record it: the next delivery will see that
        await hold.leave(counts=True)
        raise Unavailable("The object no longer exists.", retry_after_seconds=LATER_SECONDS) from None
    except Unavailable:
        await hold.leave(counts=False)
        raise
    if derived.made is not None:
        ended = await hold.finish(derived.made, video.size)
    elif derived.no_audio is not None:
        ended = await hold.refuse_audio(derived.no_audio)
    else:
        ended = await hold.leave(counts=derived.not_packaged is not None)
    if derived.not_packaged is not None:
        raise _failed(derived.not_packaged)
    return ended


def _failed(error: RunFailed) -> Unavailable:
    return Unavailable(f"The run failed ({error.reason}).", retry_after_seconds=LATER_SECONDS)


async def is_kept(services: Services, record: DerivedMedia) -> bool:
    found = await find_video(services, record.uid, record.file_id)
    return found.video is not None or found.trashed


async def remove_derived(services: Services, uid: str, file_id: str) -> None:
    """Remove everything that was derived from a file. Raises Unavailable; a repeated call completes it.

    The record goes first: a run under way either has made its objects before, so that they are removed here, or fails to write
    the record after it, and removes them itself.
    """
    now = services.now()
    await services.derived_media.delete(uid, file_id, day=services.policy.day_of(now), now=now)
    await services.derived_objects.remove_all(conversion.derived_folder(uid, file_id))
