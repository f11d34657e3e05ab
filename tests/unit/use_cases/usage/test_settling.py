"""Charges are settled with what usage logs say was sent: exactly, whatever the logs are like and whenever they come."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterable
from datetime import date, timedelta

import pytest

from reelgate.domain.books.entries import EntryId, EntryKind, SettledSums, Settlement
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.books.video import Video
from reelgate.domain.errors import ReelgateError
from reelgate.domain.playback.grant_changes import charge_grant
from reelgate.domain.playback.grant_terms import GrantTerms
from reelgate.domain.usage.egress_tags import EgressTag
from reelgate.domain.videos.url_charges import charge_url
from reelgate.ports.books import ReadSet, Snapshot
from reelgate.use_cases.books.commit import Transaction, commit
from reelgate.use_cases.playback.create_grant import create_grant
from reelgate.use_cases.upkeep.close_day import close_days
from reelgate.use_cases.upkeep.settle_charges import settle_charges
from reelgate.use_cases.usage import record_egress as recording
from reelgate.use_cases.usage.read_days import list_usage_days, range_of
from reelgate.use_cases.usage.record_egress import RecordedLog, record_egress
from reelgate.use_cases.usage.reset_usage import reset_usage
from reelgate.use_cases.videos.delete_video import delete_video
from reelgate.use_cases.videos.find_video import by_id
from reelgate.use_cases.videos.issue_stream_url import issue_stream_url
from reelgate.use_cases.videos.issue_window_url import window_of
from tests.fixtures.memory_services import ADA, MemoryServices
from tests.fixtures.usage_logs import ADDRESS, Row, log_name, log_row, log_text

MORNING = timedelta(hours=-9)  # 03:00, so that a charge is settled on its day
_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def _early(services: MemoryServices) -> None:
    services.clock.now += MORNING


async def streamed(services: MemoryServices, size: int = 400) -> tuple[Video, EgressTag]:
    """Return a video whose streaming URL was charged, and the URL's tag."""
    number = next(_numbers)
    video = await services.add_video(f"{number}.mp4", size)
    await issue_stream_url(services, ADA, by_id(video.file_id))
    return video, EgressTag.charged_by(window_of(services, video.file_id).entry_id())


async def logged(services: MemoryServices, rows: Iterable[Row], name: str = log_name()) -> RecordedLog:
    """Let a log arrive and its event be delivered."""
    services.usage_logs.logs[name] = log_text(rows)
    return await told(services, name)


async def told(services: MemoryServices, name: str) -> RecordedLog:
    """Deliver a log's event."""
    size = len(services.usage_logs.logs[name])
    return await record_egress(services, name, generation=1, size=size)


async def settled(services: MemoryServices, hours: float = 9) -> int:
    """Let time pass and the sweep run. Returns how many charges it settled."""
    services.clock.advance(hours=hours)
    tally = await settle_charges(services, until=services.now() + timedelta(minutes=5))
    assert (tally.failed, tally.finished) == (0, True)
    return tally.done


async def test_what_was_not_watched_is_given_back_on_the_same_day(services: MemoryServices) -> None:
    video, tag = await streamed(services, 400)
    await logged(services, [log_row(video.object_name, tag, 100), log_row(video.object_name, tag, 50, request="r2")])
    assert await settled(services, hours=1) == 0, "its URL still works"
    assert await settled(services) == 1
    account = await services.existing_account()
    assert account.today.streamed == 150
    assert account.today.settled == SettledSums(400, 150, -250)
    entry = (await services.entries())[-1]
    assert (entry.entry_id, entry.kind) == (EntryId.settle(tag), EntryKind.SETTLE)
    assert (entry.size, entry.delta.streamed, entry.file_id) == (150, -250, video.file_id)
    assert entry.settlement == Settlement(account.today.date, 400, 150)


