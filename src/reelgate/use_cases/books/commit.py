"""The one way in which use cases write the books: read, prepare, decide, commit, deliver the outbox, return.

Any commit can put an alert into the outbox, because a day has ended or usage has passed a threshold. Delivery is therefore
part of committing, and a test makes sure that no use case calls `Books.commit` itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import field, replace
from datetime import datetime
from typing import Protocol

from reelgate.domain.audit import Action
from reelgate.domain.books.entries import EntryKind
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.books.messages import OutboxItem, TrimTrash
from reelgate.domain.books.video import Video
from reelgate.domain.value_types import positional_value_type
from reelgate.ports.audit import HasAuditFeed
from reelgate.ports.books import CommitResult, HasBooks, HasPolicy, Prepare, ReadSet, Snapshot
from reelgate.ports.events import HasEvents
from reelgate.ports.runtime import HasClock, HasFunctionName
from reelgate.ports.storage import HasMedia
from reelgate.use_cases.audit.object_events import trash_trimmed
from reelgate.use_cases.audit.publish_audit_event import publish_audit_event
from reelgate.use_cases.books.deliver_outbox import Trim, deliver
from reelgate.use_cases.books.trim_trash import trim_trash, trimming


class LedgerServices(HasClock, HasPolicy, Protocol):
    """What the ledger's rules depend on."""


class CommitServices(HasAuditFeed, HasBooks, HasClock, HasEvents, HasMedia, HasPolicy, HasFunctionName, Protocol):
    """What every change of the books uses: the commit, and the delivery of its outbox."""


class AuditEvent(Protocol):
    """An event for the audit log, to be recorded in the commit that it is about. `recorded` is set after that commit."""

    recorded: bool

    def action_of(self, change: Change, at: datetime) -> Action:
        """Return the action that a change makes."""


@positional_value_type
class Transaction:
    """A decision about one user's books, and the documents that it needs.

    `decide` returns what to write, or None for nothing, or raises a domain error to refuse. It may run several times, each time
    on a newer snapshot and with the rules as of that instant, so it must have no side effects.

    `prepare` calls other services before each decision, for what the decision needs of them (see `ports.Prepare`). What it did
    for an earlier snapshot may be kept; repeating it must be harmless.
    """

    decide: Callable[[Ledger, Snapshot], Change | None]
    reads: ReadSet = field(default_factory=ReadSet)
    prepare: Prepare | None = None


async def commit(
    services: CommitServices,
    uid: str,
    transaction: Transaction,
    *,
    audit: AuditEvent | None = None,
    before_delivery: Callable[[Change], Awaitable[None]] | None = None,
) -> CommitResult:
    """Carry out a transaction on a user's books and deliver the outbox of what was written.

    Args:
        audit: what the audit log records of the change, in the same commit; nothing if there is no change.
        before_delivery: runs between commit and delivery, for work that must be done before the messages arrive.

    Raises:
        BooksBusy, BooksSlow, Unavailable: see `Books.commit`.
        Any error that `transaction.prepare`, `transaction.decide` or `before_delivery` raises. Delivery raises none: the sweep
            retries what is left.
    """

    def decide(snapshot: Snapshot) -> Change | None:
        ledger = current_ledger(services)
        change = transaction.decide(ledger, snapshot)
        if change is None or audit is None:
            return change
        return replace(change, audit=(*change.audit, audit.action_of(change, ledger.now)))

    result = await services.books.commit(uid, decide, transaction.reads, prepare=transaction.prepare)
    if result.change is not None:
        if audit is not None:
            audit.recorded = True
        if before_delivery is not None:
            await before_delivery(result.change)
        await deliver(services, _due_now(result.change), trimmer(services))
        if services.audit_feed:
            for action in result.change.audit:
                await publish_audit_event(services, action)
    return result


def trimmer(services: CommitServices) -> Trim:
    """Return what carries out the outbox's orders to trim a trash."""

    async def purge(video: Video) -> None:
        audit = trash_trimmed(services, video.uid, video.file_id)
        await commit(services, video.uid, Transaction(*trimming(video.file_id)), audit=audit)

    async def trim(uid: str) -> bool:
        return await trim_trash(services, uid, purge)

    return trim


def _due_now(change: Change) -> list[OutboxItem]:
    """Return what is to be carried out right after the commit.

    A trash that an admin's new limit makes too large is left to the sweep: `accounts` need not be allowed to tell of purged
    videos, and a limit that was lowered by mistake can be put right meanwhile.
    """
    by_admin = change.entry is not None and change.entry.kind == EntryKind.LIMITS
    return [item for item in change.outbox if not (by_admin and isinstance(item, TrimTrash))]


def current_ledger(services: LedgerServices) -> Ledger:
    """Return the ledger's rules as of now."""
    return Ledger(services.policy, services.now())
