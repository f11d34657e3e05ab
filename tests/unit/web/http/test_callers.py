"""Who is asking: Authorization, what API Gateway passes on, and what everybody gets without a token."""

from __future__ import annotations

from collections import defaultdict

import pytest

from tests.fixtures.api_client import IN_XML, ROUTES, ApiClient, problem_of, xml_problem_of
from tests.fixtures.memory_services import MemoryServices

A_PATH = defaultdict(lambda: "id-1", filename="a.mp4", uid="ada")
WITH_TOKEN = [route for route in ROUTES if not route.public]


@pytest.mark.parametrize("route", WITH_TOKEN, ids=lambda route: f"{route.method} {route.path}")
async def test_every_route_wants_a_token(services: MemoryServices, route) -> None:  # type: ignore[no-untyped-def]
    await services.add_video()
    before = await services.entries()
    path = route.path.format_map(A_PATH)
    async with ApiClient(services, user=None) as nobody:
        for headers in ({}, {"Authorization": "Bearer forged"}):
            answer = await nobody.request(route.method, path, headers=headers, json={"filename": "a.mp4"})
            refused_in = xml_problem_of if route.path.startswith(IN_XML) else problem_of
            refused_in(answer, 401, "unauthorized")
            assert answer.headers["www-authenticate"] == 'Bearer realm="reelgate"'
    assert await services.entries() == before


@pytest.mark.parametrize("header", ["", "ada", "Bearer", "Bearer ", "Basic ada", "Bearer forged", "bearer  forged "])
async def test_what_is_no_token(services: MemoryServices, header: str) -> None:
    async with ApiClient(services, user=None) as nobody:
        problem_of(await nobody.get("/files", headers={"Authorization": header}), 401, "unauthorized")


async def test_the_scheme_has_no_case(services: MemoryServices) -> None:
    async with ApiClient(services, user=None) as client:
        assert (await client.get("/files", headers={"Authorization": "bEARER  ada "})).status_code == 200


async def test_behind_api_gateway_the_caller_s_own_header_counts(services: MemoryServices) -> None:
    await services.add_video()
    async with ApiClient(services, user="the-gateway-s-own-token") as gateway:
        answer = await gateway.get("/files", headers={"X-Forwarded-Authorization": "Bearer ada"})
        assert len(answer.json()["files"]) == 1
        problem_of(await gateway.get("/files", headers={"X-Forwarded-Authorization": "Bearer forged"}), 401, "unauthorized")


async def test_unreachable_keys_are_no_refusal(api: ApiClient, services: MemoryServices) -> None:
    services.identity.unavailable = True
    problem_of(await api.get("/files"), 503, "unavailable")
