"""Usage monitoring: reports about traffic elsewhere, and the admin's reset."""

from __future__ import annotations

import pytest

from reelgate.domain import errors
from reelgate.use_cases.uploads.check_uploads import check_bandwidth, check_uploads
from reelgate.use_cases.usage.report_usage import day_report, report_deletion, report_upload
from reelgate.use_cases.usage.reset_usage import reset_usage
from reelgate.use_cases.videos.delete_video import delete_video
from reelgate.use_cases.videos.find_video import by_name
from tests.fixtures.memory_services import ADA, MemoryServices


async def report(services: MemoryServices, filename: str, size: int, report_id: str | None = None):  # type: ignore[no-untyped-def]
    return await report_upload(services, ADA, filename=filename, size=size, report_id=report_id)


async def test_an_upload_elsewhere_is_charged_to_the_day(services: MemoryServices) -> None:
    day = await report(services, "e.mp4", 300)
    assert (day.account.today.uploaded, day.account.today.upload_count, day.account.stored) == (300, 1, 0)
    assert [(entry.filename, entry.size) for entry in day.uploads] == [("e.mp4", 300)]
    assert (await services.existing_account()).today.uploaded == 300


@pytest.mark.parametrize("state", ["open", "ready"])
async def test_a_file_of_this_store_is_counted_already(services: MemoryServices, state: str) -> None:
    await (services.add_video() if state == "ready" else services.grant())
    before = await services.entries()
    day = await report(services, "a.mp4", 100)
    assert day.account.today.uploaded == (100 if state == "ready" else 0)
    assert await services.entries() == before


async def test_a_report_with_a_key_counts_once(services: MemoryServices) -> None:
    for _ in range(2):
        day = await report(services, "e.mp4", 300, "r")
        deleted = await report_deletion(services, ADA, filename="e.mp4", size=300, report_id="r")
    assert (day.account.today.uploaded, day.account.today.upload_count) == (300, 1)
    assert (await services.existing_account()).today.deletion_count == deleted.today.deletion_count == 1
    await report(services, "e.mp4", 300)
    await report(services, "e.mp4", 300)
    assert (await services.existing_account()).today.uploaded == 900


async def test_a_report_over_the_day_is_refused(services: MemoryServices) -> None:
    with pytest.raises(errors.BandwidthLimitExceeded, match="is 2,001 bytes; 2,000 bytes are left of your daily") as refused:
        await report(services, "e.mp4", 2001)
    assert refused.value.traffic == "report"
    assert await services.account() is None


async def test_deletions_elsewhere_are_counted_and_own_ones_not_twice(services: MemoryServices) -> None:
    account = await report_deletion(services, ADA, filename="e.mp4", size=70, report_id=None)
    assert (account.today.deleted_bytes, account.today.deletion_count) == (70, 1)
    await services.add_video()
    await delete_video(services, ADA, by_name("a.mp4"))
    account = await report_deletion(services, ADA, filename="a.mp4", size=100, report_id=None)
    assert (account.today.deleted_bytes, account.today.deletion_count) == (170, 2)
    account = await report_deletion(services, ADA, filename="a.mp4", size=99, report_id=None)
    assert account.today.deletion_count == 3


async def test_the_day_lists_its_own_uploads_only(services: MemoryServices) -> None:
    await services.add_video("yesterday.mp4")
    services.clock.advance(days=1)
    await services.add_video("today.mp4", 60)
    await report(services, "elsewhere.mp4", 7)
    await services.grant("open.mp4")
    day = await day_report(services, ADA)
    assert [entry.filename for entry in day.uploads] == ["elsewhere.mp4", "today.mp4"]
    assert (day.account.today.uploaded, day.account.today.upload_count) == (67, 2)


async def test_looking_writes_nothing(services: MemoryServices) -> None:
    assert (await day_report(services, ADA)).account.today.uploaded == 0
    await check_uploads(services, ADA, [1, 2])
    await check_bandwidth(services, ADA, 2000)
    assert await services.account() is None


async def test_each_size_is_judged_beside_the_allowed_ones_before_it(services: MemoryServices) -> None:
    await services.grant(size=100)
    room = await check_uploads(services, ADA, [500, 500, 400, 1600, 1])
    assert [verdict.allowed for verdict in room.verdicts] == [True, False, True, False, False]
    assert (room.storage_available, room.bandwidth_available) == (900, 1900)
    codes = [verdict.error.code if verdict.error else None for verdict in room.verdicts]
    assert codes == [None, "storage_limit_exceeded", None, "too_large", "storage_limit_exceeded"]


async def test_the_day_s_check_says_when_asking_again_helps(services: MemoryServices) -> None:
    await report(services, "e.mp4", 1500)
    await check_bandwidth(services, ADA, 500)
    with pytest.raises(errors.BandwidthLimitExceeded) as refused:
        await check_bandwidth(services, ADA, 501)
    assert refused.value.traffic == "report"
    assert refused.value.retry_at is not None


async def test_an_admin_resets_a_day_and_arms_its_alerts(services: MemoryServices) -> None:
    await services.add_video("a.mp4", 100)
    await report(services, "e.mp4", 1600)
    assert services.published("alerts") == ["bandwidth.alert"]
    await reset_usage(services, "ada")
    account = await services.existing_account()
    assert (account.stored, account.today.used, account.today.upload_count) == (100, 0, 0)
    await report(services, "e.mp4", 1600)
    assert services.published("alerts") == ["bandwidth.alert"] * 2
    assert len({m.event_id for m in services.events.published}) == len(services.events.published)


async def test_only_accounts_that_exist_are_reset(services: MemoryServices) -> None:
    await report(services, "e.mp4", 300)
    with pytest.raises(errors.UserNotFound):
        await reset_usage(services, "nobody")
    assert (await services.existing_account()).today.uploaded == 300
    assert await services.account("nobody") is None


async def test_a_report_s_key_belongs_to_one_report(services: MemoryServices) -> None:
    await report_upload(services, ADA, filename="a.mp4", size=10, report_id="k")
    assert (await report_upload(services, ADA, filename="a.mp4", size=10, report_id="k")).account.today.uploaded == 10
    with pytest.raises(errors.IdempotencyMismatch):
        await report_upload(services, ADA, filename="a.mp4", size=11, report_id="k")


async def test_a_reset_day_lists_only_what_came_after(services: MemoryServices) -> None:
    await report_upload(services, ADA, filename="before.mp4", size=10, report_id=None)
    await reset_usage(services, "ada")
    report = await report_upload(services, ADA, filename="after.mp4", size=20, report_id=None)
    assert [entry.filename for entry in report.uploads] == ["after.mp4"]
    assert (report.account.today.uploaded, report.account.today.upload_count) == (20, 1)
