"""Who asks too often is refused: by group of routes, for users and for addresses, in words and fields."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import httpx
import pytest

from reelgate.domain.accounts.request_rates import Rate, RequestGroup
from reelgate.web.http.calls import Route
from tests.fixtures.api_client import ROUTES, ApiClient, problem_of
from tests.fixtures.memory_services import RATES, MemoryServices

OWN_LIMITS = {
    ("POST", "/register"),
    ("POST", "/login"),
    ("POST", "/v1/auth/register"),
    ("POST", "/v1/auth/login"),
    ("POST", "/v1/auth/password-reset"),
}
READ_NO_RECORD = {("GET", "/"), ("GET", "/console/assets/{asset}")}
"""Files of the console: who asks for them costs no more than an answer that refuses would."""
URLS = {
    ("GET", "/v1/videos/{video_id}/url"),
    ("GET", "/v1/videos/{video_id}/audio-url"),
    ("GET", "/stream/direct/{filename}"),
    ("GET", "/stream/video/{filename}"),
    ("GET", "/download"),
    ("GET", "/download/disk/{filename}"),
}


def services_with(**rates: int) -> MemoryServices:
    given: Mapping[str, Rate] = {name: Rate(number) for name, number in rates.items()}
    return MemoryServices(rates={**RATES, **given})  # type: ignore[dict-item]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_route_is_in_a_group(route: Route[MemoryServices]) -> None:
    key = (route.method, route.path)
    expected: RequestGroup | None
    if key in OWN_LIMITS | READ_NO_RECORD:
        expected = None
    elif key in URLS:
        expected = "url"
    elif route.public:
        expected = "public"
    elif route.admin:
        expected = "admin"
    else:
        expected = "read" if route.method == "GET" else "write"
    assert route.request_group == expected


async def test_who_asks_too_often_is_told_when_to_come_back() -> None:
    services = services_with(read=3)
    async with ApiClient(services) as api:
        left = [(await api.get("/v1/usage")).headers["ratelimit"] for _ in range(3)]
        assert left == [f'"read";r={n};t=60' for n in (2, 1, 0)]
        refused = await api.get("/v1/usage")
        problem = problem_of(refused, 429, "too_many_requests")
        assert problem["limit"] == 3
        assert problem["detail"] == "Too many requests. Wait 60 seconds."
        assert (refused.headers["retry-after"], refused.headers["ratelimit-policy"]) == ("60", '"read";q=3;w=60')
        assert refused.headers["ratelimit"] == '"read";r=0;t=60'
        services.clock.advance(seconds=60)
        assert (await api.get("/v1/usage")).status_code == 200


async def test_groups_users_and_keys() -> None:
    """An API key asks on its owner's account."""
    services = services_with(read=2)
    async with ApiClient(services) as ada, ApiClient(services, user="bob") as bob:
        key = (await ada.post("/v1/me/api-keys", json={"label": "ci", "scopes": ["read"]})).json()["key"]
        assert (await ada.get("/v1/usage", headers={"Authorization": f"Bearer {key}"})).status_code == 200
        assert (await ada.get("/storage-status")).status_code == 200
        problem_of(await ada.get("/v1/usage"), 429, "too_many_requests")
        problem_of(await ada.get("/v1/usage", headers={"Authorization": f"Bearer {key}"}), 429, "too_many_requests")
        assert problem_of(await ada.get("/storage-status"), 429, "too_many_requests")["error"] == "Too many requests"
        assert (await ada.post("/v1/uploads/check", json={"sizes": [1]})).status_code == 200
        assert (await bob.get("/v1/usage")).status_code == 200


async def test_nobody_comes_to_a_limit_without_a_valid_token() -> None:
    async with ApiClient(services_with(read=1)) as api:
        for _ in range(3):
            problem_of(await api.get("/v1/usage", headers={"Authorization": "Bearer no"}), 401, "unauthorized")
        assert (await api.get("/v1/usage")).status_code == 200


async def test_routes_without_a_token_count_by_address() -> None:
    services = services_with(public=1, unaddressed=2)
    services.account_policy = replace(services.account_policy, proxies_in_front=1)

    async def poster(address: str | None) -> httpx.Response:
        headers = {"X-Forwarded-For": f"{address}, 10.0.0.1"} if address else {}
        return await api.get("/v1/posters/ada/v1/none", headers=headers)

    async with ApiClient(services, user=None) as api:
        assert [(await poster(address)).status_code for address in ("192.0.2.1", "192.0.2.2", "192.0.2.1")] == [404, 404, 429]
        assert [(await poster(None)).status_code for _ in range(3)] == [404, 404, 429]


async def test_logins_have_limits_of_their_own() -> None:
    services = services_with(public=1, unaddressed=1)
    async with ApiClient(services, user=None) as api:
        for _ in range(3):
            answer = await api.post("/v1/auth/login", json={"email": "x@example.org", "password": "wrong password"})
            assert (answer.status_code, "ratelimit" in answer.headers) == (401, False)


async def test_a_refusal_reads_and_writes_nothing_and_is_not_audited() -> None:
    services = services_with(write=1)
    async with ApiClient(services) as api:
        await api.post("/v1/uploads", json={"filename": "a.mp4", "size": 10})
        before = dict(services.books_store.database.documents), len(services.events.published)
        problem_of(await api.post("/v1/uploads", json={"filename": "b.mp4", "size": 10}), 429, "too_many_requests")
        assert (dict(services.books_store.database.documents), len(services.events.published)) == before


async def test_a_request_costs_more_the_more_it_reads() -> None:
    services = services_with(read=1000)
    for number in range(250):
        await services.add_video(f"{number}.mp4", 1)
    async with ApiClient(services) as api:
        await api.get("/v1/usage/entries", params={"limit": 1000})
        answer = await api.get("/v1/usage")
        left = int(re.findall(r"r=(\d+)", answer.headers["ratelimit"])[0])
        assert left == 1000 - 2 - 5, "500 entries: five more"


async def test_scripts_of_other_origins_can_read_the_fields() -> None:
    async with ApiClient(MemoryServices()) as api:
        answer = await api.get("/v1/usage", headers={"Origin": "https://app.example"})
        exposed = answer.headers["access-control-expose-headers"].split(", ")
        assert {"RateLimit", "RateLimit-Policy", "Retry-After"} <= set(exposed)
