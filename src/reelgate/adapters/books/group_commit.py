"""Group commit: operations of one user that wait for each other anyway share one read and one commit.

One batch per user is under way at a time; what arrives meanwhile forms the next one. So a user with many requests at once
costs few round trips, and a burst of one instance needs to win against other instances only once.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from reelgate.adapters.documents.document_store import Address
from reelgate.ports import CommitResult, Decide, ReadSet


@dataclass(eq=False, slots=True, kw_only=True)
class Operation:
    """A decision that waits to be made and written.

    `deadline` is in seconds of the event loop's clock. `attempted` are documents that earlier, failed attempts were to
    create; `outcomes` is, by ledger entry, what would have come of those attempts. `failures` counts the attempts that
    failed, `slow` tells whether the store left one of them, or a read, without an answer.
    """

    decide: Decide
    wanted: ReadSet
    deadline: float
    result: asyncio.Future[CommitResult]
    attempted: set[Address] = field(default_factory=set)
    outcomes: dict[str, CommitResult] = field(default_factory=dict)
    failures: int = 0
    slow: bool = False

    def settle(self, outcome: CommitResult | Exception) -> None:
        """Tell whoever waits. Nobody does when the request was cancelled meanwhile."""
        if self.result.done():
            return
        if isinstance(outcome, Exception):
            self.result.set_exception(outcome)
        else:
            self.result.set_result(outcome)


Apply = Callable[[str, Sequence[Operation]], Awaitable[None]]
"""Settles all operations of one user that it is given. An exception that it raises concerns all that are not settled."""


class GroupCommit:
    """Runs each user's operations in batches of up to `size`, one batch after the other.

    The batches run in a task of their own: a client that goes away cancels its waiting, not a commit under way.
    """

    def __init__(self, apply: Apply, *, size: int) -> None:
        self._apply = apply
        self._size = size
        self._waiting: dict[str, deque[Operation]] = {}
        self._workers: set[asyncio.Task[None]] = set()

    async def run(self, uid: str, operation: Operation) -> CommitResult:
        """Return what became of the operation, once it is settled. Raises what it ended with."""
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
            for operation in batch:  # it may be the fault of one: the others shall not suffer
                await self._settle(uid, [operation])
        except asyncio.CancelledError:
            for operation in batch:
                operation.result.cancel()
            raise
