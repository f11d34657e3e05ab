"""Compare the bucket with the books, user by user. Reads only.

The bucket is listed first and the books are read after it. Every suspected difference is checked a second time, so that
changes made meanwhile are not reported.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from datetime import timedelta
from typing import Protocol

from reelgate.domain.books.account import OpenUpload
from reelgate.domain.books.video import StoredObject, Video
from reelgate.domain.files.part_names import FOLDER, parse_part_name
from reelgate.domain.videos.bucket_differences import Difference, Kind, compare, foreign, left_part
from reelgate.ports.books import HasBooks, ReadSet
from reelgate.ports.runtime import HasClock
from reelgate.ports.storage import HasMedia
from reelgate.use_cases.books.read_pages import items_of


class Services(HasBooks, HasClock, HasMedia, Protocol):
    """What comparing the bucket with the books needs."""


GRACE = timedelta(hours=1)
"""How old a difference must be: events, sweeps and the outbox need minutes, not hours."""

PAGE = 1000
BOOKS_PAGE = 300
AT_ONCE = 16
Objects = tuple[str, list[StoredObject]]
"""The first part of the objects' names, which is the owner's uid, and the objects below it."""


async def compare_bucket(
    services: Services, *, uids: Collection[str] = (), grace: timedelta = GRACE
) -> AsyncIterator[Difference]:
    """Yield all differences, or those of some users.

    Raises Unavailable; the differences yielded before it are valid.
    """
    async for batch in _batches(_users(services, uids)):
        for differences in await asyncio.gather(*(_of_user(services, uid, objects, grace) for uid, objects in batch)):
            for difference in differences:
                yield difference


async def _users(services: Services, uids: Collection[str]) -> AsyncIterator[Objects]:
    """Yield every user who has objects or an account, with all their objects; and other objects in the bucket, by folder."""
    seen = set[str]()
    async for folder, objects in _folders(services, [f"{uid}/" for uid in uids] or [""]):
        seen.add(folder)
        yield folder, objects
    if uids:
        for uid in set(uids) - seen:
            yield uid, []
        return
    async for account in items_of(lambda cursor: services.books.accounts(limit=BOOKS_PAGE, cursor=cursor)):
        if account.uid not in seen:
            yield account.uid, []


async def _batches(users: AsyncIterator[Objects]) -> AsyncIterator[list[Objects]]:
    batch: list[Objects] = []
    async for user in users:
        batch.append(user)
        if len(batch) == AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


async def _folders(services: Services, prefixes: Sequence[str]) -> AsyncIterator[Objects]:
    """Yield the objects below each first part of a name. Names are sorted, so each first part is yielded once."""
    for prefix in prefixes:
        folder, objects = None, list[StoredObject]()
        async for found in _objects(services, prefix):
            first = found.name.partition("/")[0] if "/" in found.name else ""
            if first != folder and objects:
                yield folder or "", objects
                objects = []
            folder = first
            objects.append(found)
        if objects:
            yield folder or "", objects


async def _objects(services: Services, prefix: str) -> AsyncIterator[StoredObject]:
    after: str | None = None
    while page := await services.media.listing(prefix, after=after, limit=PAGE):
        for found in page:
            yield found
        if len(page) < PAGE:
            return
        after = page[-1].name


async def _of_user(services: Services, uid: str, objects: list[StoredObject], grace: timedelta) -> list[Difference]:
    if not uid:  # names without a folder
        return [foreign(found) for found in objects]
    if uid == FOLDER.rstrip("/"):
        return await _of_parts(services, objects, grace)
    account = (await services.books.read(uid, ReadSet())).account
    uploads = list[OpenUpload]()
    videos = trash = list[Video]()
    if account is not None:  # in the order in which an upload moves on, so that none is missed
        books = services.books
        uploads = [upload async for upload in items_of(lambda cursor: books.uploads(uid, limit=BOOKS_PAGE, cursor=cursor))]
        videos = [video async for video in items_of(lambda cursor: books.videos(uid, limit=BOOKS_PAGE, cursor=cursor))]
        trash = [video async for video in items_of(lambda cursor: books.trash(uid, limit=BOOKS_PAGE, cursor=cursor))]
    suspected = compare(uid, uploads, videos, trash, objects, settled_before=services.now() - grace)
    return [difference for difference in suspected if await _is_confirmed(services, difference)]


async def _is_confirmed(services: Services, difference: Difference) -> bool:
    """Return whether a second check finds the same difference."""
    if difference.kind in {Kind.FOREIGN, Kind.EXPIRED}:
        return True
    found = await services.media.find(difference.name)
    if difference.kind in {Kind.UNSETTLED, Kind.ORPHAN, Kind.LEFT_PLACEHOLDER}:
        return found is not None and found.generation == difference.generation
    reads = ReadSet(file_id=difference.file_id, trashed_file_id=difference.file_id)
    snapshot = await services.books.read(difference.uid, reads)
    known = snapshot.trashed if difference.trashed else snapshot.video
    same = known is not None and known.generation == difference.generation
    return same and (found is None or found.generation != difference.generation)


async def _of_parts(services: Services, objects: list[StoredObject], grace: timedelta) -> list[Difference]:
    settled_before = services.now() - grace
    differences: list[Difference] = []
    owner, upload = None, None
    for found in objects:
        part = parse_part_name(found.name)
        if part is not None and (part.uid, part.upload_id) != owner:
            owner = (part.uid, part.upload_id)
            upload = (await services.books.read(part.uid, ReadSet(upload_id=part.upload_id))).upload
        difference = left_part(found, upload, settled_before=settled_before)
        if difference is not None:
            differences.append(difference)
    return differences
