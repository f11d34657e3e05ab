"""The books over any document store (docs/books.md), and how they are changed.

A change reads documents, prepares and decides, and writes if none of them has changed meanwhile; otherwise it starts again
(docs/adr/0003-accounting.md). Waiting operations of one user share one read and one commit (`GroupCommit`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Final, Protocol

from reelgate.adapters.books import refusals
from reelgate.adapters.books.book_lists import BookLists
from reelgate.adapters.books.group_commit import GroupCommit, Operation
from reelgate.adapters.books.unit_of_work import (
    UnitOfWork,
    addresses_to_read,
    created_addresses,
    follow_names,
)
from reelgate.adapters.documents.document_store import Address, ConflictError, Document, DocumentStore, OutcomeUnknown, Write
from reelgate.adapters.documents.single_documents import get_document
from reelgate.adapters.documents.tombstones import is_valid, tombstone_of_user
from reelgate.adapters.google.retries import RetryPolicy
from reelgate.domain.audit import Action
from reelgate.domain.errors import Unavailable
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
        return (await self._read(uid, addresses_to_read(uid, reads), [reads])).snapshot(reads)

    async def _read(self, uid: str, addresses: Iterable[Address], reads: Sequence[ReadSet]) -> UnitOfWork:
        """Return documents as of one instant: those of the addresses, and those to which the read sets' names lead."""
        follow = follow_names(uid, reads)
        found = await (self.documents.get(*addresses) if follow is None else self.documents.get(*addresses, follow=follow))
        return UnitOfWork(uid, found)

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
        unit = await self._read(uid, addresses, [operation.reads for operation in batch])
        batch = await self._prepared(batch, unit, last=last)
        outcomes = [(operation, self._decide(operation, unit, last=last)) for operation in batch]
        if writes := unit.writes():
            if unit.opens_account:
                tombstone = await get_document(self.documents, tombstone_of_user(uid))
                if is_valid(tombstone, self._clock()):
                    for operation in batch:
                        operation.settle(refusals.erased())
                    return
                writes.append(_no_tombstone(uid, tombstone))
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
            operation.settle(refusals.late_preparation() if timeout.expired() else error)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            operation.settle(refusals.late_preparation())  # something that it waited for was cancelled, not this task

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
        if snapshot.account is not None and snapshot.account.erasing:
            return refusals.erased()
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
            return refusals.slow() if operation.slow else refusals.busy()
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
                operation.settle(refusals.slow() if operation.attempted else error)

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
            operation.settle(refusals.slow() if operation.slow or uid in self._slow else refusals.busy())
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


def _no_tombstone(uid: str, expired: Document | None) -> Write:
    """Return the write that removes a user's expired tombstone, or makes the commit depend on there being none.

    An erasure could otherwise begin and end between the reading of a missing account and the commit that opens it.
    """
    if expired is None:
        return Write(tombstone_of_user(uid), None, absent=True)
    return Write(expired.address, None, version=expired.version)
