"""Calls to Firestore with this project's timeouts and errors, and a count of what they are billed for.

The SDK's own repetitions are switched off: for commits because what is repeated blindly may answer AlreadyExists about its
own first success, for reads because they go on for minutes.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence

from google.api_core import exceptions as google
from google.cloud.firestore import AsyncClient, AsyncDocumentReference, AsyncQuery, AsyncWriteBatch, DocumentSnapshot

from reelgate.adapters.books.optimistic_books import ConflictError, OutcomeUnknown
from reelgate.adapters.documents.operation_count import OperationCount
from reelgate.domain.errors import Unavailable

Snapshot = DocumentSnapshot[AsyncDocumentReference]

# Somebody else was faster: a condition did not hold (create: AlreadyExists; a vanished document: NotFound).
_LOST = (google.FailedPrecondition, google.AlreadyExists, google.NotFound)
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


class FirestoreAccess:
    """One client. `count` is meant for benchmarks."""

    def __init__(self, client: AsyncClient, *, timeout_seconds: float) -> None:
        self.client = client
        self.count = OperationCount()
        self._timeout_seconds = timeout_seconds

    async def get(self, references: Sequence[AsyncDocumentReference]) -> list[Snapshot]:
        """Return documents, existing or not, as of one instant, in any order. Raises Unavailable."""
        return await self._read(lambda seconds: self.client.get_all(list(references), retry=None, timeout=seconds))

    async def run(self, query: AsyncQuery) -> list[Snapshot]:
        """Return what a query finds. Raises Unavailable."""
        return await self._read(lambda seconds: query.stream(retry=None, timeout=seconds))

    async def commit(self, batch: AsyncWriteBatch, *, writes: int, deletes: int) -> None:
        """Commit once.

        Raises:
            OutcomeUnknown: there was no clear answer.
            ConflictError: a condition did not hold.
        """
        try:
            await batch.commit(retry=None, timeout=self._timeout_seconds)
        except google.Aborted as error:
            raise OutcomeUnknown(str(error), contended=True) from error
        except _LOST as error:
            raise ConflictError(str(error)) from error
        except _UNREACHABLE as error:
            raise OutcomeUnknown(str(error)) from error
        self.count.writes += writes
        self.count.deletes += deletes

    async def delete(self, reference: AsyncDocumentReference) -> None:
        """Remove a document if it is there. Raises Unavailable."""
        try:
            await reference.delete(retry=None, timeout=self._timeout_seconds)
        except (*_UNREACHABLE, google.Aborted) as error:
            raise _unavailable() from error
        self.count.deletes += 1

    async def _read(self, call: Callable[[float], AsyncIterator[Snapshot]]) -> list[Snapshot]:
        """Read, again and again until the timeout: a broken connection needs about a second to be made anew, and all
        calls fail at once until then (gRPC, "Connection Backoff Protocol")."""
        loop = asyncio.get_running_loop()
        give_up_at = loop.time() + self._timeout_seconds
        wait_at_most = 0.05
        while True:
            try:
                found = [snapshot async for snapshot in call(give_up_at - loop.time())]
            except (*_UNREACHABLE, google.Aborted) as error:
                wait_seconds = random.uniform(0.5, 1) * wait_at_most  # noqa: S311 - spreads competitors
                if loop.time() + wait_seconds >= give_up_at:
                    raise _unavailable() from error
                await asyncio.sleep(wait_seconds)
                wait_at_most = min(2 * wait_at_most, 0.8)
            else:
                self.count.reads += max(1, len(found))
                return found


def _unavailable() -> Unavailable:
    return Unavailable("The database did not answer in time.")
