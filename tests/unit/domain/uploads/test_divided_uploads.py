"""Uploads that are divided at their start: the sizes of their parts, how long they stay open, and what seals them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgate.domain import errors
from reelgate.domain.books.account import Account, Day, OpenUpload
from reelgate.domain.books.ledger import Ledger
from reelgate.domain.files.names import MAX_SIZE_BYTES
from reelgate.domain.files.part_names import MAX_CHUNKS
from reelgate.domain.uploads.chunked_uploads import MAX_AGE, Chunk, reserve_chunks, seal
from reelgate.domain.uploads.divided_uploads import (
    DEFAULT_PART_BYTES,
    bytes_of_part,
    keep_open,
    part_size_for,
)
from tests.fixtures.bookkeeping import NOON, POLICY, a_part, an_upload

UPLOAD = replace(an_upload(size=250), chunked=True, part_size=100)
EXPIRY = timedelta(seconds=POLICY.upload_expiry_seconds)


def at(hours: float = 0) -> Ledger:
    return Ledger(POLICY, NOON + timedelta(hours=hours))


def account_with(upload: OpenUpload) -> Account:
    return Account(uid="ada", today=Day(date=NOON.date()), reserved=upload.size, open_uploads=1)


def test_all_parts_but_the_last_have_one_size() -> None:
    assert UPLOAD.part_count == 3
    assert [bytes_of_part(UPLOAD, index) for index in range(3)] == [100, 100, 50]
    for index in (-1, 3):
        with pytest.raises(errors.InvalidRequest, match="3 parts") as refused:
            bytes_of_part(UPLOAD, index)
        assert refused.value.hint == "The indexes of its parts are 0 to 2."
    with pytest.raises(errors.UploadNotDivided):
        bytes_of_part(an_upload(), 0)


@given(st.integers(1, MAX_SIZE_BYTES), st.none() | st.integers(1, MAX_SIZE_BYTES))
def test_the_parts_are_the_file(size: int, wanted: int | None) -> None:
    try:
        part_size = part_size_for(size, wanted)
    except errors.InvalidRequest:
        assert wanted is not None
        assert wanted * MAX_CHUNKS < size
        return
    upload = replace(UPLOAD, size=size, part_size=part_size)
    count = upload.part_count or 0
    assert 1 <= count <= MAX_CHUNKS
    assert part_size * (count - 1) + bytes_of_part(upload, count - 1) == size
    assert 1 <= bytes_of_part(upload, count - 1) <= part_size


def test_parts_that_would_be_too_many() -> None:
    with pytest.raises(errors.InvalidRequest, match=r"of 1\.0 kB or more") as refused:
        part_size_for(1000 * MAX_CHUNKS, 999)
    assert refused.value.field == "part_size"


def test_the_usual_size_grows_only_with_very_large_files() -> None:
    assert part_size_for(1) == DEFAULT_PART_BYTES
    assert part_size_for(DEFAULT_PART_BYTES * MAX_CHUNKS) == DEFAULT_PART_BYTES
    assert part_size_for(DEFAULT_PART_BYTES * MAX_CHUNKS + 1) == DEFAULT_PART_BYTES + 1024 * 1024


def test_parts_keep_their_upload_open_for_a_week_at_most() -> None:
    assert keep_open(at(), account_with(UPLOAD), UPLOAD) is None
    change = keep_open(at(0.5), account_with(UPLOAD), UPLOAD)
    assert change is not None
    assert change.replace_upload == replace(UPLOAD, expires_at=NOON + timedelta(hours=0.5) + EXPIRY)
    assert (change.entry, change.account.reserved) == (None, 250)
    old = replace(UPLOAD, expires_at=NOON + MAX_AGE - timedelta(minutes=30))
    change = keep_open(Ledger(POLICY, NOON + MAX_AGE - timedelta(minutes=1)), account_with(old), old)
    assert change is not None
    assert change.replace_upload is not None
    assert change.replace_upload.expires_at == NOON + MAX_AGE
    with pytest.raises(errors.UploadSealed, match="7 days"):
        keep_open(Ledger(POLICY, NOON + MAX_AGE), account_with(UPLOAD), UPLOAD)


def test_who_gets_no_more_parts() -> None:
    with pytest.raises(errors.AccountDisabled):
        keep_open(at(), replace(account_with(UPLOAD), disabled=True), UPLOAD)
    with pytest.raises(errors.UploadSealed):
        keep_open(at(), account_with(UPLOAD), replace(UPLOAD, sealed_chunks=3))
    for other in (an_upload(), replace(an_upload(), chunked=True)):
        with pytest.raises(errors.UploadNotDivided):
            keep_open(at(), account_with(other), other)


def test_the_sealed_upload_has_the_announced_size_and_checksum() -> None:
    parts = [a_part(0, 100), a_part(1, 100), a_part(2, 50)]
    sealed = seal(at(), account_with(UPLOAD), UPLOAD, parts)
    assert sealed.replace_upload is not None
    assert (sealed.replace_upload.size, sealed.replace_upload.sealed_chunks, sealed.account.reserved) == (250, 3, 250)
    for size in (49, 51):
        with pytest.raises(errors.ChunkDiffers) as refused:
            seal(at(), account_with(UPLOAD), UPLOAD, [*parts[:2], a_part(2, size)])
        assert str(200 + size) in str(refused.value.hint)
    announced = replace(UPLOAD, crc32c="hpadng==")
    with pytest.raises(errors.ChunkDiffers) as refused:
        seal(at(), account_with(announced), announced, parts)
    assert "hpadng==" in str(refused.value.hint)


def test_the_older_chunks_do_not_fit_into_it() -> None:
    with pytest.raises(errors.InvalidRequest) as refused:
        reserve_chunks(at(), account_with(UPLOAD), UPLOAD, [Chunk(index=0, size=100)], {})
    assert refused.value.field == "upload_session_id"
