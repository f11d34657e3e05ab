"""The lists of the books: a page of records and the cursor of the next one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import date, datetime

from reelgate.adapters.books import book_queries as queries
from reelgate.adapters.books import book_records as records
from reelgate.adapters.books.book_records import Collection, address_of
from reelgate.adapters.documents.document_store import Document, DocumentStore, Fields
from reelgate.adapters.documents.single_documents import delete_document, get_document
from reelgate.domain.books import list_cursors as cursors
from reelgate.domain.books.account import Account, Day, NameClaim, OpenUpload
from reelgate.domain.books.entries import Entry
from reelgate.domain.books.messages import OutboxItem
from reelgate.domain.books.video import Video
from reelgate.ports.books import ExpiredUpload, Page

_log = logging.getLogger(__name__)


class BookLists:
    """The lists in `Books`: a user's videos, trash and entries, and the sweep's lists over all accounts."""

    documents: DocumentStore

    async def videos(self, uid: str, *, limit: int, cursor: str | None = None) -> Page[Video]:
        """See `Books.videos`."""
        scope = cursors.videos_scope(uid)
        after = cursors.parse_item_cursor(scope, cursor) if cursor is not None else None
        found = await self.documents.find(queries.videos_of(uid, after=after, limit=limit + 1))
        return _page(found, limit, scope, "uploaded_at", records.decode_video)

    async def uploads(self, uid: str, *, limit: int, cursor: str | None = None) -> Page[OpenUpload]:
        """See `Books.uploads`."""
        scope = cursors.uploads_scope(uid)
        after = cursors.parse_item_cursor(scope, cursor) if cursor is not None else None
        found = await self.documents.find(queries.uploads_of(uid, after=after, limit=limit + 1))
        return _page(found, limit, scope, "created_at", records.decode_upload)

    async def names(self, uid: str, *, limit: int, cursor: str | None = None) -> Page[Video | NameClaim]:
        """See `Books.names`."""
        after = cursors.parse_name_cursor(uid, cursor) if cursor is not None else None
        found = await self.documents.find(queries.names_of(uid, after=after, limit=limit + 1))
        names = [records.decode_name(one.address, one.fields) for one in found[:limit]]
        return Page(names, cursors.name_cursor(uid, names[-1].name_key) if len(found) > limit else None)

    async def trash(self, uid: str, *, limit: int, cursor: str | None = None) -> Page[Video]:
        """See `Books.trash`."""
        scope = cursors.trash_scope(uid)
        after = cursors.parse_item_cursor(scope, cursor) if cursor is not None else None
        found = await self.documents.find(queries.trash_of(uid, after=after, limit=limit + 1))
        return _page(found, limit, scope, "deleted_at", records.decode_video)

    async def entries(
        self, uid: str, *, limit: int, cursor: str | None = None, day: date | None = None, file_id: str | None = None
    ) -> Page[Entry]:
        """See `Books.entries`."""
        scope = cursors.entries_scope(uid, day, file_id)
        below = cursors.parse_entry_cursor(scope, cursor) if cursor is not None else None
        query = queries.entries_of(uid, day=day, file_id=file_id, below=below, limit=limit + 1)
        found = [records.decode_entry(one.fields) for one in await self.documents.find(query)]
        more = len(found) > limit
        return Page(found[:limit], cursors.entry_cursor(scope, found[limit - 1].sequence) if more else None)

    async def accounts(self, *, limit: int, cursor: str | None = None) -> Page[Account]:
        """See `Books.accounts`."""
        after = cursors.parse_account_cursor(cursor) if cursor is not None else None
        found = await self.documents.find(queries.all_accounts(after=after, limit=limit + 1))
        accounts = [records.decode_account(one.fields) for one in found[:limit]]
        return Page(accounts, cursors.account_cursor(accounts[-1].uid) if len(found) > limit else None)

    async def closed_day(self, uid: str, day: date) -> Day | None:
        """See `Books.closed_day`."""
        found = await get_document(self.documents, address_of(uid, Collection.DAYS, day.isoformat()))
        return None if found is None else records.decode_day(found.fields)

    async def accounts_to_close(self, before: date, *, limit: int) -> Sequence[str]:
        """See `Books.accounts_to_close`."""
        return [one.address.id for one in await self.documents.find(queries.accounts_to_close(before, limit=limit))]

    async def expired_uploads_of(self, uid: str, now: datetime, *, limit: int) -> Sequence[OpenUpload]:
        """See `Books.expired_uploads_of`."""
        found = await self.documents.find(queries.expired_uploads_of(uid, now, limit=limit))
        return [records.decode_upload(one.fields) for one in found]

    async def expired_uploads(self, now: datetime, *, limit: int) -> Sequence[ExpiredUpload]:
        """See `Books.expired_uploads`."""
        found = await self.documents.find(queries.expired_uploads(now, limit=limit))
        return _readable(found, lambda one: ExpiredUpload(one.address.collection[1], records.decode_upload(one.fields)))

    async def trash_to_purge(self, now: datetime, *, limit: int) -> Sequence[Video]:
        """See `Books.trash_to_purge`."""
        found = await self.documents.find(queries.trash_to_purge(now, limit=limit))
        return _readable(found, lambda one: records.decode_video(one.fields))

    async def outbox(self, written_before: datetime, *, limit: int) -> Sequence[OutboxItem]:
        """See `Books.outbox`."""
        found = await self.documents.find(queries.outbox_before(written_before, limit=limit))
        return _readable(found, lambda one: records.decode_posted(one.fields).item)

    async def outbox_since(self) -> datetime | None:
        """See `Books.outbox_since`."""
        found = await self.documents.find(queries.outbox_before(limit=1))
        return records.written_at(found[0].fields) if found else None

    async def outbox_done(self, event_id: str) -> None:
        """See `Books.outbox_done`."""
        await delete_document(self.documents, address_of("", Collection.OUTBOX, event_id))


def _readable[T](found: Sequence[Document], decode: Callable[[Document], T]) -> list[T]:
    """Return the records of a sweep's page. One that cannot be read (from a newer revision?) is logged and skipped."""
    readable = []
    for one in found:
        try:
            readable.append(decode(one))
        except (KeyError, TypeError, ValueError):
            _log.exception("document %s cannot be read", one.address)
    return readable


def _page[T](found: Sequence[Document], limit: int, scope: str, ordered_by: str, decode: Callable[[Fields], T]) -> Page[T]:
    """Return a page of the `limit + 1` documents that were asked for."""
    items = [decode(one.fields) for one in found[:limit]]
    if len(found) <= limit:
        return Page(items)
    last = found[limit - 1]
    return Page(items, cursors.item_cursor(scope, last.fields[ordered_by], last.address.id))
