"""Hold an account against its ledger and its videos: the invariants that must be true after anything that can happen."""

from __future__ import annotations

from reelgate.domain.entries import Entry, Fold, Movement
from reelgate.ports import Books, Wanted


async def check_books(books: Books, uid: str) -> list[str]:
    """Return what is wrong with an account's books, in words; an empty list when they are right.

    Meant for a quiet account: what is written while this reads may show as a difference.
    """
    account = (await books.view(uid, Wanted())).account
    if account is None:
        return []
    fold = Fold.of(await _all_entries(books, uid))
    day = fold.days.get(account.today.date, Movement())
    ready = await _ready_bytes(books, uid)
    pairs = {
        "stored bytes and the ledger": (account.stored, fold.total.stored),
        "stored bytes and the ready videos": (account.stored, ready),
        "reserved bytes and the ledger": (account.reserved, fold.total.reserved),
        "today's uploaded bytes and the ledger": (account.today.uploaded, day.uploaded),
        "today's streamed bytes and the ledger": (account.today.streamed, day.streamed),
        "today's upload count and the ledger": (account.today.upload_count, day.upload_count),
        "today's deleted bytes and the ledger": (account.today.deleted_bytes, day.deleted_bytes),
        "today's deletion count and the ledger": (account.today.deletion_count, day.deletion_count),
        "the number of entries and the ledger": (account.sequence, fold.count),
    }
    problems = [f"{what} differ: {ours} and {theirs}" for what, (ours, theirs) in pairs.items() if ours != theirs]
    if fold.gaps:
        problems.append(f"entries are missing or double at {list(fold.gaps)[:10]}")
    return problems


async def _all_entries(books: Books, uid: str) -> list[Entry]:
    entries: list[Entry] = []
    cursor: str | None = None
    while True:
        page = await books.entries(uid, limit=300, cursor=cursor)
        entries += page.items
        cursor = page.next_cursor
        if cursor is None:
            return entries


async def _ready_bytes(books: Books, uid: str) -> int:
    total, cursor = 0, None
    while True:
        page = await books.videos(uid, limit=300, cursor=cursor)
        total += sum(video.size for video in page.items)
        cursor = page.next_cursor
        if cursor is None:
            return total
