"""Days as a bill needs them: byte-seconds stored, bytes moved, and counts, also for days without any operation.

A byte-second is one byte stored for one second. An operation counts from the beginning of the second in which it happened, so
all amounts are whole numbers, and the days of a month add up exactly (docs/adr/0024-billing-data.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from datetime import date, datetime, timedelta

from reelgate.domain.books.account import Account, Day
from reelgate.domain.books.entries import ACTIVITY, Activity, Delta, Entry, EntryKind, SettledSums, settled_on
from reelgate.domain.books.policy import Policy
from reelgate.domain.errors import InvalidRequest, collect
from reelgate.domain.value_types import value_type

SECONDS_PER_HOUR = 3600
MAX_RANGE_DAYS = 366
"""How many days one question about usage may cover."""

EARLIEST = date(2000, 1, 1)
"""The first day that a question may cover. Time zones are no good guide to the years before 1970, or to the year 1."""

_ONE_DAY = timedelta(days=1)


@value_type
class Usage(Activity):
    """What is billed, of a day or of several. What an admin's reset took from a day is part of it.

    `settled` is what usage logs say of the period's streams. `stored` are the bytes at the end. It and `byte_seconds` are None
    where they are not known: a day is older than these fields, and was not rebuilt from the ledger yet.
    """

    stored: int | None = 0
    byte_seconds: int | None = 0
    settled: SettledSums = field(default_factory=SettledSums)

    @property
    def estimated(self) -> int:
        """The bytes that were charged when URLs were issued: one full transfer each."""
        return self.streamed - self.settled.moved

    @property
    def unsettled(self) -> int:
        """The bytes of the estimate that no settlement has replaced, or not yet."""
        return self.estimated - self.settled.measured

    @property
    def egress(self) -> int | None:
        """The bytes that were sent, as far as logs tell, and the estimate for the rest; None if nothing was settled."""
        return self.unsettled + self.settled.sent if self.settled.measured else None

    @property
    def byte_hours(self) -> int | None:
        """The byte-seconds in whole hours, rounded half up. Add up `byte_seconds`: sums of rounded numbers are not exact."""
        if self.byte_seconds is None:
            return None
        return (2 * self.byte_seconds + SECONDS_PER_HOUR) // (2 * SECONDS_PER_HOUR)

    def followed_by(self, later: Usage) -> Usage:
        """Return the usage of both periods together, of which `later` is the second one."""
        sums = {name: getattr(self, name) + getattr(later, name) for name in ACTIVITY}
        known = None not in (self.byte_seconds, later.byte_seconds)
        return Usage(
            stored=later.stored,
            byte_seconds=(self.byte_seconds or 0) + (later.byte_seconds or 0) if known else None,
            settled=self.settled + later.settled,
            **sums,
        )


@value_type
class UsageDay:
    """The usage of one calendar day. The day in which we are is `open`: its usage is that until now."""

    date: date
    usage: Usage
    open: bool = False


def total_of(days: Iterable[UsageDay]) -> Usage:
    """Return the usage of days that follow one another, together."""
    total = Usage()
    for day in days:
        total = total.followed_by(day.usage)
    return total


@value_type
class DateRange:
    """Calendar days, both ends included."""

    first: date
    last: date


def checked_range(first: date, last: date, *, today: date) -> DateRange:
    """Return the days that a question about usage covers. Raises InvalidRequest, which names `from` and `to`."""
    with collect() as fields:
        if first < EARLIEST:
            fields.add(InvalidRequest.of_fields(f"Usage is not known of days before {EARLIEST}.", "from"))
        if last > today:
            names = ["from", "to"] if first > today else ["to"]
            fields.add(InvalidRequest.of_fields(f"Usage is known up to today, {today}, and not of days to come.", *names))
        if first > last:
            fields.add(InvalidRequest.of_fields("The range ends before it begins.", "from", "to"))
        elif (last - first).days >= MAX_RANGE_DAYS:
            fields.add(InvalidRequest.of_fields(f"A range has at most {MAX_RANGE_DAYS} days.", "from", "to"))
    return DateRange(first=first, last=last)


def usage_of(day: Day, *, stored: int | None, byte_seconds: int | None) -> Usage:
    """Return what is billed of a day's sums."""
    return Usage(
        stored=stored if byte_seconds is not None else None,
        byte_seconds=byte_seconds,
        settled=day.settled,
        **{name: getattr(day, name) + getattr(day.waived, name) for name in ACTIVITY},
    )


