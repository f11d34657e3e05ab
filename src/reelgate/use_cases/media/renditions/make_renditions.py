"""Make the smaller renditions of a packaged video, in as many runs as it takes.

Comes after everything else that an order asks for, with a lease of its own on the same record. A run does as many shards as fit
into its time. If there is more to do, the message is refused, so that it is delivered again and another run goes on.
"""

from __future__ import annotations

import contextlib
import logging
from datetime import datetime, timedelta
from typing import Protocol

from reelgate.domain.errors import Unavailable
from reelgate.domain.media.conversion import RunFailed
from reelgate.domain.media.derived_media import DerivedMedia, LeaseLost
from reelgate.domain.media.packaging import CannotPackage, HlsReason, hls_reason, shards_folder
from reelgate.domain.playback.renditions import runs
from reelgate.domain.playback.renditions.kinds import KINDS
from reelgate.use_cases.media.conversion.admit_run import admit_run
from reelgate.use_cases.media.conversion.bound_derived import Room
from reelgate.use_cases.media.conversion.convert_video import LATER_SECONDS, convert_video, is_kept, remove_derived
from reelgate.use_cases.media.conversion.convert_video import Services as ConvertServices
from reelgate.use_cases.media.conversion.hold_lease import Gone, Hold, Order
from reelgate.use_cases.media.renditions.encode_rendition import Encoding, OutOfTime


class Services(ConvertServices, Protocol):
    """What making renditions needs."""


LEAST_SHARE = 0.5
"""A run begins only if so much of the time that a run may take is left after what came before it."""
_log = logging.getLogger(__name__)


async def carry_out(services: Services, order: Order) -> str:
    """Convert a video, then make its renditions, and return the outcome of converting it. Raises as both do."""
    began = services.now()
    outcome = await convert_video(services, order)
    await make_renditions(services, order, began=began)
    return outcome


async def make_renditions(services: Services, order: Order, *, began: datetime) -> None:
    """Make what is missing of a video's renditions, as far as there is time; `began` is when the handling of the order did.

    Repeated deliveries are harmless.

    Raises:
        Unavailable: the order must be delivered again, because there is more to do, another run holds the file, this one failed
            but another may succeed, or a service could not be reached.
    """
    labels = services.conversion.renditions
    if not labels:
        return
    found = (await services.derived_media.get(order.uid, order.file_id)).get(order.file_id)
    if found is None or not _is_due(found, order, labels):
        return
    until = began + timedelta(seconds=services.conversion.deadline_seconds)
    if (until - services.now()).total_seconds() < LEAST_SHARE * services.conversion.deadline_seconds:
        raise Unavailable("There are renditions to be made.", retry_after_seconds=LATER_SECONDS)
    async with services.converter.turn():
        hold = Hold(services, order, services.derived_media.follow(order.uid, order.file_id), services.new_id())
        record = await _take(services, order, hold)
        if record is not None and record.lease is not None and record.lease.holder == hold.holder:
            await _run(services, record, hold, until)


def _is_due(record: DerivedMedia, order: Order, labels: tuple[str, ...]) -> bool:
    progress = record.transcoding
    wanted = progress.is_wanted(order.hls_request, restored=order.restored)
    return wanted and (progress.pending or bool(runs.missing_kinds(record, labels)))


async def _take(services: Services, order: Order, hold: Hold) -> DerivedMedia | None:
    """Return the record, with a lease for this run if there is anything to do; None if there is none. Raises Unavailable."""
    rules, now = services.conversion, services.now()
    admission = await admit_run(services, order.uid)
    day, tomorrow = services.policy.day_of(now), services.policy.next_day_starts(now)

    def decide(record: DerivedMedia | None) -> DerivedMedia | None:
        if record is None or (record.lease is not None and record.lease.holder == hold.holder):
            return record
        if not _is_due(record, order, rules.renditions):
            return None
        if record.leased(now):
            raise Unavailable("Another run is working on the file.", retry_after_seconds=LATER_SECONDS)
        if record.transcoding.state != "failed" and record.transcoding.attempts >= rules.attempts:
            return runs.ended(record, "attempts_exhausted")
        if admission == "tomorrow":
            return runs.ended(record, "day_used_up", retry_at=tomorrow)
        if admission == "later":
            raise Unavailable("Other files of this user are being converted.", retry_after_seconds=LATER_SECONDS)
        return runs.taken(record, hold.holder, now, request=order.hls_request, day=day, charged=rules.deadline_seconds)

    return await hold.record.change(decide)


async def _run(services: Services, record: DerivedMedia, hold: Hold, until: datetime) -> None:
    """Do one run's work and record what came of it."""
    try:
        await _work(services, record, hold, until)
    except Gone as gone:
        if gone.trashed:
            await _refuse(services, hold, "gone", None)
            return
        with contextlib.suppress(LeaseLost):  # the purge may have removed the record already
            await _leave(services, hold, counts=False)
    except LeaseLost:
        _log.warning("file %s/%s: the lease was lost", record.uid, record.file_id)
        if await is_kept(services, record):
            raise Unavailable("Another run has taken over the file.", retry_after_seconds=LATER_SECONDS) from None
    else:
        return
    await remove_derived(services, record.uid, record.file_id)  # also what this run may have written since the purge


async def _work(services: Services, record: DerivedMedia, hold: Hold, until: datetime) -> None:
    video = await hold.find_live()
    room = Room(services, record, video.size, storage_limit=hold.found.storage_limit if hold.found else None)
    encoding = Encoding(services, record, hold, room, until)
    try:
        for kind in runs.missing_kinds(record, services.conversion.renditions):
            await encoding.make(kind)
    except CannotPackage as error:
        await _refuse(services, hold, error.reason, video.size)
    except OutOfTime:
        await _leave(services, hold, counts=False)
        raise Unavailable("There is more to be done of the renditions.", retry_after_seconds=LATER_SECONDS) from None
    except RunFailed as error:
        if encoding.record.transcoding.attempts >= services.conversion.attempts:
            await _refuse(services, hold, hls_reason(error.reason), video.size)
            return
        await _leave(services, hold, counts=True)
        raise Unavailable(f"The run failed ({error.reason}).", retry_after_seconds=LATER_SECONDS) from error
    except Unavailable:
        await _leave(services, hold, counts=False)
        raise
    else:
        await encoding.give_up_others()
        now = services.now()
        await hold.write(lambda held: runs.finished(held, hold.holder, now, file_size=video.size))


async def _leave(services: Services, hold: Hold, *, counts: bool) -> None:
    now = services.now()
    await hold.write(lambda held: runs.left(held, hold.holder, now, counts=counts))


async def _refuse(services: Services, hold: Hold, reason: HlsReason, file_size: int | None) -> None:
    """Record why there are no more renditions, and remove what was made of one that there will never be."""
    now = services.now()
    record = await hold.write(lambda held: runs.refused(held, hold.holder, now, reason, file_size=file_size))
    if record.transcoding.table is not None:
        return
    for kind in runs.missing_kinds(record, tuple(kind.label for kind in KINDS)):
        await services.derived_objects.remove_all(shards_folder(record.uid, record.file_id, record.generation, kind.name))
