"""The verdict on an object in the bucket: by what was granted, never by what the event says."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from reelgate.domain import errors
from reelgate.domain.books.video import StoredObject
from reelgate.use_cases.objects.expire_uploads import expire_uploads
from reelgate.use_cases.objects.finish_upload import Verdict, finish_upload
from reelgate.use_cases.uploads.cancel_upload import cancel_upload
from reelgate.use_cases.uploads.inspect_upload import inspect_upload
from reelgate.use_cases.videos.delete_video import delete_video, purge_video
from reelgate.use_cases.videos.find_video import by_name
from tests.fixtures.dying_services import Dying
from tests.fixtures.memory_services import ADA, POLICY, MemoryServices


async def test_what_was_granted_becomes_a_video(services: MemoryServices) -> None:
    granted = await services.grant("a.mp4", 300, title="Holiday")
    services.clock.advance(minutes=3)
    name = services.send(granted)
    finished = await finish_upload(services, name, generation=services.media.objects[name].generation)

    assert finished.verdict is Verdict.READY
    video = finished.video
    assert video is not None
    assert (video.filename, video.size, video.title, video.object_name) == ("a.mp4", 300, "Holiday", name)
    assert video.uploaded_at - video.created_at == timedelta(minutes=3)
    account = await services.existing_account()
    assert (account.stored, account.reserved, account.today.uploaded, account.today.upload_count) == (300, 0, 300, 1)
    assert services.published() == ["video.ready"]
    assert name in services.media.objects


@pytest.mark.parametrize(
    ("data", "content_type", "reason"),
    [
        (b"v" * 99, None, "size is 99 bytes, granted were 100"),
        (b"v" * 101, None, "size is 101 bytes, granted were 100"),
        (b"v" * 100, "video/webm", "content type is video/webm, granted was video/mp4"),
        (b"w" * 100, None, "CRC32C is "),
    ],
)
async def test_anything_else_is_refused_and_removed(
    services: MemoryServices, data: bytes, content_type: str | None, reason: str
) -> None:
    right = services.media.write("elsewhere", b"v" * 100, "video/mp4")
    granted = await services.grant(crc32c=right.crc32c)
    name = services.send(granted, data, content_type=content_type)
    finished = await finish_upload(services, name)

    assert finished.verdict is Verdict.REJECTED
    assert finished.reason is not None
    assert finished.reason.startswith(f"rejected: {reason}")
    assert services.media.objects[name].is_placeholder
    account = await services.existing_account()
    assert (account.stored, account.reserved, account.today.uploaded) == (0, 0, 0)
    assert (account.today.used, account.today.rejected, account.today.rejected_count) == (len(data), len(data), 1)
    assert services.published() == ["video.rejected"]
    status = await inspect_upload(services, ADA, granted.upload.upload_id)
    assert (status.state, status.reason, status.video) == ("rejected", finished.reason, None)
    await services.grant()  # the name is free again


async def test_compressed_objects_are_refused(services: MemoryServices) -> None:
    await services.grant()
    services.media.write("ada/id-1/a.mp4", b"v" * 100, "video/mp4", content_encoding="gzip")
    finished = await finish_upload(services, "ada/id-1/a.mp4")
    assert finished.verdict is Verdict.REJECTED
    assert "content encoding gzip" in (finished.reason or "")


UNASKED = {
    "cacheControl": "public, max-age=31536000",
    "contentDisposition": "inline",
    "contentLanguage": "de",
    "metadata.note": "x",
    "metadata.upload-id": "another",
}


@pytest.mark.parametrize("unasked", [UNASKED, *({name: value} for name, value in UNASKED.items())])
async def test_what_was_set_unasked_is_gone_before_it_is_a_video(services: MemoryServices, unasked: dict[str, str]) -> None:
    await services.grant()
    written = services.media.write("ada/id-1/a.mp4", b"v" * 100, "video/mp4", **unasked)
    reset, when = services.media.reset, []

    async def watched(*args: Any, **named: Any) -> StoredObject | None:
        when.append(list(await services.kinds()))
        return await reset(*args, **named)

    services.media.reset = watched  # type: ignore[method-assign]
    finished = await finish_upload(services, "ada/id-1/a.mp4", generation=written.generation)
    assert finished.verdict is Verdict.READY
    assert when == [["reserve"]]  # before the commit
    stored = services.media.objects["ada/id-1/a.mp4"]
    assert (stored.generation, stored.settings) == (written.generation, (("metadata.upload-id", "id-1"),))
    assert (await finish_upload(services, "ada/id-1/a.mp4")).verdict is Verdict.DUPLICATE
    assert len(when) == 1


@pytest.mark.parametrize("after", [False, True])
async def test_whoever_dies_over_it_leaves_what_the_next_event_finishes(after: bool) -> None:
    steps = 0
    for at in range(1, 50):
        services = MemoryServices()
        await services.grant()
        services.media.write("ada/id-1/a.mp4", b"v" * 100, "video/mp4", **UNASKED)
        with Dying(services, at=at, after=after) as dying:
            await finish_upload(services, "ada/id-1/a.mp4")
        account = await services.existing_account()
        stored = services.media.objects["ada/id-1/a.mp4"]
        assert account.stored == 0 or stored.settings_not_granted("id-1") == ()  # never a video with them
        assert (await finish_upload(services, "ada/id-1/a.mp4")).verdict in {Verdict.READY, Verdict.DUPLICATE}
        assert services.media.objects["ada/id-1/a.mp4"].settings_not_granted("id-1") == ()
        assert (await services.existing_account()).stored == 100
        if not dying.died:
            break
        steps = at
    assert steps >= 5


async def test_events_at_the_same_time_about_an_object_with_settings_not_granted(services: MemoryServices) -> None:
    await services.grant()
    services.media.write("ada/id-1/a.mp4", b"v" * 100, "video/mp4", **UNASKED)
    finished = await asyncio.gather(*(finish_upload(services, "ada/id-1/a.mp4") for _ in range(6)))
    assert sorted(f.verdict.value for f in finished) == ["duplicate"] * 5 + ["ready"]
    assert services.media.objects["ada/id-1/a.mp4"].settings_not_granted("id-1") == ()


async def test_an_object_that_goes_away_meanwhile_is_absent(services: MemoryServices) -> None:
    await services.grant()
    services.media.write("ada/id-1/a.mp4", b"v" * 100, "video/mp4", **UNASKED)

    async def too_late(*_: Any, **__: Any) -> None:
        return None

    services.media.reset = too_late  # type: ignore[assignment, method-assign]
    assert (await finish_upload(services, "ada/id-1/a.mp4")).verdict is Verdict.ABSENT
    assert await services.kinds() == ["reserve"]


async def test_a_bucket_that_cannot_be_reached_commits_nothing(services: MemoryServices) -> None:
    await services.grant()
    services.media.write("ada/id-1/a.mp4", b"v" * 100, "video/mp4", **UNASKED)

    async def away(*_: Any, **__: Any) -> None:
        raise errors.Unavailable("away")

    services.media.reset = away  # type: ignore[assignment, method-assign]
    with pytest.raises(errors.Unavailable):
        await finish_upload(services, "ada/id-1/a.mp4")
    assert await services.kinds() == ["reserve"]


async def test_a_duplicate_changes_nothing(services: MemoryServices) -> None:
    name = services.send(await services.grant())
    verdicts = [(await finish_upload(services, name)).verdict for _ in range(3)]
    assert verdicts == [Verdict.READY, Verdict.DUPLICATE, Verdict.DUPLICATE]
    assert await services.kinds() == ["reserve", "commit"]
    assert services.published() == ["video.ready"]
    assert name in services.media.objects


async def test_duplicates_at_the_same_time_make_one_video(services: MemoryServices) -> None:
    name = services.send(await services.grant())
    finished = await asyncio.gather(*(finish_upload(services, name) for _ in range(6)))
    assert sorted(f.verdict.value for f in finished) == ["duplicate"] * 5 + ["ready"]
    assert await services.kinds() == ["reserve", "commit"]
    assert name in services.media.objects


async def test_events_about_what_is_not_there_do_nothing(services: MemoryServices) -> None:
    granted = await services.grant()
    absent = await finish_upload(services, "ada/id-1/a.mp4", generation=1)
    name = services.send(granted)
    stale = await finish_upload(services, name, generation=services.media.objects[name].generation + 1)
    assert (absent.verdict, stale.verdict) == (Verdict.ABSENT, Verdict.STALE)
    assert await services.kinds() == ["reserve"]
    assert name in services.media.objects


@pytest.mark.parametrize(
    "name",
    [
        "ada/id-1/b.mp4",  # another name than the granted one
        "ada/id-2/a.mp4",  # an id that was never granted
        "bob/id-1/a.mp4",  # somebody else's grant
        "nobody/id-1/a.mp4",
    ],
)
async def test_objects_that_nobody_was_granted_are_removed(services: MemoryServices, name: str) -> None:
    await services.grant()
    services.media.write(name, b"v" * 100, "video/mp4")
    finished = await finish_upload(services, name)
    assert finished.verdict is Verdict.REMOVED
    # Users without an account may have been deleted: then their grants must not be of use any more.
    assert [found.is_placeholder for found in services.media.objects.values()] == [True] * (not name.startswith("ada"))
    assert (await services.existing_account()).reserved == 100
    assert await services.account("bob") is None


@pytest.mark.parametrize(
    "name",
    [
        "stray.mp4",
        "ada/id-1",
        "ada/id-1/a.mp4/more",
        "gcloud/tmp/parallel_composite_uploads/see_gcloud_storage_cp_help_for_details/part_1",
        "ada/-/a.mp4",
        "ada/id-1/a\u0301.mp4",  # not NFC: no name that is ever granted
    ],
)
async def test_what_this_store_never_names_so_is_left_alone(services: MemoryServices, name: str) -> None:
    await services.grant()
    services.media.write(name, b"v" * 100, "video/mp4")
    finished = await finish_upload(services, name)
    assert finished.verdict is Verdict.FOREIGN
    assert set(services.media.objects) == {name}
    assert (await services.existing_account()).reserved == 100


@pytest.mark.parametrize("end", ["cancelled", "expired"])
async def test_a_late_object_has_no_right_any_more(services: MemoryServices, end: str) -> None:
    granted = await services.grant(size=600)
    if end == "cancelled":
        await cancel_upload(services, ADA, granted.upload.upload_id)
    else:
        services.clock.advance(seconds=POLICY.upload_expiry_seconds)
        assert await expire_uploads(services, "ada") == 1
    services.media.objects.clear()  # as if the process had died before it closed the name
    name = services.send(granted)
    assert (await finish_upload(services, name)).verdict is Verdict.REMOVED
    assert [found.is_placeholder for found in services.media.objects.values()] == [True]
    account = await services.existing_account()
    assert (account.stored, account.reserved, account.today.rejected) == (0, 0, 600)
    assert (await inspect_upload(services, ADA, granted.upload.upload_id)).state == end


async def test_a_late_event_of_a_trashed_video_leaves_its_object(services: MemoryServices) -> None:
    video = await services.add_video()
    await delete_video(services, ADA, by_name("a.mp4"))
    assert (await finish_upload(services, video.object_name)).verdict is Verdict.DUPLICATE
    assert video.object_name in services.media.objects


async def test_a_purged_name_can_be_used_and_late_events_of_the_old_one_find_nothing(services: MemoryServices) -> None:
    old = await services.add_video()
    await delete_video(services, ADA, by_name("a.mp4"))
    await purge_video(services, "ada", old.file_id)
    new = await services.add_video()
    assert (await finish_upload(services, old.object_name, generation=old.generation)).verdict is Verdict.ABSENT
    assert list(services.media.objects) == [new.object_name]


async def test_an_object_put_back_where_a_purged_one_was_is_removed(services: MemoryServices) -> None:
    old = await services.add_video()
    await delete_video(services, ADA, by_name("a.mp4"))
    await purge_video(services, "ada", old.file_id)
    services.media.write(old.object_name, b"v" * 100, "video/mp4")
    assert (await finish_upload(services, old.object_name)).verdict is Verdict.REMOVED
    assert (await services.existing_account()).stored == 0


async def test_a_ready_video_s_object_is_never_replaced_by_another_generation(services: MemoryServices) -> None:
    """The bucket does not let it happen (create-only); if it did, the new bytes have no grant and go."""
    video = await services.add_video()
    services.media.write(video.object_name, b"other", "video/mp4")
    assert (await finish_upload(services, video.object_name)).verdict is Verdict.REMOVED
    assert (await services.existing_account()).stored == 100


async def test_nothing_is_half_done_when_the_bucket_is_away(services: MemoryServices) -> None:
    name = services.send(await services.grant())
    services.media.unavailable = True
    with pytest.raises(errors.Unavailable):
        await finish_upload(services, name)
    assert await services.kinds() == ["reserve"]
    services.media.unavailable = False
    assert (await finish_upload(services, name)).verdict is Verdict.READY


async def test_alerts_are_raised_by_what_is_really_stored(services: MemoryServices) -> None:
    granted = await services.grant("a.mp4", 800)
    assert services.published("alerts") == []
    await finish_upload(services, services.send(granted))
    assert services.published("alerts") == ["storage.alert"]
    await services.add_video("b.mp4", 200)
    alerts = [m.data for m in services.events.published if m.topic == "alerts"]
    assert [(a["kind"], a["threshold_percent"], a["percentage_used"]) for a in alerts] == [
        ("storage", 80, 80.0),
        ("storage", 100, 100.0),
    ]
    assert alerts[0]["email"] == "ada@example.org"


@pytest.mark.parametrize("name", ["..", ".", "\ud800/id-1/a.mp4", "a\nb/id-1/a.mp4", "ada/id-1/\udfff.mp4"])
async def test_names_that_no_object_can_have_are_not_even_looked_for(services: MemoryServices, name: str) -> None:
    services.media.unavailable = True
    assert (await finish_upload(services, name)).verdict is Verdict.FOREIGN
