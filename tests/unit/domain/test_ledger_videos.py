"""Trash, streaming, reports and days, with exact numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from reelgate.domain.books.account import Account, Day
from reelgate.domain.books.entries import Delta, EntryId
from reelgate.domain.books.ledger import Ledger
from reelgate.domain.books.messages import Message, RemoveObject
from reelgate.domain.books.video import Video
from reelgate.domain.errors import BandwidthLimitExceeded, NameTaken, StorageLimitExceeded
from tests.fixtures.bookkeeping import NOON, POLICY, an_upload

LEDGER = Ledger(POLICY, NOON)
TODAY = NOON.date()
VIDEO = Video(
    uid="ada",
    file_id="u1",
    filename="a.mp4",
    size=300,
    content_type="video/mp4",
    crc32c="AAAAAA==",
    generation=7,
    uploaded_at=NOON,
    created_at=NOON,
)
ACCOUNT = Account(uid="ada", today=Day(date=TODAY, uploaded=300, upload_count=1), stored=300, sequence=2)


def test_deleting_frees_storage_but_not_the_day() -> None:
    change = LEDGER.delete(ACCOUNT, VIDEO)
    trashed = replace(VIDEO, deleted_at=NOON, purge_at=NOON + timedelta(days=30))
    assert (change.remove_video, change.put_trash) == (VIDEO, trashed)
    assert (change.account.stored, change.account.day_total) == (0, 300)
    assert (change.account.today.deleted_bytes, change.account.today.deletion_count) == (300, 1)
    assert change.entry is not None
    assert change.entry.entry_id == "delete:u1:3"
    assert change.entry.delta == Delta(stored=-300, deleted_bytes=300, deletion_count=1)
    [told] = change.outbox
    assert (told.event_id, isinstance(told, Message)) == ("video.deleted:u1:3", True)


def test_restoring_takes_the_storage_back() -> None:
    deleted = LEDGER.delete(ACCOUNT, VIDEO)
    assert deleted.put_trash is not None
    change = LEDGER.restore(deleted.account, deleted.put_trash, existing=None)
    assert (change.remove_trash, change.put_video) == (deleted.put_trash, VIDEO)
    assert change.account.stored == 300
    assert change.entry is not None
    assert (change.entry.entry_id, change.entry.delta) == ("restore:u1:4", Delta(stored=300))
    again = LEDGER.delete(change.account, VIDEO)
    assert again.entry is not None
    assert again.entry.entry_id == "delete:u1:5"  # another sojourn in the trash is another entry


def test_restoring_needs_room_and_a_free_name() -> None:
    trashed = replace(VIDEO, deleted_at=NOON, purge_at=NOON)
    assert LEDGER.restore(replace(ACCOUNT, stored=700), trashed, existing=None).account.stored == 1000
    with pytest.raises(StorageLimitExceeded):
        LEDGER.restore(replace(ACCOUNT, stored=701), trashed, existing=None)
    with pytest.raises(NameTaken):
        LEDGER.restore(ACCOUNT, trashed, existing=replace(VIDEO, file_id="u2"))
    claimed = replace(ACCOUNT, reserved=1, open_uploads=1)
    with pytest.raises(NameTaken):
        LEDGER.restore(claimed, trashed, existing=an_upload("u2", filename="a.mp4", size=1).claim)


def test_purging_moves_no_bytes_but_orders_the_object_removed() -> None:
    trashed = replace(VIDEO, deleted_at=NOON, purge_at=NOON)
    change = LEDGER.purge(ACCOUNT, trashed)
    assert change.remove_trash == trashed
    assert change.account == replace(ACCOUNT, sequence=3)
    assert change.entry is not None
    assert (change.entry.entry_id, change.entry.delta) == ("purge:u1", Delta())
    assert change.outbox[0] == RemoveObject(event_id="remove:u1:7", name="ada/u1/a.mp4", generation=7)
    assert change.outbox[1].event_id == "video.purged:u1"


def test_streaming_charges_one_full_transfer_to_the_day() -> None:
    change = LEDGER.stream(ACCOUNT, VIDEO, entry_id=EntryId.stream("g1"))
    assert change.account.today == replace(ACCOUNT.today, streamed=300)
    assert change.account.stored == 300
    assert change.entry is not None
    assert (change.entry.entry_id, change.entry.delta) == ("stream:g1", Delta(streamed=300))


def test_streaming_stops_at_the_limit() -> None:
    full = replace(ACCOUNT, today=Day(date=TODAY, streamed=1701))
    with pytest.raises(BandwidthLimitExceeded) as refused:
        LEDGER.stream(full, VIDEO, entry_id=EntryId.stream("g1"))
    assert refused.value.message == "Bandwidth limit exceeded"
    assert (
        LEDGER.stream(
            replace(full, today=Day(date=TODAY, streamed=1700)), VIDEO, entry_id=EntryId.stream("g1")
        ).account.day_total
        == 2000
    )


def test_reports_count_without_storing() -> None:
    change = LEDGER.report_upload(ACCOUNT, filename="elsewhere.mp4", size=1700, report_id="r1")
    assert (change.account.stored, change.account.day_total, change.account.today.upload_count) == (300, 2000, 2)
    assert change.entry is not None
    assert (change.entry.entry_id, change.entry.filename, change.entry.size) == ("report-upload:r1", "elsewhere.mp4", 1700)
    with pytest.raises(BandwidthLimitExceeded) as refused:
        LEDGER.report_upload(ACCOUNT, filename="elsewhere.mp4", size=1701, report_id="r1")
    assert refused.value.traffic == "report"
    change = LEDGER.report_deletion(ACCOUNT, filename="elsewhere.mp4", size=5000, report_id="r2")
    assert (change.account.stored, change.account.today.deleted_bytes, change.account.today.deletion_count) == (300, 5000, 1)


def test_a_reset_takes_back_the_day_in_the_ledger_too() -> None:
    day = Day(date=TODAY, uploaded=1, streamed=2, upload_count=3, deleted_bytes=4, deletion_count=5)
    change = LEDGER.reset_day(replace(ACCOUNT, today=day), reset_id="x", by="root")
    assert change.account.today == Day(date=TODAY)
    assert change.closed_day is None
    assert change.entry is not None
    assert change.entry.reason == "by root"
    assert change.entry.delta == Delta(uploaded=-1, streamed=-2, upload_count=-3, deleted_bytes=-4, deletion_count=-5)


def test_a_reset_re_arms_bandwidth_alerts_only() -> None:
    standing = frozenset({"bandwidth:80", "bandwidth:100", "storage:80"})
    day = Day(date=TODAY, uploaded=2000, raised=dict.fromkeys(standing, 1), standing=standing)
    reset = LEDGER.reset_day(replace(ACCOUNT, stored=800, today=day), reset_id="x", by="root").account
    assert reset.today.standing == {"storage:80"}
    again = LEDGER.report_upload(reset, filename="x", size=1600, report_id="r")
    assert [item.event_id for item in again.outbox] == ["alert:ada:2026-11-03:bandwidth:80:2"]


def test_a_day_is_closed_once_and_by_whatever_comes_first() -> None:
    tomorrow = Ledger(POLICY, NOON + timedelta(days=1))
    rolled = tomorrow.roll(ACCOUNT)
    assert rolled is not None
    assert rolled.closed_day == ACCOUNT.today
    assert rolled.entry is None
    assert rolled.account == replace(ACCOUNT, today=Day(date=TODAY + timedelta(days=1)))
    assert tomorrow.roll(rolled.account) is None
    assert tomorrow.stream(ACCOUNT, VIDEO, entry_id=EntryId.stream("g")).closed_day == ACCOUNT.today
    assert tomorrow.current(ACCOUNT) == rolled.account


def test_a_clock_that_is_behind_does_not_bring_yesterday_back() -> None:
    behind = Ledger(POLICY, NOON - timedelta(days=1))
    assert behind.roll(ACCOUNT) is None
    change = behind.stream(ACCOUNT, VIDEO, entry_id=EntryId.stream("g"))
    assert change.closed_day is None
    assert change.entry is not None
    assert change.entry.date == TODAY
    assert change.account.today.streamed == 300


def test_the_day_is_that_of_the_deployment_s_time_zone() -> None:
    ledger = Ledger(replace(POLICY, zone=ZoneInfo("Asia/Tokyo")), datetime(2026, 11, 3, 15, 0, tzinfo=UTC))
    assert ledger.today.isoformat() == "2026-11-04"
    change = ledger.stream(ACCOUNT, VIDEO, entry_id=EntryId.stream("g"))
    assert change.closed_day == ACCOUNT.today


def test_days_that_nobody_used_are_not_closed() -> None:
    change = Ledger(POLICY, NOON + timedelta(days=10)).stream(ACCOUNT, VIDEO, entry_id=EntryId.stream("g"))
    assert change.closed_day == ACCOUNT.today
    assert change.account.today.date == TODAY + timedelta(days=10)
