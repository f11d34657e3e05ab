"""The books in Firestore without its SDK: the same documents as `firestore_books`, over the REST API.

Leaving out the SDK saves what importing it costs at a cold start (docs/adr/0005-cold-starts.md).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, date, datetime
from typing import Any

from reelgate.adapters.books.optimistic_books import PATIENT, Clock, OptimisticBooks, RetryPolicy
from reelgate.adapters.books.unit_of_work import Collection as In
from reelgate.adapters.books.unit_of_work import Held, Key, Read, Write
from reelgate.adapters.documents import firestore_documents as documents
from reelgate.adapters.documents import firestore_rest_queries as queries
from reelgate.adapters.documents.firestore_rest_access import FirestoreRestAccess, Found
from reelgate.adapters.documents.firestore_rest_client import FirestoreRestClient
from reelgate.adapters.documents.firestore_rest_values import encode_fields
from reelgate.adapters.documents.operation_count import OperationCount
from reelgate.adapters.google.access_tokens import AccessTokens
from reelgate.adapters.google.rest import EMULATOR_TOKEN, Connections
from reelgate.domain.books import list_cursors as cursors
from reelgate.domain.books.account import Account, Day
from reelgate.domain.books.entries import Entry
from reelgate.domain.books.messages import OutboxItem
from reelgate.domain.books.video import Video
from reelgate.ports import Page

_log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 3.0
"""For one call: long against the usual 10 to 50 ms, short against the time a change may take in all."""


def rest_client(
    project: str, *, emulator: str | None = None, tokens: AccessTokens | None = None, connections: Connections | None = None
) -> FirestoreRestClient:
    """Return a client of a project's default database.

    Args:
        project: its id.
        emulator: host and port of the Firestore emulator to use instead; it needs no `tokens`.
    """
    if emulator:
        return FirestoreRestClient(
            project, token=lambda: EMULATOR_TOKEN, endpoint=f"http://{emulator}", connections=connections
        )
    if tokens is None:
        raise ValueError("Firestore wants access tokens")
    return FirestoreRestClient(project, token=tokens.current, forget_token=tokens.forget, connections=connections)


class FirestoreRestBooks(OptimisticBooks):
    """Books over one client, to be used in one event loop."""

    def __init__(
        self,
        client: FirestoreRestClient,
        *,
        clock: Clock = lambda: datetime.now(UTC),
        patience: RetryPolicy = PATIENT,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        super().__init__(clock=clock, patience=patience)
        self._access = FirestoreRestAccess(client, timeout_seconds=timeout_seconds)

    @property
    def operations(self) -> OperationCount:
        """What these books have read, written and deleted so far."""
        return self._access.count

    async def _read(self, uid: str, keys: Collection[Key]) -> Read:
        by_name = {self._name(uid, key): key for key in keys}
        read: dict[Key, Held | None] = dict.fromkeys(keys)
        for found in await self._access.get(list(by_name)):
            key = by_name[found.name]
            read[key] = Held(documents.decode(key.collection, found.fields), found.version)
        return read

    async def _commit(self, uid: str, writes: Sequence[Write]) -> None:
        await self._access.commit([_sent(self._name(uid, write.key), write) for write in writes])

    def _name(self, uid: str, key: Key) -> str:
        identifier = documents.document_id(key.id)
        if key.collection in {In.USERS, In.OUTBOX}:
            return f"{self._access.root}/{key.collection.value}/{identifier}"
        return f"{self._access.root}/users/{documents.document_id(uid)}/{key.collection.value}/{identifier}"

    async def videos(self, uid: str, *, limit: int, cursor: str | None = None) -> Page[Video]:
        """See `Books.videos`."""
        scope = cursors.videos_scope(uid)
        after = cursors.parse_item_cursor(scope, cursor) if cursor is not None else None
        found = await self._access.run(queries.videos_of(self._access.root, uid, after=after).limit(limit + 1))
        return _page(found, limit, scope, "uploaded_at")

    async def trash(self, uid: str, *, limit: int, cursor: str | None = None) -> Page[Video]:
        """See `Books.trash`."""
        scope = cursors.trash_scope(uid)
        after = cursors.parse_item_cursor(scope, cursor) if cursor is not None else None
        found = await self._access.run(queries.trash_of(self._access.root, uid, after=after).limit(limit + 1))
        return _page(found, limit, scope, "deleted_at")

    async def entries(
        self, uid: str, *, limit: int, cursor: str | None = None, day: date | None = None, file_id: str | None = None
    ) -> Page[Entry]:
        """See `Books.entries`."""
        scope = cursors.entries_scope(uid, day, file_id)
        below = cursors.parse_entry_cursor(scope, cursor) if cursor is not None else None
        query = queries.entries_of(uid, day=day, file_id=file_id, below=below)
        found = [documents.decode_entry(one.fields) for one in await self._access.run(query.limit(limit + 1))]
        more = len(found) > limit
        return Page(found[:limit], cursors.entry_cursor(scope, found[limit - 1].sequence) if more else None)

    async def accounts(self, *, limit: int, cursor: str | None = None) -> Page[Account]:
        """See `Books.accounts`."""
        after = cursors.parse_account_cursor(cursor) if cursor is not None else None
        found = await self._access.run(queries.all_accounts(self._access.root, after=after).limit(limit + 1))
        accounts = [documents.decode_account(one.fields) for one in found[:limit]]
        return Page(accounts, cursors.account_cursor(accounts[-1].uid) if len(found) > limit else None)

    async def closed_day(self, uid: str, day: date) -> Day | None:
        """See `Books.closed_day`."""
        found = await self._access.get([self._name(uid, Key(In.DAYS, day.isoformat()))])
        return documents.decode_day(found[0].fields) if found else None

    async def accounts_to_close(self, before: date, *, limit: int) -> Sequence[str]:
        """See `Books.accounts_to_close`."""
        found = await self._access.run(queries.accounts_to_close(before).limit(limit))
        return [documents.name_of(one.id) for one in found]

    async def accounts_with_expired_uploads(self, now: datetime, *, limit: int) -> Sequence[str]:
        """See `Books.accounts_with_expired_uploads`."""
        found = await self._access.run(queries.accounts_with_expired_uploads(now).limit(limit))
        return [documents.name_of(one.id) for one in found]

    async def trash_to_purge(self, now: datetime, *, limit: int) -> Sequence[Video]:
        """See `Books.trash_to_purge`."""
        found = await self._access.run(queries.trash_to_purge(now).limit(limit))
        return _readable(found, documents.decode_video)

    async def outbox(self, written_before: datetime, *, limit: int) -> Sequence[OutboxItem]:
        """See `Books.outbox`."""
        found = await self._access.run(queries.outbox_before(written_before).limit(limit))
        return [posted.item for posted in _readable(found, documents.decode_posted)]

    async def outbox_since(self) -> datetime | None:
        """See `Books.outbox_since`."""
        found = await self._access.run(queries.outbox_before(documents.END_OF_TIME).limit(1))
        return documents.written_at(found[0].fields) if found else None

    async def outbox_done(self, event_id: str) -> None:
        """See `Books.outbox_done`."""
        await self._access.delete(self._name("", Key(In.OUTBOX, event_id)))


def _sent(name: str, write: Write) -> dict[str, Any]:
    """Return a write as the API takes it. An update that names no fields replaces the document (REST reference, "Write")."""
    if write.record is None:
        sent: dict[str, Any] = {"delete": name}
    else:
        sent = {"update": {"name": name, "fields": encode_fields(documents.encode(write.record))}}
    if write.version is not None:
        sent["currentDocument"] = {"updateTime": write.version}
    elif write.record is not None and not write.unconditional:
        sent["currentDocument"] = {"exists": False}
    return sent


def _readable[T](found: Sequence[Found], decode: Callable[[documents.Fields], T]) -> list[T]:
    """Return the records of a sweep's page. One that cannot be read (a newer revision's?) must not hold back the others."""
    records = []
    for one in found:
        try:
            records.append(decode(one.fields))
        except (KeyError, TypeError, ValueError):
            _log.exception("document %s cannot be read", one.name)
    return records


def _page(found: Sequence[Found], limit: int, scope: str, ordered_by: str) -> Page[Video]:
    """Return a page of the `limit + 1` documents that were asked for."""
    videos = [documents.decode_video(one.fields) for one in found[:limit]]
    if len(found) <= limit:
        return Page(videos)
    last = found[limit - 1]
    return Page(videos, cursors.item_cursor(scope, last.fields[ordered_by], last.id))
