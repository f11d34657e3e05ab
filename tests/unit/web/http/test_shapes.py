"""Routes of version 1: what they take is checked field by field, and what they give is serialized."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import httpx
import pytest
from msgspec import UNSET, Meta, Struct, UnsetType
from starlette.responses import Response

from reelgate.domain import errors
from reelgate.web.http.calls import Call
from reelgate.web.http.shapes import Answer, ListQuery, v1
from tests.fixtures.api_client import api_app, problem_of, wrong_fields
from tests.fixtures.memory_services import MemoryServices


class Part(Struct, kw_only=True, forbid_unknown_fields=True):
    size: Annotated[int, Meta(ge=1)]
    index: int = 0


class Sent(Struct, kw_only=True):
    name: Annotated[str, Meta(max_length=5)]
    parts: list[Part] = []
    kind: Literal["a", "b"] = "a"
    title: str | UnsetType | None = UNSET


class Query(ListQuery, kw_only=True):
    since: datetime | None = None
    exact: bool = False


class Given(Struct, kw_only=True):
    text: str
    at: datetime | None = None


async def post_thing(_: Call[Any], sent: Sent) -> Answer[Given]:
    """Make a thing."""
    title = "unset" if sent.title is UNSET else str(sent.title)
    return Answer(Given(text=f"{sent.name} {len(sent.parts)} {sent.kind} {title}"), headers={"Location": "/v1/things/1"})


async def get_things(_: Call[Any], query: Query) -> Given:
    """List things."""
    return Given(text=f"{query.limit} {query.cursor} {query.exact}", at=query.since)


async def delete_thing(_: Call[Any]) -> None:
    """Remove a thing."""


async def get_elsewhere(_: Call[Any]) -> Response:
    """Redirect."""
    return Response(status_code=302, headers={"Location": "https://example.org/"})


async def refuse(_: Call[Any]) -> None:
    """Refuse."""
    raise errors.NameTaken("Taken.")


ROUTES = (
    v1("POST", "/v1/things", post_thing, takes=Sent, gives=Given, status=201),
    v1("GET", "/v1/things", get_things, takes=Query, gives=Given),
    v1("DELETE", "/v1/things/{id}", delete_thing),
    v1("GET", "/v1/elsewhere", get_elsewhere),
    v1("DELETE", "/v1/refusing", refuse),
)


@pytest.fixture
def client(services: MemoryServices) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(api_app(services, routes=ROUTES))
    return httpx.AsyncClient(transport=transport, base_url="http://api.example", headers={"Authorization": "Bearer ada"})


async def test_what_is_right_is_parsed_and_answered(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/things", json={"name": "x", "parts": [{"size": 1}], "title": None})
    assert (answer.status_code, answer.json()) == (201, {"text": "x 1 a None", "at": None})
    assert (answer.headers["location"], answer.headers["content-type"]) == ("/v1/things/1", "application/json")
    assert '"text": "x 1 a None"' in answer.text  # with the spaces that people see in a terminal


async def test_a_field_that_is_not_sent_differs_from_null(client: httpx.AsyncClient) -> None:
    assert (await client.post("/v1/things", json={"name": "x"})).json()["text"] == "x 0 a unset"


async def test_everything_wrong_is_named_at_once(client: httpx.AsyncClient) -> None:
    sent = {"name": "too long", "parts": [{"size": 1}, {"size": 0}], "kind": "c", "surprise": 1, "title": 5}
    body = problem_of(await client.post("/v1/things", json=sent), 400, "invalid_request")
    assert sorted(wrong_fields(body)) == ["kind", "name", "parts[1].size", "surprise", "title"]
    assert {error["field"]: error["message"] for error in body["errors"]} == {
        "kind": "The kind must be one of a, b.",
        "name": "The name must have 5 characters or less.",
        "parts[1].size": "The size must be 1 or more.",
        "surprise": "The request has a field that is not known here.",
        "title": "The title must be a text or nothing.",
    }
    assert body["detail"].startswith("The request has a field that is not known here. The name must have 5")
    assert body["detail"].endswith("And 2 more.")
    assert body["hint"] == "There is no field 'surprise'. Known are name, parts, kind, title."


@pytest.mark.parametrize(
    ("parts", "wrong"),
    [
        (
            [{"size": 0}, {}, 5, {"size": "1", "index": None, "x": 1, "a": 1}],
            {
                "parts[0].size": "The size must be 1 or more.",
                "parts[1].size": "The size is missing.",
                "parts[2]": "The part must be an object.",
                "parts[3].a": "The request has a field that is not known here.",
                "parts[3].x": "The request has a field that is not known here.",
                "parts[3].size": "The size must be a whole number.",
                "parts[3].index": "The index must be a whole number.",
            },
        ),
        ({"size": 1}, {"parts": "The parts must be a list."}),
        ([{"size": 1}] * 1500 + [{"size": 0}], {"parts[1500].size": "The size must be 1 or more."}),
    ],
)
async def test_everything_wrong_inside_a_list_is_named(client: httpx.AsyncClient, parts: object, wrong: dict[str, str]) -> None:
    body = problem_of(await client.post("/v1/things", json={"name": "x", "parts": parts}), 400, "invalid_request")
    assert {error["field"]: error["message"] for error in body["errors"]} == wrong


async def test_what_is_missing_is_named(client: httpx.AsyncClient) -> None:
    body = problem_of(await client.post("/v1/things", json={}), 400, "invalid_request")
    assert body["errors"] == [{"field": "name", "message": "The name is missing."}]


@pytest.mark.parametrize("content", ["", "[]", "{", '"x"', "null"])
async def test_what_is_no_object_is_refused(client: httpx.AsyncClient, content: str) -> None:
    problem_of(await client.post("/v1/things", content=content), 400, "invalid_request")


async def test_a_developer_learns_where_the_json_is_broken(client: httpx.AsyncClient) -> None:
    body = problem_of(await client.post("/v1/things", content='{"name": "x",}'), 400, "invalid_request")
    assert "line 1 column" in body["hint"]
    assert body["detail"] == "The request cannot be read."


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ('{"name": "a", "kind": "a", "name": "b"}', "name"),
        ('{"name": "a", "parts": [{"size": 1, "size": 2}]}', "size"),
        ('{"name": "a", "x": 1, "x": 1}', "x"),
        (r'{"name": "a", "\ud800": 1, "\ud800": 1}', "?"),
    ],
)
async def test_a_name_that_is_given_twice_is_refused(client: httpx.AsyncClient, content: str, name: str) -> None:
    body = problem_of(await client.post("/v1/things", content=content), 400, "invalid_request")
    assert body["errors"] == [{"field": name, "message": f"The {name} is given twice."}]


async def test_a_thousand_unknown_fields_are_not_all_repeated(client: httpx.AsyncClient) -> None:
    body = problem_of(await client.post("/v1/things", json={"x" * 200 + str(n): 1 for n in range(300)}), 400, "invalid_request")
    assert len(body["errors"]) == 20
    assert body["errors"] == sorted(body["errors"], key=lambda error: error["field"])
    assert max(len(error["field"]) for error in body["errors"]) == 100


async def test_a_query_is_read_as_its_types(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/things?since=2026-11-03T12:00:00Z&exact=true&limit=7&cursor=c")
    assert answer.json() == {"text": "7 c True", "at": "2026-11-03T12:00:00Z"}
    assert (await client.get("/v1/things")).json() == {"text": "50 None False", "at": None}
    assert datetime.fromisoformat(answer.json()["at"]) == datetime(2026, 11, 3, 12, tzinfo=UTC)


async def test_a_wrong_query_is_named_at_once(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/things?since=yesterday&exact=perhaps&limit=0&limit=1001&search=x")
    body = problem_of(answer, 400, "invalid_request")
    assert sorted(set(wrong_fields(body))) == ["exact", "limit", "search", "since"]


@pytest.mark.parametrize("limit", ["1e2", "7.0", " 7", "", "0x7"])
async def test_whole_numbers_in_queries_are_digits(client: httpx.AsyncClient, limit: str) -> None:
    body = problem_of(await client.get("/v1/things", params={"limit": limit}), 400, "invalid_request")
    assert body["errors"] == [{"field": "limit", "message": "The limit must be a whole number."}]


async def test_no_query_is_known_where_none_is_declared(client: httpx.AsyncClient) -> None:
    body = problem_of(await client.delete("/v1/things/1?force=true"), 400, "invalid_request")
    assert body["errors"][0]["field"] == "force"
    assert wrong_fields(problem_of(await client.post("/v1/things?x=1", json={"name": "x"}), 400, "invalid_request")) == ["x"]


async def test_nothing_and_elsewhere(client: httpx.AsyncClient) -> None:
    gone = await client.delete("/v1/things/1")
    assert (gone.status_code, gone.content) == (204, b"")
    assert (await client.get("/v1/elsewhere")).headers["location"] == "https://example.org/"


async def test_an_error_has_no_sentence_of_the_older_services(client: httpx.AsyncClient) -> None:
    body = problem_of(await client.delete("/v1/refusing"), 409, "name_taken")
    assert (body["detail"], "error" in body) == ("Taken.", False)
