"""The books in Firestore: one document per account decides every race of its user (docs/adr/0003-accounting.md).

users/{uid}                      the account, its open uploads and its day so far
users/{uid}/videos/{name_key}    finished videos, one per name
users/{uid}/trash/{file_id}      deleted ones
users/{uid}/entries/{entry_id}   the ledger
users/{uid}/days/{date}          closed days
outbox/{event_id}                what is still to be published or removed
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, date, datetime

from google.cloud.firestore import AsyncClient, AsyncDocumentReference, AsyncWriteBatch

from reelgate.adapters.books.optimistic_books import PATIENT, Clock, OptimisticBooks, RetryPolicy
from reelgate.adapters.books.unit_of_work import Collection as In
from reelgate.adapters.books.unit_of_work import Held, Key, Read, Write
from reelgate.adapters.documents import firestore_documents as documents
from reelgate.adapters.documents import firestore_queries as queries
from reelgate.adapters.documents.firestore_access import FirestoreAccess, Snapshot
from reelgate.adapters.documents.operation_count import OperationCount
from reelgate.domain.books import list_cursors as cursors
from reelgate.domain.books.account import Account, Day
from reelgate.domain.books.entries import Entry
from reelgate.domain.books.messages import OutboxItem
from reelgate.domain.books.video import Video
from reelgate.ports import Page

_log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 3.0
"""For one call: long against the usual 10 to 50 ms, short against the time a change may take in all."""


def connect(project: str) -> FirestoreBooks:
    """Return the books in a project's default database, or in the emulator that FIRESTORE_EMULATOR_HOST names."""
    return FirestoreBooks(AsyncClient(project=project))


