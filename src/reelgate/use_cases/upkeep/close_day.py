"""Close the day of every account that had no operation since it ended.

Other accounts roll over with their next operation. This closes the day of inactive accounts, so that its totals are kept and
their alerts are re-armed. Days that are older than the fields that a bill needs are rebuilt from the ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from reelgate.domain.books.ledger import Change, Ledger
from reelgate.ports.books import Snapshot
from reelgate.use_cases.books.commit import CommitServices, Transaction, commit, current_ledger
from reelgate.use_cases.upkeep.rebuild_days import needs_rebuilding, rebuild_days
from reelgate.use_cases.upkeep.work_in_pages import Tally, work_in_pages


async def close_days(services: CommitServices, *, until: datetime) -> Tally:
    """Close the day of all accounts whose day is over. Running it twice, or missing a day, does no harm."""
    today = current_ledger(services).today

    async def page(limit: int) -> Sequence[str]:
        return await services.books.accounts_to_close(today, limit=limit)

    async def close(uid: str) -> int:
        change = (await commit(services, uid, day_close())).change
        if change is not None and needs_rebuilding(change.account):
            await rebuild_days(services, uid)
        return int(change is not None)

    return await work_in_pages(services, page, close, str, until=until)


def day_close() -> Transaction:
    """Return the transaction that closes an account's day if another one has begun."""

    def decide(ledger: Ledger, snapshot: Snapshot) -> Change | None:
        return ledger.roll(snapshot.account) if snapshot.account else None

    return Transaction(decide)
