"""Compare an account with its ledger, its videos, captions, open uploads, names and playback grants: the
invariants that must always hold."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import date, timedelta
from typing import Protocol

from reelgate.domain.books.account import Account, Day, NameClaim, OpenUpload
from reelgate.domain.books.captions import CaptionsKey
from reelgate.domain.books.entries import Entry, Totals
from reelgate.domain.books.grant import PlaybackGrant
from reelgate.domain.books.video import Video
from reelgate.domain.usage.usage_days import MAX_RANGE_DAYS, FoldedDay, LedgerFold
from reelgate.domain.value_types import value_type
from reelgate.ports.books import Books, HasBooks, HasPolicy, ReadSet
from reelgate.use_cases.books.read_pages import items_of, pages_of


class Services(HasBooks, HasPolicy, Protocol):
    """What comparing the books needs."""


PAGE = 200
AT_ONCE = 16
"""How many accounts are read concurrently."""
MAX_COMPARISONS = 3
"""How often an account is compared if it keeps changing."""


@value_type
class Checked:
    """A checked account, and the errors in its books, as sentences."""

    uid: str
    problems: list[str]


async def check_all_books(services: Services) -> AsyncIterator[Sequence[Checked]]:
    """Compare all accounts with their ledgers, by uid, one page at a time, so that progress can be shown."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(account: Account) -> Checked:
        async with gate:
            return Checked(uid=account.uid, problems=await _problems_of(services, account))

    async for page in pages_of(lambda cursor: services.books.accounts(limit=PAGE, cursor=cursor)):
        yield await asyncio.gather(*(one(account) for account in page.items))


async def check_books(services: Services, uid: str) -> list[str]:
    """Return the errors in an account's books as sentences; an empty list if there are none.

    An account that changes meanwhile is read again. If it keeps changing, a difference may be reported that does not exist.
    """
    account = (await services.books.read(uid, ReadSet())).account
    return [] if account is None else await _problems_of(services, account)


async def _problems_of(services: Services, account: Account) -> list[str]:
    problems: list[str] = []
    for _ in range(MAX_COMPARISONS):
        problems = await _differences(services, account)
        if not problems:
            return []
        now = (await services.books.read(account.uid, ReadSet())).account
        if now is None or now == account:
            return problems
        account = now
    return problems


async def _differences(services: Services, account: Account) -> list[str]:
    books, uid, today = services.books, account.uid, account.today
    entries, claims, uploads, videos, trash, captions = await asyncio.gather(
        _all_entries(books, uid),
        _all_claims(books, uid),
        _all_uploads(books, uid),
        _all_videos(books, uid),
        _all_trash(books, uid),
        _all_captions(books, uid),
    )
    totals, fold = Totals.of(entries), LedgerFold(services.policy)
    for entry in entries:
        fold.add(entry)
    pairs = {
        "stored bytes and the ledger": (account.stored, totals.total.stored),
        "stored bytes and the ready videos": (account.stored, sum(video.stored_bytes for video in videos)),
        "reserved bytes and the ledger": (account.reserved, totals.total.reserved),
        "reserved bytes and the open uploads": (account.reserved, sum(upload.size for upload in uploads)),
        "the number of open uploads and the open uploads": (account.open_uploads, len(uploads)),
        **_of_day("today's", today, fold.on(today.date)),
        "the number of entries and the ledger": (account.sequence, totals.count),
    }
    if account.trash is not None:
        in_trash = sum(video.stored_bytes for video in trash)
        pairs["trashed bytes and the ledger"] = (account.trash, totals.total.trash)
        pairs["trashed bytes and the trash"] = (account.trash, in_trash)
    for day in await _closed_days(books, uid, min(totals.days, default=today.date), today.date):
        folded = fold.on(day.date)
        pairs |= _of_day(f"{day.date}'s", day, folded)
        if day.stored is not None:
            pairs[f"{day.date}'s stored bytes and the ledger"] = (day.stored, folded.stored)
    problems = [f"{what} differ: {ours} and {theirs}" for what, (ours, theirs) in pairs.items() if ours != theirs]
    if totals.gaps:
        problems.append(f"entries are missing or duplicated at {list(totals.gaps)[:10]}")
    claimed = {upload.claim: f"open upload {upload.upload_id}" for upload in uploads}
    claimed |= {video.claim: f"video {video.file_id}" for video in videos}
    problems += sorted(f"{owner} has no claim of its name" for claim, owner in claimed.items() if claim not in claims)
    problems += sorted(f"the claim of {claim.upload_id} has no upload or video" for claim in claims - set(claimed))
    listed = {key for video in (*videos, *trash) for key in video.caption_keys}
    problems += sorted(f"the captions of {key.file_id} in {key.language} have no text" for key in listed - captions)
    problems += sorted(f"the text of captions of {key.file_id} in {key.language} has no video" for key in captions - listed)
    return problems + _of_grants(await _all_grants(books, uid), entries)


