"""The document store in Firestore, over its REST API, with this project's timeouts and errors.

Leaving out Google's SDK saves what importing it costs at a cold start (docs/adr/0005-cold-starts.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reelgate.adapters.documents.document_ids import document_id, name_of
from reelgate.adapters.documents.document_store import Address, ConflictError, Document, Fields, OutcomeUnknown, Query, Write
from reelgate.adapters.documents.firestore_client import FirestoreClient, FirestoreError, FirestoreUnreachable
from reelgate.adapters.documents.firestore_queries import parent_of, structured
from reelgate.adapters.documents.firestore_values import decode_fields, decode_value, encode_fields, encode_value
from reelgate.adapters.documents.operation_count import OperationCount
from reelgate.adapters.google.retries import CallFailed, RetryPolicy
from reelgate.domain.errors import Unavailable

TIMEOUT_SECONDS = 3.0
"""For one call: long against the usual 10 to 50 ms, short against the time a change may take in all."""

# Another request was faster: a precondition did not hold (exists: ALREADY_EXISTS; a vanished document: NOT_FOUND).
_LOST = frozenset({"FAILED_PRECONDITION", "ALREADY_EXISTS", "NOT_FOUND"})
_CONTENTION = "ABORTED"


class FirestoreDocumentStore:
    """Implements `DocumentStore` over one client, to be used in one event loop. A `version` is Firestore's update time.

    `operations` is what this store has read, written and deleted so far, for benchmarks.
    """

    def __init__(self, client: FirestoreClient, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self.operations = OperationCount()
        self._client = client
        self._timeout_seconds = timeout_seconds
        self._reads = RetryPolicy(  # as often as there is time for
            attempts=1000, deadline_seconds=timeout_seconds, first_pause_seconds=0.05, max_pause_seconds=0.8
        )

    async def get(self, *addresses: Address) -> Mapping[Address, Document]:
        """See `DocumentStore.get`."""
        if not addresses:  # Firestore refuses an empty list
            return {}
        by_name = {self._name(address): address for address in dict.fromkeys(addresses)}
        parts = await self._read("batchGet", {"documents": list(by_name)})
        self.operations.reads += len(by_name)
        found = {by_name[part["found"]["name"]]: part["found"] for part in parts if "found" in part}
        return {address: _document(address, one) for address, one in found.items()}

    async def find(self, query: Query) -> Sequence[Document]:
        """See `DocumentStore.find`."""
        body = {"structuredQuery": structured(self._client.root, query)}
        parts = await self._read("runQuery", body, parent=parent_of(query))
        found = [part["document"] for part in parts if "document" in part]
        self.operations.reads += max(1, len(found))
        return [_document(self._address(one["name"]), one) for one in found]

    async def commit(self, writes: Sequence[Write]) -> None:
        """See `DocumentStore.commit`."""
        await self._commit([self._sent(write) for write in writes])

    async def count(self, address: Address, fields: Fields, *, by: int = 1) -> int:
        """See `DocumentStore.count`. A transform without preconditions: Firestore puts them in order, none loses a race."""
        # The mask keeps what it does not name; without it the update would replace the document, and its number with it.
        write = {
            **self._sent(Write(address, fields)),
            "updateMask": {"fieldPaths": list(fields)},
            "updateTransforms": [{"fieldPath": "count", "increment": encode_value(by)}],
        }
        try:
            [result] = await self._commit([write])
        except ConflictError as error:
            raise Unavailable("The database did not say in time whether it was written.") from error
        number: int = decode_value(result["transformResults"][0])
        return number

    async def _commit(self, writes: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
        try:
            answer = await self._client.call("commit", {"writes": list(writes)}, seconds=self._timeout_seconds)
        except FirestoreUnreachable as error:
            raise OutcomeUnknown(str(error)) from error
        except FirestoreError as error:
            if error.status in _LOST:
                raise ConflictError(str(error)) from error
            if error.retryable:
                raise OutcomeUnknown(str(error), contended=error.status == _CONTENTION) from error
            raise
        deletes = sum("delete" in write for write in writes)
        self.operations.writes += len(writes) - deletes
        self.operations.deletes += deletes
        results: list[dict[str, Any]] = answer.get("writeResults", [])
        return results

    async def _read(self, method: str, body: dict[str, Any], *, parent: str = "") -> list[dict[str, Any]]:
        try:
            parts: list[dict[str, Any]] = await self._reads.run(
                lambda seconds: self._client.call(method, body, seconds=seconds, parent=parent)
            )
        except CallFailed as error:
            if not error.retryable:
                raise
            raise Unavailable("The database did not answer in time.") from error
        return parts

    def _sent(self, write: Write) -> dict[str, Any]:
        """Return a write as the API takes it. An update without a mask replaces the document (REST reference, "Write")."""
        name = self._name(write.address)
        if write.fields is None:
            sent: dict[str, Any] = {"delete": name}
        else:
            sent = {"update": {"name": name, "fields": encode_fields(write.fields)}}
        if write.version is not None:
            sent["currentDocument"] = {"updateTime": write.version}
        elif write.absent:
            sent["currentDocument"] = {"exists": False}
        return sent

    def _name(self, address: Address) -> str:
        return "/".join([self._client.root, *map(document_id, address.collection), document_id(address.id)])

    def _address(self, name: str) -> Address:
        *collection, identifier = map(name_of, name.removeprefix(f"{self._client.root}/").split("/"))
        return Address(tuple(collection), identifier)


def _document(address: Address, found: Mapping[str, Any]) -> Document:
    return Document(address, decode_fields(found.get("fields", {})), found["updateTime"])
