"""Operations that wait to be made and written, and the batches in which one user's operations share a commit."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from reelgate.adapters.documents.document_store import Address
from reelgate.ports.books import CommitResult, Decide, Prepare, ReadSet


@dataclass(eq=False, slots=True, kw_only=True)
class Operation:
    """A decision that waits to be made and written.

    `deadline` is in seconds of the event loop's clock. `attempted` are documents that earlier, failed attempts tried to
    create; `outcomes` maps the ids of their ledger entries to the results of those attempts if they were applied. `failures`
    counts failed attempts. `slow` is set when the store did not answer an attempt or a read in time.
    """

    decide: Decide
    reads: ReadSet
    prepare: Prepare | None
    deadline: float
    result: asyncio.Future[CommitResult]
    attempted: set[Address] = field(default_factory=set)
    outcomes: dict[str, CommitResult] = field(default_factory=dict)
    failures: int = 0
    slow: bool = False

    def settle(self, outcome: CommitResult | Exception) -> None:
        """Pass the outcome to the waiting request. Does nothing if the request was cancelled in the meantime."""
        if self.result.done():
            return
        if isinstance(outcome, Exception):
            self.result.set_exception(outcome)
        else:
            self.result.set_result(outcome)


Apply = Callable[[str, Sequence[Operation]], Awaitable[None]]
"""Settles the given operations of one user. If it raises, the exception applies to all operations not yet settled."""


class GroupCommit:
    """Runs each user's operations in batches of up to `size`, one batch after the other.

    One batch per user is under way at a time; operations that arrive meanwhile form the next batch. A user with many requests
    at once therefore costs few round trips, and a burst of one instance competes with other instances only once.

    The batches run in their own task: a client that disconnects cancels its wait, not a commit under way.
    """

    def __init__(self, apply: Apply, *, size: int) -> None:
        self._apply = apply
        self._size = size
        self._waiting: dict[str, deque[Operation]] = {}
        self._workers: set[asyncio.Task[None]] = set()

    async def run(self, uid: str, operation: Operation) -> CommitResult:
        """Return the result of the operation once it is settled. Raises the error that it was settled with."""
        if uid in self._waiting:
            self._waiting[uid].append(operation)
        else:
            self._waiting[uid] = deque([operation])
            worker = asyncio.create_task(self._work(uid))
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)
        return await operation.result

    async def _work(self, uid: str) -> None:
        waiting = self._waiting[uid]
        try:
            while waiting:
                batch = [waiting.popleft() for _ in range(min(self._size, len(waiting)))]
                await self._settle(uid, [operation for operation in batch if not operation.result.done()])
        finally:
            del self._waiting[uid]
            for operation in waiting:  # only when this task itself was cancelled: the process is ending
                operation.result.cancel()

    async def _settle(self, uid: str, batch: Sequence[Operation]) -> None:
        try:
            await self._apply(uid, batch)
        except Exception as error:
            if len(batch) == 1:
                batch[0].settle(error)
                return
            for operation in batch:  # one operation may have caused it: retry each alone
                await self._settle(uid, [operation])
        except asyncio.CancelledError:
            for operation in batch:
                operation.result.cancel()
            raise