def _of_grants(grants: Sequence[PlaybackGrant], entries: Sequence[Entry]) -> list[str]:
    """Return what is wrong with playback grants. Entries of grants that were removed since are nobody's."""
    charged, plays = Counter[str](), Counter[str]()
    for entry in entries:
        if (grant_id := entry.entry_id.grant_id) is not None:
            charged[grant_id] += entry.charged_to_grant
            plays[grant_id] += entry.delta.stream_count
    found = [
        f"the {what} of grant {grant.grant_id} and the ledger differ: {ours} and {theirs}"
        for grant in grants
        for what, ours, theirs in (
            ("bytes", grant.charged, charged[grant.grant_id]),
            ("plays", grant.plays, plays[grant.grant_id]),
        )
        if ours != theirs
    ]
    return sorted(found)


def _of_day(whose: str, day: Day, folded: FoldedDay) -> dict[str, tuple[int, int]]:
    """Return what a day says and what the ledger says. What a bill needs is missing in days that are older than it."""
    pairs = {
        f"{whose} uploaded bytes and the ledger": (day.uploaded, folded.delta.uploaded),
        f"{whose} streamed bytes and the ledger": (day.streamed, folded.delta.streamed),
        f"{whose} upload count and the ledger": (day.upload_count, folded.delta.upload_count),
        f"{whose} deleted bytes and the ledger": (day.deleted_bytes, folded.delta.deleted_bytes),
        f"{whose} deletion count and the ledger": (day.deletion_count, folded.delta.deletion_count),
        f"{whose} rejected bytes and the ledger": (day.rejected, folded.delta.rejected),
        f"{whose} rejected uploads and the ledger": (day.rejected_count, folded.delta.rejected_count),
    }
    if day.byte_seconds is not None:
        pairs[f"{whose} settled bytes and the ledger"] = (day.settled.measured, folded.settled.measured)
        pairs[f"{whose} sent bytes and the ledger"] = (day.settled.sent, folded.settled.sent)
        pairs[f"{whose} moved bytes and the ledger"] = (day.settled.moved, folded.settled.moved)
        pairs[f"{whose} stream count and the ledger"] = (day.stream_count, folded.delta.stream_count)
        pairs[f"{whose} waived uploads and the ledger"] = (day.waived.uploaded, folded.waived.uploaded)
        pairs[f"{whose} waived streams and the ledger"] = (day.waived.streamed, folded.waived.streamed)
        pairs[f"{whose} waived rejections and the ledger"] = (day.waived.rejected, folded.waived.rejected)
        pairs[f"{whose} byte-seconds and the ledger"] = (day.byte_seconds, folded.byte_seconds)
    return pairs


async def _all_entries(books: Books, uid: str) -> list[Entry]:
    return [entry async for entry in items_of(lambda cursor: books.entries(uid, limit=300, cursor=cursor))]


async def _all_claims(books: Books, uid: str) -> set[NameClaim]:
    return {claim async for claim in items_of(lambda cursor: books.names(uid, limit=300, cursor=cursor))}


async def _all_videos(books: Books, uid: str) -> list[Video]:
    return [video async for video in items_of(lambda cursor: books.videos(uid, limit=300, cursor=cursor))]


async def _all_uploads(books: Books, uid: str) -> list[OpenUpload]:
    return [upload async for upload in items_of(lambda cursor: books.uploads(uid, limit=300, cursor=cursor))]


async def _all_trash(books: Books, uid: str) -> list[Video]:
    return [video async for video in items_of(lambda cursor: books.trash(uid, limit=300, cursor=cursor))]


async def _all_captions(books: Books, uid: str) -> set[CaptionsKey]:
    return {key async for key in items_of(lambda cursor: books.caption_keys(uid, limit=300, cursor=cursor))}


async def _all_grants(books: Books, uid: str) -> list[PlaybackGrant]:
    return [grant async for grant in items_of(lambda cursor: books.all_grants(uid, limit=300, cursor=cursor))]


async def _closed_days(books: Books, uid: str, first: date, before: date) -> list[Day]:
    days: list[Day] = []
    while first < before:
        last = min(first + timedelta(days=MAX_RANGE_DAYS), before) - timedelta(days=1)
        days += await books.closed_days(uid, first, last)
        first = last + timedelta(days=1)
    return days
