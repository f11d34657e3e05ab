"""Erase what is stored about a user whose deletion has begun, page by page, and continue what was interrupted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol

from reelgate.ports.audit import HasAuditLog
from reelgate.ports.books import HasBooks
from reelgate.ports.personal_data import HasErasures, HasPersonalObjects, HasUserRemoval
from reelgate.ports.runtime import HasClock
from reelgate.ports.storage import HasMedia
from reelgate.use_cases.books.read_pages import pages_of
from reelgate.use_cases.objects.open_session import forget_session
from reelgate.use_cases.upkeep.work_in_pages import Tally, work_in_pages


class Services(HasAuditLog, HasBooks, HasClock, HasErasures, HasMedia, HasPersonalObjects, HasUserRemoval, Protocol):
    """What erasing a user needs."""


SESSIONS_AT_ONCE = 10


async def resume_erasures(services: Services, *, until: datetime) -> Tally:
    """Continue all erasures that are not complete, for the sweep."""

    async def page(limit: int) -> Sequence[str]:
        return await services.erasures.unfinished(limit=limit)

    async def work(uid: str) -> int:
        return int(await erase_user(services, uid, until=until))

    return await work_in_pages(services, page, work, lambda uid: uid, until=until)


async def erase_user(services: Services, uid: str, *, until: datetime) -> bool:
    """Erase a user whose deletion has begun. Returns whether nothing is left but the tombstone; False if time ran out.

    Sign-ins end first. Open sessions are cancelled while the books still know them. Objects come after the records of
    conversions: a run that has lost its record removes what it has written. The account comes last, because the sweep finds
    what is left by it.

    Raises Unavailable; a repeated call continues.
    """
    begun = await services.erasures.find(uid, now=services.now())
    if begun is None or begun.person is None:
        return True
    person = begun.person
    await services.user_removal.remove(uid)
    await _cancel_sessions(services, uid)
    steps: Sequence[Callable[[], Awaitable[bool]]] = (
        lambda: services.erasures.remove_documents(uid),
        lambda: services.audit_log.pseudonymise(person),
        lambda: services.personal_objects.remove(uid),
    )
    for step in steps:
        while not await step():
            if services.now() >= until:
                return False
    await services.erasures.finish(uid)
    return True


async def _cancel_sessions(services: Services, uid: str) -> None:
    async for page in pages_of(lambda cursor: services.books.uploads(uid, limit=SESSIONS_AT_ONCE, cursor=cursor)):
        await asyncio.gather(*(forget_session(services, upload) for upload in page.items))
