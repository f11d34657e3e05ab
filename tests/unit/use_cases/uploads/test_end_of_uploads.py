"""Cancelling, expiring, resuming and inspecting uploads."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reelgate.domain import errors
from reelgate.domain.books.ledger import Change
from reelgate.ports.books import ReadSet
from reelgate.use_cases.objects.expire_uploads import expire_uploads
from reelgate.use_cases.objects.finish_upload import finish_upload
from reelgate.use_cases.uploads.cancel_upload import cancel_upload
from reelgate.use_cases.uploads.inspect_upload import inspect_upload, list_open_uploads
from reelgate.use_cases.uploads.resume_upload import resume_upload
from reelgate.use_cases.videos.delete_video import delete_video
from reelgate.use_cases.videos.find_video import by_name
from reelgate.use_cases.videos.issue_stream_url import issue_stream_url
from tests.fixtures.memory_services import ADA, BOB, POLICY, MemoryServices


async def test_expiry_gives_the_bytes_back_and_ends_the_session(services: MemoryServices) -> None:
    await services.grant("a.mp4", 300, opened_by_server=True)
    services.clock.advance(seconds=POLICY.upload_expiry_seconds - 1)
    assert await expire_uploads(services, "ada") == 0
    services.clock.advance(seconds=1)
    assert await expire_uploads(services, "ada") == 1
    assert (await services.existing_account()).reserved == 0
    assert services.media.sessions == {}
    assert await expire_uploads(services, "ada") == 0
    assert [entry.reason for entry in await services.entries()] == [None, "expired"]


async def test_expiry_commits_what_arrived_unnoticed(services: MemoryServices) -> None:
    services.send(await services.grant("a.mp4", 300))
    services.clock.advance(seconds=POLICY.upload_expiry_seconds)
    assert await expire_uploads(services, "ada") == 1
    assert (await services.existing_account()).stored == 300
    assert await services.kinds() == ["reserve", "commit"]


async def test_expiry_waits_when_the_bucket_cannot_be_asked(services: MemoryServices) -> None:
    await services.grant()
    services.clock.advance(seconds=POLICY.upload_expiry_seconds)
    services.media.unavailable = True
    with pytest.raises(errors.Unavailable):
        await expire_uploads(services, "ada")
    assert (await services.existing_account()).reserved == 100


async def test_expiry_settles_all_in_pages_or_as_many_as_it_may(
    services: MemoryServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reelgate.use_cases.objects.expire_uploads.PAGE", 2)
    for number in range(7):
        await services.grant(f"{number}.mp4", 10)
        services.clock.advance(seconds=1)
    services.clock.advance(seconds=POLICY.upload_expiry_seconds)
    assert await expire_uploads(services, "ada", at_most=3) == 3
    assert [upload.filename for upload in (await services.open_uploads()).values()] == [f"{n}.mp4" for n in range(3, 7)]
    assert await expire_uploads(services, "ada") == 4
    assert await services.open_uploads() == {}


async def test_nobody_has_nothing_to_expire(services: MemoryServices) -> None:
    assert await expire_uploads(services, "nobody") == 0


async def test_cancelling_frees_bytes_and_session_and_removes_what_was_written(services: MemoryServices) -> None:
    granted = await services.grant(opened_by_server=True)
    name = services.send(granted)
    cancelled = await cancel_upload(services, ADA, granted.upload.upload_id)
    assert cancelled == granted.upload
    assert services.media.objects[name].is_placeholder
    assert services.media.sessions == {}
    account = await services.existing_account()
    assert (account.reserved, account.today.rejected, account.today.rejected_count) == (0, 100, 1)
    assert await cancel_upload(services, ADA, granted.upload.upload_id) is None
    assert await services.kinds() == ["reserve", "release", "reject"]


async def test_a_video_is_not_cancelled(services: MemoryServices) -> None:
    video = await services.add_video()
    with pytest.raises(errors.UploadFinished):
        await cancel_upload(services, ADA, video.file_id)
    assert video.object_name in services.media.objects


@pytest.mark.parametrize("use_case", [cancel_upload, inspect_upload, resume_upload])
async def test_other_people_s_uploads_do_not_exist(services: MemoryServices, use_case) -> None:  # type: ignore[no-untyped-def]
    granted = await services.grant()
    for caller, upload_id in [(BOB, granted.upload.upload_id), (ADA, "never")]:
        with pytest.raises(errors.UploadNotFound):
            await use_case(services, caller, upload_id)
    assert (await services.existing_account()).reserved == 100


async def test_resuming_gives_a_fresh_url_and_the_living_session(services: MemoryServices) -> None:
    granted = await services.grant(opened_by_server=True)
    services.clock.advance(minutes=10)
    resumed = await resume_upload(services, ADA, granted.upload.upload_id)
    assert resumed.upload == granted.upload
    assert resumed.signed.url != granted.signed.url
    assert await services.kinds() == ["reserve"]


async def test_resuming_replaces_a_dead_session(services: MemoryServices) -> None:
    granted = await services.grant(opened_by_server=True, origin="https://old.example")
    services.media.sessions.clear()
    resumed = await resume_upload(services, ADA, granted.upload.upload_id, origin="https://app.example")
    (url, session), *others = services.media.sessions.items()
    assert not others
    assert (resumed.upload.session_url, session.origin, session.size) == (url, "https://app.example", 100)
    assert (await services.open_uploads())[granted.upload.upload_id].session_url == url
    assert await services.kinds() == ["reserve"]


async def test_resuming_a_client_s_own_upload_asks_the_bucket_nothing(services: MemoryServices) -> None:
    granted = await services.grant()
    services.media.unavailable = True
    assert (await resume_upload(services, ADA, granted.upload.upload_id)).upload.session_url is None


@pytest.mark.parametrize("end", ["ready", "cancelled"])
async def test_a_settled_upload_cannot_be_resumed(services: MemoryServices, end: str) -> None:
    granted = await services.grant()
    if end == "ready":
        await finish_upload(services, services.send(granted))
    else:
        await cancel_upload(services, ADA, granted.upload.upload_id)
    with pytest.raises(errors.UploadFinished, match=end):
        await resume_upload(services, ADA, granted.upload.upload_id)


async def test_received_bytes_are_the_bucket_s_not_the_client_s(services: MemoryServices) -> None:
    by_server = await services.grant("a.mp4", opened_by_server=True)
    by_client = await services.grant("b.mp4")
    services.media.sessions[by_server.upload.session_url or ""].received += b"v" * 64
    assert (await inspect_upload(services, ADA, by_server.upload.upload_id)).received_bytes == 64
    assert (await inspect_upload(services, ADA, by_client.upload.upload_id)).received_bytes is None
    services.send(by_client)
    arrived = await inspect_upload(services, ADA, by_client.upload.upload_id)
    assert (arrived.state, arrived.received_bytes) == ("open", 100)


async def test_a_ready_upload_shows_its_video_while_it_is_one(services: MemoryServices) -> None:
    video = await services.add_video()
    ready = await inspect_upload(services, ADA, video.file_id)
    assert (ready.state, ready.received_bytes, ready.video) == ("ready", 100, video)
    await delete_video(services, ADA, by_name("a.mp4"))
    await services.add_video()  # another one of the same name
    later = await inspect_upload(services, ADA, video.file_id)
    assert (later.state, later.video) == ("ready", None)


async def test_an_upload_is_known_however_often_its_video_was_streamed(services: MemoryServices) -> None:
    video = await services.add_video(size=1)
    for _ in range(60):
        await issue_stream_url(services, ADA, by_name("a.mp4"))
    assert (await inspect_upload(services, ADA, video.file_id)).state == "ready"
    with pytest.raises(errors.UploadFinished):
        await cancel_upload(services, ADA, video.file_id)


async def test_open_uploads_are_listed_oldest_first_in_pages(services: MemoryServices) -> None:
    assert (await list_open_uploads(services, ADA, limit=10)).items == []
    for name in ["z.mp4", "a.mp4"]:
        await services.grant(name)
        services.clock.advance(seconds=1)
    await services.add_video("done.mp4")
    await services.grant("b.mp4")
    await services.grant("c.mp4")  # granted in the same instant
    assert len((await list_open_uploads(services, ADA, limit=4)).items) == 4
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = await list_open_uploads(services, ADA, limit=1, cursor=cursor)
        seen += [status.filename for status in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == ["z.mp4", "a.mp4", "b.mp4", "c.mp4"]


async def test_resuming_is_a_new_way_in_and_refused_to_whom_nothing_is_granted_any_more(services: MemoryServices) -> None:
    granted = await services.grant(opened_by_server=True)
    services.policy = replace(POLICY, upload_roles=frozenset({"admin"}))
    with pytest.raises(errors.Forbidden, match="Only admins can upload here"):
        await resume_upload(services, ADA, granted.upload.upload_id)
    services.policy = POLICY
    account = await services.existing_account()
    await services.books.commit("ada", lambda _: Change(account=replace(account, disabled=True)), ReadSet())
    with pytest.raises(errors.AccountDisabled):
        await resume_upload(services, ADA, granted.upload.upload_id)
