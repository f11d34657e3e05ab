"""Checking all accounts: many at a time but not all, a page after the other, and no false alarm about one that is in use."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import pytest

from reelgate.adapters.documents.document_store import Address, Write
from reelgate.domain.books.account import Account
from reelgate.domain.books.entries import Entry
from reelgate.domain.books.ledger import Change
from reelgate.ports.books import Page, ReadSet
from reelgate.ports.identity import Caller
from reelgate.use_cases.upkeep.check_books import AT_ONCE, PAGE, Checked, check_all_books, check_books
from tests.fixtures.memory_services import MemoryServices

PEOPLE = [Caller(uid=f"u{number:03}", email=None, role="user") for number in range(PAGE + 30)]


@pytest.fixture
async def crowd(services: MemoryServices) -> MemoryServices:
    """More accounts than a page has, each with an open upload."""
    for caller in PEOPLE:
        await services.grant("a.mp4", 10, caller=caller)
    return services


async def checked(services: MemoryServices) -> list[Sequence[Checked]]:
    return [page async for page in check_all_books(services.books)]


async def break_books(services: MemoryServices, uid: str) -> None:
    """Take note of bytes that no entry and no video accounts for."""

    def decide(account: Account | None) -> Change:
        assert account is not None
        return Change(account=replace(account, stored=account.stored + 1))

    await services.books.commit(uid, lambda snapshot: decide(snapshot.account), ReadSet())


def before_entries(services: MemoryServices, monkeypatch: pytest.MonkeyPatch, hook: Callable[[str], None]) -> None:
    """Have the hook called right before each ledger is read."""
    entries = services.books.entries

    async def hooked(
        uid: str, *, limit: int, cursor: str | None = None, day: date | None = None, file_id: str | None = None
    ) -> Page[Entry]:
        hook(uid)
        return await entries(uid, limit=limit, cursor=cursor, day=day, file_id=file_id)

    monkeypatch.setattr(services.books, "entries", hooked)


async def test_every_account_is_checked_once_in_pages(crowd: MemoryServices) -> None:
    pages = await checked(crowd)
    assert [len(page) for page in pages] == [PAGE, 30]
    assert [(one.uid, one.problems) for page in pages for one in page] == [(caller.uid, []) for caller in PEOPLE]


async def test_what_is_wrong_is_told_of_the_account_that_it_is_wrong_with(crowd: MemoryServices) -> None:
    await break_books(crowd, "u007")
    wrong = {one.uid: one.problems for page in await checked(crowd) for one in page if one.problems}
    assert list(wrong) == ["u007"]
    assert wrong["u007"][0] == "stored bytes and the ledger differ: 1 and 0"
    assert await check_books(crowd.books, "u007") == wrong["u007"]


async def test_many_are_read_at_a_time_but_not_all(crowd: MemoryServices, monkeypatch: pytest.MonkeyPatch) -> None:
    under_way, most = 0, 0
    entries = crowd.books.entries

    async def counted(*arguments: object, **options: object) -> Page[Entry]:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        for _ in range(3):
            await asyncio.sleep(0)
        under_way -= 1
        return await entries(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(crowd.books, "entries", counted)
    await checked(crowd)
    assert most == AT_ONCE


async def test_an_account_that_changes_meanwhile_is_looked_at_again(
    services: MemoryServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    await services.grant("a.mp4", 10)
    granted: list[asyncio.Task[object]] = []

    entries = services.books.entries

    async def overtaken(*arguments: object, **options: object) -> Page[Entry]:
        if len(granted) < 2:
            granted.append(asyncio.create_task(services.grant(f"{len(granted)}.mp4", 10)))
            await granted[-1]
        return await entries(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(services.books, "entries", overtaken)
    assert await check_books(services.books, "ada") == []
    assert len(granted) == 2


async def test_one_that_is_wrong_and_changes_is_wrong(services: MemoryServices, monkeypatch: pytest.MonkeyPatch) -> None:
    await services.grant("a.mp4", 10)
    await break_books(services, "ada")
    reads: list[str] = []
    before_entries(services, monkeypatch, reads.append)
    assert await check_books(services.books, "ada") != []
    assert reads == ["ada"]  # nobody changed it, so once is enough


async def test_open_uploads_and_claims_that_do_not_belong_together(services: MemoryServices) -> None:
    first, second = await services.grant("a.mp4", 10), await services.grant("b.mp4", 20)
    store, owned = services.books_store, ("users", "ada")
    claim = Address((*owned, "videos"), first.upload.claim.name_key)
    await store.commit([Write(claim, None)])
    assert await check_books(services.books, "ada") == ["open upload id-1 has no claim of its name"]
    await store.commit([Write(claim, {"upload_id": "id-3"})])
    assert await check_books(services.books, "ada") == [
        "open upload id-1 has no claim of its name",
        "the claim of upload id-3 has no open upload",
    ]
    await store.commit(
        [Write(claim, {"upload_id": "id-1"}), Write(Address((*owned, "uploads"), second.upload.upload_id), None)]
    )
    assert await check_books(services.books, "ada") == [
        "reserved bytes and the open uploads differ: 30 and 10",
        "the number of open uploads and the open uploads differ: 2 and 1",
        "the claim of upload id-2 has no open upload",
    ]
