"""Invoices for all users: their lines, their pages, and that they say what the ledgers say."""

from __future__ import annotations

import asyncio
import csv
import io
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reelgate.domain import errors
from reelgate.domain.books.account import Account, Day
from reelgate.domain.books.entries import Delta, EntryKind
from reelgate.domain.books.ledger import Change
from reelgate.domain.errors import ReelgateError
from reelgate.domain.usage.usage_days import DateRange, Usage, UsageDay
from reelgate.domain.usage.usage_exports import Group, Invoice
from reelgate.ports.books import Page, ReadSet
from reelgate.ports.identity import Caller
from reelgate.use_cases.books.commit import commit
from reelgate.use_cases.upkeep.close_day import close_days
from reelgate.use_cases.usage import invoice_users, usage_csv
from reelgate.use_cases.usage.invoice_users import InvoicedUser, Line, invoice_everybody, invoice_page, users_of_a_page
from reelgate.use_cases.usage.read_days import list_usage_days
from reelgate.use_cases.usage.report_usage import report_upload
from reelgate.use_cases.usage.reset_usage import day_reset
from reelgate.use_cases.videos.delete_video import delete_video
from reelgate.use_cases.videos.find_video import by_name
from reelgate.use_cases.videos.issue_stream_url import issue_stream_url
from tests.fixtures.bookkeeping import NOON
from tests.fixtures.memory_services import ADA, BOB, MemoryServices

FIRST = NOON.date()
NOVEMBER = DateRange(first=date(2026, 11, 1), last=date(2026, 11, 30))
DAY = 86_400


def invoice(group: Group = "day", days: DateRange = NOVEMBER) -> Invoice:
    return Invoice(range=days, group=group)


async def everybody(services: MemoryServices, wanted: Invoice) -> list[InvoicedUser]:
    return [user async for page in await invoice_everybody(services, wanted) for user in page]


async def table(services: MemoryServices, wanted: Invoice) -> list[dict[str, str]]:
    """Return the records of the invoice as a spreadsheet reads them."""
    text = usage_csv.header()
    async for page in await invoice_everybody(services, wanted):
        text += usage_csv.records(page)
    return list(csv.DictReader(io.StringIO(text, newline="")))


