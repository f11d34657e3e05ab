"""Which pages may read what a grant opens: those that it names, and this service's own."""

from __future__ import annotations

import httpx
import pytest

from reelgate.use_cases.playback.revoke_grants import revoke_one_grant
from tests.doubles.memory_identity import ADA
from tests.fixtures.api_client import problem_of
from tests.fixtures.memory_services import MemoryServices
from tests.fixtures.shared_video import SharedVideo, shared

HOME, FOREIGN, OWN = "https://home.example", "https://foreign.example", "http://api.example"


async def preflight(viewer: httpx.AsyncClient, video: SharedVideo, path: str, origin: str) -> httpx.Response:
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    return await viewer.options(f"{video.path}{path}", headers=headers)


def readers(answer: httpx.Response) -> str | None:
    return answer.headers.get("access-control-allow-origin")


@pytest.mark.parametrize("path", ["", "/master.m3u8", "/v0.m3u8?lease=1", "/sprites.vtt"])
async def test_a_grant_without_origins_is_open_to_all_pages(
    services: MemoryServices, viewer: httpx.AsyncClient, path: str
) -> None:
    video = await shared(services)
    answer = await viewer.get(f"{video.path}{path}", headers={"Origin": FOREIGN})
    assert (answer.status_code, readers(answer)) == (200, "*")
    assert "access-control-allow-credentials" not in answer.headers
    assert "Origin" in answer.headers["vary"]


@pytest.mark.parametrize("origin", [HOME, OWN])
async def test_pages_that_a_grant_names_and_our_own_may_read(
    services: MemoryServices, viewer: httpx.AsyncClient, origin: str
) -> None:
    video = await shared(services, origins=(HOME,))
    for path in ("", "/master.m3u8", "/v0.m3u8?lease=1"):
        answer = await viewer.get(f"{video.path}{path}", headers={"Origin": origin})
        assert (answer.status_code, readers(answer)) == (200, origin)
    asked = await preflight(viewer, video, "/lease", origin)
    assert (asked.status_code, readers(asked)) == (204, origin)
    assert "POST" in asked.headers["access-control-allow-methods"]
    assert "Idempotency-Key" in asked.headers["access-control-allow-headers"]
    leased = await viewer.post(f"{video.path}/lease", json={"rendition": "v0"}, headers={"Origin": origin})
    assert (leased.status_code, readers(leased)) == (200, origin)


async def test_other_pages_get_no_headers_and_no_lease(services: MemoryServices, viewer: httpx.AsyncClient) -> None:
    video = await shared(services, origins=(HOME,))
    for path in ("", "/master.m3u8", "/v0.m3u8", "/v0.m3u8?lease=1", "/sprites.vtt"):
        answer = await viewer.get(f"{video.path}{path}", headers={"Origin": FOREIGN})
        problem_of(answer, 403, "origin_not_allowed")
        assert readers(answer) is None
    for path, body in (("/lease", {"rendition": "v0"}), ("/url", {})):
        answer = await viewer.post(f"{video.path}{path}", json=body, headers={"Origin": FOREIGN})
        problem_of(answer, 403, "origin_not_allowed")
        assert readers(answer) is None
        asked = await preflight(viewer, video, path, FOREIGN)
        assert (asked.status_code, readers(asked)) == (204, None)
        assert "access-control-allow-methods" not in asked.headers
    assert (await services.existing_account()).today.streamed == 0


async def test_players_that_are_no_pages_send_no_origin(services: MemoryServices, viewer: httpx.AsyncClient) -> None:
    video = await shared(services, origins=(HOME,))
    assert (await viewer.get(f"{video.path}/v0.m3u8")).status_code == 200


async def test_pages_can_read_why_a_link_opens_nothing(services: MemoryServices, viewer: httpx.AsyncClient) -> None:
    video = await shared(services, origins=(HOME,))
    await revoke_one_grant(services, ADA, video.grant_id)
    answer = await viewer.get(video.path, headers={"Origin": HOME})
    problem_of(answer, 410, "grant_revoked")
    assert readers(answer) == HOME
    assert readers(await preflight(viewer, video, "/lease", HOME)) == HOME
    unknown = await viewer.get("/v1/play/nonsense", headers={"Origin": FOREIGN})
    problem_of(unknown, 404, "grant_not_found")
    assert readers(unknown) == "*"


async def test_the_deployments_origins_do_not_matter_here(services: MemoryServices, viewer: httpx.AsyncClient) -> None:
    video = await shared(services, origins=(HOME,))
    answer = await viewer.get(video.path, headers={"Origin": "https://app.example"})  # that of `ORIGINS`
    problem_of(answer, 403, "origin_not_allowed")


@pytest.mark.parametrize("origin", ["null", "http://[", "https://a]b", "://api.example.evil", "nonsense"])
async def test_origins_that_are_none_are_foreign(services: MemoryServices, viewer: httpx.AsyncClient, origin: str) -> None:
    video = await shared(services, origins=(HOME,))
    problem_of(await viewer.get(video.path, headers={"Origin": origin}), 403, "origin_not_allowed")
    asked = await preflight(viewer, video, "/lease", origin)
    assert (asked.status_code, readers(asked)) == (204, None)