async def test_what_was_watched_more_than_once_is_charged(services: MemoryServices) -> None:
    video, tag = await streamed(services, 400)
    await logged(services, [log_row(video.object_name, tag, 400, request=f"r{n}") for n in range(3)])
    assert await settled(services) == 1
    account = await services.existing_account()
    assert (account.today.streamed, account.today.settled) == (1200, SettledSums(400, 1200, 800))


async def test_after_its_day_a_surplus_is_charged_and_less_is_only_shown(services: MemoryServices) -> None:
    services.clock.advance(hours=19)  # 22:00
    (more, more_tag), (less, less_tag) = await streamed(services, 300), await streamed(services, 500)
    day = (await services.existing_account()).today.date
    await logged(services, [log_row(more.object_name, more_tag, 700), log_row(less.object_name, less_tag, 10, request="r2")])
    assert await settled(services) == 2
    account = await services.existing_account()
    assert account.today.date == day + timedelta(days=1)
    assert (account.today.streamed, account.today.settled) == (400, SettledSums(moved=400))
    closed = await services.books.closed_day("ada", day)
    assert closed is not None
    assert (closed.streamed, closed.settled) == (800, SettledSums(800, 710, 0))
    first, second = await list_usage_days(services, ADA, range_of(services, day, account.today.date))
    assert (first.usage.streamed, first.usage.estimated, first.usage.egress, first.usage.unsettled) == (800, 800, 710, 0)
    assert (second.usage.streamed, second.usage.estimated, second.usage.egress) == (400, 0, None)
    both = first.usage.followed_by(second.usage)
    assert (both.estimated, both.egress) == (800, 710)


async def test_a_day_that_its_settling_closes_shows_it(services: MemoryServices) -> None:
    """Nothing else has closed the day of the charge before."""
    services.clock.advance(hours=19)
    video, tag = await streamed(services, 300)
    day = (await services.existing_account()).today.date
    await logged(services, [log_row(video.object_name, tag, 20)])
    services.clock.advance(hours=9)
    assert await settled(services, hours=0) == 1
    closed = await services.books.closed_day("ada", day)
    assert closed is not None
    assert (closed.streamed, closed.settled) == (300, SettledSums(300, 20, 0))


async def test_what_a_reset_has_given_back_is_not_given_back_again(services: MemoryServices) -> None:
    video, tag = await streamed(services, 400)
    await reset_usage(services, "ada")
    await logged(services, [log_row(video.object_name, tag, 100)])
    assert await settled(services) == 1
    account = await services.existing_account()
    assert (account.today.streamed, account.today.settled) == (0, SettledSums(400, 100, 0))
    [day] = await list_usage_days(services, ADA, range_of(services, account.today.date, account.today.date))
    assert (day.usage.streamed, day.usage.estimated, day.usage.egress) == (400, 400, 100)


async def test_without_any_row_the_estimate_stays(services: MemoryServices) -> None:
    video, tag = await streamed(services, 400)
    await logged(services, [log_row(video.object_name, tag, 100, sc_status="403")])
    assert await settled(services, hours=20) == 0
    assert (await services.existing_account()).today.streamed == 400


async def test_a_log_that_is_told_twice_counts_once(services: MemoryServices) -> None:
    video, tag = await streamed(services, 400)
    assert (await logged(services, [log_row(video.object_name, tag, 100)])).records == 1
    assert (await told(services, log_name())).records == 0
    assert await settled(services) == 1
    assert (await told(services, log_name())).records == 0
    assert await settled(services, hours=1) == 0
    assert (await services.existing_account()).today.streamed == 100


async def test_rows_that_come_twice_count_once(services: MemoryServices, caplog: pytest.LogCaptureFixture) -> None:
    """In one log and in two, out of order, and an older hour's row in a newer log."""
    video, tag = await streamed(services, 400)
    first, second = log_row(video.object_name, tag, 100), log_row(video.object_name, tag, 30, request="r2")
    third = log_row(video.object_name, tag, 7, request="r3")
    await logged(services, [second, third, second], log_name(2, hour=15))
    await logged(services, [first, second], log_name(1, hour=14))
    await logged(services, [third], log_name(3, hour=16))
    assert await settled(services) == 1
    assert (await services.existing_account()).today.streamed == 137
    await logged(services, [first, third], log_name(4, hour=17))
    assert await settled(services, hours=1) == 0
    assert "late" not in caplog.text


