"""What a user's conversions take and leave in all, as it is added up from the records over every store."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from reelgate.adapters.documents.document_store import DocumentStore
from reelgate.adapters.documents.single_documents import create_document
from reelgate.adapters.documents.tombstones import tombstone_of_user
from reelgate.adapters.records.derived_media import DerivedMediaDocuments
from reelgate.domain.media.conversion import LEASE
from reelgate.domain.media.derived_media import DerivedMedia
from tests.fixtures.bookkeeping import NOON

TODAY = NOON.date()
YESTERDAY = TODAY - timedelta(days=1)


def record(file_id: str, *, uid: str = "ada", **more: object) -> DerivedMedia:
    new = DerivedMedia(uid=uid, file_id=file_id, filename="a.mp4", generation=1)
    return replace(new, **more)  # type: ignore[arg-type]


async def store(records: DerivedMediaDocuments, *media: DerivedMedia) -> None:
    for one in media:
        await records.change(one.uid, one.file_id, lambda _, one=one: one)  # type: ignore[misc]


async def test_only_the_runs_of_the_day_and_the_user_are_added_up(documents: DocumentStore) -> None:
    records = DerivedMediaDocuments(documents)
    assert await records.seconds_of_day("ada", TODAY) == 0
    await store(
        records,
        record("a").taken("r", NOON, order="o", day=TODAY, charged=540),
        record("b", run_day=TODAY.isoformat(), run_seconds=7),
        record("c", run_day=YESTERDAY.isoformat(), run_seconds=100),
        record("d"),
        record("e", uid="bob", run_day=TODAY.isoformat(), run_seconds=30),
    )
    assert await records.seconds_of_day("ada", TODAY) == 547
    assert await records.seconds_of_day("ada", YESTERDAY) == 100
    assert await records.seconds_of_day("bob", TODAY) == 30


async def test_only_leases_that_are_not_over_count(documents: DocumentStore) -> None:
    records = DerivedMediaDocuments(documents)
    assert await records.running("ada", NOON) == 0
    taken = record("a").taken("r", NOON, order="o", day=TODAY, charged=540)
    done = replace(taken, file_id="b").left("r", counts=True, now=NOON)
    await store(records, taken, done, record("c"))
    assert await records.running("ada", NOON + LEASE - timedelta(seconds=1)) == 1
    assert await records.running("ada", NOON + LEASE + timedelta(seconds=1)) == 0
    assert await records.running("bob", NOON) == 0


async def test_extra_bytes_are_added_up(documents: DocumentStore) -> None:
    records = DerivedMediaDocuments(documents)
    assert await records.extra_bytes("ada") == 0
    await store(records, record("a", extra_bytes=5), record("b"), record("c", extra_bytes=8_000_000_000))
    assert await records.extra_bytes("ada") == 8_000_000_005


async def test_a_purged_file_leaves_its_seconds_of_the_day_and_nothing_else(documents: DocumentStore) -> None:
    records = DerivedMediaDocuments(documents)
    today = record("a", run_day=TODAY.isoformat(), run_seconds=7, extra_bytes=9)
    await store(records, today, record("b", run_day=YESTERDAY.isoformat(), run_seconds=100))
    for _ in range(2):
        for file_id in ("a", "b", "unknown"):
            await records.delete("ada", file_id, day=TODAY, now=NOON)
    assert await records.get("ada", "a", "b") == {}
    assert await records.seconds_of_day("ada", TODAY) == 7
    assert await records.seconds_of_day("ada", YESTERDAY) == 0
    assert await records.extra_bytes("ada") == 0
    late = record("a", run_day=TODAY.isoformat(), run_seconds=1)
    await store(records, late)  # a late message: the file is found to be gone, and the record is removed again
    await records.delete("ada", "a", day=TODAY, now=NOON)
    assert await records.seconds_of_day("ada", TODAY) == 8
    tomorrow = TODAY + timedelta(days=1)
    await store(records, replace(late, run_day=tomorrow.isoformat()))
    await records.delete("ada", "a", day=tomorrow, now=NOON)
    assert (await records.seconds_of_day("ada", TODAY), await records.seconds_of_day("ada", tomorrow)) == (0, 1)


async def test_a_file_that_is_purged_during_a_run_keeps_what_the_run_can_take(documents: DocumentStore) -> None:
    records = DerivedMediaDocuments(documents)
    for file_id, seconds in (("a", 10), ("b", 500)):
        await store(records, record(file_id).taken("r", NOON, order="o", day=TODAY, charged=540))
        before = await records.seconds_of_day("ada", TODAY)
        await records.delete("ada", file_id, day=TODAY, now=NOON + timedelta(seconds=seconds))
        gone = before - await records.seconds_of_day("ada", TODAY)
        assert gone == max(0, 540 - seconds - LEASE.total_seconds())


async def test_nothing_is_left_of_an_erased_user(documents: DocumentStore) -> None:
    records = DerivedMediaDocuments(documents)
    await store(records, record("a", run_day=TODAY.isoformat(), run_seconds=7))
    await create_document(documents, tombstone_of_user("ada"), {"pseudonym": "p"})
    await records.delete("ada", "a", day=TODAY, now=NOON)
    assert await records.seconds_of_day("ada", TODAY) == 0
