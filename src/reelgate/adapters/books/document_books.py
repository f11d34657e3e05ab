"""The books over any document store (docs/books.md), and how they are changed.

A change reads documents, prepares and decides, and writes if none of them has changed meanwhile; otherwise it starts again
(docs/adr/0003-accounting.md). Waiting operations of one user share one read and one commit (`GroupCommit`).
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Protocol

from reelgate.adapters.books.book_lists import BookLists
from reelgate.adapters.books.unit_of_work import UnitOfWork, addresses_to_read, created_addresses
from reelgate.adapters.documents.document_store import Address, ConflictError, DocumentStore, OutcomeUnknown, Write
from reelgate.adapters.google.retries import RetryPolicy
from reelgate.domain.audit import Action
from reelgate.domain.errors import BooksBusy, BooksSlow, Unavailable
from reelgate.ports.books import CommitResult, Decide, NotPrepared, Prepare, ReadSet, Snapshot

Clock = Callable[[], datetime]
"""Returns the current instant, aware."""


class EncodeAction(Protocol):
    """Returns an action as a document of the audit log. The same action is always the same document."""

    def __call__(self, action: Action) -> Write: ...


def no_audit_log(action: Action) -> Write:
    """Refuse an action: books without an audit log must not lose it silently."""
    raise RuntimeError(f"these books were built without an audit log, and cannot record {action.action}")


CHANGE_RETRIES: Final = RetryPolicy(
    attempts=40, deadline_seconds=8.0, first_pause_seconds=0.004, max_pause_seconds=0.25, jitter=1
)
"""How often and for how long a change is attempted while other requests keep changing the same documents."""

GROUP_SIZE = 20
"""How many waiting operations of one user may share a commit."""

PREPARE_SECONDS = 4.0
"""How long an operation may take to prepare, half the time of a change: the user's other operations wait meanwhile."""