class FirestoreBooks(OptimisticBooks):
    """Books over one client, to be used in one event loop."""

    def __init__(
        self,
        client: AsyncClient,
        *,
        clock: Clock = lambda: datetime.now(UTC),
        patience: RetryPolicy = PATIENT,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        super().__init__(clock=clock, patience=patience)
        self._client = client
        self._access = FirestoreAccess(client, timeout_seconds=timeout_seconds)

    @property
    def operations(self) -> OperationCount:
        """What these books have read, written and deleted so far."""
        return self._access.count

    async def _read(self, uid: str, keys: Collection[Key]) -> Read:
        references = {self._reference(uid, key): key for key in keys}
        by_path = {reference.path: key for reference, key in references.items()}
        read: dict[Key, Held | None] = dict.fromkeys(keys)
        for snapshot in await self._access.get(list(references)):
            if snapshot.exists:
                key = by_path[snapshot.reference.path]
                read[key] = Held(documents.decode(key.collection, snapshot.to_dict() or {}), snapshot.update_time)
        return read

    async def _commit(self, uid: str, writes: Sequence[Write]) -> None:
        batch = self._client.batch()
        for write in writes:
            self._add(batch, self._reference(uid, write.key), write)
        deletes = sum(write.record is None for write in writes)
        await self._access.commit(batch, writes=len(writes) - deletes, deletes=deletes)

    def _add(self, batch: AsyncWriteBatch, reference: AsyncDocumentReference, write: Write) -> None:
        unchanged = None if write.version is None else self._client.write_option(last_update_time=write.version)
        if write.record is None:
            batch.delete(reference, option=unchanged)
        elif write.unconditional:
            batch.set(reference, documents.encode(write.record))
        elif unchanged is None:
            batch.create(reference, documents.encode(write.record))
        else:  # every field is named, so this replaces the document; `set` knows no conditions
            batch.update(reference, documents.encode(write.record), option=unchanged)

    def _reference(self, uid: str, key: Key) -> AsyncDocumentReference:
        identifier = documents.document_id(key.id)
        if key.collection in {In.USERS, In.OUTBOX}:
            return self._client.document(key.collection.value, identifier)
        return self._client.document("users", documents.document_id(uid), key.collection.value, identifier)

    async def videos(self, uid: str, *, limit: int, cursor: str | None = None) -> Page[Video]:
        """See `Books.videos`."""
        scope = cursors.videos_scope(uid)
        after = cursors.parse_item_cursor(scope, cursor) if cursor is not None else None
        found = await self._access.run(queries.videos_of(self._client, uid, after=after).limit(limit + 1))
        return _page(found, limit, scope, "uploaded_at")

    async def trash(self, uid: str, *, limit: int, cursor: str | None = None) -> Page[Video]:
        """See `Books.trash`."""
        scope = cursors.trash_scope(uid)
        after = cursors.parse_item_cursor(scope, cursor) if cursor is not None else None
        found = await self._access.run(queries.trash_of(self._client, uid, after=after).limit(limit + 1))
        return _page(found, limit, scope, "deleted_at")

    async def entries(
        self, uid: str, *, limit: int, cursor: str | None = None, day: date | None = None, file_id: str | None = None
    ) -> Page[Entry]:
        """See `Books.entries`."""
        scope = cursors.entries_scope(uid, day, file_id)
        below = cursors.parse_entry_cursor(scope, cursor) if cursor is not None else None
        query = queries.entries_of(self._client, uid, day=day, file_id=file_id, below=below)
        found = [documents.decode_entry(_fields(s)) for s in await self._access.run(query.limit(limit + 1))]
        more = len(found) > limit
        return Page(found[:limit], cursors.entry_cursor(scope, found[limit - 1].sequence) if more else None)

    async def accounts(self, *, limit: int, cursor: str | None = None) -> Page[Account]:
        """See `Books.accounts`."""
        after = cursors.parse_account_cursor(cursor) if cursor is not None else None
        found = await self._access.run(queries.all_accounts(self._client, after=after).limit(limit + 1))
        accounts = [documents.decode_account(_fields(snapshot)) for snapshot in found[:limit]]
        return Page(accounts, cursors.account_cursor(accounts[-1].uid) if len(found) > limit else None)

    async def closed_day(self, uid: str, day: date) -> Day | None:
        """See `Books.closed_day`."""
        reference = self._reference(uid, Key(In.DAYS, day.isoformat()))
        [snapshot] = await self._access.get([reference])
        return documents.decode_day(_fields(snapshot)) if snapshot.exists else None

    async def accounts_to_close(self, before: date, *, limit: int) -> Sequence[str]:
        """See `Books.accounts_to_close`."""
        found = await self._access.run(queries.accounts_to_close(self._client, before).limit(limit))
        return [documents.name_of(snapshot.id) for snapshot in found]

    async def accounts_with_expired_uploads(self, now: datetime, *, limit: int) -> Sequence[str]:
        """See `Books.accounts_with_expired_uploads`."""
        found = await self._access.run(queries.accounts_with_expired_uploads(self._client, now).limit(limit))
        return [documents.name_of(snapshot.id) for snapshot in found]

    async def trash_to_purge(self, now: datetime, *, limit: int) -> Sequence[Video]:
        """See `Books.trash_to_purge`."""
        found = await self._access.run(queries.trash_to_purge(self._client, now).limit(limit))
        return _readable(found, documents.decode_video)

    async def outbox(self, written_before: datetime, *, limit: int) -> Sequence[OutboxItem]:
        """See `Books.outbox`."""
        found = await self._access.run(queries.outbox_before(self._client, written_before).limit(limit))
        return [posted.item for posted in _readable(found, documents.decode_posted)]

    async def outbox_since(self) -> datetime | None:
        """See `Books.outbox_since`."""
        found = await self._access.run(queries.outbox_before(self._client, documents.END_OF_TIME).limit(1))
        return documents.written_at(_fields(found[0])) if found else None

    async def outbox_done(self, event_id: str) -> None:
        """See `Books.outbox_done`."""
        await self._access.delete(self._reference("", Key(In.OUTBOX, event_id)))


def _fields(snapshot: Snapshot) -> documents.Fields:
    return snapshot.to_dict() or {}


def _readable[T](found: Sequence[Snapshot], decode: Callable[[documents.Fields], T]) -> list[T]:
    """Return the records of a sweep's page. One that cannot be read (a newer revision's?) must not hold back the others."""
    records = []
    for snapshot in found:
        try:
            records.append(decode(_fields(snapshot)))
        except (KeyError, TypeError, ValueError):
            _log.exception("document %s cannot be read", snapshot.reference.path)
    return records


def _page(found: Sequence[Snapshot], limit: int, scope: str, ordered_by: str) -> Page[Video]:
    """Return a page of the `limit + 1` documents that were asked for."""
    videos = [documents.decode_video(_fields(snapshot)) for snapshot in found[:limit]]
    if len(found) <= limit:
        return Page(videos)
    last = found[limit - 1]
    return Page(videos, cursors.item_cursor(scope, last.get(ordered_by), last.id))
