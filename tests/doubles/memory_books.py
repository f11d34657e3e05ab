"""The books in memory, for tests: the same loop, conditions, pages and cursors as the real ones."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import TypeVar

from reelgate.adapters.books.optimistic_books import PATIENT, Clock, OptimisticBooks, RetryPolicy
from reelgate.adapters.books.unit_of_work import Collection as In
from reelgate.adapters.books.unit_of_work import Key, Posted, Read, Record, Write
from reelgate.adapters.documents.firestore_documents import document_id
from reelgate.domain.books.account import Account, Day
from reelgate.domain.books.entries import Entry
from reelgate.domain.books.list_cursors import (
    account_cursor,
    entries_scope,
    entry_cursor,
    item_cursor,
    parse_account_cursor,
    parse_entry_cursor,
    parse_item_cursor,
    trash_scope,
    videos_scope,
)
from reelgate.domain.books.messages import OutboxItem
from reelgate.domain.books.video import Video
from reelgate.ports import Page
from tests.doubles.memory_documents import MemoryDocuments

Hook = Callable[[Sequence[Write]], None]
_R = TypeVar("_R", bound=Record)


class MemoryBooks(OptimisticBooks):
    """Books over `MemoryDocuments`.

    `before_commit` and `after_commit` are called with the writes of every commit. What they raise happens to the commit:
    ConflictError before it is a lost race, after it a lost answer; anything else is a crash.
    """

    def __init__(
        self,
        documents: MemoryDocuments | None = None,
        *,
        clock: Clock = lambda: datetime.now(UTC),
        patience: RetryPolicy = PATIENT,
    ) -> None:
        super().__init__(clock=clock, patience=patience)
        self.documents = documents or MemoryDocuments()
        self.before_commit: Hook = _nothing
        self.after_commit: Hook = _nothing

    async def _read(self, uid: str, keys: Collection[Key]) -> Read:
        read = self.documents.read(uid, keys)
        await asyncio.sleep(0)  # others may write between read and commit, as they may in the cloud
        return read

    async def _commit(self, uid: str, writes: Sequence[Write]) -> None:
        self.before_commit(writes)
        self.documents.commit(uid, writes)
        await asyncio.sleep(0)
        self.after_commit(writes)

    async def videos(self, uid: str, *, limit: int, cursor: str | None = None) -> Page[Video]:
        """See `Books.videos`."""
        items = [(v.uploaded_at, key, v) for key, v in self._of(In.VIDEOS, Video, uid)]
        return _page(items, videos_scope(uid), limit, cursor)

    async def trash(self, uid: str, *, limit: int, cursor: str | None = None) -> Page[Video]:
        """See `Books.trash`."""
        items = [(v.deleted_at, key, v) for key, v in self._of(In.TRASH, Video, uid) if v.deleted_at is not None]
        return _page(items, trash_scope(uid), limit, cursor)

    async def entries(
        self, uid: str, *, limit: int, cursor: str | None = None, day: date | None = None, file_id: str | None = None
    ) -> Page[Entry]:
        """See `Books.entries`."""
        scope = entries_scope(uid, day, file_id)
        below = parse_entry_cursor(scope, cursor) if cursor is not None else None
        found = [
            entry
            for _, entry in self._of(In.ENTRIES, Entry, uid)
            if day in {None, entry.date} and file_id in {None, entry.file_id} and (below is None or entry.sequence < below)
        ]
        found.sort(key=lambda entry: entry.sequence, reverse=True)
        more = len(found) > limit
        return Page(found[:limit], entry_cursor(scope, found[limit - 1].sequence) if more else None)

    async def accounts(self, *, limit: int, cursor: str | None = None) -> Page[Account]:
        """See `Books.accounts`."""
        after = document_id(parse_account_cursor(cursor)) if cursor is not None else ""
        found = sorted((document_id(a.uid), a) for _, a in self._of(In.USERS, Account) if document_id(a.uid) > after)
        more = len(found) > limit
        return Page([a for _, a in found[:limit]], account_cursor(found[limit - 1][1].uid) if more else None)

    async def closed_day(self, uid: str, day: date) -> Day | None:
        """See `Books.closed_day`."""
        return dict(self._of(In.DAYS, Day, uid)).get(day.isoformat())

    async def accounts_to_close(self, before: date, *, limit: int) -> Sequence[str]:
        """See `Books.accounts_to_close`."""
        due = [(a.today.date, uid) for uid, a in self._of(In.USERS, Account) if a.today.date < before]
        return [uid for _, uid in sorted(due)[:limit]]

    async def accounts_with_expired_uploads(self, now: datetime, *, limit: int) -> Sequence[str]:
        """See `Books.accounts_with_expired_uploads`."""
        due = [(a.next_expiry, uid) for uid, a in self._of(In.USERS, Account) if a.next_expiry and a.next_expiry <= now]
        return [uid for _, uid in sorted(due)[:limit]]

    async def trash_to_purge(self, now: datetime, *, limit: int) -> Sequence[Video]:
        """See `Books.trash_to_purge`."""
        due = [(v.purge_at, v.uid, v.file_id, v) for _, v in self._of(In.TRASH, Video) if v.purge_at and v.purge_at <= now]
        return [video for _, _, _, video in sorted(due, key=lambda item: item[:3])[:limit]]

    async def outbox(self, written_before: datetime, *, limit: int) -> Sequence[OutboxItem]:
        """See `Books.outbox`."""
        due = [(p.written_at, key, p.item) for key, p in self._of(In.OUTBOX, Posted) if p.written_at < written_before]
        return [item for _, _, item in sorted(due, key=lambda found: found[:2])[:limit]]

    async def outbox_since(self) -> datetime | None:
        """See `Books.outbox_since`."""
        return min((posted.written_at for _, posted in self._of(In.OUTBOX, Posted)), default=None)

    async def outbox_done(self, event_id: str) -> None:
        """See `Books.outbox_done`."""
        self.documents.discard(Key(In.OUTBOX, event_id))

    def _of(self, collection: In, kind: type[_R], uid: str | None = None) -> list[tuple[str, _R]]:
        found = self.documents.records(collection, uid)
        return [(key, record) for key, record in found if isinstance(record, kind)]


def _nothing(_: Sequence[Write]) -> None:
    """The hook that does not interfere."""


def _page(items: Iterable[tuple[datetime, str, Video]], scope: str, limit: int, cursor: str | None) -> Page[Video]:
    after = parse_item_cursor(scope, cursor) if cursor is not None else None
    found = [item for item in items if after is None or item[:2] < after]
    found.sort(key=lambda item: item[:2], reverse=True)
    more = len(found) > limit
    last = item_cursor(scope, *found[limit - 1][:2]) if more else None
    return Page([video for _, _, video in found[:limit]], last)