class DocumentBooks(BookLists):
    """Implements `Books`, to be used in one event loop: changes and views of one user's books. The lists are inherited."""

    def __init__(
        self,
        documents: DocumentStore,
        *,
        clock: Clock = lambda: datetime.now(UTC),
        retries: RetryPolicy = CHANGE_RETRIES,
        group_size: int = GROUP_SIZE,
        encode_action: EncodeAction = no_audit_log,
        prepare_seconds: float = PREPARE_SECONDS,
    ) -> None:
        self.documents = documents
        self._clock = clock
        self._retries = retries
        self._encode_action = encode_action
        self._prepare_seconds = prepare_seconds
        self._groups = GroupCommit(self._apply, size=group_size)
        self._slow: set[str] = set()  # users whose last call was not answered in time

    async def commit(self, uid: str, decide: Decide, reads: ReadSet, *, prepare: Prepare | None = None) -> CommitResult:
        """See `Books.commit`."""
        return await self._groups.run(uid, self._operation(decide, reads, prepare))

    async def read(self, uid: str, reads: ReadSet) -> Snapshot:
        """See `Books.read`."""
        return UnitOfWork(uid, await self.documents.get(*addresses_to_read(uid, reads))).snapshot(reads)

    def _operation(self, decide: Decide, reads: ReadSet, prepare: Prepare | None) -> Operation:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._retries.deadline_seconds
        return Operation(decide=decide, reads=reads, prepare=prepare, deadline=deadline, result=loop.create_future())

    async def _apply(self, uid: str, batch: Sequence[Operation]) -> None:
        """Settle all operations. Each round starts with a read, so a commit whose answer was lost is found there.

        After the last attempt, one more round reads, and refuses the operations that are still not written.
        """
        for failures in range(self._retries.attempts + 1):
            last = failures == self._retries.attempts
            batch = [operation for operation in batch if not self._is_settled(uid, operation)]
            if not batch:
                return
            try:
                await self._round(uid, batch, last=last)
            except ConflictError as error:
                self._note(uid, batch, slow=isinstance(error, OutcomeUnknown) and not error.contended)
                for operation in batch:
                    operation.failures += 1
                await asyncio.sleep(self._retries.pause_seconds(failures + 1))
            except Unavailable as error:
                self._note(uid, batch, slow=True)
                self._give_up_late(batch, error, last=last)
                await asyncio.sleep(self._retries.pause_seconds(failures + 1))

    async def _round(self, uid: str, batch: Sequence[Operation], *, last: bool) -> None:
        addresses = frozenset[Address]().union(*(addresses_to_read(uid, op.reads) | op.attempted for op in batch))
        unit = UnitOfWork(uid, await self.documents.get(*addresses))
        batch = await self._prepared(batch, unit, last=last)
        outcomes = [(operation, self._decide(operation, unit, last=last)) for operation in batch]
        if writes := unit.writes():
            await self.documents.commit(writes)
            self._slow.discard(uid)
        for operation, outcome in outcomes:
            if isinstance(outcome, NotPrepared):  # another operation of the batch changed what it was prepared for
                operation.failures += 1
            else:
                operation.settle(outcome)

    async def _prepared(self, batch: Sequence[Operation], unit: UnitOfWork, *, last: bool) -> Sequence[Operation]:
        """Let the operations that are to be decided prepare, all at once; return those that go on.

        What they prepare on was read in one go, without the staged writes of others. An error is therefore final, and settles
        the operation now. Operations whose clients have gone meanwhile are dropped: what they prepared is of no use.
        """
        preparing = [
            self._prepare(operation, operation.prepare, snapshot)
            for operation in batch
            if operation.prepare is not None
            and self._undecided(operation, unit, snapshot := unit.snapshot(operation.reads), last=last) is None
        ]
        if not preparing:
            return batch
        if len(preparing) == 1:
            await preparing[0]
        else:
            await asyncio.gather(*preparing)
        return [operation for operation in batch if operation.prepare is None or not operation.result.done()]

    async def _prepare(self, operation: Operation, prepare: Prepare, snapshot: Snapshot) -> None:
        timeout = asyncio.timeout(self._prepare_seconds)
        try:
            async with timeout:
                await prepare(snapshot)
        except Exception as error:
            operation.settle(_late_preparation() if timeout.expired() else error)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            operation.settle(_late_preparation())  # something that it waited for was cancelled, not this task

    def _decide(self, operation: Operation, unit: UnitOfWork, *, last: bool) -> CommitResult | Exception:
        """Let the operation decide on the unit's documents, and stage its writes.

        The result is valid only once the unit is committed, because it may depend on the staged writes of other operations.
        Errors are therefore returned, too.
        """
        snapshot = unit.snapshot(operation.reads)
        if (outcome := self._undecided(operation, unit, snapshot, last=last)) is not None:
            return outcome
        try:
            return self._stage(operation, unit, snapshot)
        except Exception as refusal:
            return refusal

    def _undecided(
        self, operation: Operation, unit: UnitOfWork, snapshot: Snapshot, *, last: bool
    ) -> CommitResult | Exception | None:
        """Return the outcome of an operation that was applied already or is out of time; None if it is to be decided."""
        for entry_id, outcome in operation.outcomes.items():
            if (applied := unit.entry(entry_id)) is not None:
                if _was_written(outcome, unit):
                    return outcome
                if entry_id not in operation.reads.entry_ids:  # otherwise the decision handles it
                    return CommitResult(snapshot=snapshot, existing_entry=applied)
        if snapshot.entry is not None:
            return CommitResult(snapshot=snapshot, existing_entry=snapshot.entry)
        # If an operation is late on its first attempt, only its read was slow: it has lost no race, and its snapshot is fresh.
        if last or (self._is_late(operation) and operation.failures):
            return _slow() if operation.slow else busy()
        return None

    def _stage(self, operation: Operation, unit: UnitOfWork, snapshot: Snapshot) -> CommitResult:
        change = operation.decide(snapshot)
        if change is None:
            return CommitResult(snapshot=snapshot)
        if change.entry is not None and (twin := unit.entry(change.entry.entry_id)) is not None:
            return CommitResult(snapshot=snapshot, existing_entry=twin)
        outcome = CommitResult(snapshot=snapshot, change=change)
        if change.entry is not None:
            operation.outcomes[change.entry.entry_id] = outcome
        operation.attempted |= created_addresses(change)
        unit.stage(change, at=self._clock(), audit=[self._encode_action(action) for action in change.audit])
        return outcome

    def _give_up_late(self, batch: Sequence[Operation], error: Unavailable, *, last: bool) -> None:
        for operation in batch:
            if last or self._is_late(operation):
                operation.settle(_slow() if operation.attempted else error)

    def _note(self, uid: str, batch: Sequence[Operation], *, slow: bool) -> None:
        """Remember why a round failed, so that a final refusal gives the true reason."""
        if not slow:
            self._slow.discard(uid)
            return
        self._slow.add(uid)
        for operation in batch:
            operation.slow = True

    def _is_settled(self, uid: str, operation: Operation) -> bool:
        """Return whether the operation is settled; first refuse it if it waited past its deadline without an attempt."""
        if self._is_late(operation) and not operation.attempted:
            operation.settle(_slow() if operation.slow or uid in self._slow else busy())
        return operation.result.done()

    def _is_late(self, operation: Operation) -> bool:
        return asyncio.get_running_loop().time() > operation.deadline


def _was_written(outcome: CommitResult, unit: UnitOfWork) -> bool:
    """Return whether the books hold exactly the entries that an earlier attempt tried to write.

    Comparing the first entry is not enough: two changes made at the same instant may begin with equal entries.
    """
    change = outcome.change
    if change is None or change.entry is None:
        return False
    return all(unit.entry(entry.entry_id) == entry for entry in (change.entry, *change.more_entries))


def busy() -> BooksBusy:
    """Return the error for a change that lost every race to other requests, with a random Retry-After."""
    return BooksBusy(
        "Other requests keep changing the same account. Nothing was changed by this one; try again.",
        retry_after_seconds=random.randint(1, 3),  # noqa: S311 - spreads competitors, hides nothing
    )


def _slow() -> BooksSlow:
    """Return the error for a change that the database did not answer in time, without any competing request."""
    return BooksSlow(
        "The database did not answer in time. It is not known whether this was done: look first, or try again with the same "
        "Idempotency-Key.",
        retry_after_seconds=random.randint(2, 5),  # noqa: S311 - as above
    )


def _late_preparation() -> Unavailable:
    """Return the error for a change that could not be prepared in time."""
    return Unavailable("A service that this needs did not answer in time. Nothing was changed; try again.")


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
