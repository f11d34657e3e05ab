"""Cursors: each holds for one list, with its filters, of one user; at every other it is refused, never misunderstood."""

from __future__ import annotations

from collections.abc import Mapping

import httpx
import pytest

from reelgate.domain.audit import Action
from reelgate.domain.notifications.deliveries import Event, new_delivery
from reelgate.domain.playback.grant_terms import GrantTerms
from reelgate.use_cases.playback.create_grant import create_grant
from reelgate.use_cases.videos.delete_video import delete_video
from reelgate.use_cases.videos.find_video import by_name
from tests.fixtures.api_client import ROUTES, ApiClient, problem_of, wrong_fields
from tests.fixtures.memory_services import ADA, BOB, ROOT, MemoryServices

LISTS = sorted(route.path for route in ROUTES if "cursor" in route.query)
NEEDED = {"/v1/admin/usage": {"from": "2026-11-01", "to": "2026-11-03"}}
"""What some lists cannot do without."""
OWN = [path for path in LISTS if not path.startswith(("/admin", "/logs", "/v1/admin"))]


@pytest.fixture
async def filled(services: MemoryServices) -> MemoryServices:
    """Everybody has two of everything."""
    for caller in (ADA, BOB, ROOT):
        for number in range(4):
            shared = await services.add_video(f"{number}.mp4", 1, caller=caller)
            services.clock.advance(seconds=1)
        for number in range(2):
            await delete_video(services, caller, by_name(f"{number}.mp4"))
            await services.grant(f"open-{number}.mp4", 1, caller=caller)
            services.clock.advance(seconds=1)
            event = Event(
                event_id=f"{caller.uid}{number}",
                type="video.ready",
                uid=caller.uid,
                occurred_at="2026-11-03T12:00:00Z",
                data={},
            )
            await services.deliveries.add(new_delivery(event, "mail", services.now()).claimed("a", services.now()))
            await create_grant(services, caller, shared.file_id, GrantTerms())
            await services.audit_log.record(an_action(services, f"{caller.uid}{number}", caller.uid))
    return services


def an_action(services: MemoryServices, action_id: str, uid: str) -> Action:
    return Action(
        action_id=action_id,
        at=services.now(),
        action="file.deleted",
        uid=uid,
        service="library",
        outcome="done",
        description="",
        data={},
        request_id=None,
    )


async def ask(api: ApiClient, path: str, params: Mapping[str, str]) -> httpx.Response:
    """Ask a list; of a video, it is that of the caller's last one."""
    if "{video_id}" in path:
        path = path.format(video_id=(await api.get("/v1/videos?limit=1")).json()["items"][0]["video_id"])
    return await api.get(path, params=dict(params))


async def cursor_of(api: ApiClient, path: str, **query: str) -> str:
    answer = await ask(api, path, {"limit": "1", **NEEDED.get(path, {}), **query})
    assert answer.status_code == 200, answer.text
    cursor: str = answer.json()["next_cursor"]
    assert cursor, path
    return cursor


async def refused(api: ApiClient, path: str, cursor: str, **query: str) -> None:
    body = problem_of(await ask(api, path, {"cursor": cursor, **NEEDED.get(path, {}), **query}), 400, "invalid_request")
    assert wrong_fields(body) == ["cursor"]


async def test_a_cursor_leads_on_in_its_own_list(filled: MemoryServices, admin: ApiClient) -> None:
    assert len(LISTS) == 16
    for path in LISTS:
        cursor = await cursor_of(admin, path)
        query = {"limit": "1", **NEEDED.get(path, {})}
        first = (await ask(admin, path, query)).json()
        second = (await ask(admin, path, {**query, "cursor": cursor})).json()
        first.pop("next_cursor"), second.pop("next_cursor")
        assert first != second, path


@pytest.mark.parametrize("path", LISTS)
async def test_a_cursor_of_any_other_list_is_refused(filled: MemoryServices, admin: ApiClient, path: str) -> None:
    for other in LISTS:
        if other != path:
            await refused(admin, path, await cursor_of(admin, other))


@pytest.mark.parametrize("path", OWN)
async def test_a_cursor_of_another_user_is_refused(filled: MemoryServices, api: ApiClient, path: str) -> None:
    async with ApiClient(filled, "bob") as bob:
        await refused(api, path, await cursor_of(bob, path))


async def test_a_cursor_with_other_filters_is_refused(filled: MemoryServices, admin: ApiClient) -> None:
    for path, query in (
        ("/v1/admin/deliveries", {"user_id": "ada"}),
        ("/v1/admin/deliveries", {"type": "video.ready"}),
        ("/logs", {"user_id": "ada"}),
        ("/logs", {"action_type": "file.*"}),
        ("/logs", {"outcome": "done"}),
        ("/v1/admin/usage", {"to": "2026-11-02"}),
        ("/v1/admin/usage", {"group": "month"}),
    ):
        await refused(admin, path, await cursor_of(admin, path), **query)
        await refused(admin, path, await cursor_of(admin, path, **query))
    await refused(admin, "/admin/users", await cursor_of(admin, "/admin/users"), email="ada@example.org")


@pytest.mark.parametrize("path", LISTS)
async def test_made_up_cursors_are_refused(filled: MemoryServices, admin: ApiClient, path: str) -> None:
    real = await cursor_of(admin, path)
    mark, _, inner = real.partition(".")
    for made_up in ("x", ".", mark, f"{mark}.", inner, f".{inner}", f"{mark}.{inner}x", f"{mark}.e30", "1762171200.0~id-1"):
        await refused(admin, path, made_up)
