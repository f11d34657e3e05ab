"""Open uploads and the names they claim: their lists, and that what others cost does not depend on how many are open."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from reelgate.adapters.books.document_books import DocumentBooks
from reelgate.adapters.documents.document_store import Address, Document, Follow, Write
from reelgate.domain.books.account import Limits, NameClaim
from reelgate.domain.errors import InvalidRequest
from reelgate.domain.uploads.chunked_uploads import Chunk
from reelgate.ports.books import Books, CommitResult, ReadSet
from reelgate.use_cases.uploads.resume_upload import session_renewal
from reelgate.use_cases.videos.find_video import by_id
from tests.fixtures.bookkeeping import NOON, POLICY, Bookkeeper, SteppedClock, a_part, an_upload

LIMITS = Limits(storage_bytes=10**9, daily_bytes=10**9, alert_percents=())


async def test_open_uploads_are_listed_oldest_first_in_pages(books: Books, keeper: Bookkeeper, clock: SteppedClock) -> None:
    for upload_id, minutes in (("u3", 2), ("u1", 0), ("u4", 2), ("u2", 1), ("u5", 3)):
        await keeper.reserve(an_upload(upload_id, at=NOON + timedelta(minutes=minutes)))
    await Bookkeeper(books, "bea", clock=clock).reserve(an_upload("other"))
    pages: list[list[str]] = []
    cursor = None
    while True:
        page = await books.uploads("ada", limit=2, cursor=cursor)
        pages.append([upload.upload_id for upload in page.items])
        cursor = page.next_cursor
        if cursor is None:
            break
    assert pages == [["u1", "u2"], ["u3", "u4"], ["u5"]]
    assert (await books.uploads("ada", limit=1)).items == [an_upload("u1")]
    assert (await books.uploads("ada", limit=5)).next_cursor is None
    assert (await books.uploads("cleo", limit=5)).items == []


async def test_who_has_names_is_listed_in_pages(books: Books, keeper: Bookkeeper) -> None:
    videos = [await keeper.add_video(an_upload(f"v{n}")) for n in range(3)]
    uploads = [an_upload(f"u{n}") for n in range(2)]
    for upload in uploads:
        await keeper.reserve(upload)
    held: list[NameClaim] = []
    cursor = None
    while True:
        page = await books.names("ada", limit=2, cursor=cursor)
        held += page.items
        assert len(page.items) <= 2
        cursor = page.next_cursor
        if cursor is None:
            break
    expected = [*(video.claim for video in videos), *(upload.claim for upload in uploads)]
    assert held == sorted(expected, key=lambda claim: claim.name_key)
    assert {video.file_id for video in (await books.videos("ada", limit=10)).items} == {"v0", "v1", "v2"}


async def test_cursors_of_other_lists_are_refused(books: Books, keeper: Bookkeeper) -> None:
    for n in range(2):
        await keeper.reserve(an_upload(f"u{n}"))
        await keeper.add_video(an_upload(f"v{n}"))
    uploads = (await books.uploads("ada", limit=1)).next_cursor
    names = (await books.names("ada", limit=1)).next_cursor
    videos = (await books.videos("ada", limit=1)).next_cursor
    for list_of, cursor in ((books.uploads, videos), (books.uploads, names), (books.names, uploads), (books.videos, uploads)):
        with pytest.raises(InvalidRequest):
            await list_of("ada", limit=1, cursor=cursor)
    for list_of, cursor in ((books.uploads, uploads), (books.names, names)):
        with pytest.raises(InvalidRequest):
            await list_of("bea", limit=1, cursor=cursor)


@dataclass
class Cost:
    """What an operation has read and written, and how many bytes the largest account among it had."""

    read: int = 0
    written: int = 0
    account_bytes: int = 0

    def watch(self, monkeypatch: pytest.MonkeyPatch, books: DocumentBooks) -> None:
        """Count what the books read and write from now on."""
        get, commit = books.documents.get, books.documents.commit

        async def counted_get(*addresses: Address, follow: Follow | None = None) -> Mapping[Address, Document]:
            found = await get(*addresses, follow=None if follow is None else counted(follow))
            self.read += len(addresses)
            for document in found.values():
                self._weigh(document.address, document.fields)
            return found

        def counted(follow: Follow) -> Follow:
            def followed(found: Mapping[Address, Document]) -> Collection[Address]:
                more = follow(found)
                self.read += len(more)
                return more

            return followed

        async def counted_commit(writes: Sequence[Write]) -> Sequence[Any]:
            self.written += len(writes)
            for write in writes:
                self._weigh(write.address, write.fields)
            return await commit(writes)

        async def refused(*_: object) -> Any:
            raise AssertionError("a change makes no query")

        monkeypatch.setattr(books.documents, "get", counted_get)
        monkeypatch.setattr(books.documents, "commit", counted_commit)
        monkeypatch.setattr(books.documents, "find", refused)

    def _weigh(self, address: Address, fields: Mapping[str, Any] | None) -> None:
        if address.collection == ("users",) and fields is not None:
            plain = {name: value for name, value in fields.items() if not isinstance(value, int)}  # 9 and 10 differ in digits
            self.account_bytes = max(self.account_bytes, len(json.dumps(plain, default=str)))


async def restore(keeper: Bookkeeper) -> CommitResult:
    trashed = (await keeper.books.read(keeper.uid, ReadSet(trashed_file_id="gone"))).trashed
    assert trashed is not None
    return await keeper.restore(trashed)


Operation = Callable[[Bookkeeper], Awaitable[object]]
CHUNKED = replace(an_upload("chunked", size=0), chunked=True, main_service_file_id="7")
# Operations with how many documents they read and write, without those of the audit log.
OPERATIONS: dict[str, tuple[Operation, int, int]] = {
    "grant": (lambda keeper: keeper.reserve(an_upload("new"), keyed=False), 2, 4),
    "grant with a key": (lambda keeper: keeper.reserve(an_upload("new")), 4, 4),
    "finalize": (lambda keeper: keeper.commit(an_upload("open")), 2, 5),
    "cancel": (lambda keeper: keeper.release("open"), 2, 4),
    "renew a session": (lambda keeper: keeper.carry_out(session_renewal(replace(an_upload("open"), session_url="s"))), 2, 2),
    "grant a chunk": (lambda keeper: keeper.reserve_chunks("chunked", [Chunk(index=1, size=1)]), 3, 3),
    "seal": (lambda keeper: keeper.seal("chunked", [a_part(0, 5)]), 3, 3),
    "stream": (lambda keeper: keeper.stream(by_id("film")), 2, 2),
    "stream by name": (lambda keeper: keeper.stream("film.mp4"), 3, 2),
    "delete": (lambda keeper: keeper.delete(by_id("film")), 2, 6),
    "delete by name": (lambda keeper: keeper.delete("film.mp4"), 3, 6),
    "restore": (restore, 5, 6),
}


@pytest.mark.parametrize("name", OPERATIONS)
async def test_an_operation_costs_the_same_however_many_uploads_are_open(
    books: DocumentBooks, clock: SteppedClock, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    operation, read, written = OPERATIONS[name]
    policy = replace(POLICY, default_limits=LIMITS, max_open_uploads=400)
    keepers = [Bookkeeper(books, uid, policy=policy, clock=clock) for uid in ("few", "lot")]
    for keeper, others in zip(keepers, (0, 60), strict=True):
        await keeper.add_video(an_upload("film"))
        await keeper.add_video(an_upload("gone"))
        await keeper.delete("gone.mp4")
        await keeper.reserve(an_upload("open"))
        await keeper.reserve(CHUNKED)
        await keeper.reserve_chunks("chunked", [Chunk(index=0, size=5)])
        for n in range(others):
            await keeper.reserve(an_upload(f"u{n}", size=1))
    costs = []
    for keeper in keepers:
        cost = Cost()
        with monkeypatch.context() as patch:
            cost.watch(patch, books)
            await operation(keeper)
        costs.append(cost)
    few, lot = costs
    assert few == lot
    assert (few.read, few.written) == (read, written)
    assert 0 < few.account_bytes < 1000
