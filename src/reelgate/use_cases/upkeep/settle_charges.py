"""Settle charges whose logs must have arrived: the second half of settling (docs/adr/0042-settled-egress.md)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from reelgate.domain.books.entries import Entry, EntryId
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.usage.egress_records import DueTag, EgressSum
from reelgate.domain.usage.settling import Charge, charge_of, settle
from reelgate.ports.books import ReadSet, Snapshot
from reelgate.ports.usage import HasEgressRecords, HasEgressRules
from reelgate.use_cases.books.commit import CommitServices, Transaction, commit
from reelgate.use_cases.books.read_pages import items_of
from reelgate.use_cases.upkeep.rebuild_days import needs_rebuilding, rebuild_days
from reelgate.use_cases.upkeep.work_in_pages import Tally, work_in_pages


class Services(CommitServices, HasEgressRecords, HasEgressRules, Protocol):
    """What settling needs."""


TRY_AGAIN_AFTER = timedelta(minutes=30)
"""When a tag that could not be settled is tried again. Until then it is not in the way of others."""

_log = logging.getLogger(__name__)


async def settle_charges(services: Services, *, until: datetime) -> Tally:
    """Settle all charges that are due, each once. Where the deployment keeps estimates, there is nothing to do."""
    if not services.settles_egress:
        return Tally(done=0, failed=0, finished=True)

    async def page(limit: int) -> Sequence[DueTag]:
        return await services.egress_records.due(services.now(), limit=limit)

    async def work(due: DueTag) -> int:
        total = EgressSum()
        try:
            async for records in services.egress_records.of_tag(due.uid, due.tag):
                total.add(records)
            done = await settle_tag(services, due, total)
        except Exception:
            again = services.now() + TRY_AGAIN_AFTER
            await services.egress_records.postpone(due.uid, due.tag, total.parts, due_at=again)
            raise
        await services.egress_records.postpone(due.uid, due.tag, total.parts, due_at=None)
        return int(done)

    return await work_in_pages(services, page, work, lambda due: f"{due.uid}/{due.tag}", until=until)


async def settle_tag(services: Services, due: DueTag, total: EgressSum) -> bool:
    """Settle what was charged under a tag with all that was recorded of it so far. Returns whether it was settled now.

    If it was settled before, what has arrived since is counted in the log, for an alert: it is not charged any more. What no
    charge is known of is left out.

    Raises BooksBusy, BooksSlow, Unavailable.
    """
    if not total.compared:
        _log.warning("egress: %s has too many requests to compare all of them", due.tag)
    entry_id = EntryId.settle(due.tag)
    known = (entry_id,) if due.tag.leases is not None else (entry_id, due.tag.charge)
    snapshot = await services.books.read(due.uid, ReadSet(entry_ids=known))
    account, settled = snapshot.account, snapshot.entries.get(entry_id)
    if account is None or account.erasing:
        return False
    if settled is not None:
        _tell_late(due, settled, total)
        return False
    charge = await _charge(services, due, snapshot, total.file_id)
    if charge is None:
        _log.warning("egress: there is no charge of %s", due.tag, extra={"json_fields": {"egress_unknown_bytes": total.sent}})
        return False
    if needs_rebuilding(account):
        await rebuild_days(services, due.uid)
    return (await commit(services, due.uid, charge_settlement(charge, total.sent))).change is not None


def charge_settlement(charge: Charge, sent: int) -> Transaction:
    """Return the transaction that settles a charge, once. A playback grant's own sum is corrected both ways."""

    def decide(ledger: Ledger, snapshot: Snapshot) -> Change | None:
        if snapshot.account is None:
            return None
        change = settle(ledger, snapshot.account, charge, sent=sent, closed=snapshot.day)
        grant = snapshot.grant
        if grant is None:
            return change
        return replace(change, replace_grant=replace(grant, charged=max(0, grant.charged + sent - charge.size)))

    reads = ReadSet(entry_id=EntryId.settle(charge.tag), day=charge.date, grant_id=charge.tag.grant_id)
    return Transaction(decide, reads)


async def _charge(services: Services, due: DueTag, snapshot: Snapshot, file_id: str | None) -> Charge | None:
    leases = due.tag.leases
    if leases is None:
        return charge_of(due.tag, snapshot.entries.values())
    entries = items_of(
        lambda cursor: services.books.entries(due.uid, limit=300, cursor=cursor, day=leases.charged_on, file_id=file_id)
    )
    return charge_of(due.tag, [entry async for entry in entries if leases.has(entry.entry_id)])


def _tell_late(due: DueTag, settled: Entry, total: EgressSum) -> None:
    """Log the bytes that arrived after the settlement. One alert watches the value."""
    counted = max(total.settled, settled.settlement.sent if settled.settlement is not None else 0)
    late = total.sent - counted
    if late > 0:
        _log.warning("egress: %d bytes of %s arrived late", late, due.tag, extra={"json_fields": {"egress_late_bytes": late}})
