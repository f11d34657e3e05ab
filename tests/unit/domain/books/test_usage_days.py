"""What is billed of a day: byte-seconds to the second, also where clocks are changed, and for days without any operation."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgate.domain.books.account import Account, Day
from reelgate.domain.books.entries import Delta, Entry, EntryId
from reelgate.domain.books.ledger import Ledger
from reelgate.domain.errors import InvalidRequest
from reelgate.domain.uploads import reservations
from reelgate.domain.usage import usage_changes
from reelgate.domain.usage.usage_days import DateRange, LedgerFold, Usage, UsageDay, checked_range, rebuilt, usage_days
from tests.fixtures.bookkeeping import NOON, POLICY, an_upload, object_of

TODAY = NOON.date()
BERLIN = replace(POLICY, zone=ZoneInfo("Europe/Berlin"))
GENEROUS = replace(BERLIN, default_limits=replace(POLICY.default_limits, storage_bytes=10**9, daily_bytes=10**9))


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 11, 3), 24), (date(2026, 3, 28), 24)]
)
def test_days_are_as_long_as_the_clocks_say(day: date, hours: int) -> None:
    assert BERLIN.seconds_of(day) == hours * 3600


@pytest.mark.parametrize(
    ("at", "left"),
    [
        ("2026-11-03T00:00:00+00:00", 86_400),
        ("2026-11-03T00:00:00.999999+00:00", 86_400),  # an operation counts from the beginning of its second
        ("2026-11-03T23:59:59.5+00:00", 1),
        ("2026-11-04T00:00:00+00:00", 0),
        ("2026-11-04T07:00:00+00:00", 0),  # a clock that is behind wrote the entry into this day
        ("2026-11-02T23:00:00+00:00", 86_400),
    ],
)
def test_the_seconds_left_of_a_day(at: str, left: int) -> None:
    assert POLICY.seconds_left(TODAY, datetime.fromisoformat(at)) == left


def stored_from(ledger: Ledger, account: Account, number: int, size: int) -> tuple[Account, list[Entry], Day | None]:
    upload = an_upload(f"u{number}", size=size, at=ledger.now)
    granted = reservations.reserve(ledger, account, upload, existing=None, fingerprint="f")
    change = reservations.commit(ledger, granted.account, upload, object_of("ada", upload, generation=number + 1))
    assert granted.entry is not None
    assert change.entry is not None
    return change.account, [granted.entry, change.entry], granted.closed_day


STEPS = st.lists(
    st.tuples(st.integers(0, 3 * 86_400 * 10**6), st.sampled_from(["store", "delete", "reset", "roll"]), st.integers(1, 500)),
    min_size=1,
    max_size=12,
)


@given(st.datetimes(datetime(2026, 3, 26), datetime(2026, 3, 30), timezones=st.just(UTC)), STEPS)
def test_byte_seconds_are_the_integral_of_the_stored_bytes(start: datetime, steps: list[tuple[int, str, int]]) -> None:
    """Over Berlin's day of 23 hours: the account's days, those derived from them and the fold of the ledger all agree."""
    now, account, closed, fold = start, None, dict[date, Day](), LedgerFold(GENEROUS)
    levels, videos = [(start, 0)], []
    for number, (micros, what, size) in enumerate(steps):
        now += timedelta(microseconds=micros)
        ledger = Ledger(GENEROUS, now)
        account = ledger.account_for(account, "ada")
        entries: list[Entry] = []
        if what == "store":
            account, entries, day = stored_from(ledger, account, number, size)
            videos.append(size)
        else:
            change = ledger.roll(account) if what == "roll" else usage_changes.reset_day(ledger, account, reset_id=str(number))
            if what == "delete" and videos:
                entry = ledger.entry(EntryId.delete("f", number), None, Delta(stored=-videos[-1], trash=videos[-1]))
                change = ledger.change(replace(account, stored=account.stored - videos.pop()), entry)
            if change is None:
                continue
            account, day, entries = change.account, change.closed_day, [change.entry] if change.entry else []
        if day is not None:
            closed[day.date] = day
        for entry in entries:
            fold.add(entry)
        levels.append((now, account.stored))
    if account is None:
        return
    first = GENEROUS.day_of(start)
    wanted = DateRange(first=first, last=first + timedelta(days=60))
    days = list(usage_days(account, closed.values(), wanted, stored_before=0, policy=GENEROUS, now=now))
    assert [day.date for day in days] == [first + timedelta(days=n) for n in range(len(days))]
    assert days[-1].date == GENEROUS.day_of(now)
    ends = [at for at, _ in levels[1:]] + [now]
    seconds = [
        int((to.replace(microsecond=0) - at.replace(microsecond=0)).total_seconds())
        for (at, _), to in zip(levels, ends, strict=True)
    ]
    total = sum(stored * lasted for (_, stored), lasted in zip(levels, seconds, strict=True))
    assert sum(day.usage.byte_seconds or 0 for day in days) == total
    for day in days[:-1]:
        assert (fold.on(day.date).stored, fold.on(day.date).byte_seconds) == (day.usage.stored, day.usage.byte_seconds)
    assert fold.on(days[-1].date).byte_seconds == account.today.byte_seconds or days[-1].date != account.today.date
    assert fold.total.trash == account.trash


def days_of(account: Account, *closed: Day, first: int, last: int, before: int | None, hours: int = 0) -> list[UsageDay]:
    wanted = DateRange(first=TODAY + timedelta(days=first), last=TODAY + timedelta(days=last))
    return list(usage_days(account, closed, wanted, stored_before=before, policy=POLICY, now=NOON + timedelta(hours=hours)))


IDLE = Account(uid="ada", today=Day(date=TODAY - timedelta(days=2), uploaded=5, byte_seconds=7), stored=10)


def test_days_that_nobody_closed_have_what_was_stored_before() -> None:
    """The account's own day is over, but nothing has happened since."""
    listed = days_of(IDLE, first=-4, last=3, before=4)
    assert [(day.usage.stored, day.usage.byte_seconds, day.usage.uploaded, day.open) for day in listed] == [
        (4, 4 * 86_400, 0, False),
        (4, 4 * 86_400, 0, False),
        (10, 7, 5, False),
        (10, 10 * 86_400, 0, False),
        (10, 10 * 43_200, 0, True),  # until noon; the days after it are left out
    ]


