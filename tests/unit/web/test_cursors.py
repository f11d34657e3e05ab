"""Cursors: each holds for one list, with its filters, of one user; at every other it is refused, never misunderstood."""

from __future__ import annotations

import pytest

from reelgate.domain.audit import Action
from reelgate.domain.notifications.deliveries import Event, new_delivery
from reelgate.use_cases.videos.delete_video import delete_video
from tests.fixtures.api_client import ROUTES, ApiClient, problem_of
from tests.fixtures.memory_services import ADA, BOB, ROOT, MemoryServices

LISTS = sorted(route.path for route in ROUTES if "cursor" in route.query)
OWN = [path for path in LISTS if not path.startswith(("/admin", "/logs"))]


@pytest.fixture
async def filled(services: MemoryServices) -> MemoryServices:
    """Everybody has two of everything."""
    for caller in (ADA, BOB, ROOT):
        for number in range(4):
            await services.add_video(f"{number}.mp4", 1, caller=caller)
            services.clock.advance(seconds=1)
        for number in range(2):
            await delete_video(services, caller, f"{number}.mp4")
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


async def cursor_of(api: ApiClient, path: str, **query: str) -> str:
    answer = await api.get(path, params={"limit": "1", **query})
    assert answer.status_code == 200, answer.text
    cursor: str = answer.json()["next_cursor"]
    assert cursor, path
    return cursor


async def refused(api: ApiClient, path: str, cursor: str, **query: str) -> None:
    body = problem_of(await api.get(path, params={"cursor": cursor, **query}), 400, "invalid_request")
    assert body["field"] == "cursor"


async def test_a_cursor_leads_on_in_its_own_list(filled: MemoryServices, admin: ApiClient) -> None:
    assert len(LISTS) == 9
    for path in LISTS:
        cursor = await cursor_of(admin, path)
        first = (await admin.get(path, params={"limit": 1})).json()
        second = (await admin.get(path, params={"limit": 1, "cursor": cursor})).json()
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
        ("/admin/deliveries", {"user_id": "ada"}),
        ("/admin/deliveries", {"type": "video.ready"}),
        ("/logs", {"user_id": "ada"}),
        ("/logs", {"action_type": "file.*"}),
        ("/logs", {"outcome": "done"}),
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
