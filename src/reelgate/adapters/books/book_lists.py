"""The lists of the books: a page of records and the cursor of the next one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import date, datetime

from reelgate.adapters.books import book_queries as queries
from reelgate.adapters.books import book_records as records
from reelgate.adapters.books.book_records import Collection, address_of, grant_address
from reelgate.adapters.documents.document_store import Document, DocumentStore, Fields
from reelgate.adapters.documents.single_documents import delete_document, get_document
from reelgate.domain.books import list_cursors as cursors
from reelgate.domain.books.account import Account, Day, NameClaim, OpenUpload
from reelgate.domain.books.captions import CaptionsKey, CaptionsText
from reelgate.domain.books.entries import Entry, EntryKind
from reelgate.domain.books.grant import PlaybackGrant
from reelgate.domain.books.messages import OutboxItem
from reelgate.domain.books.video import NEWEST_FIRST, Video, VideoOrder
from reelgate.ports.books import ExpiredUpload, Page

_log = logging.getLogger(__name__)


class BookLists:
    """The lists in `Books`: a user's videos, trash and entries, and the sweep's lists over all accounts."""

    documents: DocumentStore

    async def videos(self, uid: str, *, limit: int, cursor: str | None = None, order: VideoOrder = NEWEST_FIRST) -> Page[Video]:
        """See `Books.videos`."""
        after = cursors.parse_video_cursor(uid, order, cursor) if cursor is not None else None
        found = await self.documents.find(queries.videos_of(uid, order=order, after=after, limit=limit + 1))
        videos = [records.decode_video(one.fields) for one in found[:limit]]
        return Page(videos, cursors.video_cursor(uid, order, videos[-1]) if len(found) > limit else None)

    async def open_upload(self, uid: str, upload_id: str) -> OpenUpload | None:
        """See `Books.open_upload`."""
        found = await get_document(self.documents, address_of(uid, Collection.UPLOADS, upload_id))
        return None if found is None else records.decode_upload(found.fields)

    async def grant(self, grant_id: str) -> PlaybackGrant | None:
        """See `Books.grant`."""
        found = await get_document(self.documents, grant_address(grant_id))
        return None if found is None else records.decode_grant(found.fields)

    async def grants(self, uid: str, file_id: str, *, limit: int, cursor: str | None = None) -> Page[PlaybackGrant]:
        """See `Books.grants`."""
        return await self._grants(uid, file_id, limit, cursor)

    async def all_grants(self, uid: str, *, limit: int, cursor: str | None = None) -> Page[PlaybackGrant]:
        """See `Books.all_grants`."""
        return await self._grants(uid, None, limit, cursor)

    async def _grants(self, uid: str, file_id: str | None, limit: int, cursor: str | None) -> Page[PlaybackGrant]:
        scope = cursors.grants_scope(uid, file_id)
        after = cursors.parse_item_cursor(scope, cursor) if cursor is not None else None
        found = await self.documents.find(queries.grants_of(uid, file_id, after=after, limit=limit + 1))
        return _page(found, limit, scope, "created_at", records.decode_grant)

    async def count_grants(self, uid: str, now: datetime, *, limit: int, video: Video | None = None) -> int:
        """See `Books.count_grants`."""
        series = None if video is None else (video.file_id, video.grant_series)
        return (await self.documents.aggregate(queries.unended_grants(uid, now, series=series, limit=limit))).number

    async def uploads(self, uid: str, *, limit: int, cursor: str | None = None) -> Page[OpenUpload]:
        """See `Books.uploads`."""
        scope = cursors.uploads_scope(uid)
        after = cursors.parse_item_cursor(scope, cursor) if cursor is not None else None
        found = await self.documents.find(queries.uploads_of(uid, after=after, limit=limit + 1))
        return _page(found, limit, scope, "created_at", records.decode_upload)

    async def names(self, uid: str, *, limit: int, cursor: str | None = None) -> Page[NameClaim]:
        """See `Books.names`."""
        after = cursors.parse_name_cursor(uid, cursor) if cursor is not None else None
        found = await self.documents.find(queries.names_of(uid, after=after, limit=limit + 1))
        names = [records.decode_claim(one.address, one.fields) for one in found[:limit]]
        return Page(names, cursors.name_cursor(uid, names[-1].name_key) if len(found) > limit else None)

    async def captions(self, uid: str, key: CaptionsKey) -> CaptionsText | None:
        """See `Books.captions`."""
        found = await get_document(self.documents, address_of(uid, Collection.CAPTIONS, records.captions_id(key)))
        return None if found is None else records.decode_captions(found.address, found.fields)

    async def caption_keys(self, uid: str, *, limit: int, cursor: str | None = None) -> Page[CaptionsKey]:
        """See `Books.caption_keys`."""
        after = cursors.parse_captions_cursor(uid, cursor) if cursor is not None else None
        found = await self.documents.find(queries.captions_of(uid, after=after, limit=limit + 1))
        keys = [records.captions_key(one.address) for one in found[:limit]]
        return Page(keys, cursors.captions_cursor(uid, keys[-1]) if len(found) > limit else None)

    async def trash(self, uid: str, *, limit: int, cursor: str | None = None) -> Page[Video]:
        """See `Books.trash`."""
        scope = cursors.trash_scope(uid)
        after = cursors.parse_item_cursor(scope, cursor) if cursor is not None else None
        found = await self.documents.find(queries.trash_of(uid, after=after, limit=limit + 1))
        return _page(found, limit, scope, "deleted_at", records.decode_video)

    async def oldest_trash(self, uid: str, *, limit: int) -> Sequence[Video]:
        """See `Books.oldest_trash`."""
        found = await self.documents.find(queries.oldest_trash_of(uid, limit=limit))
        return [records.decode_video(one.fields) for one in found]

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

    async def entries_of_kinds(self, uid: str, day: date, kinds: Sequence[EntryKind], *, limit: int) -> Sequence[Entry]:
        """See `Books.entries_of_kinds`."""
        found = await self.documents.find(queries.entries_of_kinds(uid, day, kinds, limit=limit))
        return [records.decode_entry(one.fields) for one in found]

    async def has_entry_about(self, uid: str, day: date, kind: EntryKind, *, filename: str, size: int) -> bool:
        """See `Books.has_entry_about`."""
        query = queries.entries_about(uid, day, kind, filename=filename, size=size, limit=1)
        return bool(await self.documents.find(query))

    async def accounts(self, *, limit: int, cursor: str | None = None) -> Page[Account]:
        """See `Books.accounts`."""
        after = cursors.parse_account_cursor(cursor) if cursor is not None else None
        found = await self.documents.find(queries.all_accounts(after=after, limit=limit + 1))
        accounts = [records.decode_account(one.fields) for one in found[:limit]]
        return Page(accounts, cursors.account_cursor(accounts[-1].uid) if len(found) > limit else None)

    async def more_accounts_than(self, count: int) -> bool:
        """See `Books.more_accounts_than`."""
        return len(await self.documents.find(queries.all_accounts(limit=count + 1, ids_only=True))) > count

    async def closed_day(self, uid: str, day: date) -> Day | None:
        """See `Books.closed_day`."""
        found = await get_document(self.documents, address_of(uid, Collection.DAYS, day.isoformat()))
        return None if found is None else records.decode_day(found.fields)

    async def closed_days(self, uid: str, first: date, last: date) -> Sequence[Day]:
        """See `Books.closed_days`."""
        found = await self.documents.find(queries.days_of(uid, first, last))
        return [records.decode_day(one.fields) for one in found]

    async def last_day_before(self, uid: str, before: date) -> Day | None:
        """See `Books.last_day_before`."""
        found = await self.documents.find(queries.last_day_before(uid, before))
        return records.decode_day(found[0].fields) if found else None

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
