"""Checking all accounts: many at a time but not all, a page after the other, and no false alarm about one that is in use."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import pytest

from reelgate.adapters.documents.document_store import Address, Document, Write
from reelgate.domain.books.account import Account
from reelgate.domain.books.entries import Entry
from reelgate.domain.books.ledger import Change
from reelgate.domain.playback.grant_terms import GrantTerms
from reelgate.ports.books import Page, ReadSet, Snapshot
from reelgate.ports.identity import Caller
from reelgate.use_cases.playback.create_grant import create_grant
from reelgate.use_cases.upkeep.check_books import AT_ONCE, PAGE, Checked, check_all_books, check_books
from reelgate.use_cases.videos.delete_video import delete_video
from reelgate.use_cases.videos.find_video import by_name
from reelgate.use_cases.videos.manage_captions import put_captions
from tests.fixtures.bookkeeping import some_captions
from tests.fixtures.memory_services import ADA, MemoryServices

PEOPLE = [Caller(uid=f"u{number:03}", email=None, role="user") for number in range(PAGE + 30)]


@pytest.fixture
async def crowd(services: MemoryServices) -> MemoryServices:
    """More accounts than a page has, each with an open upload."""
    for caller in PEOPLE:
        await services.grant("a.mp4", 10, caller=caller)
    return services


async def checked(services: MemoryServices) -> list[Sequence[Checked]]:
    return [page async for page in check_all_books(services)]


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


async def test_captions_without_a_text_and_a_text_without_captions_are_found(services: MemoryServices) -> None:
    for name in ("a.mp4", "b.mp4"):
        video = await services.add_video(name, 10)
        await put_captions(services, ADA, video.file_id, some_captions("en", 20))
    await delete_video(services, ADA, by_name("b.mp4"))
    assert await check_books(services, "ada") == []
    documents = services.books_store.database.documents
    text = documents.pop(Address(("users", "ada", "captions"), "id-1:en"))
    other = Address(("users", "ada", "captions"), "id-1:de")
    documents[other] = Document(other, text.fields, text.version)
    assert await check_books(services, "ada") == [
        "the captions of id-1 in en have no text",
        "the text of captions of id-1 in de has no video",
    ]


async def test_every_account_is_checked_once_in_pages(crowd: MemoryServices) -> None:
    pages = await checked(crowd)
    assert [len(page) for page in pages] == [PAGE, 30]
    assert [(one.uid, one.problems) for page in pages for one in page] == [(caller.uid, []) for caller in PEOPLE]


async def test_what_is_wrong_is_told_of_the_account_that_it_is_wrong_with(crowd: MemoryServices) -> None:
    await break_books(crowd, "u007")
    wrong = {one.uid: one.problems for page in await checked(crowd) for one in page if one.problems}
    assert list(wrong) == ["u007"]
    assert wrong["u007"][0] == "stored bytes and the ledger differ: 1 and 0"
    assert await check_books(crowd, "u007") == wrong["u007"]


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
    assert await check_books(services, "ada") == []
    assert len(granted) == 2


async def test_one_that_is_wrong_and_changes_is_wrong(services: MemoryServices, monkeypatch: pytest.MonkeyPatch) -> None:
    await services.grant("a.mp4", 10)
    await break_books(services, "ada")
    reads: list[str] = []
    before_entries(services, monkeypatch, reads.append)
    assert await check_books(services, "ada") != []
    assert reads == ["ada"]  # nobody changed it, so once is enough


async def test_claims_that_belong_to_no_upload_or_video(services: MemoryServices) -> None:
    first, second = await services.grant("a.mp4", 10), await services.grant("b.mp4", 20)
    store, owned = services.books_store, ("users", "ada")
    claim = Address((*owned, "names"), first.upload.claim.name_key)
    await store.commit([Write(claim, None)])
    assert await check_books(services, "ada") == ["open upload id-1 has no claim of its name"]
    await store.commit([Write(claim, {"upload_id": "id-3"})])
    assert await check_books(services, "ada") == [
        "open upload id-1 has no claim of its name",
        "the claim of id-3 has no upload or video",
    ]
    await store.commit(
        [Write(claim, {"upload_id": "id-1"}), Write(Address((*owned, "uploads"), second.upload.upload_id), None)]
    )
    assert await check_books(services, "ada") == [
        "reserved bytes and the open uploads differ: 30 and 10",
        "the number of open uploads and the open uploads differ: 2 and 1",
        "the claim of id-2 has no upload or video",
    ]


async def test_a_video_whose_name_belongs_to_nobody_or_to_another(services: MemoryServices) -> None:
    video, other = await services.add_video("a.mp4", 10), await services.add_video("b.mp4", 10)
    name = Address(("users", "ada", "names"), video.claim.name_key)
    for held in (None, {"upload_id": other.file_id}):
        await services.books_store.commit([Write(name, held)])
        problems = await check_books(services, "ada")
        assert problems[0] == f"video {video.file_id} has no claim of its name"
        assert problems[1:] == ([] if held is None else [f"the claim of {other.file_id} has no upload or video"])


async def test_what_a_grant_was_charged_is_compared_with_the_ledger(services: MemoryServices) -> None:
    video = await services.add_video()
    made = (await create_grant(services, ADA, video.file_id, GrantTerms())).shown.grant
    assert await check_books(services, "ada") == []

    def decide(snapshot: Snapshot) -> Change:
        assert snapshot.account is not None
        assert snapshot.grant is not None
        return Change(account=snapshot.account, replace_grant=replace(snapshot.grant, charged=7, plays=1))

    await services.books.commit("ada", decide, ReadSet(grant_id=made.grant_id))
    assert await check_books(services, "ada") == [
        f"the bytes of grant {made.grant_id} and the ledger differ: 7 and 0",
        f"the plays of grant {made.grant_id} and the ledger differ: 1 and 0",
    ]
