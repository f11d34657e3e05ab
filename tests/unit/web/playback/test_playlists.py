"""The play answer, the playlists and what they lead to, over HTTP: what is in them, what they cost, and how they are sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from reelgate.domain.accounts.request_rates import Rate
from reelgate.domain.playback.playlists import CONTENT_TYPE
from reelgate.domain.videos.stream_windows import StreamWindow
from reelgate.use_cases.playback.revoke_grants import revoke_one_grant
from tests.doubles.memory_identity import ADA
from tests.fixtures.api_client import ApiClient, problem_of
from tests.fixtures.audit_trail import committed
from tests.fixtures.memory_services import MemoryServices
from tests.fixtures.shared_video import SharedVideo, shared

PLAYLISTS = ("master.m3u8", "master.m3u8?lease=1", "v0.m3u8", "v0.m3u8?lease=1")


async def grant_of(services: MemoryServices, video: SharedVideo) -> Any:
    grant = await services.books.grant(video.grant_id)
    assert grant is not None
    return grant


async def test_the_play_answer_has_everything_that_a_player_needs(services: MemoryServices, viewer: httpx.AsyncClient) -> None:
    video = await shared(services, origins=())
    body = (await viewer.get(video.path)).json()
    base = f"http://api.example{video.path}"
    assert body == {
        "title": video.video.filename,
        "duration_seconds": 60.0,
        "width": 1280,
        "height": 720,
        "poster": None,
        "playback": {
            **{"state": "ready", "reason": None, "detail": None, "retry_at": None},
            "renditions": {"ready": [], "state": "none", "reason": None, "detail": None, "retry_at": None},
        },
        "hls": {
            "url": f"{base}/master.m3u8?lease=1",
            "lease_url": f"{base}/lease",
            "native_url": f"{base}/master.m3u8",
        },
        "sources": [],
        "captions": [],
        "sprites": {"url": f"{base}/sprites.vtt"},
        "expires_at": "2030-01-01T00:00:00Z",
        "lease_seconds": 20,
        "origins": [],
    }
    assert ((await grant_of(services, video)).plays, (await services.existing_account()).today.streamed) == (0, 0)


async def test_a_video_that_is_not_packaged_has_its_file(services: MemoryServices, viewer: httpx.AsyncClient) -> None:
    video = await shared(services, packaged=False)
    body = (await viewer.get(video.path)).json()
    assert (body["hls"], body["sprites"], body["playback"]["reason"]) == (None, None, "codec")
    assert body["sources"] == [{"type": "video/mp4", "size": 100, "url": f"http://api.example{video.path}/url"}]
    for playlist in (*PLAYLISTS, "sprites.vtt"):
        problem = problem_of(await viewer.get(f"{video.path}/{playlist}"), 409, "not_packaged")
        assert problem["state"] == "skipped"


async def test_playlists_lead_to_each_other(services: MemoryServices, viewer: httpx.AsyncClient) -> None:
    video = await shared(services, renditions=2)
    for query in ("", "?lease=1"):
        answer = await viewer.get(f"{video.path}/master.m3u8{query}")
        assert answer.headers["content-type"].partition(";")[0] == CONTENT_TYPE
        assert answer.headers["cache-control"] == "no-store"
        urls = [line for line in answer.text.splitlines() if not line.startswith("#")]
        assert urls == [f"http://api.example{video.path}/v{number}.m3u8{query}" for number in (0, 1)]
        for url in urls:
            assert (await viewer.get(url)).text.startswith("#EXTM3U\n")


async def test_a_playlist_for_leases_names_the_object_and_is_free(services: MemoryServices, viewer: httpx.AsyncClient) -> None:
    video = await shared(services)
    text = (await viewer.get(f"{video.path}/v0.m3u8?lease=1")).text
    [url] = {line for line in text.splitlines() if not line.startswith("#")}
    assert url == f"https://storage.example/derived/{video.folder}v0.mp4"
    lease = (await viewer.post(f"{video.path}/lease", json={"rendition": "v0"})).json()
    assert lease["url"].partition("?")[0] == url
    assert (await grant_of(services, video)).plays == 1  # by the lease


async def test_a_playlist_with_a_long_url_is_charged_once_in_its_window(
    services: MemoryServices, viewer: httpx.AsyncClient
) -> None:
    video = await shared(services, renditions=2)
    services.clock.now = StreamWindow.of(video.grant_id, services.clock(), seconds=60 * 3 // 2 + 900).ends_at
    for number in (0, 1, 0):
        services.clock.advance(seconds=1)
        text = (await viewer.get(f"{video.path}/v{number}.m3u8")).text
        [url] = {line for line in text.splitlines() if not line.startswith("#")}
        query = {name: value for name, [value] in parse_qs(urlsplit(url).query).items()}
        assert query["seconds"] == str(60 * 3 // 2 + 900)  # from now on, also if it is paid already
        assert query["at"] == services.clock().replace(microsecond=0).isoformat()
        tag = query["x-goog-custom-audit-reelgate-grant"]
    grant = await grant_of(services, video)
    assert (grant.plays, grant.charged) == (1, 160)  # the larger rendition: 100 bytes before its 6 segments
    account = await services.existing_account()
    assert account.today.streamed == 160
    [entry] = [one for one in await services.entries() if one.kind == "stream"]
    assert entry.entry_id.key == tag
    assert tag.startswith(f"grant:{video.grant_id}:")
    assert [one.action for one in committed(services)].count("grant.played") == 1
    services.clock.advance(seconds=60 * 3 // 2 + 900)
    await viewer.get(f"{video.path}/v0.m3u8")
    assert (await grant_of(services, video)).charged == 320


async def test_who_has_a_long_url_may_have_it_again_when_the_grant_is_used_up(
    services: MemoryServices, viewer: httpx.AsyncClient
) -> None:
    video = await shared(services, max_plays=1, max_bytes=160)
    assert (await viewer.get(f"{video.path}/v0.m3u8")).status_code == 200
    problem_of(await viewer.get(f"{video.path}/v0.m3u8"), 410, "grant_used_up")
    other = await _later(services, max_plays=1)
    services.clock.now = StreamWindow.of(other.grant_id, services.clock(), seconds=60 * 3 // 2 + 900).ends_at
    assert (await viewer.get(f"{other.path}/v0.m3u8")).status_code == 200
    assert (await viewer.get(f"{other.path}/v0.m3u8")).status_code == 200
    problem_of(await viewer.post(f"{other.path}/lease", json={"rendition": "v0"}), 410, "grant_used_up")


async def test_head_costs_nothing(services: MemoryServices, viewer: httpx.AsyncClient) -> None:
    video = await shared(services)
    for path in ("", *(f"/{playlist}" for playlist in PLAYLISTS), "/sprites.vtt"):
        answer = await viewer.head(f"{video.path}{path}")
        assert answer.status_code == 200, path
    assert (await viewer.head(f"{video.path}/v0.m3u8")).headers["content-type"].startswith(CONTENT_TYPE)
    assert (await grant_of(services, video)).plays == 0
    assert services.signer.signed[-1].object_name.endswith("thumbs.jpg")


async def test_playlists_are_compressed_for_who_takes_it(services: MemoryServices, viewer: httpx.AsyncClient) -> None:
    video = await shared(services, minutes=10)
    plain = await viewer.get(f"{video.path}/v0.m3u8?lease=1", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    packed = await viewer.get(f"{video.path}/v0.m3u8?lease=1", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["vary"]
    assert packed.text == plain.text
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 5


async def test_sprites_are_parts_of_one_picture(services: MemoryServices, viewer: httpx.AsyncClient) -> None:
    video = await shared(services)
    answer = await viewer.get(f"{video.path}/sprites.vtt")
    assert answer.headers["content-type"].partition(";")[0] == "text/vtt"
    cues = answer.text.split("\n\n")
    assert cues[0] == "WEBVTT"
    assert [cue.splitlines()[0] for cue in cues[1:]] == [
        "00:00:00.000 --> 00:00:04.000",
        "00:00:04.000 --> 00:00:08.000",
        "00:00:08.000 --> 00:01:00.000",
    ]
    urls = [cue.splitlines()[1] for cue in cues[1:]]
    assert [url.partition("#")[2] for url in urls] == ["xywh=0,0,160,90", "xywh=160,0,160,90", "xywh=0,90,160,90"]
    [sheet] = {url.partition("#")[0] for url in urls}
    assert urlsplit(sheet).path == f"/derived/{video.folder}thumbs.jpg"
    assert "reelgate-grant=free%3Asprites" in sheet


async def test_captions_are_listed_and_shown(services: MemoryServices, viewer: httpx.AsyncClient) -> None:
    video = await shared(services)
    text = "WEBVTT\n\n00:01.000 --> 00:03.000\nGuten Tag\n"
    async with ApiClient(services) as owner:
        put = await owner.put(
            f"/v1/videos/{video.video.file_id}/captions/de?label=Deutsch&default=true",
            content=text.encode(),
            headers={"Content-Type": "text/vtt"},
        )
        assert put.status_code == 200, put.text
    base = f"http://api.example{video.path}/captions/de"
    [listed] = (await viewer.get(video.path)).json()["captions"]
    assert listed == {"language": "de", "label": "Deutsch", "url": f"{base}.vtt", "default": True}
    master = (await viewer.get(f"{video.path}/master.m3u8?lease=1")).text
    assert f'NAME="Deutsch",LANGUAGE="de",DEFAULT=YES,AUTOSELECT=YES,FORCED=NO,URI="{base}.m3u8"' in master
    playlist = await viewer.get(f"{base}.m3u8")
    assert playlist.headers["content-type"].partition(";")[0] == CONTENT_TYPE
    assert f"{base}.vtt" in playlist.text.splitlines()
    shown = await viewer.get(f"{base}.vtt")
    assert (shown.text, shown.headers["content-type"].partition(";")[0]) == (text, "text/vtt")
    for name in ("fr.vtt", "fr.m3u8", "de.srt", "de"):
        problem_of(await viewer.get(f"{video.path}/captions/{name}"), 404, "captions_not_found")


async def test_the_whole_file_is_charged_once_per_play(services: MemoryServices, viewer: httpx.AsyncClient) -> None:
    video = await shared(services, packaged=False, max_plays=2)
    first = (await viewer.post(f"{video.path}/url")).json()
    url = urlsplit(first["url"])
    assert url.path == f"/media/{video.video.object_name}"
    assert parse_qs(url.query)["seconds"] == [str(60 * 3 // 2 + 900)]
    services.clock.advance(seconds=60 * 3 // 2 + 899)
    assert (await viewer.post(f"{video.path}/url", json={"view": first["view"]})).json() == first
    grant = await grant_of(services, video)
    assert (grant.plays, grant.charged) == (1, 100)
    services.clock.advance(seconds=1)
    problem_of(await viewer.post(f"{video.path}/url", json={"view": first["view"]}), 409, "lease_over")
    problem_of(await viewer.post(f"{video.path}/url", json={"view": "invented"}), 409, "lease_out_of_order")
    keys = {"Idempotency-Key": "the-second-play"}
    again = [(await viewer.post(f"{video.path}/url", headers=keys)).text for _ in range(2)]
    assert again[0] == again[1]
    assert (await grant_of(services, video)).plays == 2
    problem_of(await viewer.post(f"{video.path}/url"), 410, "grant_used_up")


async def test_a_revoked_grant_opens_nothing(services: MemoryServices, viewer: httpx.AsyncClient) -> None:
    video = await shared(services)
    await viewer.get(video.path)
    await revoke_one_grant(services, ADA, video.grant_id)
    for path in ("", *(f"/{playlist}" for playlist in PLAYLISTS), "/sprites.vtt"):
        problem_of(await viewer.get(f"{video.path}{path}"), 410, "grant_revoked")
    for path, body in (("/lease", {"rendition": "v0"}), ("/url", {})):
        problem_of(await viewer.post(f"{video.path}{path}", json=body), 410, "grant_revoked")


async def test_playlists_refuse_what_they_do_not_know(services: MemoryServices, viewer: httpx.AsyncClient) -> None:
    video = await shared(services)
    problem_of(await viewer.get(f"{video.path}/v7.m3u8"), 404, "rendition_not_found")
    problem_of(await viewer.get(f"{video.path}/v0.mpd"), 404, "rendition_not_found")
    problem_of(await viewer.get(f"{video.path}/v0.m3u8?lease=2"), 400, "invalid_request")
    problem_of(await viewer.get(f"{video.path}/v0.m3u8?leased=1"), 400, "invalid_request")
    problem_of(await viewer.get("/v1/play/nonsense"), 404, "grant_not_found")


async def test_viewers_of_one_owner_share_a_rate(services: MemoryServices) -> None:
    limited = MemoryServices(function="stream_url", rates={**services.rates, "play": Rate(3)})
    video = await shared(limited)
    async with ApiClient(limited, None) as client:
        assert [(await client.get(video.path)).status_code for _ in range(3)] == [200] * 3
        problem = problem_of(await client.get(video.path), 429, "too_many_requests")
        assert problem["limit"] == 3


async def _later(services: MemoryServices, **terms: Any) -> SharedVideo:
    services.clock.now += timedelta(seconds=1)
    return await shared(services, **terms)