def usage_days(
    account: Account, closed: Iterable[Day], wanted: DateRange, *, stored_before: int | None, policy: Policy, now: datetime
) -> Iterator[UsageDay]:
    """Yield each day of a range, up to today: closed ones, those that nobody closed because nothing happened, and today.

    Args:
        closed: the account's closed days of the range.
        stored_before: the bytes stored when the range begins, if its first day is not among them.
    """
    known = {day.date: day for day in closed}
    today = max(policy.day_of(now), account.today.date)
    stored = stored_before
    day = wanted.first
    while day <= min(wanted.last, today):
        found = known.get(day)
        if day == account.today.date:
            found, stored = account.today, account.stored
        elif found is not None:
            stored = found.stored
        if found is None:
            lasting = None if stored is None else stored * policy.seconds_of(day)
            found = Day(date=day, byte_seconds=lasting)
        to_come = 0 if stored is None or day < today else stored * policy.seconds_left(day, now)
        byte_seconds = None if found.byte_seconds is None else found.byte_seconds - to_come
        yield UsageDay(date=day, usage=usage_of(found, stored=stored, byte_seconds=byte_seconds), open=day == today)
        day += _ONE_DAY


@value_type
class FoldedDay:
    """A day as the ledger has it: the sum of its entries, what resets took from it, its settlements, and the bytes stored."""

    delta: Delta
    waived: Delta
    settled: SettledSums
    stored: int
    byte_seconds: int


class LedgerFold:
    """Adds up a ledger by days, one entry at a time and in any order. It holds sums of days, no entries."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._deltas: dict[date, Delta] = {}
        self._waived: dict[date, Delta] = {}
        self._gained: dict[date, int] = {}
        self._settled: dict[date, SettledSums] = {}
        self._days: Mapping[date, FoldedDay] | None = None  # until the next entry
        self.total = Delta()

    def add(self, entry: Entry) -> None:
        """Add an entry."""
        day, delta = entry.date, entry.delta
        self._days = None
        self.total += delta
        self._deltas[day] = self._deltas.get(day, Delta()) + delta
        if entry.kind == EntryKind.RESET_DAY:
            self._waived[day] = self._waived.get(day, Delta()) + -delta
        if entry.settlement is not None:
            for about in {day, entry.settlement.charged_on}:
                self._settled[about] = self._settled.get(about, SettledSums()) + settled_on(about, entry)
        if delta.stored:
            gained = delta.stored * self._policy.seconds_left(day, entry.at)
            self._gained[day] = self._gained.get(day, 0) + gained

    def days(self) -> Mapping[date, FoldedDay]:
        """Return the days that have entries, in their order."""
        if self._days is None:
            self._days = self._folded()
        return self._days

    def _folded(self) -> Mapping[date, FoldedDay]:
        stored, folded = 0, {}
        for day in sorted(self._deltas):
            delta = self._deltas[day]
            byte_seconds = stored * self._policy.seconds_of(day) + self._gained.get(day, 0)
            stored += delta.stored
            folded[day] = FoldedDay(
                delta=delta,
                waived=self._waived.get(day, Delta()),
                settled=self._settled.get(day, SettledSums()),
                stored=stored,
                byte_seconds=byte_seconds,
            )
        return folded

    def on(self, day: date) -> FoldedDay:
        """Return a day, also one without entries."""
        stored = 0
        for at, folded in self.days().items():
            if at == day:
                return folded
            if at < day:
                stored = folded.stored
        nothing, settled = Delta(), SettledSums()
        byte_seconds = stored * self._policy.seconds_of(day)
        return FoldedDay(delta=nothing, waived=nothing, settled=settled, stored=stored, byte_seconds=byte_seconds)


def rebuilt(day: Day, folded: FoldedDay, *, closed: bool) -> Day:
    """Return a day that was recorded without them with the fields that a bill needs, from the ledger."""
    return replace(
        day,
        stream_count=folded.delta.stream_count,
        waived=folded.waived,
        settled=folded.settled,
        byte_seconds=folded.byte_seconds,
        stored=folded.stored if closed else None,
    )
