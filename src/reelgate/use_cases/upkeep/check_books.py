"""Compare an account with its ledger, its videos and its open uploads: the invariants that must always hold."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from reelgate.domain.books.account import Account, NameClaim, OpenUpload
from reelgate.domain.books.entries import Delta, Entry, Totals
from reelgate.domain.books.video import Video
from reelgate.domain.value_types import value_type
from reelgate.ports.books import Books, ReadSet
from reelgate.use_cases.books.read_pages import items_of, pages_of

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


async def check_all_books(books: Books) -> AsyncIterator[Sequence[Checked]]:
    """Compare all accounts with their ledgers, by uid, one page at a time, so that progress can be shown."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(account: Account) -> Checked:
        async with gate:
            return Checked(uid=account.uid, problems=await _problems_of(books, account))

    async for page in pages_of(lambda cursor: books.accounts(limit=PAGE, cursor=cursor)):
        yield await asyncio.gather(*(one(account) for account in page.items))


async def check_books(books: Books, uid: str) -> list[str]:
    """Return the errors in an account's books as sentences; an empty list if there are none.

    An account that changes meanwhile is read again. If it keeps changing, a difference may be reported that does not exist.
    """
    account = (await books.read(uid, ReadSet())).account
    return [] if account is None else await _problems_of(books, account)


async def _problems_of(books: Books, account: Account) -> list[str]:
    problems: list[str] = []
    for _ in range(MAX_COMPARISONS):
        problems = await _differences(books, account)
        if not problems:
            return []
        now = (await books.read(account.uid, ReadSet())).account
        if now is None or now == account:
            return problems
        account = now
    return problems


async def _differences(books: Books, account: Account) -> list[str]:
    uid = account.uid
    entries, names, uploads = await asyncio.gather(_all_entries(books, uid), _all_names(books, uid), _all_uploads(books, uid))
    ready = sum(holder.size for holder in names if isinstance(holder, Video))
    totals = Totals.of(entries)
    day = totals.days.get(account.today.date, Delta())
    pairs = {
        "stored bytes and the ledger": (account.stored, totals.total.stored),
        "stored bytes and the ready videos": (account.stored, ready),
        "reserved bytes and the ledger": (account.reserved, totals.total.reserved),
        "reserved bytes and the open uploads": (account.reserved, sum(upload.size for upload in uploads)),
        "the number of open uploads and the open uploads": (account.open_uploads, len(uploads)),
        "today's uploaded bytes and the ledger": (account.today.uploaded, day.uploaded),
        "today's streamed bytes and the ledger": (account.today.streamed, day.streamed),
        "today's upload count and the ledger": (account.today.upload_count, day.upload_count),
        "today's deleted bytes and the ledger": (account.today.deleted_bytes, day.deleted_bytes),
        "today's deletion count and the ledger": (account.today.deletion_count, day.deletion_count),
        "the number of entries and the ledger": (account.sequence, totals.count),
    }
    problems = [f"{what} differ: {ours} and {theirs}" for what, (ours, theirs) in pairs.items() if ours != theirs]
    if totals.gaps:
        problems.append(f"entries are missing or duplicated at {list(totals.gaps)[:10]}")
    claims = {holder for holder in names if isinstance(holder, NameClaim)}
    claimed = {upload.claim for upload in uploads}
    problems += [f"open upload {claim.upload_id} has no claim of its name" for claim in _sorted(claimed - claims)]
    problems += [f"the claim of upload {claim.upload_id} has no open upload" for claim in _sorted(claims - claimed)]
    return problems


def _sorted(claims: set[NameClaim]) -> list[NameClaim]:
    return sorted(claims, key=lambda claim: claim.upload_id)


async def _all_entries(books: Books, uid: str) -> list[Entry]:
    return [entry async for entry in items_of(lambda cursor: books.entries(uid, limit=300, cursor=cursor))]


async def _all_names(books: Books, uid: str) -> list[Video | NameClaim]:
    return [holder async for holder in items_of(lambda cursor: books.names(uid, limit=300, cursor=cursor))]


async def _all_uploads(books: Books, uid: str) -> list[OpenUpload]:
    return [upload async for upload in items_of(lambda cursor: books.uploads(uid, limit=300, cursor=cursor))]
