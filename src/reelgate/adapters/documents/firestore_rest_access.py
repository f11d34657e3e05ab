"""Calls to Firestore over REST with this project's timeouts and errors, and a count of what they are billed for."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reelgate.adapters.books.optimistic_books import ConflictError, OutcomeUnknown
from reelgate.adapters.documents.firestore_rest_client import FirestoreError, FirestoreRestClient, FirestoreUnreachable
from reelgate.adapters.documents.firestore_rest_queries import Query
from reelgate.adapters.documents.firestore_rest_values import decode_fields
from reelgate.adapters.documents.operation_count import OperationCount
from reelgate.domain.errors import Unavailable

# Somebody else was faster: a condition did not hold (exists: ALREADY_EXISTS; a vanished document: NOT_FOUND).
_LOST = frozenset({"FAILED_PRECONDITION", "ALREADY_EXISTS", "NOT_FOUND"})
# Firestore could not be reached or was too slow; whether a commit was applied is then unknown.
_UNREACHABLE = frozenset({"DEADLINE_EXCEEDED", "UNAVAILABLE", "INTERNAL", "RESOURCE_EXHAUSTED", "CANCELLED", "UNKNOWN"})
_CONTENTION = "ABORTED"


@dataclass(frozen=True, slots=True)
class Found:
    """A document as it was read. `version` is its update time: compared, never interpreted."""

    name: str
    fields: Mapping[str, Any]
    version: str

    @property
    def id(self) -> str:
        """The last part of its name."""
        return self.name.rpartition("/")[2]


class FirestoreRestAccess:
    """One client. `count` is meant for benchmarks."""

    def __init__(self, client: FirestoreRestClient, *, timeout_seconds: float) -> None:
        self.root = client.root
        self.count = OperationCount()
        self._client = client
        self._timeout_seconds = timeout_seconds

    async def get(self, names: Sequence[str]) -> list[Found]:
        """Return those documents that exist, as of one instant, in any order. Raises Unavailable."""
        parts = await self._read("batchGet", {"documents": list(names)})
        self.count.reads += len(names)
        return [_found(part["found"]) for part in parts if "found" in part]

    async def run(self, query: Query) -> list[Found]:
        """Return what a query finds. Raises Unavailable."""
        parts = await self._read("runQuery", {"structuredQuery": query.structured}, parent=query.parent)
        found = [_found(part["document"]) for part in parts if "document" in part]
        self.count.reads += max(1, len(found))
        return found

    async def commit(self, writes: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
        """Commit once. Returns Firestore's result of each write.

        Raises:
            OutcomeUnknown: there was no clear answer.
            ConflictError: a condition did not hold.
        """
        try:
            answer = await self._client.call("commit", {"writes": list(writes)}, seconds=self._timeout_seconds)
        except FirestoreUnreachable as error:
            raise OutcomeUnknown(str(error)) from error
        except FirestoreError as error:
            if error.status in _LOST:
                raise ConflictError(str(error)) from error
            if error.status in _UNREACHABLE | {_CONTENTION}:
                raise OutcomeUnknown(str(error), contended=error.status == _CONTENTION) from error
            raise
        deletes = sum("delete" in write for write in writes)
        self.count.writes += len(writes) - deletes
        self.count.deletes += deletes
        results: list[dict[str, Any]] = answer.get("writeResults", [])
        return results

    async def delete(self, name: str) -> None:
        """Remove a document if it is there. Raises Unavailable."""
        try:
            await self.commit([{"delete": name}])
        except ConflictError as error:
            raise _unavailable() from error

    async def _read(self, method: str, body: dict[str, Any], *, parent: str = "") -> list[dict[str, Any]]:
        """Read, again and again until the timeout, as `FirestoreAccess` does."""
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + self._timeout_seconds
        wait_at_most = 0.05
        while True:
            try:
                parts: list[dict[str, Any]] = await self._client.call(
                    method, body, seconds=give_up_at - loop.time(), parent=parent
                )
            except (FirestoreUnreachable, FirestoreError) as error:
                if isinstance(error, FirestoreError) and error.status not in _UNREACHABLE | {_CONTENTION}:
                    raise
                wait_seconds = random.uniform(0.5, 1) * wait_at_most  # noqa: S311 - spreads competitors
                if loop.time() + wait_seconds >= give_up_at:
                    raise _unavailable() from error
                await asyncio.sleep(wait_seconds)
                wait_at_most = min(2 * wait_at_most, 0.8)
            else:
                return parts


def _found(document: Mapping[str, Any]) -> Found:
    return Found(document["name"], decode_fields(document.get("fields", {})), document["updateTime"])


def _unavailable() -> Unavailable:
    return Unavailable("The database did not answer in time.")
