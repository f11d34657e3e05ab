"""The arithmetic of chunks: what is promised, kept open, refused, and sealed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from reelgate.domain import errors
from reelgate.domain.books.account import Account, Day, OpenUpload
from reelgate.domain.books.entries import Entry, Totals
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.books.video import StoredObject, mismatch
from reelgate.domain.uploads import chunked_uploads, reservations
from reelgate.domain.uploads.chunked_uploads import MAX_AGE, Chunk, check_parts, reserve_chunks, seal
from tests.fixtures.bookkeeping import NOON, POLICY, an_upload

EXPIRY = timedelta(seconds=POLICY.upload_expiry_seconds)


def at(hours: float = 0, **policy: object) -> Ledger:
    return Ledger(replace(POLICY, **policy), NOON + timedelta(hours=hours))  # type: ignore[arg-type]


def session() -> OpenUpload:
    return replace(an_upload(size=0), chunked=True, main_service_file_id=7)


def account_with(upload: OpenUpload, **more: object) -> Account:
    return Account(uid="ada", today=Day(date=NOON.date()), reserved=upload.size, open_uploads=1, **more)  # type: ignore[arg-type]


def part(index: int, size: int, crc32c: str = "AAAAAA==") -> StoredObject:
    return StoredObject(name=f"p{index}", generation=1, size=size, content_type="x/y", crc32c=crc32c)


def granted(change: Change | None) -> Mapping[str, Entry]:
    assert change is not None
    assert change.entry is not None
    return {entry.entry_id: entry for entry in (change.entry, *change.more_entries)}


def upload_of(change: Change) -> OpenUpload:
    """Return the upload as the change writes it."""
    assert change.replace_upload is not None
    return change.replace_upload


def test_all_chunks_are_one_change_with_an_entry_each() -> None:
    account = account_with(session(), sequence=4)
    chunks = [Chunk(index=0, size=100), Chunk(index=2, size=50, crc32c="yZRlqg==")]
    change = reserve_chunks(at(), account, session(), chunks, {})
    entries = granted(change)
    assert change is not None
    assert {key: (entry.sequence, entry.size, entry.fingerprint) for key, entry in entries.items()} == {
        "chunk:u1:0": (5, 100, None),
        "chunk:u1:2": (6, 50, "yZRlqg=="),
    }
    assert (change.account.reserved, change.account.open_uploads, change.account.sequence) == (150, 1, 6)
    assert upload_of(change).size == 150
    assert Totals.of(entries.values()).total.reserved == 150


def test_chunks_over_midnight_close_the_day_once_and_count_in_the_new_one() -> None:
    account = account_with(session())
    change = reserve_chunks(at(13), account, session(), [Chunk(index=n, size=1) for n in range(3)], {})
    assert change is not None
    assert change.closed_day == replace(account.today, stored=0)
    assert {entry.date for entry in granted(change).values()} == {NOON.date() + timedelta(days=1)}


def test_the_same_chunks_again_reserve_nothing() -> None:
    account = account_with(session())
    first = reserve_chunks(at(), account, session(), [Chunk(index=0, size=100, crc32c="yZRlqg==")], {})
    assert first is not None
    grown = upload_of(first)
    assert reserve_chunks(at(), first.account, grown, [Chunk(index=0, size=100)], granted(first)) is None
    both = [Chunk(index=0, size=100, crc32c="yZRlqg=="), Chunk(index=1, size=1)]
    second = reserve_chunks(at(), first.account, grown, both, granted(first))
    assert second is not None
    assert (second.account.reserved, second.more_entries) == (101, ())


@pytest.mark.parametrize("other", [Chunk(index=0, size=99), Chunk(index=0, size=100, crc32c="AAAAAA==")])
def test_another_chunk_under_the_same_index(other: Chunk) -> None:
    first = reserve_chunks(at(), account_with(session()), session(), [Chunk(index=0, size=100, crc32c="yZRlqg==")], {})
    assert first is not None
    with pytest.raises(errors.ChunkDiffers) as refused:
        reserve_chunks(at(), first.account, upload_of(first), [Chunk(index=1, size=1), other], granted(first))
    assert "Chunk 0" in str(refused.value.hint)


@pytest.mark.parametrize(
    ("policy", "sizes", "error"),
    [
        ({}, [500, 501], errors.StorageLimitExceeded),
        ({"max_file_bytes": 900}, [500, 401], errors.TooLarge),
    ],
)
def test_all_chunks_or_none(policy: dict[str, object], sizes: list[int], error: type[Exception]) -> None:
    chunks = [Chunk(index=n, size=size) for n, size in enumerate(sizes)]
    with pytest.raises(error):
        reserve_chunks(at(**policy), account_with(session()), session(), chunks, {})
    fits = [replace(chunks[0], size=chunks[0].size - 1), *chunks[1:]]
    assert reserve_chunks(at(**policy), account_with(session()), session(), fits, {}) is not None


def test_the_day_s_limit() -> None:
    today = Day(date=NOON.date(), streamed=1500)
    account = replace(account_with(session()), today=today)
    reserve_chunks(at(), account, session(), [Chunk(index=0, size=500)], {})
    with pytest.raises(errors.BandwidthLimitExceeded):
        reserve_chunks(at(), account, session(), [Chunk(index=0, size=501)], {})


def test_a_disabled_account_is_granted_nothing_more() -> None:
    with pytest.raises(errors.AccountDisabled):
        reserve_chunks(at(), account_with(session(), disabled=True), session(), [Chunk(index=0, size=1)], {})


def test_chunks_keep_an_upload_open_but_not_for_ever() -> None:
    def expiry(hours: float, granted_before: Mapping[str, Entry]) -> object:
        change = reserve_chunks(at(hours), account_with(session()), session(), [Chunk(index=0, size=1)], granted_before)
        return None if change is None else upload_of(change).expires_at - NOON

    known = granted(reserve_chunks(at(), account_with(session()), session(), [Chunk(index=0, size=1)], {}))
    assert expiry(0.5, {}) == timedelta(hours=0.5) + EXPIRY
    assert expiry(0.5, known) == timedelta(hours=0.5) + EXPIRY  # a repeated one is a sign of life, too
    assert expiry(0.001, known) is None  # not worth a commit
    assert expiry(24 * 7 - 0.5, {}) == MAX_AGE
    with pytest.raises(errors.UploadSealed, match="7 days"):
        expiry(24 * 7, {})


def test_sealing_gives_back_what_never_came() -> None:
    upload = replace(session(), size=300)
    change = seal(at(), account_with(upload), upload, [part(0, 100), part(1, 120)])
    sealed = upload_of(change)
    assert (sealed.size, sealed.sealed_chunks, change.account.reserved) == (220, 2, 220)
    assert change.entry is not None
    assert (change.entry.entry_id, change.entry.delta.reserved) == ("seal:u1", -80)
    with pytest.raises(errors.UploadSealed):
        reserve_chunks(at(), change.account, sealed, [Chunk(index=9, size=1)], {})


def test_more_than_was_promised_must_fit() -> None:
    upload = replace(session(), size=100)
    assert seal(at(), account_with(upload), upload, [part(0, 1000)]).account.reserved == 1000
    with pytest.raises(errors.StorageLimitExceeded):
        seal(at(), account_with(upload), upload, [part(0, 1001)])


def test_the_announced_checksum_must_be_the_parts_own() -> None:
    upload = replace(session(), size=4)
    parts = [part(0, 4, "hpadng==")]
    with pytest.raises(errors.ChunkDiffers) as refused:
        seal(at(), account_with(upload), upload, parts, announced_crc32c="AAAAAA==")
    assert "hpadng==" in str(refused.value.hint)
    change = seal(at(), account_with(upload), upload, parts, announced_crc32c="hpadng==")
    assert upload_of(change).crc32c == "hpadng=="


def test_an_object_counts_only_after_the_seal_and_with_its_checksum() -> None:
    upload = replace(session(), size=4)
    whole = StoredObject(name="n", generation=1, size=4, content_type="video/mp4", crc32c="hpadng==")
    assert mismatch(upload, whole) == "its chunks are not complete"
    sealed = upload_of(seal(at(), account_with(upload), upload, [part(0, 4, "hpadng==")]))
    assert mismatch(sealed, whole) is None
    assert "CRC32C" in (mismatch(sealed, replace(whole, crc32c="AAAAAA==")) or "")


def test_the_file_keeps_the_other_service_s_id() -> None:
    upload = replace(session(), size=4)
    sealed = seal(at(), account_with(upload), upload, [part(0, 4, "hpadng==")])
    whole = StoredObject(name="n", generation=1, size=4, content_type="video/mp4", crc32c="hpadng==")
    change = reservations.commit(at(), sealed.account, upload_of(sealed), whole)
    assert change.put_video is not None
    assert change.put_video.main_service_file_id == 7
    assert change.outbox[0].data["main_service_file_id"] == 7  # type: ignore[union-attr]


def test_all_chunks_must_be_there_and_no_others() -> None:
    check_parts([1, 0, 2], 3)
    with pytest.raises(errors.ChunksMissing) as missing:
        check_parts([0, 3], 200)
    assert len(missing.value.missing) == chunked_uploads.MAX_NAMED
    assert missing.value.missing[:2] == (1, 2)
    with pytest.raises(errors.ChunksLeftOver) as left_over:
        check_parts([0, 5, 4], 1)
    assert left_over.value.left_over == (4, 5)