async def test_what_comes_after_settling_is_told_and_not_charged(
    services: MemoryServices, caplog: pytest.LogCaptureFixture
) -> None:
    video, tag = await streamed(services, 400)
    rows = [log_row(video.object_name, tag, 10 * number, request=f"r{number}") for number in (1, 2, 3)]
    await logged(services, rows[:1], log_name(1))
    assert await settled(services) == 1
    for number, late in ((2, 20), (3, 30)):
        caplog.clear()
        await logged(services, rows[:number], log_name(number))
        assert await settled(services, hours=0.5) == 0
        [line] = [record for record in caplog.records if record.name.endswith("settle_charges")]
        assert line.json_fields == {"egress_late_bytes": late}  # type: ignore[attr-defined]
    assert (await services.existing_account()).today.streamed == 10
    caplog.clear()
    assert await settled(services, hours=1) == 0
    assert "late" not in caplog.text


async def test_rows_of_others_change_nothing(services: MemoryServices, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    video, tag = await streamed(services, 400)
    name = video.object_name
    rows = [
        log_row(name, tag, 5),
        log_row(name, tag, 100, request="r2", bucket="somebody-elses"),
        log_row(name, None, 100, request="r3"),
        log_row(name, tag, 100, request="r4", cs_method="HEAD"),
        log_row(name, tag, 100, request="r5", cs_operation="storage.objects.get"),
        log_row(f"bob/{video.file_id}/x.mp4", tag, 100, request="r6"),
        log_row(name, "free:poster", 77, request="r7"),
        log_row(name, "unheard-of", 100, request="r8"),
        log_row(name, "f9:1793880000", 100, request="r9"),
        log_row(name, EgressTag.leased("g1", date(2026, 11, 3)), 100, request="r10"),
        log_row(name, "grant:g1:1793880000", 100, request="r11"),
    ]
    recorded = await logged(services, rows)
    assert recorded.counts == {"lines": 11, "other": 4, "broken": 0, "free_bytes": 77, "unknown": 2}
    assert await settled(services, hours=48) == 1
    assert {entry.entry_id for entry in await services.entries() if entry.kind == EntryKind.SETTLE} == {EntryId.settle(tag)}
    assert ADDRESS not in caplog.text
    assert "5ec2e7" not in caplog.text


async def test_neither_urls_nor_addresses_are_kept(services: MemoryServices) -> None:
    video, tag = await streamed(services)
    await logged(services, [log_row(video.object_name, tag, 5, request="the-request")])
    kept = repr([one for one in services.books_store.database.documents.items() if "egress" in repr(one[0])])
    assert tag in kept
    for secret in (ADDRESS, "5ec2e7", "the-request", "Mozilla", video.filename):
        assert secret not in kept


async def test_all_leases_of_a_grant_on_a_day_are_settled_together(services: MemoryServices) -> None:
    video = await services.add_video("a.mp4", 400)
    leased = [EntryId.stream(f"grant:g1:v1:{number}") for number in range(3)] + [EntryId.stream("grant:g1:1793880000")]
    for entry_id in leased:
        await charge(services, video, entry_id, 100)
    await charge(services, video, EntryId.stream("grant:g2:v1:0"), 100)
    tag = EgressTag.leased("g1", services.now().date())
    await logged(services, [log_row(f"ada/{video.file_id}/1/hls/v0.mp4", tag, 40, bucket="derived")])
    assert await settled(services, hours=39) == 0, "the URL of a whole file, leased before midnight, works until noon"
    assert await settled(services, hours=2) == 1
    entry = (await services.entries())[-1]
    assert entry.settlement == Settlement(date(2026, 11, 3), 300, 40)
    assert entry.delta.streamed == 0
    await services.account()


async def test_what_was_sent_for_a_grant_is_what_it_has_used(services: MemoryServices) -> None:
    video = await services.add_video("a.mp4", 400)
    grant = (await create_grant(services, ADA, video.file_id, GrantTerms())).shown.grant
    entry_id = EntryId.stream(f"grant:{grant.grant_id}:v1:0")

    def decide(ledger: Ledger, snapshot: Snapshot) -> Change:
        assert snapshot.grant is not None
        return charge_grant(
            ledger, snapshot.account, snapshot.video, snapshot.grant, entry_id=entry_id, size=300, begins_play=True
        )

    await commit(services, "ada", Transaction(decide, ReadSet(file_id=video.file_id, grant_id=grant.grant_id)))
    tag = EgressTag.leased(grant.grant_id, services.now().date())
    await logged(services, [log_row(f"ada/{video.file_id}/1/hls/v0.mp4", tag, 40, bucket="derived")])
    assert await settled(services, hours=41) == 1
    read = await services.books.read("ada", ReadSet(grant_id=grant.grant_id))
    assert read.grant is not None
    assert read.grant.charged == 40
    await services.account()


async def charge(services: MemoryServices, video: Video, entry_id: EntryId, size: int) -> None:
    def decide(ledger: Ledger, snapshot: Snapshot) -> Change:
        assert snapshot.account is not None
        return charge_url(ledger, snapshot.account, video, entry_id=entry_id, size=size)

    await commit(services, "ada", Transaction(decide))


async def test_a_deleted_video_is_settled_all_the_same(services: MemoryServices) -> None:
    video, tag = await streamed(services, 400)
    await delete_video(services, ADA, by_id(video.file_id))
    await logged(services, [log_row(video.object_name, tag, 100)])
    assert await settled(services) == 1
    assert (await services.existing_account()).today.streamed == 100


async def test_what_fails_is_tried_again_and_holds_up_nothing(
    services: MemoryServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    (video, tag), (other, other_tag) = await streamed(services, 400), await streamed(services, 300)
    await logged(services, [log_row(video.object_name, tag, 100), log_row(other.object_name, other_tag, 50, request="r2")])
    services.clock.advance(hours=9)
    read, until = services.books.read, services.now() + timedelta(minutes=5)

    async def failing(uid: str, reads: object) -> object:
        if EntryId.settle(tag) in getattr(reads, "entry_ids", ()):
            raise ReelgateError("It does not work.")
        return await read(uid, reads)  # type: ignore[arg-type]

    monkeypatch.setattr(services.books, "read", failing)
    tally = await settle_charges(services, until=until)
    assert (tally.done, tally.failed, tally.finished) == (1, 1, False)
    monkeypatch.undo()
    assert await settled(services, hours=0) == 0, "not at once"
    assert await settled(services, hours=0.6) == 1
    assert (await services.existing_account()).today.streamed == 150


async def test_a_run_that_dies_after_the_commit_settles_once(
    services: MemoryServices, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    video, tag = await streamed(services, 400)
    await logged(services, [log_row(video.object_name, tag, 100)])
    services.clock.advance(hours=9)

    async def dying(*_: object, **__: object) -> None:
        raise RuntimeError("The process dies.")

    monkeypatch.setattr(services.egress_records, "postpone", dying)
    await settle_charges(services, until=services.now() + timedelta(minutes=5))
    monkeypatch.undo()
    caplog.clear()
    assert await settled(services, hours=0) == 0
    assert (await services.kinds()).count("settle") == 1
    assert "late" not in caplog.text


async def test_estimates_stay_where_nothing_is_settled(services: MemoryServices) -> None:
    services.settles_egress = False
    video, tag = await streamed(services, 400)
    await logged(services, [log_row(video.object_name, tag, 100)])
    assert await settled(services, hours=20) == 0
    assert (await services.existing_account()).today.streamed == 400


async def test_the_nightly_run_and_settling_do_not_disturb_each_other(services: MemoryServices) -> None:
    services.clock.advance(hours=19)
    video, tag = await streamed(services, 400)
    day = (await services.existing_account()).today.date
    await logged(services, [log_row(video.object_name, tag, 100)])
    services.clock.advance(hours=3)
    await close_days(services, until=services.now() + timedelta(minutes=5))
    assert await settled(services) == 1
    closed = await services.books.closed_day("ada", day)
    assert closed is not None
    assert closed.settled == SettledSums(400, 100, 0)
    await services.account()


@pytest.mark.parametrize("piece", [1, 7, 64, 1000, 4096])
async def test_a_log_is_read_in_pieces_of_any_size(
    services: MemoryServices, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    monkeypatch.setattr(recording, "PIECE_BYTES", piece)
    monkeypatch.setattr(recording, "MAX_REQUESTS", 3)
    video, tag = await streamed(services, 400)
    rows = [log_row(video.object_name, tag, 2**number, request=f"r{number}") for number in range(8)]
    recorded = await logged(services, rows)
    assert (recorded.counts["lines"], recorded.records) == (8, 3)
    assert (await told(services, log_name())).records == 0
    assert await settled(services) == 1
    assert (await services.existing_account()).today.streamed == 255


async def test_broken_lines_cost_nothing_but_themselves(services: MemoryServices) -> None:
    video, tag = await streamed(services, 400)
    header, first, second = log_text([log_row(video.object_name, tag, n, request=f"r{n}") for n in (1, 2)]).splitlines()
    too_long = first.replace(b"KHTML", b"K" * 600_000)
    broken = [b'"', first[:-40], first.replace(b'","1"', b',"1"'), b"\xff\xfe", b"", too_long, first.replace(b'"1"', b'"-1"')]
    name = log_name()
    services.usage_logs.logs[name] = b"\n".join([header, *broken, first, *broken, second])
    recorded = await told(services, name)
    assert recorded.verdict == "recorded"
    assert await settled(services) == 1
    assert (await services.existing_account()).today.streamed == 3


@pytest.mark.parametrize(
    ("content", "verdict"), [(b"", "recorded"), (b"not,a,log\n1,2,3\n", "unusable"), (b"\xff" * 100, "unusable")]
)
async def test_what_is_no_log_is_left_out(services: MemoryServices, content: bytes, verdict: str) -> None:
    services.usage_logs.logs[log_name()] = content
    assert (await told(services, log_name())).verdict == verdict


async def test_a_log_that_is_gone_or_too_large_is_left_out(services: MemoryServices) -> None:
    assert (await record_egress(services, log_name(), generation=1, size=10)).verdict == "gone"
    services.usage_logs.logs[log_name()] = log_text([])
    too_large = await record_egress(services, log_name(), generation=1, size=recording.MAX_LOG_BYTES + 1)
    assert too_large.verdict == "too_large"


async def test_old_days_are_rebuilt_before_they_are_settled(services: MemoryServices) -> None:
    """An account from before bills had its days: settling one of them must not be lost when they are rebuilt."""
    services.clock.advance(hours=19)
    video, tag = await streamed(services, 400)
    day = (await services.existing_account()).today.date
    await logged(services, [log_row(video.object_name, tag, 100)])
    services.clock.advance(hours=3)
    await close_days(services, until=services.now() + timedelta(minutes=5))
    database = services.books_store.database.documents
    for address, document in list(database.items()):
        if address.collection == ("users",):
            database[address] = document._replace(fields={**document.fields, "trash": None})
        elif address.collection[-1] == "days":
            database[address] = document._replace(fields={**document.fields, "byte_seconds": None})
    assert await settled(services) == 1
    closed = await services.books.closed_day("ada", day)
    assert closed is not None
    assert (closed.settled, closed.byte_seconds is None) == (SettledSums(400, 100, 0), False)
    await services.account()