def test_a_day_older_than_the_fields_is_not_known_until_it_is_rebuilt() -> None:
    old = Day(date=TODAY - timedelta(days=4), uploaded=3)
    listed = days_of(IDLE, old, first=-4, last=-2, before=None)
    assert [(day.usage.stored, day.usage.byte_seconds, day.usage.uploaded) for day in listed] == [
        (None, None, 3),
        (None, None, 0),
        (10, 7, 5),
    ]
    assert days_of(IDLE, old, first=-4, last=-4, before=None)[0].usage.byte_hours is None


def test_rebuilding_adds_what_the_ledger_knows() -> None:
    fold = LedgerFold(POLICY)
    at = NOON.replace(hour=18)
    moved = {"kind": "k", "date": TODAY}
    fold.add(Entry(entry_id=EntryId("a"), sequence=1, at=at, delta=Delta(stored=5, uploaded=5, stream_count=1), **moved))  # type: ignore[arg-type]
    fold.add(replace(Ledger(POLICY, at).entry(EntryId.reset_day("r"), None, Delta(uploaded=-5)), sequence=2))
    day = Day(date=TODAY, raised={"storage:80": 1})
    assert rebuilt(day, fold.on(TODAY), closed=True) == replace(
        day, stream_count=1, waived=Delta(uploaded=5), byte_seconds=5 * 6 * 3600, stored=5
    )
    assert rebuilt(day, fold.on(TODAY), closed=False).stored is None
    later = fold.on(TODAY + timedelta(days=2))
    assert (later.stored, later.byte_seconds, later.delta) == (5, 5 * 86_400, Delta())
    assert fold.on(TODAY - timedelta(days=1)).stored == 0


def test_periods_add_up_and_one_that_is_not_known_makes_the_sum_unknown() -> None:
    one, other = Usage(stored=1, byte_seconds=1799, uploaded=2), Usage(stored=3, byte_seconds=1, stream_count=4)
    both = one.followed_by(other)
    assert both == Usage(stored=3, byte_seconds=1800, uploaded=2, stream_count=4)
    assert (one.byte_hours, both.byte_hours) == (0, 1)
    assert one.followed_by(replace(other, byte_seconds=None)).byte_seconds is None
    assert replace(one, byte_seconds=None).followed_by(other).byte_hours is None


@pytest.mark.parametrize(
    ("first", "last", "wrong"),
    [
        (-3, -4, ["from", "to"]),
        (-366, 0, ["from", "to"]),
        (-3, 1, ["to"]),
        (1, 1, ["from", "to"]),
        (2, 1, ["from", "to", "from", "to"]),
    ],
)
def test_a_broken_range_names_its_fields(first: int, last: int, wrong: list[str]) -> None:
    with pytest.raises(InvalidRequest) as refused:
        checked_range(TODAY + timedelta(days=first), TODAY + timedelta(days=last), today=TODAY)
    assert [one.field for one in refused.value.errors] == wrong


def test_a_range_has_up_to_a_leap_year_and_includes_today() -> None:
    for first in (0, -365):
        wanted = DateRange(first=TODAY + timedelta(days=first), last=TODAY)
        assert checked_range(wanted.first, wanted.last, today=TODAY) == wanted
