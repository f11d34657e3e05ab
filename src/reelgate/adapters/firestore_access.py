"""Calls to Firestore with this project's timeouts and errors, and a count of what they are billed for.

The SDK's own repetitions are switched off: for commits because what is repeated blindly may answer AlreadyExists about its
own first success, for reads because they go on for minutes.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from google.api_core import exceptions as google
from google.cloud.firestore import AsyncClient, AsyncDocumentReference, AsyncQuery, AsyncWriteBatch, DocumentSnapshot

from reelgate.adapters.optimistic_books import ConflictError
from reelgate.domain.errors import Unavailable

Snapshot = DocumentSnapshot[AsyncDocumentReference]

# Somebody else was faster: a condition did not hold (create: AlreadyExists; a vanished document: NotFound).
_LOST = (google.FailedPrecondition, google.AlreadyExists, google.Aborted, google.NotFound)
# Firestore could not be reached or was too slow; whether a commit was applied is then unknown.
_UNREACHABLE = (
    google.DeadlineExceeded,
    google.ServiceUnavailable,
    google.InternalServerError,
    google.ResourceExhausted,
    google.Cancelled,
    google.Unknown,
    google.RetryError,
)
_READ_ATTEMPTS = 3


@dataclass(slots=True)
class OperationCount:
    """Documents read, written and deleted so far, as billed: looking for a missing document is a read."""

    reads: int = 0
    writes: int = 0
    deletes: int = 0


class FirestoreAccess:
    """One client. `count` is meant for benchmarks."""

    def __init__(self, client: AsyncClient, *, timeout_seconds: float) -> None:
        self.client = client
        self.count = OperationCount()
        self._timeout_seconds = timeout_seconds

    async def get(self, references: Sequence[AsyncDocumentReference]) -> list[Snapshot]:
        """Return documents, existing or not, as of one instant, in any order. Raises Unavailable."""
        return await self._read(lambda: self.client.get_all(list(references), retry=None, timeout=self._timeout_seconds))

    async def run(self, query: AsyncQuery) -> list[Snapshot]:
        """Return what a query finds. Raises Unavailable."""
        return await self._read(lambda: query.stream(retry=None, timeout=self._timeout_seconds))

    async def commit(self, batch: AsyncWriteBatch, *, writes: int, deletes: int) -> None:
        """Commit once.

        Raises:
            ConflictError: a condition did not hold, or nobody knows.
        """
        try:
            await batch.commit(retry=None, timeout=self._timeout_seconds)
        except (*_LOST, *_UNREACHABLE) as problem:
            raise ConflictError(str(problem)) from problem
        self.count.writes += writes
        self.count.deletes += deletes

    async def delete(self, reference: AsyncDocumentReference) -> None:
        """Remove a document if it is there. Raises Unavailable."""
        try:
            await reference.delete(retry=None, timeout=self._timeout_seconds)
        except (*_UNREACHABLE, google.Aborted) as problem:
            raise _unavailable() from problem
        self.count.deletes += 1

    async def _read(self, call: Callable[[], AsyncIterator[Snapshot]]) -> list[Snapshot]:
        for attempt in range(_READ_ATTEMPTS):
            try:
                found = [snapshot async for snapshot in call()]
            except (*_UNREACHABLE, google.Aborted) as problem:
                if attempt == _READ_ATTEMPTS - 1:
                    raise _unavailable() from problem
                await asyncio.sleep(random.uniform(0, 0.05 * 2**attempt))  # noqa: S311 - spreads competitors
            else:
                self.count.reads += max(1, len(found))
                return found
        raise AssertionError("the last attempt returns or raises")


def _unavailable() -> Unavailable:
    return Unavailable("The books cannot be reached just now.")
