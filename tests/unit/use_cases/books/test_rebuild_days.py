"""Accounts that are older than the fields that a bill needs: as they were written before, and rebuilt from their ledgers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from reelgate.adapters.documents.document_store import Address, Document, Write
from reelgate.domain.books.account import Day
from reelgate.domain.errors import BooksBusy
from reelgate.use_cases.books.commit import commit
from reelgate.use_cases.upkeep.check_books import check_books
from reelgate.use_cases.upkeep.close_day import close_days
from reelgate.use_cases.upkeep.rebuild_days import MAX_FOLDS, rebuild_days
from reelgate.use_cases.usage.reset_usage import day_reset
from reelgate.use_cases.videos.delete_video import delete_video
from reelgate.use_cases.videos.find_video import by_name
from reelgate.use_cases.videos.issue_stream_url import issue_stream_url
from tests.fixtures.memory_services import ADA, MemoryServices

FIRST = date(2026, 11, 3)
NEW_FIELDS = {"byte_seconds", "stored", "stream_count", "waived"}


async def a_few_days(services: MemoryServices) -> dict[date, Day]:
    """Use the store over some days, one of them without any operation; return the closed days as they are written now."""
    await services.add_video("a.mp4", 300)
    await issue_stream_url(services, ADA, by_name("a.mp4"))
    services.clock.advance(hours=20)
    await services.add_video("b.mp4", 200)
    await commit(services, "ada", day_reset("ada", reset_id="r"))
    services.clock.advance(days=2)
    await delete_video(services, ADA, by_name("a.mp4"))
    services.clock.advance(hours=1)
    return await closed_days(services)


async def closed_days(services: MemoryServices) -> dict[date, Day]:
    return {day.date: day for day in await services.books.closed_days("ada", FIRST, FIRST + timedelta(days=30))}


def make_old(services: MemoryServices) -> None:
    """Write the documents as they were before: without the fields that a bill needs."""
    documents = services.books_store.database.documents
    for address, document in list(documents.items()):
        fields: dict[str, Any] = dict(document.fields)
        match address.collection[-1]:
            case "days":
                fields = without(fields, NEW_FIELDS)
            case "users":
                fields = {**without(fields, {"trash"}), "today": without(fields["today"], NEW_FIELDS)}
            case "entries":
                fields["movement"] = without(fields["movement"], {"trash", "stream_count"})
        documents[address] = Document(address, fields, document.version)


def without(fields: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in names}


async def test_old_days_become_what_they_would_be_today(services: MemoryServices) -> None:
    expected, account = await a_few_days(services), await services.existing_account()
    assert sorted(expected) == [FIRST, FIRST + timedelta(days=1)]
    make_old(services)
    assert all(day.byte_seconds is None for day in (await closed_days(services)).values())
    assert await check_books(services, "ada") == []  # what is not recorded is not wrong
    assert await rebuild_days(services, "ada") == 2
    assert await closed_days(services) == expected
    assert await services.existing_account() == account
    assert (account.trash, account.today.byte_seconds) == (300, 500 * 8 * 3600 + 200 * 16 * 3600)
    assert await rebuild_days(services, "ada") == 0


async def test_an_account_that_goes_on_before_it_is_rebuilt(services: MemoryServices) -> None:
    """Its next day is right; the one it was in when the fields were new is rebuilt with the others."""
    await a_few_days(services)
    make_old(services)
    await services.add_video("c.mp4", 100)
    services.clock.advance(days=1)
    await delete_video(services, ADA, by_name("b.mp4"))
    account = await services.existing_account()
    assert account.trash is None
    assert account.today.byte_seconds is not None
    assert await rebuild_days(services, "ada") == 3
    assert (await services.existing_account()).trash == 500
    days = await closed_days(services)
    assert [day.stored for day in days.values()] == [300, 500, 300]


async def test_the_nightly_run_rebuilds_whom_it_closes(services: MemoryServices) -> None:
    await a_few_days(services)
    make_old(services)
    services.clock.advance(days=1)
    tally = await close_days(services, until=services.now() + timedelta(minutes=5))
    assert (tally.done, tally.finished) == (1, True)
    assert all(day.byte_seconds is not None for day in (await closed_days(services)).values())
    assert (await services.existing_account()).trash == 300


async def test_a_run_that_dies_is_repeated(services: MemoryServices) -> None:
    expected = await a_few_days(services)
    make_old(services)
    commits = count_commits(services, lambda number: number == 2)
    with pytest.raises(RuntimeError):
        await rebuild_days(services, "ada")
    assert (await services.existing_account()).trash is None
    commits.clear()
    services.books_store.before_commit = lambda writes: None
    await rebuild_days(services, "ada")
    assert await closed_days(services) == expected


def count_commits(services: MemoryServices, dies: Callable[[int], bool]) -> list[Address]:
    made: list[Address] = []

    def before(writes: list[Write]) -> None:
        made.append(writes[0].address)
        if dies(len(made)):
            raise RuntimeError("the process has died")

    services.books_store.before_commit = before  # type: ignore[assignment]
    return made


async def test_an_account_that_changes_is_folded_again_and_given_up_in_the_end(
    services: MemoryServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_few_days(services)
    make_old(services)
    entries, reads, busy_until = services.books.entries, 0, 1

    async def used_meanwhile(*arguments: Any, **options: Any) -> Any:
        nonlocal reads
        page = await entries(*arguments, **options)
        reads += 1
        if reads <= busy_until:
            await services.grant(f"more{reads}.mp4", 1)
        return page

    monkeypatch.setattr(services.books, "entries", used_meanwhile)
    await rebuild_days(services, "ada")
    assert reads == 2
    make_old(services)
    busy_until = reads + MAX_FOLDS
    with pytest.raises(BooksBusy):
        await rebuild_days(services, "ada")
    assert reads == busy_until


async def test_nobody_is_rebuilt_who_has_no_account(services: MemoryServices) -> None:
    assert await rebuild_days(services, "nobody") == 0
