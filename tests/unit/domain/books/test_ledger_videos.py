"""Trash, streaming, reports and days, with exact numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from reelgate.domain.accounts.account_changes import AccountTerms, set_terms
from reelgate.domain.books.account import Account, Day, OpenUpload
from reelgate.domain.books.entries import Delta, EntryId
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.books.limits import excess_trash
from reelgate.domain.books.messages import Message, RemoveObject, TrimTrash
from reelgate.domain.books.video import Video
from reelgate.domain.errors import BandwidthLimitExceeded, NameTaken, StorageLimitExceeded
from reelgate.domain.uploads.reservations import reserve
from reelgate.domain.usage import usage_changes
from reelgate.domain.videos import trash
from reelgate.domain.videos.url_charges import charge_url
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
CLOSED = replace(ACCOUNT.today, stored=300)


def test_deleting_frees_storage_but_not_the_day() -> None:
    change = trash.delete(LEDGER, ACCOUNT, VIDEO)
    trashed = replace(VIDEO, deleted_at=NOON, purge_at=NOON + timedelta(days=30), grant_series=1)
    assert (change.remove_video, change.remove_name, change.put_trash) == (VIDEO, VIDEO.claim, trashed)
    assert (change.account.stored, change.account.day_total) == (0, 300)
    assert (change.account.today.deleted_bytes, change.account.today.deletion_count) == (300, 1)
    assert change.entry is not None
    assert change.entry.entry_id == "delete:u1:3"
    assert change.entry.delta == Delta(stored=-300, trash=300, deleted_bytes=300, deletion_count=1)
    [told] = change.outbox
    assert (told.event_id, isinstance(told, Message)) == ("video.deleted:u1:3", True)


def test_restoring_takes_the_storage_back() -> None:
    deleted = trash.delete(LEDGER, ACCOUNT, VIDEO)
    assert deleted.put_trash is not None
    change = trash.restore(LEDGER, deleted.account, deleted.put_trash, existing=None)
    restored = replace(VIDEO, first_purge_at=deleted.put_trash.purge_at, grant_series=1)
    assert (change.remove_trash, change.put_video, change.put_name) == (deleted.put_trash, restored, VIDEO.claim)
    assert change.account.stored == 300
    assert change.entry is not None
    assert (change.entry.entry_id, change.entry.delta) == ("restore:u1:4", Delta(stored=300, trash=-300))
    again = trash.delete(LEDGER, change.account, VIDEO)
    assert again.entry is not None
    assert again.entry.entry_id == "delete:u1:5"  # another sojourn in the trash is another entry


def test_going_back_and_forth_does_not_lengthen_the_time_in_the_trash() -> None:
    due, video = NOON + timedelta(days=30), VIDEO
    for days, expected in ((0, due), (10, due), (29.9, due), (30, NOON + timedelta(days=60)), (31, NOON + timedelta(days=60))):
        ledger = Ledger(POLICY, NOON + timedelta(days=days))
        trashed = trash.delete(ledger, ACCOUNT, video).put_trash
        assert trashed is not None
        assert (trashed.purge_at, trashed.first_purge_at) == (expected, None)
        restored = trash.restore(ledger, ACCOUNT, trashed, existing=None).put_video
        assert restored is not None
        video = restored


def test_a_shorter_time_in_the_trash_counts_for_what_was_restored() -> None:
    shorter = Ledger(replace(POLICY, trash_days=7), NOON)
    trashed = trash.delete(shorter, ACCOUNT, replace(VIDEO, first_purge_at=NOON + timedelta(days=30))).put_trash
    assert trashed is not None
    assert trashed.purge_at == NOON + timedelta(days=7)


def granted(account: Account, upload: OpenUpload) -> Change:
    return reserve(LEDGER, account, upload, existing=None, fingerprint=None)


def orders(change: Change) -> list[str]:
    return [item.event_id for item in change.outbox if isinstance(item, TrimTrash)]


def test_the_change_that_makes_the_trash_too_large_orders_it_trimmed() -> None:
    account = replace(ACCOUNT, stored=500, trash=1400)
    fits = granted(account, an_upload(size=100))
    assert (fits.account.occupied, excess_trash(fits.account, POLICY), orders(fits)) == (600, 0, [])
    over = granted(fits.account, an_upload("u2", size=1))
    assert (excess_trash(over.account, POLICY), orders(over)) == (1, ["trim-trash:ada:2026-11-03:4"])
    assert orders(trash.delete(LEDGER, over.account, VIDEO)) == []  # the order is there already, and nothing was added
    assert orders(trash.purge(LEDGER, over.account, replace(VIDEO, size=1))) == []
    assert orders(granted(over.account, an_upload("u3", size=1))) == ["trim-trash:ada:2026-11-03:5"]


def test_a_lowered_limit_orders_the_trash_trimmed_also_if_an_operator_has_lowered_it() -> None:
    account = replace(ACCOUNT, trash=1000)
    lowered = set_terms(LEDGER, account, replace(AccountTerms.of(account), storage_limit=100), change_id="c")
    assert lowered is not None
    assert (excess_trash(lowered.account, POLICY), orders(lowered)) == (1000, ["trim-trash:ada:2026-11-03:3"])
    stricter = replace(POLICY, default_limits=replace(POLICY.default_limits, storage_bytes=600))
    assert orders(charge_url(Ledger(stricter, NOON), account, VIDEO, entry_id=EntryId.stream("g1"))) == []
    closed = Ledger(stricter, NOON + timedelta(days=1)).roll(account)
    assert closed is not None
    assert orders(closed) == ["trim-trash:ada:2026-11-04:2"]


def test_a_trash_of_unknown_size_is_left_alone_until_it_is_known() -> None:
    account = replace(ACCOUNT, stored=900, trash=None)
    assert orders(granted(account, an_upload(size=100))) == []
    assert orders(LEDGER.change(replace(account, trash=1101))) == ["trim-trash:ada:2026-11-03:2"]


def test_a_purge_that_is_no_longer_needed_changes_nothing() -> None:
    trashed = replace(VIDEO, deleted_at=NOON, purge_at=NOON)
    assert trash.trim(LEDGER, replace(ACCOUNT, trash=1700), trashed) is None
    change = trash.trim(LEDGER, replace(ACCOUNT, trash=1701), trashed)
    assert change is not None
    assert change.entry is not None
    assert (change.entry.entry_id, change.entry.reason) == ("purge:u1", "there was no more room for it in the trash")


def test_restoring_needs_room_and_a_free_name() -> None:
    trashed = replace(VIDEO, deleted_at=NOON, purge_at=NOON)
    assert trash.restore(LEDGER, replace(ACCOUNT, stored=700), trashed, existing=None).account.stored == 1000
    with pytest.raises(StorageLimitExceeded):
        trash.restore(LEDGER, replace(ACCOUNT, stored=701), trashed, existing=None)
    with pytest.raises(NameTaken):
        trash.restore(LEDGER, ACCOUNT, trashed, existing=replace(VIDEO, file_id="u2"))
    claimed = replace(ACCOUNT, reserved=1, open_uploads=1)
    with pytest.raises(NameTaken):
        trash.restore(LEDGER, claimed, trashed, existing=an_upload("u2", filename="a.mp4", size=1).claim)


def test_purging_empties_the_trash_and_orders_the_object_removed() -> None:
    trashed = replace(VIDEO, deleted_at=NOON, purge_at=NOON)
    change = trash.purge(LEDGER, ACCOUNT, trashed)
    assert change.remove_trash == trashed
    assert change.account == replace(ACCOUNT, sequence=3)
    assert change.entry is not None
    assert (change.entry.entry_id, change.entry.delta) == ("purge:u1", Delta(trash=-300))
    assert change.outbox[0] == RemoveObject(event_id="remove:u1:7", name="ada/u1/a.mp4", generation=7)
    assert change.outbox[1].event_id == "video.purged:u1"


def test_streaming_charges_one_full_transfer_to_the_day() -> None:
    change = charge_url(LEDGER, ACCOUNT, VIDEO, entry_id=EntryId.stream("g1"))
    assert change.account.today == replace(ACCOUNT.today, streamed=300, stream_count=1)
    assert change.account.stored == 300
    assert change.entry is not None
    assert (change.entry.entry_id, change.entry.delta) == ("stream:g1", Delta(streamed=300, stream_count=1))


def test_streaming_stops_at_the_limit() -> None:
    full = replace(ACCOUNT, today=Day(date=TODAY, streamed=1701))
    with pytest.raises(BandwidthLimitExceeded) as refused:
        charge_url(LEDGER, full, VIDEO, entry_id=EntryId.stream("g1"))
    assert refused.value.message == "Bandwidth limit exceeded"
    assert (
        charge_url(
            LEDGER, replace(full, today=Day(date=TODAY, streamed=1700)), VIDEO, entry_id=EntryId.stream("g1")
        ).account.day_total
        == 2000
    )


def test_reports_count_without_storing() -> None:
    change = usage_changes.report_upload(LEDGER, ACCOUNT, filename="elsewhere.mp4", size=1700, report_id="r1")
    assert (change.account.stored, change.account.day_total, change.account.today.upload_count) == (300, 2000, 2)
    assert change.entry is not None
    assert (change.entry.entry_id, change.entry.filename, change.entry.size) == ("report-upload:r1", "elsewhere.mp4", 1700)
    with pytest.raises(BandwidthLimitExceeded) as refused:
        usage_changes.report_upload(LEDGER, ACCOUNT, filename="elsewhere.mp4", size=1701, report_id="r1")
    assert refused.value.traffic == "report"
    change = usage_changes.report_deletion(LEDGER, ACCOUNT, filename="elsewhere.mp4", size=5000, report_id="r2")
    assert (change.account.stored, change.account.today.deleted_bytes, change.account.today.deletion_count) == (300, 5000, 1)


def test_a_reset_takes_back_the_day_in_the_ledger_too() -> None:
    sums = {"uploaded": 1, "streamed": 2, "upload_count": 3, "stream_count": 4, "deleted_bytes": 5, "deletion_count": 6}
    sums |= {"rejected": 7, "rejected_count": 8}
    day = Day(date=TODAY, byte_seconds=7, **sums)
    change = usage_changes.reset_day(LEDGER, replace(ACCOUNT, today=day), reset_id="x")
    assert change.account.today == Day(date=TODAY, byte_seconds=7, waived=Delta(**sums))
    assert change.closed_day is None
    assert change.entry is not None
    assert change.entry.reason == "by an admin"
    assert change.entry.delta == -Delta(**sums)
    more = usage_changes.report_upload(LEDGER, change.account, filename="x", size=10, report_id="r").account
    again = usage_changes.reset_day(LEDGER, more, reset_id="y").account.today
    assert (again.used, again.waived) == (0, Delta(**{**sums, "uploaded": 11, "upload_count": 4}))


def test_a_reset_re_arms_bandwidth_alerts_only() -> None:
    standing = frozenset({"bandwidth:80", "bandwidth:100", "storage:80"})
    day = Day(date=TODAY, uploaded=2000, raised=dict.fromkeys(standing, 1), standing=standing)
    reset = usage_changes.reset_day(LEDGER, replace(ACCOUNT, stored=800, today=day), reset_id="x").account
    assert reset.today.standing == {"storage:80"}
    again = usage_changes.report_upload(LEDGER, reset, filename="x", size=1600, report_id="r")
    assert [item.event_id for item in again.outbox] == ["alert:ada:2026-11-03:bandwidth:80:2"]


def test_a_day_is_closed_once_and_by_whatever_comes_first() -> None:
    tomorrow = Ledger(POLICY, NOON + timedelta(days=1))
    rolled = tomorrow.roll(ACCOUNT)
    assert rolled is not None
    assert rolled.closed_day == CLOSED
    assert rolled.entry is None
    assert rolled.account == replace(ACCOUNT, today=Day(date=TODAY + timedelta(days=1), byte_seconds=300 * 86_400))
    assert tomorrow.roll(rolled.account) is None
    assert charge_url(tomorrow, ACCOUNT, VIDEO, entry_id=EntryId.stream("g")).closed_day == CLOSED
    assert tomorrow.current(ACCOUNT) == rolled.account


def test_a_clock_that_is_behind_does_not_bring_yesterday_back() -> None:
    behind = Ledger(POLICY, NOON - timedelta(days=1))
    assert behind.roll(ACCOUNT) is None
    change = charge_url(behind, ACCOUNT, VIDEO, entry_id=EntryId.stream("g"))
    assert change.closed_day is None
    assert change.entry is not None
    assert change.entry.date == TODAY
    assert change.account.today.streamed == 300


def test_the_day_is_that_of_the_deployment_s_time_zone() -> None:
    ledger = Ledger(replace(POLICY, zone=ZoneInfo("Asia/Tokyo")), datetime(2026, 11, 3, 15, 0, tzinfo=UTC))
    assert ledger.today.isoformat() == "2026-11-04"
    change = charge_url(ledger, ACCOUNT, VIDEO, entry_id=EntryId.stream("g"))
    assert change.closed_day == CLOSED


def test_days_that_nobody_used_are_not_closed() -> None:
    change = charge_url(Ledger(POLICY, NOON + timedelta(days=10)), ACCOUNT, VIDEO, entry_id=EntryId.stream("g"))
    assert change.closed_day == CLOSED
    assert change.account.today.date == TODAY + timedelta(days=10)
