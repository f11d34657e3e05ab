"""Many at once, in two instances of a service: the limits hold to the byte."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import pytest

from reelgate.adapters.books.document_books import CHANGE_RETRIES, DocumentBooks
from reelgate.adapters.documents.firestore_store import FirestoreClient, FirestoreDocumentStore
from reelgate.domain.books.account import Limits, OpenUpload
from reelgate.domain.books.entries import Totals
from reelgate.domain.uploads.chunked_uploads import Chunk
from reelgate.ports.books import CommitResult
from reelgate.use_cases.uploads.resume_upload import session_renewal
from tests.fixtures.bookkeeping import ENCODE_ACTION, POLICY, Bookkeeper, SteppedClock, an_upload
from tests.fixtures.books.invariants import all_entries
from tests.fixtures.firestore import OpenFirestoreBooks

pytestmark = pytest.mark.emulator
VERY_PATIENT = replace(CHANGE_RETRIES, attempts=1000, deadline_seconds=60.0)
"""These tests are about numbers, not about time: a busy machine must not turn them into refusals."""


def two_keepers(open_books: OpenFirestoreBooks, limits: Limits) -> list[Bookkeeper]:
    """Return two instances whose accounts may have many open uploads."""
    policy = replace(POLICY, default_limits=limits, max_open_uploads=1000)
    books = [open_books(retries=VERY_PATIENT) for _ in range(2)]
    return [Bookkeeper(one, policy=policy, clock=SteppedClock()) for one in books]


@pytest.mark.parametrize(
    ("limits", "refusal"),
    [
        (Limits(storage_bytes=1000, daily_bytes=10**6, alert_percents=(80,)), "StorageLimitExceeded"),
        (Limits(storage_bytes=10**6, daily_bytes=1000, alert_percents=(80,)), "BandwidthLimitExceeded"),
    ],
)
async def test_200_uploads_at_once_are_granted_exactly_as_many_as_fit(
    open_firestore_books: OpenFirestoreBooks, limits: Limits, refusal: str
) -> None:
    keepers = two_keepers(open_firestore_books, limits)
    results: list[CommitResult | BaseException] = list(
        await asyncio.gather(*(keepers[n % 2].reserve(an_upload(f"u{n}", size=7)) for n in range(200)), return_exceptions=True)
    )
    kinds = Counter("granted" if isinstance(result, CommitResult) else type(result).__name__ for result in results)
    assert kinds == {"granted": 1000 // 7, refusal: 200 - 1000 // 7}
    account = await keepers[0].account()
    assert account.reserved == 1000 // 7 * 7
    assert set(await keepers[0].uploads()) == {f"u{n}" for n, result in enumerate(results) if isinstance(result, CommitResult)}
    fold = Totals.of(await all_entries(keepers[0].books))
    assert (fold.total.reserved, fold.gaps, fold.count) == (account.reserved, (), 1000 // 7)


async def test_one_name_is_granted_once_however_many_ask(open_firestore_books: OpenFirestoreBooks) -> None:
    keepers = two_keepers(open_firestore_books, POLICY.default_limits)
    results = await asyncio.gather(
        *(keepers[n % 2].reserve(an_upload(f"u{n}", size=1, filename="a.mp4")) for n in range(40)), return_exceptions=True
    )
    kinds = Counter(type(result).__name__ for result in results)
    assert kinds == {"CommitResult": 1, "NameTaken": 39}


async def test_an_event_delivered_many_times_at_once_counts_once(open_firestore_books: OpenFirestoreBooks) -> None:
    keepers = two_keepers(open_firestore_books, POLICY.default_limits)
    upload = an_upload(size=900)
    await keepers[0].reserve(upload)
    outcomes = await asyncio.gather(*(keepers[n % 2].commit(upload) for n in range(20)))
    assert sum(outcome.change is not None and outcome.change.put_video is not None for outcome in outcomes) >= 1
    account = await keepers[0].account()
    assert (account.stored, account.reserved, account.today.upload_count, account.sequence) == (900, 0, 1, 2)
    assert account.today.raised == {"storage:80": 1}


async def test_two_alerts_of_one_threshold_cannot_race(open_firestore_books: OpenFirestoreBooks) -> None:
    """Both instances pass 80 % at once; only one commit can be the one that passes."""
    keepers = two_keepers(open_firestore_books, POLICY.default_limits)
    await asyncio.gather(*(keepers[n % 2].report(f"r{n}", size=100) for n in range(18)))
    account = await keepers[0].account()
    assert account.today.uploaded == 1800
    assert account.today.raised == {"bandwidth:80": 1}


async def test_users_do_not_wait_for_each_other(firestore_clients: Callable[[], FirestoreClient]) -> None:
    documents = FirestoreDocumentStore(firestore_clients())
    books = DocumentBooks(documents, encode_action=ENCODE_ACTION)
    keepers = [Bookkeeper(books, f"user{n}") for n in range(30)]
    await asyncio.gather(*(keeper.report("r1") for keeper in keepers))
    assert [(await keeper.account()).sequence for keeper in keepers] == [1] * 30
    # Account, name and entry of the report; for a new account the tombstone, read and verified; then the account once more.
    assert documents.operations.reads == 30 * 5 + 30
    assert documents.operations.writes == 30 * 2


async def test_open_uploads_are_bounded_by_their_number_alone(open_firestore_books: OpenFirestoreBooks) -> None:
    """With the longest names, titles and session URLs that there are, in commits that several of them share."""
    books = open_firestore_books(retries=VERY_PATIENT)
    plenty = Limits(storage_bytes=10**6, daily_bytes=10**6, alert_percents=())
    keeper = Bookkeeper(books, policy=replace(POLICY, default_limits=plenty, max_open_uploads=240), clock=SteppedClock())

    def heaviest(n: int) -> OpenUpload:
        plain = an_upload(f"{n:032x}", size=1, filename=f"{n:04}{'n' * 900}.mp4")
        return replace(plain, crc32c="AAAAAA==", title="\U0001f3ac" * 200, session_url="s" * 3000)

    results = await asyncio.gather(*(keeper.reserve(heaviest(n)) for n in range(250)), return_exceptions=True)
    kinds = Counter(type(result).__name__ for result in results)
    assert kinds == {"CommitResult": 240, "TooManyOpenUploads": 10}
    granted = [result for result in results if isinstance(result, CommitResult)]
    renewed = [
        replace(one.change.put_upload, session_url="s" * 3300) for one in granted if one.change and one.change.put_upload
    ]
    await asyncio.gather(*(keeper.carry_out(session_renewal(upload)) for upload in renewed))
    assert await keeper.uploads() == {upload.upload_id: upload for upload in renewed}


async def test_racing_chunks_of_one_upload_are_granted_exactly_as_many_as_fit(
    open_firestore_books: OpenFirestoreBooks,
) -> None:
    """Three hundred chunks in groups of three, each asked for twice, in two instances: whole groups, to the byte."""
    keepers = two_keepers(open_firestore_books, Limits(storage_bytes=1000, daily_bytes=10**6, alert_percents=()))
    await keepers[0].reserve(replace(an_upload("u1", size=0), chunked=True))
    groups = [[Chunk(index=3 * n + i, size=7) for i in range(3)] for n in range(100)]
    results: list[CommitResult | BaseException] = list(
        await asyncio.gather(
            *(keepers[n % 2].reserve_chunks("u1", group) for n, group in enumerate([*groups, *reversed(groups)])),
            return_exceptions=True,
        )
    )
    first, second = results[:100], results[:99:-1]
    assert {type(result).__name__ for result in results} == {"CommitResult", "StorageLimitExceeded"}
    granted = [n for n in range(100) if isinstance(first[n], CommitResult) or isinstance(second[n], CommitResult)]
    assert len(granted) == 1000 // 21
    account = await keepers[0].account()
    assert (account.reserved, (await keepers[0].uploads())["u1"].size) == (1000 // 21 * 21, 1000 // 21 * 21)
    entries = await all_entries(keepers[0].books)
    assert {entry.entry_id for entry in entries} == {"reserve:u1"} | {
        f"chunk:u1:{3 * n + i}" for n in granted for i in range(3)
    }
    fold = Totals.of(entries)
    assert (fold.total.reserved, fold.gaps, fold.count) == (account.reserved, (), account.sequence)
