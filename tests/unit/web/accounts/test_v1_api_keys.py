"""API keys over HTTP: made once, shown once, refused where a person must be asked, and never written down anywhere."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest

from tests.fixtures.api_client import ApiClient, problem_of, wrong_fields
from tests.fixtures.audit_trail import trail
from tests.fixtures.memory_services import ROOT, MemoryServices

NEW = {"label": "nightly backup", "scopes": ["read"]}


async def made(api: ApiClient, **more: Any) -> dict[str, Any]:
    answer = await api.post("/v1/me/api-keys", json={**NEW, **more})
    assert answer.status_code == 201, answer.text
    key: dict[str, Any] = answer.json()
    return key


async def test_a_key_is_shown_once(services: MemoryServices, api: ApiClient) -> None:
    expires_at = (services.clock() + timedelta(days=30)).isoformat()
    key = await made(api, expires_at=expires_at)
    shown = {name: value for name, value in key.items() if name != "key"}
    assert shown["expires_at"] is not None
    assert shown["last_used_at"] is None
    assert (await api.get("/v1/me/api-keys")).json() == {"items": [shown], "next_cursor": None}
    async with ApiClient(services, user=key["key"]) as machine:
        assert (await machine.get("/v1/me")).json()["user_id"] == "ada"
    assert (await api.get("/v1/me/api-keys")).json()["items"][0]["last_used_at"] is not None


async def test_behind_api_gateway_the_key_is_in_the_other_header(services: MemoryServices, api: ApiClient) -> None:
    key = (await made(api))["key"]
    async with ApiClient(services, user="the-gateway-s-own-token") as gateway:
        answer = await gateway.get("/v1/me", headers={"X-Forwarded-Authorization": f"Bearer {key}"})
        assert answer.json()["user_id"] == "ada"


async def test_scopes(services: MemoryServices, api: ApiClient) -> None:
    async with ApiClient(services, user=(await made(api))["key"]) as reader:
        problem_of(await reader.patch("/v1/me", json={"mails": {}}), 403, "missing_scope")
        assert (await reader.head("/v1/me")).status_code == 200
    async with ApiClient(services, user=(await made(api, scopes=["write"]))["key"]) as writer:
        assert (await writer.patch("/v1/me", json={"mails": {}})).status_code == 200
        assert (await writer.get("/v1/me")).status_code == 200


async def test_an_admin_s_key_is_no_admin_s(services: MemoryServices, admin: ApiClient) -> None:
    key = await made(admin, scopes=["write"])
    async with ApiClient(services, user=key["key"]) as machine:
        assert (await machine.get("/v1/me")).json()["role"] == "user"
        for method, path in (("GET", "/v1/admin/users"), ("PATCH", "/v1/admin/users/ada"), ("GET", "/v1/me/api-keys")):
            problem_of(await machine.request(method, path, json={}), 403, "not_for_api_keys")
        problem_of(await machine.post("/v1/me/api-keys", json=NEW), 403, "not_for_api_keys")
        problem_of(await machine.get("/logs"), 401, "unauthorized")
    denied = [action for action in trail(services) if action.outcome == "denied"]
    assert {(action.uid, action.data["key_id"]) for action in denied} == {(ROOT.uid, key["key_id"])}


async def test_deleting_twice(services: MemoryServices, api: ApiClient) -> None:
    key = await made(api)
    path = f"/v1/me/api-keys/{key['key_id']}"
    for _ in range(2):
        assert (await api.delete(path)).status_code == 204
    assert (await api.get("/v1/me/api-keys")).json()["items"] == []
    async with ApiClient(services, user=key["key"]) as machine:
        answer = await machine.get("/v1/me")
        problem_of(answer, 401, "api_key_revoked")
        assert answer.headers["www-authenticate"] == 'Bearer realm="reelgate"'
    async with ApiClient(services, user="bob") as bob:
        problem_of(await bob.delete(path), 404, "api_key_not_found")
    told = [(action.action, action.data["key_id"]) for action in trail(services) if action.action.startswith("key.")]
    assert told == [("key.created", key["key_id"]), ("key.revoked", key["key_id"])]


async def test_keys_that_are_refused(services: MemoryServices, api: ApiClient) -> None:
    key = await made(api, expires_at=(services.clock() + timedelta(seconds=5)).isoformat())
    services.clock.advance(seconds=5)
    async with ApiClient(services, user=key["key"]) as machine:
        problem_of(await machine.get("/v1/me"), 401, "api_key_expired")
    for text in (key["key"][:-1], "rgk_", f"{key['key']}x", "rgk_" + "0" * 4000):
        async with ApiClient(services, user=text) as machine:
            problem_of(await machine.get("/v1/me"), 401, "invalid_api_key")


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"label": "", "scopes": ["read"]}, ["label"]),
        ({"label": "x" * 101, "scopes": ["read"]}, ["label"]),
        ({"label": "x", "scopes": []}, ["scopes"]),
        ({"label": "x", "scopes": ["admin"]}, ["scopes[0]"]),
        ({"label": "x", "scopes": ["read"], "expires_at": "2020-01-01T00:00:00Z"}, ["expires_at"]),
        ({"label": "x", "scopes": ["read"], "expires_at": "2999-01-01T00:00:00Z"}, ["expires_at"]),
        ({"label": "x", "scopes": ["read"], "expires_at": "2027-01-01T00:00:00"}, ["expires_at"]),
        ({"label": "", "scopes": ["read"], "expires_at": "2020-01-01T00:00:00Z"}, ["expires_at", "label"]),
        ({"name": "x"}, ["label", "name", "scopes"]),
    ],
)
async def test_what_is_no_new_key(api: ApiClient, wrong: dict[str, Any], fields: list[str]) -> None:
    body = problem_of(await api.post("/v1/me/api-keys", json=wrong), 400, "invalid_request")
    assert sorted(wrong_fields(body)) == fields
    assert (await api.get("/v1/me/api-keys")).json()["items"] == []


async def test_the_number_of_keys_is_bounded(api: ApiClient) -> None:
    for _ in range(25):
        await made(api)
    problem_of(await api.post("/v1/me/api-keys", json=NEW), 409, "too_many_api_keys")


async def test_no_key_is_written_down(services: MemoryServices, api: ApiClient, caplog: pytest.LogCaptureFixture) -> None:
    """Neither a right one nor a wrong one: in logs, the audit log, published messages, documents, problems."""
    with caplog.at_level(logging.DEBUG):
        key = (await made(api, scopes=["write"]))["key"]
        wrong = key[:-1] + ("0" if key[-1] != "0" else "1")
        problems = ""
        for text in (key, wrong):
            async with ApiClient(services, user=text) as machine:
                for method, path in (
                    ("GET", "/v1/me"),
                    ("PATCH", "/v1/me"),
                    ("GET", "/v1/admin/users"),
                    ("GET", "/v1/nothing"),
                ):
                    answer = await machine.request(method, path, json={} if method == "PATCH" else None)
                    problems += answer.text + str(answer.headers)
    stores = (services.documents, services.books_store, services.audit_store)
    stored = "".join(str(document.fields) for store in stores for document in store.database.documents.values())
    written = "".join(str(record.__dict__) for record in caplog.records) + stored + problems
    written += str(services.events.published) + str(trail(services))
    secret = key.split("_")[2]
    assert [text for text in (key, wrong, secret, secret[:20]) if text in written] == []
    assert len(written) > 1000
