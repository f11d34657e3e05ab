"""Exports: ordered, written part by part by whoever comes first, joined, fetched, and removed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from reelgate.domain import errors
from reelgate.domain.books.account import Account
from reelgate.domain.usage.usage_days import DateRange
from reelgate.domain.usage.usage_exports import KEPT, MAX_FAILURES, MAX_KEPT, MAX_OPEN, Group, Invoice, UsageExport
from reelgate.ports.books import Page
from reelgate.ports.identity import Caller
from reelgate.ports.media import ObjectWriter
from reelgate.use_cases.upkeep import write_exports as exporting
from reelgate.use_cases.upkeep.work_in_pages import Tally
from reelgate.use_cases.upkeep.write_exports import write_exports
from reelgate.use_cases.usage import usage_csv
from reelgate.use_cases.usage.export_usage import fetch_usage_export, order_usage_export
from reelgate.use_cases.usage.invoice_users import invoice_everybody
from reelgate.use_cases.usage.report_usage import report_upload
from tests.fixtures.memory_services import ROOT, MemoryServices

NOVEMBER = Invoice(range=DateRange(first=date(2026, 11, 1), last=date(2026, 11, 30)), group="day")


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "PAGE", 2)
    monkeypatch.setattr(exporting, "USERS_IN_A_PART", 2)
    monkeypatch.setattr(exporting, "JOINED_AT_ONCE", 2)


def an_invoice(day: int, group: Group = "day") -> Invoice:
    return Invoice(range=DateRange(first=date(2026, 11, 1), last=date(2026, 11, day)), group=group)


async def use(services: MemoryServices, *uids: str) -> None:
    for uid in uids:
        caller = Caller(uid=uid, email=f"{uid}@example.org", role="user")
        await report_upload(services, caller, filename="x", size=1, report_id=uid)


async def crowd(services: MemoryServices, users: int = 11) -> str:
    """Return what the invoice of this many users is."""
    await use(services, *(f"u{number:02}" for number in range(users)))
    return await invoiced(services)


async def invoiced(services: MemoryServices) -> str:
    return usage_csv.header() + "".join([usage_csv.records(page) async for page in await invoice_everybody(services, NOVEMBER)])


async def run(services: MemoryServices, minutes: int = 5) -> Tally:
    return await write_exports(services, until=services.now() + timedelta(minutes=minutes))


async def order(services: MemoryServices, invoice: Invoice = NOVEMBER) -> UsageExport:
    return await order_usage_export(services, ROOT, invoice)


async def written(services: MemoryServices, export_id: str) -> str:
    """Return the file of an export, which is ready; no other object of it is left."""
    export = (await fetch_usage_export(services, export_id)).export
    assert (export.state, export.parts) == ("ready", ())
    assert [name for name in services.derived_objects.objects if name.startswith(export.folder)] == [export.object_name]
    content_type, data = services.derived_objects.objects[export.object_name]
    assert content_type == "text/csv"
    return data.decode()


async def test_an_export_is_the_invoice(services: MemoryServices) -> None:
    expected = await crowd(services)
    ordered = await order(services)
    assert (ordered.state, ordered.requested_by, ordered.expires_at) == ("queued", "root", services.now() + KEPT)
    fetched = await fetch_usage_export(services, ordered.export_id)
    assert (fetched.export, fetched.url) == (ordered, None)
    assert await run(services) == Tally(done=1, failed=0, finished=True)
    assert await written(services, ordered.export_id) == expected
    assert await run(services) == Tally(done=0, failed=0, finished=True)
    fetched = await fetch_usage_export(services, ordered.export_id)
    assert fetched.url is not None
    assert f"exports/{ordered.export_id}/usage-2026-11-01-2026-11-30-by-day.csv" in fetched.url
    assert fetched.url_expires_at == services.now() + timedelta(minutes=15)
    services.clock.advance(days=7, minutes=-5)  # the URL lives no longer than the file
    fetched = await fetch_usage_export(services, ordered.export_id)
    assert fetched.url_expires_at == ordered.expires_at


async def test_nobody_to_invoice_is_a_file_with_a_header(services: MemoryServices) -> None:
    ordered = await order(services)
    await run(services)
    assert await written(services, ordered.export_id) == usage_csv.header()


async def test_a_part_is_sent_page_by_page_as_it_is_read(services: MemoryServices, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "PAGE", 200)
    monkeypatch.setattr(exporting, "USERS_IN_A_PART", 1000)
    monkeypatch.setattr(exporting, "MAX_LINES_IN_MEMORY", 2 * 30)
    expected, ordered = await crowd(services, 5), await order(services)
    steps: list[str] = []
    create, accounts = services.derived_objects.create, services.books.accounts

    async def reading(*, limit: int, cursor: str | None = None) -> Page[Account]:
        steps.append(f"read {limit}")
        return await accounts(limit=limit, cursor=cursor)

    def creating(name: str, *, content_type: str) -> ObjectWriter:
        writer = create(name, content_type=content_type)
        write = writer.write

        async def writing(data: bytes) -> None:
            steps.append(f"write {data.count(b'\r\n')}")
            await write(data)

        monkeypatch.setattr(writer, "write", writing)
        return writer

    monkeypatch.setattr(services.books, "accounts", reading)
    monkeypatch.setattr(services.derived_objects, "create", creating)
    await run(services)
    assert steps == ["write 1", "read 2", "write 2", "read 2", "write 2", "read 2", "write 1"]
    assert await written(services, ordered.export_id) == expected


async def test_a_run_out_of_time_is_continued_by_the_next(services: MemoryServices, monkeypatch: pytest.MonkeyPatch) -> None:
    expected, ordered = await crowd(services), await order(services)
    create, parts = services.derived_objects.create, []

    def slow(name: str, *, content_type: str) -> ObjectWriter:
        services.clock.advance(minutes=1)
        parts.append(name)
        return create(name, content_type=content_type)

    monkeypatch.setattr(services.derived_objects, "create", slow)
    assert (await run(services, minutes=2)).finished is False
    export = (await fetch_usage_export(services, ordered.export_id)).export
    assert (export.state, len(export.parts), export.written) == ("running", 2, False)
    assert (await run(services, minutes=10)).finished
    assert len(parts) == len(set(parts)) == 6
    assert await written(services, ordered.export_id) == expected


@pytest.mark.parametrize("dies_at", range(12))
async def test_a_run_that_dies_anywhere_is_continued(
    services: MemoryServices, monkeypatch: pytest.MonkeyPatch, dies_at: int
) -> None:
    expected, ordered = await crowd(services), await order(services)
    calls = 0
    change, compose = services.usage_exports.change, services.derived_objects.compose

    class DiedError(BaseException):
        """Nothing catches it."""

    def step() -> None:
        nonlocal calls
        calls += 1
        if calls == dies_at + 1:
            raise DiedError

    async def changing(decide):  # type: ignore[no-untyped-def]
        step()
        return await change(decide)

    async def composing(name: str, sources: Sequence[str], *, content_type: str) -> None:
        step()
        await compose(name, sources, content_type=content_type)

    monkeypatch.setattr(services.usage_exports, "change", changing)
    monkeypatch.setattr(services.derived_objects, "compose", composing)
    with pytest.raises(DiedError):
        await run(services)
    assert (await run(services)).finished
    assert await written(services, ordered.export_id) == expected


async def test_two_runs_at_once_write_each_user_once_although_others_register(services: MemoryServices) -> None:
    """One of them sees a new user, so that its part ends at another one."""
    await crowd(services, 6)
    ordered = await order(services)
    finish = asyncio.Event()
    create = services.derived_objects.create

    class Held:
        """Waits with its part until the other run is done with everything but the joining."""

        def __init__(self, writer: ObjectWriter) -> None:
            self._writer = writer

        async def write(self, data: bytes) -> None:
            await finish.wait()
            await self._writer.write(data)

        async def finish(self) -> None:
            await self._writer.finish()

        async def abandon(self) -> None:
            await self._writer.abandon()

    services.derived_objects.create = lambda name, *, content_type: Held(create(name, content_type=content_type))  # type: ignore[method-assign]
    slow = asyncio.create_task(run(services))
    for _ in range(100):
        await asyncio.sleep(0)
    services.derived_objects.create = create  # type: ignore[method-assign]
    await use(services, "u00b")
    export = (await services.usage_exports.all())[ordered.export_id]
    part = await exporting._write_part(services, export)
    assert part is not None
    finish.set()
    await slow
    text = await written(services, ordered.export_id)
    listed = [line.partition(",")[0] for line in text.splitlines()[1:]]
    assert listed == ["u00", "u00b", *(f"u{number:02}" for number in range(1, 6))]


async def test_what_fails_is_given_up_in_the_end_and_holds_up_no_other(
    services: MemoryServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    await crowd(services, 3)
    broken, good = await order(services), await order(services, an_invoice(3))
    create = services.derived_objects.create

    def failing(name: str, *, content_type: str) -> ObjectWriter:
        if broken.export_id in name:
            raise errors.Unavailable("The bucket is away.")
        return create(name, content_type=content_type)

    monkeypatch.setattr(services.derived_objects, "create", failing)
    assert await run(services) == Tally(done=1, failed=1, finished=False)
    assert (await fetch_usage_export(services, good.export_id)).export.state == "ready"
    for _ in range(MAX_FAILURES - 1):
        assert (await run(services)).failed == 1
    assert (await fetch_usage_export(services, broken.export_id)).export.state == "failed"
    assert await run(services) == Tally(done=0, failed=0, finished=True)


async def test_an_export_is_removed_after_a_week(services: MemoryServices) -> None:
    await crowd(services, 3)
    ordered = await order(services)
    await run(services)
    services.clock.advance(seconds=KEPT.total_seconds())
    with pytest.raises(errors.ExportNotFound):
        await fetch_usage_export(services, ordered.export_id)
    assert await run(services) == Tally(done=1, failed=0, finished=True)
    assert services.derived_objects.objects == {}
    assert await services.usage_exports.all() == {}


async def test_the_same_invoice_is_ordered_once_while_it_is_being_written(services: MemoryServices) -> None:
    ordered = await order(services)
    assert await order(services) == ordered
    other = await order(services, Invoice(range=NOVEMBER.range, group="month"))
    assert other.export_id != ordered.export_id
    await run(services)
    assert (await order(services)).export_id not in {ordered.export_id, other.export_id}


async def test_the_number_of_exports_is_bounded_also_when_orders_race(services: MemoryServices) -> None:
    async def attempt(day: int) -> UsageExport | None:
        try:
            return await order(services, an_invoice(day))
        except errors.TooManyExports:
            return None

    made = await asyncio.gather(*(attempt(day) for day in range(2, 2 + 2 * MAX_OPEN)))
    assert sum(export is not None for export in made) == MAX_OPEN
    day = date(2025, 1, 1)
    await run(services)
    for number in range(MAX_KEPT - MAX_OPEN):
        one = day + timedelta(days=number)
        await order(services, Invoice(range=DateRange(first=one, last=one), group="day"))
        await run(services)
    with pytest.raises(errors.TooManyExports):
        await order(services, an_invoice(30))


async def test_an_unknown_export_is_not_found(services: MemoryServices) -> None:
    with pytest.raises(errors.ExportNotFound):
        await fetch_usage_export(services, "x")
