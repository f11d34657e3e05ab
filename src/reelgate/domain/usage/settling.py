"""Settling: what was charged for URLs is replaced by what usage logs say that they sent (docs/adr/0042-settled-egress.md).

A **charge** is what one tag stands for: the entry of a URL's window, or all leases of a playback grant on a day. It is settled
once, when its logs must have arrived. On the day of the charge, the difference moves the day's `streamed` either way. Later,
more bytes than were charged are charged to the day of settling; fewer only correct what the day of the charge shows as sent.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from reelgate.domain.books.account import Account, Day
from reelgate.domain.books.entries import Delta, Entry, EntryId, EntryKind, SettledSums, Settlement, settled_on
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.books.policy import Policy
from reelgate.domain.playback.lease_charges import MAX_URL_SECONDS
from reelgate.domain.usage.egress_tags import EgressTag
from reelgate.domain.value_types import value_type

LOGS_ARRIVE_WITHIN = timedelta(hours=7)
"""How long after a URL has expired its charge is settled: logs are written at least every six hours (Cloud Storage docs,
"Usage logs & storage logs"), and a download that began before the end goes on for a while."""

MAX_URL_LIFE = timedelta(seconds=MAX_URL_SECONDS)
"""How long the longest URL of a playback grant works."""


@value_type
class Charge:
    """What was charged under one tag: `size` bytes, on the day `date`, for a file.

    `tag` is the key of the entry that settles it.
    """

    tag: EgressTag
    date: date
    size: int
    file_id: str | None = None
    filename: str | None = None

    def replaced_by(self, sent: int) -> Settlement:
        """Return what the settling entry says of it."""
        return Settlement(self.date, self.size, sent)


def charge_of(tag: EgressTag, entries: Iterable[Entry]) -> Charge | None:
    """Return what entries have charged under a tag; None if they have charged nothing under it.

    Args:
        entries: those of the tag, and perhaps others.
    """
    found = [entry for entry in entries if _is_charged_under(tag, entry)]
    if not found:
        return None
    first = found[0]
    size = sum(entry.delta.streamed for entry in found)
    return Charge(tag=tag, date=first.date, size=size, file_id=first.file_id, filename=first.filename)


def _is_charged_under(tag: EgressTag, entry: Entry) -> bool:
    if entry.kind != EntryKind.STREAM:
        return False
    if tag.leases is None:
        return entry.entry_id == tag.charge
    return entry.date == tag.leases.charged_on and tag.leases.has(entry.entry_id)


def closes_at(tag: EgressTag, policy: Policy) -> datetime | None:
    """Return when the last URL with a tag has expired, at the latest; None for a tag that is not settled, or malformed."""
    if tag.leases is not None:
        midnight = policy.next_day_starts(_noon(tag.leases.charged_on, policy))
        return midnight + MAX_URL_LIFE  # the day's leases include URLs of whole files, which outlive the video
    start = tag.starts_at
    if start is None:
        return None
    return start + (MAX_URL_LIFE if tag.is_grant else 2 * timedelta(seconds=policy.stream_url_seconds))


def due_at(tag: EgressTag, policy: Policy) -> datetime | None:
    """Return when what was charged under a tag can be settled; None as for `closes_at`."""
    closed = closes_at(tag, policy)
    return None if closed is None else closed + LOGS_ARRIVE_WITHIN


def _noon(day: date, policy: Policy) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=policy.zone).astimezone(UTC)


def settle(ledger: Ledger, account: Account, charge: Charge, *, sent: int, closed: Day | None) -> Change:
    """Replace a charge by the bytes that were sent.

    Args:
        closed: the day of the charge, if it is closed.
    """
    entry_id = EntryId.settle(charge.tag)
    delta = Delta(streamed=_moved(ledger.current(account).today, charge, sent))
    entry = replace(
        ledger.entry(entry_id, None, delta, size=sent),
        file_id=charge.file_id,
        filename=charge.filename,
        settlement=charge.replaced_by(sent),
    )
    change = ledger.change(account, entry)
    if change.entry is None or charge.date == change.account.today.date:
        return change
    about = settled_on(charge.date, change.entry)
    if change.closed_day is not None and change.closed_day.date == charge.date:
        return replace(change, closed_day=_with(change.closed_day, about))
    return change if closed is None else replace(change, rebuilt_days=(_with(closed, about),))


def _moved(today: Day, charge: Charge, sent: int) -> int:
    """Return what is added to today's `streamed`.

    Nothing is given back on another day than that of the charge, and nothing after an admin's reset, which has given it back.
    """
    difference = sent - charge.size
    if difference >= 0 or (charge.date == today.date and not today.waived.streamed):
        return difference
    return 0


def _with(day: Day, about: SettledSums) -> Day:
    return replace(day, settled=day.settled + about)
