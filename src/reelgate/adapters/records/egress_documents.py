"""Egress records as documents: `users/{uid}/egress/{tag}@{log}#{part}`.

A record that is not settled has `due_at`, by which the sweep finds it; a settled one has None there, which no query finds.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from reelgate.adapters.documents.document_store import Address, ConflictError, Document, DocumentStore, Fields, Query, Write
from reelgate.adapters.documents.single_documents import create_document
from reelgate.domain.errors import Unavailable
from reelgate.domain.usage.egress_records import DueTag, EgressRecord, LogPart
from reelgate.domain.usage.egress_tags import EgressTag

COLLECTION = ("egress",)
PAGE = 4
"""How many records are read or written at once: each can be almost 1 MiB, and several megabytes in memory."""

_HASH_BYTES = 8
_PACKED_BYTES = _HASH_BYTES + 6  # with the request's bytes


class DocumentEgressRecords:
    """Implements `EgressRecords` over any `DocumentStore`."""

    def __init__(self, documents: DocumentStore) -> None:
        self._documents = documents

    async def put(self, record: EgressRecord, *, due_at: datetime, expires_at: datetime) -> bool:
        """See `EgressRecords.put`."""
        address = _address(record.uid, record.tag, (record.log, record.part))
        return await create_document(self._documents, address, {**_encode(record), "due_at": due_at, "expires_at": expires_at})

    async def due(self, now: datetime, *, limit: int) -> Sequence[DueTag]:
        """See `EgressRecords.due`."""
        found = await self._documents.find(due_before(now, limit=limit))
        tags = [DueTag(one.address.collection[1], EgressTag(one.address.id.partition("@")[0])) for one in found]
        return list(dict.fromkeys(tags))

    async def of_tag(self, uid: str, tag: EgressTag) -> AsyncIterator[Sequence[EgressRecord]]:
        """See `EgressRecords.of_tag`."""
        async for page in self._pages(uid, tag):
            yield [_decode(uid, document.fields) for document in page]

    async def postpone(self, uid: str, tag: EgressTag, parts: Collection[LogPart], *, due_at: datetime | None) -> None:
        """See `EgressRecords.postpone`."""
        addresses = [_address(uid, tag, part) for part in sorted(parts)]
        for start in range(0, len(addresses), PAGE):
            found = (await self._documents.get(*addresses[start : start + PAGE])).values()
            due = [one for one in found if one.fields["due_at"] is not None]
            if not due:
                continue
            writes = [Write(one.address, {**one.fields, "due_at": due_at}, version=one.version) for one in due]
            try:
                await self._documents.commit(writes)
            except ConflictError as error:  # another run does the same, or erasing the user removes them
                raise Unavailable("Records of what was sent are being changed by another run.") from error

    async def _pages(self, uid: str, tag: EgressTag) -> AsyncIterator[Sequence[Document]]:
        prefix = last = _prefix(tag)
        while True:
            found = await self._documents.find(records_after(uid, last))
            page = [one for one in found if one.address.id.startswith(prefix)]
            if page:
                yield page
            if len(page) < PAGE:
                return
            last = page[-1].address.id


def due_before(now: datetime, *, limit: int) -> Query:
    """Return the query of all users' records that are due, oldest first."""
    return Query(collection=COLLECTION, all_owners=True, order_by="due_at", at_most=now, ids_only=True, limit=limit)


def records_after(uid: str, last: str) -> Query:
    """Return the query of a user's records behind an id: the order of the documents' ids, for which no index is needed."""
    return Query(collection=_collection(uid), after=(None, last), limit=PAGE)


def _collection(uid: str) -> tuple[str, ...]:
    return ("users", uid, *COLLECTION)


def _address(uid: str, tag: EgressTag, part: LogPart) -> Address:
    log, number = part
    return Address(_collection(uid), f"{_prefix(tag)}{log}#{number}")


def _prefix(tag: EgressTag) -> str:
    return f"{tag}@"


def _encode(record: EgressRecord) -> dict[str, Any]:
    packed = b"".join(request + size.to_bytes(_PACKED_BYTES - _HASH_BYTES) for request, size in sorted(record.requests.items()))
    return {
        "tag": str(record.tag),
        "file_id": record.file_id,
        "log": record.log,
        "part": record.part,
        "bytes": sum(record.requests.values()),
        "requests": b64encode(packed).decode(),
    }


def _decode(uid: str, fields: Fields) -> EgressRecord:
    return EgressRecord(
        uid=uid,
        file_id=fields["file_id"],
        tag=EgressTag(fields["tag"]),
        log=fields["log"],
        part=fields["part"],
        requests=_unpacked(b64decode(fields["requests"])),
        settled=fields["due_at"] is None,
    )


def _unpacked(packed: bytes) -> Mapping[bytes, int]:
    starts = range(0, len(packed), _PACKED_BYTES)
    return {packed[at : at + _HASH_BYTES]: int.from_bytes(packed[at + _HASH_BYTES : at + _PACKED_BYTES]) for at in starts}
