"""The document store in Firestore, over its REST API, with this project's timeouts and errors.

Leaving out Google's SDK saves what importing it costs at a cold start (docs/adr/0005-cold-starts.md).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from reelgate.adapters.documents.document_store import (
    Address,
    Aggregate,
    ConflictError,
    Document,
    Fields,
    Follow,
    OutcomeUnknown,
    Query,
    Write,
)
from reelgate.adapters.documents.firestore_queries import aggregated, parent_of, structured
from reelgate.adapters.documents.firestore_values import (
    decode_fields,
    decode_value,
    document_id,
    encode_fields,
    encode_value,
    name_of,
)
from reelgate.adapters.documents.read_meter import note_reads
from reelgate.adapters.google.access_tokens import AccessTokens
from reelgate.adapters.google.connections import Connections
from reelgate.adapters.google.http_connection import NoAnswer
from reelgate.adapters.google.rest import GoogleRest, emulator_token
from reelgate.adapters.google.retries import CallFailed, RetryPolicy
from reelgate.domain.errors import Unavailable

GOOGLE = "https://firestore.googleapis.com"
DEFAULT_DATABASE = "(default)"

_RETRYABLE = frozenset(
    {"ABORTED", "DEADLINE_EXCEEDED", "UNAVAILABLE", "INTERNAL", "RESOURCE_EXHAUSTED", "CANCELLED", "UNKNOWN"}
)
"""After these it is unknown whether a commit was applied. ABORTED: other requests are using the same documents."""

TIMEOUT_SECONDS = 3.0
"""For one call: much longer than the usual 10 to 50 ms, and much shorter than the time a whole change may take."""

# Another request was faster, so a precondition did not hold. ALREADY_EXISTS: the document exists; NOT_FOUND: it was removed.
_LOST = frozenset({"FAILED_PRECONDITION", "ALREADY_EXISTS", "NOT_FOUND"})
_CONTENTION = "ABORTED"


ENTRIES_PER_READ = 1000
"""Index entries of an aggregation that are billed as one read (Firestore pricing, "Aggregation queries")."""


class FirestoreError(CallFailed):
    """Firestore refused a call. `status` is the name of its code (google.rpc.Code), such as FAILED_PRECONDITION."""

    def __init__(self, status: str, message: str) -> None:
        super().__init__(f"{status}: {message}", retryable=status in _RETRYABLE)
        self.status = status


class FirestoreUnreachable(CallFailed):
    """There was no answer, or it did not come from Firestore. Whether the call was carried out is unknown."""

    def __init__(self, message: str) -> None:
        super().__init__(message, retryable=True)


class FirestoreClient:
    """One database."""

    def __init__(
        self,
        project: str,
        *,
        database: str = DEFAULT_DATABASE,
        token: Callable[[], Awaitable[str]],
        forget_token: Callable[[str], None] = lambda _: None,
        endpoint: str = GOOGLE,
        connections: Connections | None = None,
    ) -> None:
        """`token` returns a bearer token; `forget_token` is called with one that Firestore refused."""
        self.root = f"projects/{project}/databases/{database}/documents"
        self._path = f"/v1/{self.root}"
        self._rest = GoogleRest(endpoint, token=token, forget_token=forget_token, connections=connections)

    async def call(self, method: str, body: dict[str, Any], *, seconds: float, parent: str = "") -> Any:
        """Return the answer to a method of the documents below `parent`, a path that is not escaped.

        Raises:
            FirestoreError: Firestore refused it.
            FirestoreUnreachable: it is unknown whether the call was carried out.
        """
        path = f"{self._path}/{quote(parent)}:{method}" if parent else f"{self._path}:{method}"
        try:
            http_status, content = await self._rest.post(path, body, seconds=seconds)
        except NoAnswer as error:
            raise FirestoreUnreachable(str(error)) from error
        return _checked(http_status, content)

    def close(self) -> None:
        """Close own connections; calls under way fail."""
        self._rest.close()


def connect(
    project: str,
    *,
    database: str = DEFAULT_DATABASE,
    emulator: str | None = None,
    tokens: AccessTokens | None = None,
    connections: Connections | None = None,
) -> FirestoreClient:
    """Return a client of a project's database. Raises ValueError without both `emulator` and `tokens`.

    Args:
        project: its id.
        database: its id; the emulator has each database that is named to it.
        emulator: host and port of the Firestore emulator to use instead; it needs no `tokens`.
        tokens: access tokens of the account that this runs as.
        connections: those of the function instance; by default, connections of its own.
    """
    if emulator:
        endpoint = f"http://{emulator}"
        return FirestoreClient(project, database=database, token=emulator_token, endpoint=endpoint, connections=connections)
    if tokens is None:
        raise ValueError("Firestore needs access tokens")
    return FirestoreClient(
        project, database=database, token=tokens.current, forget_token=tokens.forget, connections=connections
    )


def _checked(http_status: int, content: Any) -> Any:
    """Return the answer. Streamed ones are lists, whose last item may be an error (Google's JSON transcoding)."""
    last = content[-1] if isinstance(content, list) and content else content
    error = last.get("error") if isinstance(last, dict) else None
    if isinstance(error, dict):
        raise FirestoreError(str(error.get("status") or "UNKNOWN"), str(error.get("message", "")))
    if http_status != 200:
        raise FirestoreUnreachable(f"HTTP {http_status}")
    return content


@dataclass(slots=True)
class OperationCount:
    """Documents read, written and deleted so far, as billed: looking for a missing document is a read."""

    reads: int = 0
    writes: int = 0
    deletes: int = 0


class FirestoreDocumentStore:
    """Implements `DocumentStore` over one client, to be used in one event loop. A `version` is Firestore's update time.

    `operations` is what this store has read, written and deleted so far, for benchmarks.
    """

    def __init__(self, client: FirestoreClient, *, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self.operations = OperationCount()
        self._client = client
        self._timeout_seconds = timeout_seconds
        self._reads = RetryPolicy(  # limited by the deadline, not by the number of attempts
            attempts=1000, deadline_seconds=timeout_seconds, first_pause_seconds=0.05, max_pause_seconds=0.8
        )

    async def get(self, *addresses: Address, follow: Follow | None = None) -> Mapping[Address, Document]:
        """See `DocumentStore.get`. An answer says of which instant it is; Firestore reads as of it for an hour."""
        if not addresses:  # Firestore refuses an empty list
            return {}
        found, read_at = await self._get(addresses)
        more = [address for address in follow(found) if address not in addresses] if follow is not None else []
        return {**found, **(await self._get(more, {"readTime": read_at}))[0]} if more else found

    async def _get(
        self, addresses: Sequence[Address], options: Mapping[str, str] = MappingProxyType({})
    ) -> tuple[Mapping[Address, Document], str]:
        """Return those of the documents that exist, and the instant of which they are, as Firestore writes it."""
        by_name = {self._name(address): address for address in dict.fromkeys(addresses)}
        parts = await self._read("batchGet", {"documents": list(by_name), **options})
        self._note_reads(len(by_name))
        found = {by_name[part["found"]["name"]]: part["found"] for part in parts if "found" in part}
        return {address: _document(address, one) for address, one in found.items()}, parts[0].get("readTime", "")

    async def find(self, query: Query) -> Sequence[Document]:
        """See `DocumentStore.find`."""
        body = {"structuredQuery": structured(self._client.root, query)}
        parts = await self._read("runQuery", body, parent=parent_of(query))
        found = [part["document"] for part in parts if "document" in part]
        self._note_reads(max(1, len(found)))
        return [_document(self._address(one["name"]), one) for one in found]

    async def aggregate(self, query: Query, *, sums: Collection[str] = ()) -> Aggregate:
        """See `DocumentStore.aggregate`."""
        paths = list(sums)
        body = {"structuredAggregationQuery": aggregated(self._client.root, query, paths)}
        parts = await self._read("runAggregationQuery", body, parent=parent_of(query))
        [fields] = [part["result"]["aggregateFields"] for part in parts if "result" in part]
        found = decode_fields(fields)
        self._note_reads(max(1, -(-found["count"] // ENTRIES_PER_READ)))
        return Aggregate(found["count"], {path: found[f"sum_{number}"] for number, path in enumerate(paths)})

    async def commit(self, writes: Sequence[Write]) -> Sequence[Any]:
        """See `DocumentStore.commit`."""
        results = await self._commit([self._sent(write) for write in writes])
        return [
            None if write.fields is None else result.get("updateTime") for write, result in zip(writes, results, strict=True)
        ]

    async def count(self, address: Address, fields: Fields, *, by: int = 1, remove: Sequence[Address] = ()) -> int:
        """See `DocumentStore.count`. Firestore applies increments one after another; without preconditions, none fails."""
        # With a mask, only the named fields change. Without it the update would replace the whole document, including `count`.
        write = {
            **self._sent(Write(address, fields)),
            "updateMask": {"fieldPaths": list(fields)},
            "updateTransforms": [{"fieldPath": "count", "increment": encode_value(by)}],
        }
        try:
            result, *_ = await self._commit([write, *(self._sent(Write(other, None)) for other in remove)])
        except ConflictError as error:
            raise Unavailable(
                "This did not work in time. Try again.", hint="The database did not say whether it was written."
            ) from error
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
        deletes, verified = sum("delete" in write for write in writes), sum("verify" in write for write in writes)
        self._note_reads(verified)
        self.operations.writes += len(writes) - deletes - verified
        self.operations.deletes += deletes
        results: list[dict[str, Any]] = answer.get("writeResults", [])
        return results

    def _note_reads(self, documents: int) -> None:
        self.operations.reads += documents
        note_reads(documents)

    async def _read(self, method: str, body: dict[str, Any], *, parent: str = "") -> list[dict[str, Any]]:
        try:
            parts: list[dict[str, Any]] = await self._reads.run(
                lambda seconds: self._client.call(method, body, seconds=seconds, parent=parent)
            )
        except CallFailed as error:
            if not error.retryable:
                raise
            raise Unavailable("This did not work in time. Try again.", hint="The database did not answer.") from error
        return parts

    def _sent(self, write: Write) -> dict[str, Any]:
        """Return a write as the API takes it. An update without a mask replaces the document (REST reference, "Write")."""
        name = self._name(write.address)
        if write.fields is None and write.absent:
            # Firestore's web SDK verifies in this way what a transaction has only read (`VerifyMutation`).
            sent: dict[str, Any] = {"verify": name}
        elif write.fields is None:
            sent = {"delete": name}
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
