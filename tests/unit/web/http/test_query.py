"""Query parameters: every route refuses what it does not know, before it does anything."""

from __future__ import annotations

import re

import pytest

from reelgate.web.http.calls import Route
from tests.fixtures.api_client import IN_XML, ROUTES, ApiClient, problem_of, said_of_fields, wrong_fields, xml_problem_of
from tests.fixtures.memory_services import MemoryServices


def name_of(route: Route) -> str:
    return f"{route.method} {route.path}"


def path_of(route: Route) -> str:
    return re.sub(r"\{\w+\}", "id-1", route.path)


OF_XML = [route for route in ROUTES if route.path.startswith(IN_XML)]
OF_JSON = [route for route in ROUTES if route not in OF_XML and route.path != "/"]
"""The console's page takes any query: links get some on their way."""


@pytest.mark.parametrize("route", OF_JSON, ids=name_of)
async def test_an_unknown_parameter_is_refused_on_every_route(admin: ApiClient, services: MemoryServices, route: Route) -> None:
    answer = await admin.request(route.method, path_of(route), params={"surprise": "1"})
    body = problem_of(answer, 400, "invalid_request")
    assert wrong_fields(body)[0] == "surprise"
    assert "'surprise'" in body["detail"] + body.get("hint", "")  # the older services' routes have no hint
    assert all(name in said_of_fields(body) for name in route.query)
    assert services.events.published == []
    assert await services.account("root") is None


@pytest.mark.parametrize("route", OF_XML, ids=name_of)
async def test_an_unknown_parameter_is_refused_in_xml(admin: ApiClient, services: MemoryServices, route: Route) -> None:
    answer = await admin.request(route.method, path_of(route), params={"surprise": "1"})
    said = xml_problem_of(answer, 400, "invalid_request")
    assert "'surprise'" in said
    assert all(name in said for name in route.query)
    assert services.events.published == []
    assert await services.account("root") is None


@pytest.mark.parametrize("route", [route for route in OF_XML if route.query], ids=name_of)
async def test_a_parameter_is_given_once_to_routes_of_xml(admin: ApiClient, route: Route) -> None:
    for name in route.query:
        answer = await admin.request(route.method, path_of(route), params=[(name, "1"), (name, "2")])
        assert "twice" in xml_problem_of(answer, 400, "invalid_request")


@pytest.mark.parametrize("route", [route for route in OF_JSON if route.query], ids=name_of)
async def test_a_known_parameter_beside_an_unknown_one_changes_nothing(admin: ApiClient, route: Route) -> None:
    known = dict.fromkeys(route.query, "1")
    answer = await admin.request(route.method, path_of(route), params={**known, "surprise": "1"})
    assert wrong_fields(problem_of(answer, 400, "invalid_request"))[0] == "surprise"


@pytest.mark.parametrize("route", [route for route in OF_JSON if route.query], ids=name_of)
async def test_a_parameter_is_given_once(admin: ApiClient, route: Route) -> None:
    for name in route.query:
        answer = await admin.request(route.method, path_of(route), params=[(name, "1"), (name, "2")])
        body = problem_of(answer, 400, "invalid_request")
        assert wrong_fields(body)[0] == name
        assert "twice" in said_of_fields(body)


@pytest.mark.parametrize(
    "query", ["search=x", "LIMIT=1", "limit%20=1", "cursors=x", "search", "=x", "%00=x", "%ff=x", "x" * 5000]
)
async def test_names_that_look_like_known_ones_are_unknown(api: ApiClient, query: str) -> None:
    body = problem_of(await api.get(f"/files?{query}"), 400, "invalid_request")
    assert "limit, cursor" in body["hint"]
    assert len(body["field"]) <= 100


async def test_a_head_request_is_judged_as_its_get(api: ApiClient) -> None:
    assert (await api.head("/download?fid=id-1&range=1")).status_code == 400


async def test_the_token_comes_first(services: MemoryServices) -> None:
    async with ApiClient(services, None) as nobody:
        problem_of(await nobody.get("/files?search=x"), 401, "unauthorized")
        problem_of(await nobody.post("/login?search=x"), 400, "invalid_request")


@pytest.mark.parametrize("route", [route for route in ROUTES if route.admin], ids=name_of)
async def test_those_who_may_not_call_a_route_do_not_learn_its_parameters(api: ApiClient, route: Route) -> None:
    problem_of(await api.request(route.method, path_of(route), params={"surprise": "1"}), 403, "forbidden")


async def test_a_query_without_parameters_is_none(api: ApiClient) -> None:
    for query in ("", "&", "&&"):
        assert (await api.get(f"/files?{query}")).status_code == 200