async def test_a_line_for_each_day_on_which_anything_was_stored_or_moved(services: MemoryServices) -> None:
    await services.add_video("a.mp4", 300)
    await issue_stream_url(services, ADA, by_name("a.mp4"))
    services.clock.advance(days=2)
    await delete_video(services, ADA, by_name("a.mp4"))
    services.clock.advance(days=3)
    await report_upload(services, BOB, filename="x", size=7, report_id="r")
    lines = [
        (user.uid, line.period, line.usage.stored, line.usage.byte_seconds, line.open)
        for user in await everybody(services, invoice())
        for line in user.lines
    ]
    assert lines == [
        ("ada", "2026-11-03", 300, 300 * DAY // 2, False),
        ("ada", "2026-11-04", 300, 300 * DAY, False),  # nobody closed it
        ("ada", "2026-11-05", 0, 300 * DAY // 2, False),
        ("bob", "2026-11-08", 0, 0, True),
    ]
    [ada, bob] = await everybody(services, invoice("month"))
    line = Line(period="2026-11", usage=ada.total, open=True)
    assert ada == InvoicedUser(uid="ada", email=ADA.email, lines=[line], total=ada.total)
    moved = {"uploaded": 300, "streamed": 300, "upload_count": 1, "stream_count": 1, "deleted_bytes": 300, "deletion_count": 1}
    assert ada.total == Usage(stored=0, byte_seconds=600 * DAY, **moved)
    assert (bob.total.uploaded, bob.total.upload_count) == (7, 1)


async def test_months_are_those_of_the_calendar_and_ranges_are_cut(services: MemoryServices) -> None:
    await services.add_video("a.mp4", 10)
    services.clock.advance(days=60)
    days = DateRange(first=date(2026, 11, 30), last=date(2027, 1, 2))
    [ada] = await everybody(services, invoice("month", days))
    assert [(line.period, line.usage.byte_seconds, line.open) for line in ada.lines] == [
        ("2026-11", 10 * DAY, False),
        ("2026-12", 310 * DAY, False),
        ("2027-01", 10 * DAY * 3 // 2, True),
    ]
    assert await everybody(services, invoice("day", DateRange(first=date(2026, 1, 1), last=date(2026, 11, 2)))) == []


@pytest.mark.parametrize("closed", [True, False])
async def test_a_range_may_begin_anywhere(services: MemoryServices, closed: bool) -> None:
    """With a closed day, in the middle of days that nobody closed, with today, and before the account."""
    await services.add_video("a.mp4", 10)
    for _ in range(5):
        services.clock.advance(days=1)
        if closed:
            await close_days(services, until=services.now() + timedelta(minutes=1))
    today = services.now().date()
    for first in range(-3, 6):
        days = await list_usage_days(services, ADA, DateRange(first=FIRST + timedelta(days=first), last=today))
        assert [(day.date - FIRST).days for day in days] == list(range(first, 6))
        seconds = {-3: 0, -2: 0, -1: 0, 0: DAY // 2, 5: DAY // 2}
        assert [day.usage.byte_seconds for day in days] == [10 * seconds.get((day.date - FIRST).days, DAY) for day in days]
    assert await list_usage_days(services, BOB, DateRange(first=today, last=today)) == [
        UsageDay(date=today, usage=Usage(), open=True)
    ]


async def test_days_are_read_with_one_query_where_each_is_closed(
    services: MemoryServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    await services.add_video("a.mp4", 10)
    for _ in range(3):
        services.clock.advance(days=1)
        await close_days(services, until=services.now() + timedelta(minutes=1))

    async def unexpected(uid: str, before: date) -> Day | None:
        raise AssertionError(f"{uid}: the day before {before} is not needed")

    monkeypatch.setattr(services.books, "last_day_before", unexpected)
    assert len(await list_usage_days(services, ADA, DateRange(first=FIRST, last=FIRST + timedelta(days=3)))) == 4
    assert len(await list_usage_days(services, ADA, NOVEMBER)) == 6
    assert len(await list_usage_days(services, ADA, DateRange(first=services.now().date(), last=NOVEMBER.last))) == 1


async def test_users_come_in_pages_although_some_have_no_line(services: MemoryServices) -> None:
    for number in range(5):
        caller = Caller(uid=f"u{number}", email=None, role="user")
        await report_upload(services, caller, filename="x", size=number, report_id="r") if number % 2 else await services.grant(
            caller=caller
        )
    first = await invoice_page(services, invoice(), limit=2, cursor=None)
    second = await invoice_page(services, invoice(), limit=2, cursor=first.next_cursor)
    third = await invoice_page(services, invoice(), limit=2, cursor=second.next_cursor)
    assert [[user.uid for user in page.items] for page in (first, second, third)] == [["u1"], ["u3"], []]
    assert third.next_cursor is None


async def test_a_page_is_read_when_the_one_before_it_was_taken(
    services: MemoryServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many users there are, one page of them is in memory."""
    monkeypatch.setattr(invoice_users, "PAGE", 2)
    for number in range(6):
        caller = Caller(uid=f"u{number}", email=None, role="user")
        await report_upload(services, caller, filename="x", size=1, report_id="r")
    accounts, asked = services.books.accounts, 0

    async def counted(*, limit: int, cursor: str | None = None) -> Page[Account]:
        nonlocal asked
        asked += 1
        return await accounts(limit=limit, cursor=cursor)

    monkeypatch.setattr(services.books, "accounts", counted)
    seen = [(asked, [user.uid for user in page]) async for page in await invoice_everybody(services, invoice())]
    assert seen == [(1, ["u0", "u1"]), (2, ["u2", "u3"]), (3, ["u4", "u5"])]


async def test_an_answer_covers_only_so_many_users(services: MemoryServices, monkeypatch: pytest.MonkeyPatch) -> None:
    await services.grant()
    await services.grant(caller=BOB)
    monkeypatch.setattr(invoice_users, "MAX_IN_ONE_ANSWER", 2)
    assert await everybody(services, invoice()) == []
    monkeypatch.setattr(invoice_users, "MAX_IN_ONE_ANSWER", 1)
    with pytest.raises(errors.ExportNeeded):
        await invoice_everybody(services, invoice())
    monkeypatch.setattr(invoice_users, "MAX_IN_ONE_ANSWER", 3000)
    for group, lines in (("day", 30), ("month", 1)):  # November has so many for each of the two users
        monkeypatch.setattr(invoice_users, "MAX_LINES", 2 * lines)
        assert await everybody(services, invoice(group)) == []
        monkeypatch.setattr(invoice_users, "MAX_LINES", 2 * lines - 1)
        with pytest.raises(errors.ExportNeeded):
            await invoice_everybody(services, invoice(group))


async def test_an_old_day_leaves_its_cells_and_the_sums_with_it_empty(services: MemoryServices) -> None:
    await services.add_video("a.mp4", 10)
    account = await services.existing_account()
    old = replace(account, today=replace(account.today, byte_seconds=None))
    await services.books.commit("ada", lambda _: Change(account=old), ReadSet())
    services.clock.advance(days=1)
    await issue_stream_url(services, ADA, by_name("a.mp4"))
    cells = [
        (line["period"], line["stored"], line["byte_seconds"], line["byte_hours"]) for line in await table(services, invoice())
    ]
    assert cells == [("2026-11-03", "", "", ""), ("2026-11-04", "10", str(10 * DAY // 2), "120")]
    [month] = await table(services, invoice("month"))
    assert (month["stored"], month["byte_seconds"], month["uploaded"]) == ("10", "", "10")


@pytest.mark.parametrize("email", ["=cmd|'/C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(email: str) -> None:
    user = InvoicedUser(uid='@u,"x"', email=email, lines=[Line(period="2026-11", usage=Usage(), open=False)], total=Usage())
    text = usage_csv.header() + usage_csv.records([user])
    assert text.endswith("\r\n")
    [row] = csv.DictReader(io.StringIO(text, newline=""))
    assert (row["email"], row["user_id"]) == (f"'{email}", '\'@u,"x"')
    assert '"\'@u,""x"""' in text  # RFC 4180: a cell with a comma or a quote is quoted, and its quotes are doubled


PEOPLE = {uid: Caller(uid=uid, email=f"{uid}@example.org", role="user") for uid in ("ada", "bob", "cyd")}
STEPS = st.lists(
    st.tuples(
        st.sampled_from(sorted(PEOPLE)),
        st.sampled_from(["add", "delete", "stream", "report", "reset", "close"]),
        st.integers(1, 400),
        st.integers(0, 40 * 3600 * 10**6),
    ),
    max_size=25,
)


@given(STEPS, st.sampled_from(["day", "month"]))
@settings(max_examples=60, deadline=None)
def test_the_sums_of_an_invoice_are_those_of_the_ledgers(steps: list[tuple[str, str, int, int]], group: Group) -> None:
    asyncio.run(_compare(steps, group))


async def _compare(steps: list[tuple[str, str, int, int]], group: Group) -> None:
    services = MemoryServices()
    for number, (uid, what, size, micros) in enumerate(steps):
        services.clock.advance(microseconds=micros)
        try:
            await _step(services, PEOPLE[uid], what, size, number)
        except ReelgateError:  # no room, nothing to delete: part of life
            continue
    days = DateRange(first=FIRST, last=services.now().date())
    rows = await table(services, invoice(group, days))
    names = {"uploaded": "uploaded", "streamed": "streamed", "uploads": "upload_count", "streams": "stream_count"}
    names |= {"deleted": "deleted_bytes", "deletions": "deletion_count"}
    names |= {"rejected": "rejected", "rejections": "rejected_count"}
    for uid in PEOPLE:
        mine = [row for row in rows if row["user_id"] == uid]
        billed, byte_seconds, stored = Delta(), 0, 0
        for entry in await services.entries(uid):
            if entry.kind != EntryKind.RESET_DAY:
                billed += entry.delta
            stored += entry.delta.stored
            lasted = services.now().replace(microsecond=0) - entry.at.replace(microsecond=0)
            byte_seconds += entry.delta.stored * (lasted // timedelta(seconds=1))
        assert {name: sum(int(row[name]) for row in mine) for name in names} == {
            name: getattr(billed, field) for name, field in names.items()
        }
        assert sum(int(row["byte_seconds"]) for row in mine) == byte_seconds
        assert not stored or int(mine[-1]["stored"]) == stored
        assert len({row["period"] for row in mine}) == len(mine)


async def _step(services: MemoryServices, caller: Caller, what: str, size: int, number: int) -> None:
    if what == "add":
        await services.add_video(f"{number % 3}.mp4", size, caller=caller)
    elif what == "delete":
        await delete_video(services, caller, by_name(f"{number % 3}.mp4"))
    elif what == "stream":
        await issue_stream_url(services, caller, by_name(f"{number % 3}.mp4"))
    elif what == "report":
        await report_upload(services, caller, filename="x", size=size, report_id=f"r{number}")
    elif what == "reset":
        await commit(services, caller.uid, day_reset(caller.uid, reset_id=f"x{number}"))
    else:
        await close_days(services, until=services.now() + timedelta(minutes=1))


def test_a_page_of_long_ranges_has_fewer_users() -> None:
    year = DateRange(first=date(2025, 11, 1), last=date(2026, 10, 31))
    assert users_of_a_page(invoice("day", year), 1000) == 40_000 // 365
    assert users_of_a_page(invoice("day", year), 50) == 50
    assert users_of_a_page(invoice("month", year), 1000) == 1000
