"""Registering, logging in, validating a token and looking at oneself, over HTTP."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from reelgate.adapters.documents.single_documents import delete_document
from tests.fixtures.api_client import ApiClient, problem_of
from tests.fixtures.audit_trail import forget, trail
from tests.fixtures.memory_services import MemoryServices

PASSWORD = "pass: wörd"
REGISTRATION = {"email": "Eve@example.org", "password": PASSWORD, "username": "Eve"}


@pytest.fixture
async def nobody(services: MemoryServices) -> AsyncIterator[ApiClient]:
    """Somebody without a token."""
    async with ApiClient(services, user=None) as client:
        yield client


def basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


async def registered(nobody: ApiClient) -> dict[str, Any]:
    answer = await nobody.post("/register", json=REGISTRATION)
    assert answer.status_code == 201
    return answer.json()  # type: ignore[no-any-return]


async def test_registering_answers_with_the_account(nobody: ApiClient) -> None:
    expected = {
        "message": "User registered successfully",
        "id": "id-1",
        "uid": "id-1",
        "email": "eve@example.org",
        "username": "Eve",
        "role": "user",
        "created_at": "2026-11-03T12:00:00.123Z",
    }
    assert await registered(nobody) == expected
    assert await registered(nobody) == expected


@pytest.mark.parametrize("field", ["email", "password", "username"])
@pytest.mark.parametrize("value", [None, "", 5, [], {}, "\n"])
async def test_registering_with_a_field_that_cannot_be(nobody: ApiClient, field: str, value: object) -> None:
    answer = await nobody.post("/register", json={**REGISTRATION, field: value})
    assert problem_of(answer, 400, "invalid_request")["field"] == field


async def test_registering_with_what_is_weak_or_taken(nobody: ApiClient, services: MemoryServices) -> None:
    weak = await nobody.post("/register", json={**REGISTRATION, "password": "123456"})
    assert "8 characters" in problem_of(weak, 400, "weak_password")["detail"]
    await registered(nobody)
    problem_of(await nobody.post("/register", json={**REGISTRATION, "email": "x@example.org"}), 409, "username_taken")
    taken = await nobody.post("/register", json={**REGISTRATION, "password": "something else"})
    problem_of(taken, 409, "email_taken")
    services.account_policy = replace(services.account_policy, registration_open=False)
    problem_of(await nobody.post("/register", json=REGISTRATION), 403, "registration_closed")


async def test_a_short_password_where_the_deployment_allows_it(nobody: ApiClient, services: MemoryServices) -> None:
    services.account_policy = replace(services.account_policy, password_min_length=6)
    body = {"email": "example1@gmail.com", "password": "123456", "username": "example1"}
    assert (await nobody.post("/register", json=body)).status_code == 201
    assert (await nobody.post("/login", json=body)).status_code == 200


WAYS: list[dict[str, Any]] = [
    {"json": {"email": "eve@example.org", "password": PASSWORD}},
    {"json": {"username": "EVE", "password": PASSWORD}},
    {"json": {"username": "eve@example.org", "password": PASSWORD}},
    {"headers": basic("eve@example.org", PASSWORD)},
    {"headers": basic("Eve", PASSWORD)},
    {
        "headers": {
            "Authorization": "Bearer of-the-gateway",
            "X-Forwarded-Authorization": basic("Eve", PASSWORD)["Authorization"],
        }
    },
    {"headers": {"Authorization": "Bearer outdated"}, "json": {"email": "eve@example.org", "password": PASSWORD}},
]


@pytest.mark.parametrize("request_parts", WAYS)
async def test_logging_in(nobody: ApiClient, request_parts: dict[str, Any]) -> None:
    await registered(nobody)
    answer = await nobody.post("/login", **request_parts)
    body = answer.json()
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert body["token"] == body["id_token"]
    told = {name: body[name] for name in ("uid", "email", "username", "role", "token_type", "expires_in")}
    assert told == {
        "uid": "id-1",
        "email": "eve@example.org",
        "username": "Eve",
        "role": "user",
        "token_type": "Bearer",
        "expires_in": 3600,
    }
    me = await nobody.get("/me", headers={"Authorization": f"Bearer {body['token']}"})
    assert me.json()["username"] == "Eve"
    refreshed = await nobody.post("/login/refresh", json={"refresh_token": body["refresh_token"]})
    assert refreshed.json().keys() == body.keys()


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("text/plain", "text/plain; charset=utf-8"),
        ("text/plain;q=0.9, */*;q=0.1", "text/plain; charset=utf-8"),
        ("*/*", "application/json"),
        ("application/json, text/plain, */*", "application/json"),
    ],
)
async def test_who_asks_for_text_gets_the_bare_token(nobody: ApiClient, accept: str, content_type: str) -> None:
    await registered(nobody)
    answer = await nobody.post("/login", headers={**basic("Eve", PASSWORD), "Accept": accept})
    assert answer.headers["content-type"] == content_type
    if content_type.startswith("text"):
        assert (await nobody.get("/me", headers={"Authorization": f"Bearer {answer.text}"})).status_code == 200


async def test_wrong_credentials_are_answered_alike(nobody: ApiClient, services: MemoryServices) -> None:
    await registered(nobody)
    answers: list[httpx.Response] = [
        await nobody.post("/login", json={"email": "eve@example.org", "password": "wrong"}),
        await nobody.post("/login", json={"email": "who@example.org", "password": PASSWORD}),
        await nobody.post("/login", json={"email": "no address", "password": PASSWORD}),
        await nobody.post("/login", json={"username": "Who", "password": PASSWORD}),
        await nobody.post("/login", headers=basic("Who", PASSWORD)),
    ]
    await services.directory.set_disabled("id-1", True)
    answers.append(await nobody.post("/login", json={"email": "eve@example.org", "password": PASSWORD}))
    told = [problem_of(answer, 401, "invalid_credentials") | {"request_id": ""} for answer in answers]
    assert all(one == told[0] for one in told)
    assert PASSWORD not in "".join(answer.text for answer in answers)


@pytest.mark.parametrize(
    ("typed", "told"), [("Eve", "eve@example.org"), ("eve@example.org", "eve@example.org"), ("My-Password-7", None)]
)
async def test_the_audit_log_is_told_whose_password_was_guessed(
    nobody: ApiClient, services: MemoryServices, typed: str, told: str | None
) -> None:
    await registered(nobody)
    await nobody.post("/login", headers=basic(typed, "wrong"))
    action = services.events.published[-1]
    assert (action.topic, action.type, action.data["outcome"]) == ("audit", "login", "denied")
    assert action.data["details"].get("email") == told
    assert typed == told or typed not in str(action)


@pytest.mark.parametrize("header", ["Basic", "Basic !", "Basic YQ==", "Basic gICA", "basic "])
async def test_what_is_no_basic(nobody: ApiClient, header: str) -> None:
    problem_of(await nobody.post("/login", headers={"Authorization": header}), 401, "invalid_credentials")


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b'{"email": "a@b.org"}', b'{"email": "a@b.org", "password": 5}', b'{"username": 5, "password": "x"}', b"["],
)
async def test_incomplete_credentials(nobody: ApiClient, body: bytes) -> None:
    problem_of(await nobody.post("/login", content=body), 400, "invalid_request")


@pytest.mark.parametrize("token", [None, "", 5])
async def test_no_refresh_token(nobody: ApiClient, token: object) -> None:
    problem_of(await nobody.post("/login/refresh", json={"refresh_token": token}), 400, "invalid_request")
    problem_of(await nobody.post("/login/refresh", json={"refresh_token": "forged"}), 401, "invalid_credentials")


async def test_too_many_tries_say_when_to_come_back(nobody: ApiClient) -> None:
    await registered(nobody)
    for _ in range(3):
        await nobody.post("/login", json={"email": "eve@example.org", "password": "wrong"})
    refused = await nobody.post("/login", json={"email": "eve@example.org", "password": PASSWORD})
    problem_of(refused, 429, "too_many_attempts")
    assert 0 < int(refused.headers["retry-after"]) <= 901
    elsewhere = {"X-Forwarded-For": "203.0.113.5"}
    answer = await nobody.post("/login", headers=elsewhere, json={"email": "eve@example.org", "password": PASSWORD})
    assert answer.status_code == 200


async def test_validating(nobody: ApiClient, services: MemoryServices) -> None:
    await registered(nobody)
    token = (await nobody.post("/login", headers=basic("Eve", PASSWORD))).json()["token"]
    bearer = {"Authorization": f"Bearer {token}"}
    valid = (await nobody.post("/validate", headers=bearer)).json()
    assert (valid["valid"], valid["uid"], valid["username"], valid["admin"]) == (True, "id-1", "Eve", False)
    assert (valid["exp"], valid["claims"]["sub"]) == (int(services.now().timestamp()) + 3600, "id-1")
    await services.directory.set_role("id-1", "admin")
    assert (await nobody.post("/validate", headers=bearer)).json()["admin"] is True
    await services.directory.remove("id-1")
    problem_of(await nobody.post("/validate", headers=bearer), 401, "unauthorized")
    problem_of(await nobody.post("/validate", headers={"Authorization": "Bearer forged"}), 401, "unauthorized")


async def test_validating_a_foreign_token(api: ApiClient) -> None:
    valid = (await api.post("/validate")).json()
    assert (valid["uid"], valid["username"], valid["issuer"]) == ("ada", None, "https://main.example")


async def test_oneself(api: ApiClient, services: MemoryServices) -> None:
    new = (await api.get("/me")).json()
    assert (new["uid"], new["email"], new["username"], new["stored"], new["limits"]["own"]) == (
        "ada",
        "ada@example.org",
        None,
        0,
        [],
    )
    await services.add_video("a.mp4", 300)
    granted = await services.grant("b.mp4", 20)
    me = (await api.get("/me")).json()
    assert (me["stored"], me["reserved"], me["today"]["uploaded"], me["today"]["upload_count"]) == (300, 20, 300, 1)
    assert me["limits"] == {"storage_limit": 1000, "daily_limit": 2000, "alert_percents": [80, 100], "own": []}
    assert (me["id"], me["role"], me["disabled"]) == ("ada", "user", False)
    assert me["uploading"] == me["created_at"] == "2026-11-03T12:00:00.123Z"
    assert granted.upload.size == 20


def audited(services: MemoryServices) -> list[tuple[str, str, str, dict[str, Any]]]:
    """Return who did what, with which outcome, and the details."""
    return [(action.uid, action.action, action.outcome, dict(action.data)) for action in trail(services)]


async def test_nobody_without_a_token_can_fill_the_audit_log(nobody: ApiClient, services: MemoryServices) -> None:
    """Of all that is refused, the log gets each password that was tried and one line for each counter that is full."""
    policy = services.account_policy
    for _ in range(policy.login_max_failures + 20):
        await nobody.post("/login", json={"email": "eve@example.org", "password": "wrong"})
    for number in range(policy.login_max_failures_of_address + 20):
        await nobody.post("/login", json={"email": f"p{number}@example.org", "password": "wrong"})
    assert [action[3]["error"] for action in audited(services)].count("invalid_credentials") == (
        policy.login_max_failures_of_address
    )
    assert [action[3]["error"] for action in audited(services)].count("too_many_attempts") == 2
    services.clock.advance(minutes=15)
    forget(services)
    for number in range(policy.registrations_of_address + 20):
        await nobody.post("/register", json=REGISTRATION | {"email": f"p{number}@example.org", "username": f"P{number}"})
        await nobody.post("/login/refresh", json={"refresh_token": "forged"})
        await nobody.post("/login", headers={"Authorization": "Basic !"})
    done = [("user.registered", "done")] * policy.registrations_of_address
    assert [action[1:3] for action in audited(services)] == [*done, ("user.registered", "denied")]
    services.account_policy = replace(policy, registration_open=False)
    forget(services)
    problem_of(await nobody.post("/register", json=REGISTRATION), 403, "registration_closed")
    assert audited(services) == []


async def test_a_full_counter_is_one_record_of_the_log(nobody: ApiClient, services: MemoryServices) -> None:
    """Even where it is full a second time in a window, because a login that was under way gave its place back."""
    refusals = []
    for _ in range(2):
        for _ in range(services.account_policy.login_max_failures + 1):
            await nobody.post("/login", json={"email": "who@example.org", "password": "wrong"})
        told = [message for message in services.events.published if message.topic == "audit"]
        refusals += [message.event_id for message in told if message.data["details"]["error"] == "too_many_attempts"]
        for address in list(services.documents.database.documents):
            await delete_document(services.documents, address)
        services.events.log.clear()
    assert len(refusals) == 2
    assert len(set(refusals)) == 1


async def test_the_audit_log_is_told_who_and_never_a_secret(nobody: ApiClient, services: MemoryServices) -> None:
    await registered(nobody)
    tokens = (await nobody.post("/login", headers=basic("Eve", PASSWORD))).json()
    await nobody.post("/login/refresh", json={"refresh_token": tokens["refresh_token"]})
    await nobody.post("/login", json={"email": "eve@example.org", "password": "a wrong one"})
    await nobody.post("/login", json={"username": PASSWORD.replace(":", ""), "password": "eve@example.org"})
    assert [action[:3] for action in audited(services)] == [
        ("id-1", "user.registered", "done"),
        ("id-1", "login", "done"),
        ("id-1", "login.refreshed", "done"),
        ("", "login", "denied"),
        ("", "login", "denied"),
    ]
    assert audited(services)[3][3]["email"] == "eve@example.org"
    shown = repr(services.events.published)
    secrets = (PASSWORD, PASSWORD.replace(":", ""), "a wrong one", tokens["token"], tokens["refresh_token"])
    assert [secret for secret in secrets if secret in shown] == []


@pytest.mark.parametrize(
    ("forwarded", "proxies", "count", "known"),
    [
        ("192.0.2.1, 35.1.1.1", 1, 2, True),
        ("6.6.6.6, 192.0.2.1, 35.1.1.1", 1, 3, True),
        ("35.1.1.1", 1, 1, False),
        (None, 1, 0, False),
        (None, 0, 0, True),
    ],
)
async def test_the_log_says_by_how_many_entries_an_address_came_and_not_which(
    nobody: ApiClient,
    services: MemoryServices,
    caplog: pytest.LogCaptureFixture,
    forwarded: str | None,
    proxies: int,
    count: int,
    known: bool,
) -> None:
    caplog.set_level("INFO", "reelgate")
    services.account_policy = replace(services.account_policy, proxies_in_front=proxies)
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    await nobody.post("/register", json=REGISTRATION, headers=headers)
    await nobody.post("/login", json={"email": "eve@example.org", "password": PASSWORD}, headers=headers)
    told = [record for record in caplog.records if "X-Forwarded-For" in record.message]
    fields = {"forwarded_for_entries": count, "proxies_in_front": proxies}
    assert [record.json_fields for record in told] == [fields, fields]  # type: ignore[attr-defined]
    assert {record.levelname for record in told} == {"INFO" if known else "WARNING"}
    assert "192.0.2.1" not in caplog.text
    assert "35.1.1.1" not in caplog.text


async def test_strangers_whose_address_is_not_known_share_no_small_limit(nobody: ApiClient, services: MemoryServices) -> None:
    services.account_policy = replace(services.account_policy, proxies_in_front=1)
    headers = {"X-Forwarded-For": "35.1.1.1"}
    for number in range(services.account_policy.registrations_of_address + 1):
        body = REGISTRATION | {"email": f"p{number}@example.org", "username": f"P{number}"}
        assert (await nobody.post("/register", json=body, headers=headers)).status_code == 201
