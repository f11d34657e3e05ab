"""Leases over HTTP: what they cost, that repeating one is free and not longer, and who gets none."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from reelgate.domain.books.entries import EntryKind
from reelgate.domain.books.ledger import Change
from reelgate.ports.books import ReadSet, Snapshot
from reelgate.use_cases.playback.revoke_grants import revoke_grants_of_video, revoke_one_grant
from reelgate.use_cases.videos.delete_video import delete_video
from reelgate.use_cases.videos.find_video import by_id
from tests.doubles.memory_identity import ADA
from tests.fixtures.api_client import ApiClient, problem_of
from tests.fixtures.audit_trail import committed, published
from tests.fixtures.bookkeeping import NOON
from tests.fixtures.memory_services import MemoryServices
from tests.fixtures.shared_video import SharedVideo, shared

SECONDS = 20
"""A lease of 20 seconds at the beginning pays for 50 seconds: five segments of 10 bytes."""


async def lease(viewer: httpx.AsyncClient, video: SharedVideo, **body: Any) -> httpx.Response:
    headers = body.pop("headers", {})
    return await viewer.post(f"{video.path}/lease", json={"rendition": "v0", **body}, headers=headers)


async def grant_of(services: MemoryServices, video: SharedVideo) -> Any:
    grant = await services.books.grant(video.grant_id)
    assert grant is not None
    return grant


async def streamed(services: MemoryServices) -> int:
    return (await services.existing_account()).today.streamed


async def test_a_lease_opens_the_file_and_charges_what_plays(services: MemoryServices, viewer: httpx.AsyncClient) -> None:
    video = await shared(services, minutes=2)
    answer = await lease(viewer, video, position=15)
    body = answer.json()
    assert answer.status_code == 200
    url = urlsplit(body["url"])
    query = {name: value for name, [value] in parse_qs(url.query).items()}
    assert url.path == f"/derived/{video.folder}v0.mp4"
    assert query == {
        "method": "GET",
        "at": "2026-11-03T12:00:00+00:00",
        "seconds": "20",
        "x-goog-custom-audit-reelgate-grant": f"grant:{video.grant_id}:2026-11-03",
    }
    assert (body["expires_at"], body["opens_until_seconds"], body["number"]) == ("2026-11-03T12:00:20Z", 65.0, 0)
    assert await streamed(services) == 60  # the segments that begin at 10, 20, 30, 40, 50 and 60 s
    grant = await grant_of(services, video)
    assert (grant.plays, grant.charged) == (1, 60)
    [entry] = [one for one in await services.entries() if one.kind == EntryKind.STREAM]
    assert entry.entry_id == f"stream:grant:{video.grant_id}:{body['view']}:0"
    assert (entry.delta.streamed, entry.delta.stream_count, entry.file_id) == (60, 1, video.video.file_id)
    assert answer.headers["cache-control"] == "no-store"


async def test_a_play_goes_on_by_numbers(services: MemoryServices, viewer: httpx.AsyncClient) -> None:
    video = await shared(services, minutes=4, max_plays=1)
    view = (await lease(viewer, video, number=1)).json()["view"]
    for number in (2, 3):
        services.clock.advance(seconds=SECONDS)
        answer = await lease(viewer, video, view=view, number=number, position=20 * number)
        assert answer.status_code == 200, answer.text
    grant = await grant_of(services, video)
    assert (grant.plays, grant.charged) == (1, 150)
    assert await streamed(services) == 150


async def test_a_repeated_lease_is_the_same_url_and_free(services: MemoryServices, viewer: httpx.AsyncClient) -> None:
    video = await shared(services)
    first = (await lease(viewer, video)).json()
    services.clock.advance(seconds=SECONDS - 1)
    again = await lease(viewer, video, view=first["view"])
    assert again.json() == first
    assert (await grant_of(services, video)).charged == await streamed(services) == 50


async def test_a_lease_whose_time_is_over_is_not_extended(services: MemoryServices, viewer: httpx.AsyncClient) -> None:
    video = await shared(services)
    view = (await lease(viewer, video)).json()["view"]
    services.clock.advance(seconds=SECONDS)
    problem_of(await lease(viewer, video, view=view), 409, "lease_over")
    assert (await lease(viewer, video, view=view, number=1)).status_code == 200


async def test_a_lease_is_for_one_rendition(services: MemoryServices, viewer: httpx.AsyncClient) -> None:
    video = await shared(services, renditions=2)
    view = (await lease(viewer, video)).json()["view"]
    problem_of(await lease(viewer, video, view=view, rendition="v1"), 409, "lease_over")
    assert "/v1.mp4" in (await lease(viewer, video, view=view, number=1, rendition="v1")).json()["url"]
    assert (await grant_of(services, video)).charged == 50 + 45


@pytest.mark.parametrize("body", [{"view": "invented", "number": 7}, {"view": "invented", "number": 0}])
async def test_no_view_can_be_invented_to_escape_the_count_of_plays(
    services: MemoryServices, viewer: httpx.AsyncClient, body: dict[str, Any]
) -> None:
    video = await shared(services)
    problem_of(await lease(viewer, video, **body), 409, "lease_out_of_order")
    assert await streamed(services) == 0


async def test_numbers_cannot_be_left_out(services: MemoryServices, viewer: httpx.AsyncClient) -> None:
    video = await shared(services)
    view = (await lease(viewer, video)).json()["view"]
    problem_of(await lease(viewer, video, view=view, number=2), 409, "lease_out_of_order")


async def test_a_beginning_with_an_idempotency_key_counts_once(services: MemoryServices, viewer: httpx.AsyncClient) -> None:
    video = await shared(services)
    answers = [await lease(viewer, video, headers={"Idempotency-Key": "one-play"}) for _ in range(3)]
    assert len({one.text for one in answers}) == 1
    assert (await grant_of(services, video)).plays == 1
    await lease(viewer, video)
    assert (await grant_of(services, video)).plays == 2


async def test_behind_the_end_the_last_segment_is_charged(services: MemoryServices, viewer: httpx.AsyncClient) -> None:
    video = await shared(services)
    body = (await lease(viewer, video, position=1e6)).json()
    assert (await grant_of(services, video)).charged == 10
    assert body["opens_until_seconds"] == 60.0


async def test_no_lease_outlives_its_grant(services: MemoryServices, viewer: httpx.AsyncClient) -> None:
    video = await shared(services, expires_at=NOON.replace(microsecond=0) + timedelta(seconds=7))
    body = (await lease(viewer, video)).json()
    assert body["expires_at"] == "2026-11-03T12:00:07Z"
    services.clock.advance(seconds=7)
    problem_of(await lease(viewer, video, view=body["view"]), 410, "grant_expired")


async def test_a_grant_without_plays_left_lets_only_those_go_on_that_have_begun(
    services: MemoryServices, viewer: httpx.AsyncClient
) -> None:
    video = await shared(services, minutes=3, max_plays=1)
    view = (await lease(viewer, video)).json()["view"]
    problem_of(await lease(viewer, video), 410, "grant_used_up")
    assert (await lease(viewer, video, view=view, number=1)).status_code == 200


async def test_a_grant_without_bytes_left_ends_all_plays(services: MemoryServices, viewer: httpx.AsyncClient) -> None:
    video = await shared(services, minutes=3, max_bytes=90)
    first = (await lease(viewer, video)).json()
    problem_of(await lease(viewer, video, view=first["view"], number=1), 410, "grant_used_up")
    assert (await lease(viewer, video, view=first["view"])).json() == first  # what is paid is paid
    assert await streamed(services) == 50


async def test_a_day_that_is_used_up_says_so_without_numbers(services: MemoryServices, viewer: httpx.AsyncClient) -> None:
    video = await shared(services)
    await _change(services, daily_limit=49 + (await services.existing_account()).today.uploaded)
    problem = problem_of(await lease(viewer, video), 403, "bandwidth_limit_exceeded")
    assert problem["retry_at"] == "2026-11-04T00:00:00.000Z"
    assert not {"limit", "used", "requested"} & problem.keys()
    assert (await grant_of(services, video)).plays == 0


async def test_who_is_refused_and_how(services: MemoryServices, viewer: httpx.AsyncClient) -> None:
    one, two, three = [await shared(services), *[await _later(services) for _ in range(2)]]
    views = [(await lease(viewer, video)).json()["view"] for video in (one, two, three)]
    await revoke_one_grant(services, ADA, one.grant_id)
    problem_of(await lease(viewer, one, view=views[0], number=1), 410, "grant_revoked")
    problem_of(await lease(viewer, one, view=views[0]), 410, "grant_revoked")
    await revoke_grants_of_video(services, ADA, two.video.file_id)
    problem_of(await lease(viewer, two, view=views[1], number=1), 410, "grant_revoked")
    await delete_video(services, ADA, by_id(three.video.file_id))
    problem_of(await lease(viewer, three, view=views[2], number=1), 410, "video_unavailable")
    changed = one.path[:-1] + ("x" if one.path[-1] != "x" else "y")
    problem_of(await viewer.post(f"{changed}/lease", json={"rendition": "v0"}), 404, "grant_not_found")


async def test_a_disabled_owner_shares_nothing(services: MemoryServices, viewer: httpx.AsyncClient) -> None:
    video = await shared(services)
    await _change(services, disabled=True)
    problem_of(await lease(viewer, video), 410, "video_unavailable")


async def test_what_is_not_packaged_is_not_leased(services: MemoryServices, viewer: httpx.AsyncClient) -> None:
    video = await shared(services, packaged=False)
    problem_of(await lease(viewer, video), 409, "not_packaged")
    other = await _later(services)
    problem_of(await lease(viewer, other, rendition="v9"), 404, "rendition_not_found")


@pytest.mark.parametrize(
    "body",
    [
        {"position": -1},
        {"number": -1},
        {"number": 100_001},
        {"number": 1.5},
        {"view": "with:colon"},
        {"view": ""},
        {"rendition": None},
        {"colour": 1},
        {"position": "1"},
    ],
)
async def test_bad_requests_are_refused(services: MemoryServices, viewer: httpx.AsyncClient, body: dict[str, Any]) -> None:
    video = await shared(services)
    problem_of(await lease(viewer, video, **body), 400, "invalid_request")
    assert await streamed(services) == 0


async def test_plays_that_race_stay_within_the_limits(services: MemoryServices) -> None:
    video = await shared(services, max_plays=3, max_bytes=140)
    async with ApiClient(services, None) as viewer:
        answers = await asyncio.gather(*(lease(viewer, video) for _ in range(12)))
    assert sorted(one.status_code for one in answers) == [200, 200, *[410] * 10]
    grant = await grant_of(services, video)
    assert (grant.plays, grant.charged) == (2, 100)
    assert await streamed(services) == 100


async def test_a_play_is_in_the_owners_audit_log_and_a_lease_is_not(
    services: MemoryServices, viewer: httpx.AsyncClient
) -> None:
    video = await shared(services)
    view = (await lease(viewer, video)).json()["view"]
    await lease(viewer, video, view=view, number=1)
    [played] = [one for one in committed(services) if one.action == "grant.played"]
    assert (played.uid, played.data["grant_id"], played.data["file_id"]) == ("ada", video.grant_id, video.video.file_id)
    assert video.token not in repr(played)
    assert published(services) == []


async def test_a_lease_is_one_batch_of_reads_and_one_commit(
    services: MemoryServices, viewer: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    video = await shared(services, minutes=2)
    view = (await lease(viewer, video)).json()["view"]
    calls: list[str] = []
    for name in ("get", "commit", "find"):
        _note(monkeypatch, services, name, calls)
    await lease(viewer, video, view=view, number=1)
    assert calls == ["get 5", "commit 3"]  # account, video, grant, two entries; account, grant, entry
    calls.clear()
    await lease(viewer, video, view=view, number=1)
    assert calls == ["get 5"]


def _note(monkeypatch: pytest.MonkeyPatch, services: MemoryServices, name: str, calls: list[str]) -> None:
    method = getattr(services.books_store, name)

    async def noting(*arguments: Any, **more: Any) -> Any:
        counted = arguments if name == "get" else arguments[0]
        calls.append(f"{name} {len(counted)}")
        return await method(*arguments, **more)

    monkeypatch.setattr(services.books_store, name, noting)


async def _later(services: MemoryServices) -> SharedVideo:
    services.clock.advance(seconds=1)
    return await shared(services)


async def _change(services: MemoryServices, **changes: Any) -> None:
    account = replace(await services.existing_account(), **changes)
    await services.books.commit("ada", lambda _: Change(account=account), ReadSet())


async def test_what_was_packaged_plays_after_its_object_was_restored(
    services: MemoryServices, viewer: httpx.AsyncClient
) -> None:
    """The video has the generation of the restored object then; what was made of it has names with the earlier one."""
    video = await shared(services)

    def restored(snapshot: Snapshot) -> Change:
        assert snapshot.account is not None
        return Change(account=snapshot.account, replace_video=replace(video.video, generation=video.video.generation + 1))

    await services.books.commit("ada", restored, ReadSet(file_id=video.video.file_id))
    assert f"{video.folder}v0.mp4" in (await viewer.get(f"{video.path}/v0.m3u8?lease=1")).text
    assert f"{video.folder}v0.mp4?" in (await viewer.get(f"{video.path}/v0.m3u8")).text
    assert f"{video.folder}thumbs.jpg?" in (await viewer.get(f"{video.path}/sprites.vtt")).text
    leased = (await viewer.post(f"{video.path}/lease", json={"rendition": "v0"})).json()
    assert f"{video.folder}v0.mp4?" in leased["url"]
