"""Granting, settling and giving back uploads, with exact numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from reelgate.domain.books.account import Account, Day
from reelgate.domain.books.entries import Delta, Entry
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.books.messages import Message, PutPlaceholder
from reelgate.domain.books.upload_states import ReleaseReason
from reelgate.domain.books.video import Video
from reelgate.domain.errors import BandwidthLimitExceeded, NameTaken, StorageLimitExceeded, TooManyOpenUploads
from reelgate.domain.uploads import reservations
from reelgate.domain.usage import usage_changes
from tests.fixtures.bookkeeping import NOON, POLICY, an_upload, object_of

LEDGER = Ledger(POLICY, NOON)
EMPTY = LEDGER.account_for(None, "ada", "ada@example.org")


def reserve(account: Account, upload_id: str = "u1", *, size: int = 100, filename: str | None = None) -> Change:
    return reservations.reserve(
        LEDGER, account, an_upload(upload_id, size=size, filename=filename), existing=None, fingerprint="f"
    )


def test_a_new_account_has_nothing() -> None:
    assert (EMPTY.reserved, EMPTY.occupied, EMPTY.day_total, EMPTY.open_uploads) == (0, 0, 0, 0)


def test_a_grant_promises_bytes_of_both_budgets() -> None:
    change = reserve(EMPTY, size=400)
    account = change.account
    assert (account.stored, account.reserved, account.occupied, account.day_total, account.sequence) == (0, 400, 400, 400, 1)
    assert account.today == Day(date=NOON.date(), byte_seconds=0)
    assert account.open_uploads == 1
    assert change == Change(
        account=account,
        put_upload=an_upload(size=400),
        put_name=an_upload(size=400).claim,
        entry=Entry(
            entry_id="reserve:u1",
            kind="reserve",
            sequence=1,
            at=NOON,
            date=NOON.date(),
            delta=Delta(reserved=400),
            file_id="u1",
            filename="u1.mp4",
            size=400,
            fingerprint="f",
        ),
    )


def test_storage_is_granted_to_the_last_byte_and_no_further() -> None:
    account = replace(reserve(EMPTY, "u1", size=300).account, stored=500)
    assert reserve(account, "u2", size=200).account.occupied == 1000
    with pytest.raises(StorageLimitExceeded) as refused:
        reserve(account, "u2", size=201)
    error = refused.value
    assert (error.limit, error.used, error.reserved, error.requested, error.retry_at) == (1000, 500, 300, 201, None)
    assert error.detail == "This video is 201 bytes; 200 bytes are left in your storage."


def test_the_day_is_granted_to_the_last_byte_and_no_further() -> None:
    account = replace(reserve(EMPTY, "u1", size=300).account, today=Day(date=NOON.date(), uploaded=1000, streamed=500))
    assert reserve(account, "u2", size=200).account.day_total == 2000
    with pytest.raises(BandwidthLimitExceeded) as refused:
        reserve(account, "u2", size=201)
    error = refused.value
    assert (error.limit, error.used, error.reserved, error.requested) == (2000, 1500, 300, 201)
    assert error.retry_at == NOON.replace(hour=0, minute=0, microsecond=0) + timedelta(days=1)
    left = "200 bytes are left of your daily limit, which resets at midnight (UTC)."
    assert error.detail == f"This video is 201 bytes; {left}"


def test_an_account_s_own_limits_replace_the_deployment_s() -> None:
    with pytest.raises(StorageLimitExceeded):
        reserve(replace(EMPTY, storage_limit=99), size=100)
    with pytest.raises(BandwidthLimitExceeded):
        reserve(replace(EMPTY, daily_limit=0), size=1)
    assert reserve(replace(EMPTY, storage_limit=5000), size=1500).account.reserved == 1500


def test_a_limit_lowered_below_the_use_refuses_but_takes_nothing_away() -> None:
    account = replace(EMPTY, stored=900, storage_limit=500)
    with pytest.raises(StorageLimitExceeded) as refused:
        reserve(account, size=1)
    assert refused.value.detail == "This video is 1 byte; your storage is full."
    assert LEDGER.limits(account).storage_bytes == 500


def test_a_name_is_promised_once() -> None:
    upload = an_upload("u1", filename="a.mp4")
    taken = reserve(EMPTY, "u1", filename="a.mp4").account
    with pytest.raises(NameTaken):
        reservations.reserve(LEDGER, taken, an_upload("u2", filename="a.mp4"), existing=upload.claim, fingerprint="f")
    video = reservations.commit(LEDGER, taken, upload, object_of("ada", upload)).put_video
    with pytest.raises(NameTaken):
        reservations.reserve(LEDGER, EMPTY, an_upload("u2", filename="a.mp4"), existing=video, fingerprint="f")


def test_open_uploads_are_bounded() -> None:
    ledger = Ledger(replace(POLICY, max_open_uploads=2), NOON)
    account = reserve(reserve(EMPTY, "u1").account, "u2").account
    with pytest.raises(TooManyOpenUploads, match="Unfinished uploads: 2,"):
        reservations.reserve(ledger, account, an_upload("u3"), existing=None, fingerprint="f")


def test_a_grant_on_a_new_day_is_held_against_the_new_day() -> None:
    used_up = replace(EMPTY, today=Day(date=NOON.date() - timedelta(days=1), uploaded=2000))
    change = reserve(used_up, size=900)
    assert change.closed_day == replace(used_up.today, stored=0)
    assert change.account.today == Day(date=NOON.date(), byte_seconds=0)
    assert change.entry is not None
    assert change.entry.date == NOON.date()


def test_what_was_promised_yesterday_counts_today() -> None:
    account = reserve(EMPTY, size=900).account
    tomorrow = Ledger(
        replace(POLICY, default_limits=replace(POLICY.default_limits, daily_bytes=1000)), NOON + timedelta(days=1)
    )
    with pytest.raises(BandwidthLimitExceeded) as refused:
        usage_changes.report_upload(tomorrow, account, filename="x", size=101, report_id="r")
    assert (refused.value.used, refused.value.reserved) == (0, 900)


def test_settling_turns_the_promise_into_a_video() -> None:
    upload = replace(an_upload(size=400), title="Ein Titel")
    granted = reservations.reserve(LEDGER, EMPTY, upload, existing=None, fingerprint="f").account
    later = Ledger(POLICY, NOON + timedelta(minutes=5))
    change = reservations.commit(later, granted, upload, object_of("ada", upload, generation=9))
    assert change.put_video == Video(
        uid="ada",
        file_id="u1",
        filename="u1.mp4",
        size=400,
        content_type="video/mp4",
        crc32c="AAAAAA==",
        generation=9,
        title="Ein Titel",
        created_at=NOON,
        uploaded_at=NOON + timedelta(minutes=5),
    )
    account = change.account
    assert (change.remove_upload, change.put_name, change.remove_name) == (upload, None, None)
    assert change.put_video.claim == upload.claim  # the claim of the upload is the video's, as it is
    assert (account.stored, account.reserved, account.open_uploads, account.sequence) == (400, 0, 0, 2)
    to_midnight = 43_200 - 5 * 60
    assert account.today == Day(date=NOON.date(), uploaded=400, upload_count=1, byte_seconds=400 * to_midnight)
    assert change.entry is not None
    assert change.entry.entry_id == "commit:u1#9"
    assert change.entry.delta == Delta(stored=400, reserved=-400, uploaded=400, upload_count=1)
    [ready] = change.outbox
    assert isinstance(ready, Message)
    assert (ready.event_id, ready.type, ready.topic, ready.uid) == ("video.ready:u1:9", "video.ready", "videos", "ada")
    assert ready.data["object"] == "ada/u1/u1.mp4"
    assert ready.data["generation"] == "9"


def test_settling_never_asks_for_room_again() -> None:
    """The bytes are there and were promised: a lowered limit or a full day cannot un-happen them."""
    upload = an_upload(size=400)
    granted = replace(reserve(EMPTY, size=400).account, storage_limit=0, daily_limit=0)
    assert reservations.commit(LEDGER, granted, upload, object_of("ada", upload)).account.stored == 400


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        ({"size": 401}, "rejected: size is 401 bytes, granted were 400"),
        ({"size": 0}, "rejected: size is 0 bytes, granted were 400"),
        ({"content_type": "text/html"}, "rejected: content type is text/html, granted was video/mp4"),
        ({"content_type": ""}, "rejected: content type is missing, granted was video/mp4"),
        ({"crc32c": "AAAAAQ=="}, "rejected: CRC32C is AAAAAQ==, announced was AAAAAA=="),
        ({"content_encoding": "gzip"}, "rejected: content encoding gzip is not allowed on videos"),
    ],
)
def test_an_object_that_was_not_granted_is_refused_and_its_promise_given_back(found: dict[str, object], reason: str) -> None:
    upload = replace(an_upload(size=400), crc32c="AAAAAA==")
    granted = reservations.reserve(LEDGER, EMPTY, upload, existing=None, fingerprint="f").account
    change = reservations.commit(LEDGER, granted, upload, replace(object_of("ada", upload, generation=9), **found))  # type: ignore[arg-type]
    assert (change.put_video, change.remove_upload, change.remove_name) == (None, upload, upload.claim)
    assert (change.account.stored, change.account.reserved, change.account.today.uploaded) == (0, 0, 0)
    assert change.entry is not None
    assert (change.entry.entry_id, change.entry.reason) == ("release:u1", reason)
    size = found.get("size", 400)
    assert change.entry.delta == Delta(reserved=-400, rejected=size, rejected_count=1)  # type: ignore[arg-type]
    assert (change.account.today.used, change.account.today.rejected_count) == (size, 1)
    replaced, told = change.outbox
    assert replaced == PutPlaceholder(event_id="placeholder:u1:9", name="ada/u1/u1.mp4", generation=9, upload_id="u1")
    assert isinstance(told, Message)
    assert told.type == "video.rejected"
    assert told.data == {"file_id": "u1", "filename": "u1.mp4", "reason": reason.removeprefix("rejected: ")}


def test_a_type_in_other_case_and_an_unannounced_checksum_are_fine() -> None:
    upload = an_upload(size=400)
    granted = reserve(EMPTY, size=400).account
    found = replace(object_of("ada", upload), content_type="Video/MP4", crc32c="zzzzzz==")
    assert reservations.commit(LEDGER, granted, upload, found).put_video is not None


def test_giving_back_frees_bytes_and_name() -> None:
    granted = reserve(reserve(EMPTY, "u1", size=400).account, "u2", size=100).account
    change = reservations.release(LEDGER, granted, an_upload("u1", size=400), reason=ReleaseReason.cancelled())
    assert (change.account.reserved, change.account.open_uploads, change.account.sequence) == (100, 1, 3)
    assert (change.remove_upload, change.remove_name) == (an_upload("u1", size=400), an_upload("u1", size=400).claim)
    assert change.entry is not None
    assert (change.entry.delta, change.entry.reason, change.entry.size) == (Delta(reserved=-400), "cancelled", 400)
    assert change.outbox == ()
    assert reserve(change.account, "u3", size=900, filename="u1.mp4").account.occupied == 1000


def test_renewing_a_session_moves_no_bytes() -> None:
    granted = reserve(EMPTY, size=400).account
    renewed = replace(an_upload(size=400), session_url="https://storage.example/session")
    change = reservations.renew_session(LEDGER, granted, renewed)
    assert change == Change(account=granted, replace_upload=renewed)


def test_the_secret_of_a_session_is_not_shown() -> None:
    assert "secret" not in repr(replace(an_upload(), session_url="https://storage.example/secret"))
