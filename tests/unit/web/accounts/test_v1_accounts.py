"""Accounts in version 1 of the API: signing in, one's own account, and users for admins."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.fixtures.api_client import ApiClient, problem_of, wrong_fields
from tests.fixtures.audit_trail import trail
from tests.fixtures.memory_services import MemoryServices

EMAIL, PASSWORD = "grace@example.org", "correct horse battery"
GRACE = {"email": EMAIL, "password": PASSWORD, "username": "Grace"}


@pytest.fixture
async def tokens(services: MemoryServices) -> dict[str, Any]:
    """A session of a registered user."""
    async with ApiClient(services, user=None) as nobody:
        registered = await nobody.post("/v1/auth/register", json=GRACE)
        assert registered.status_code == 201
        session: dict[str, Any] = (await nobody.post("/v1/auth/login", json={"email": EMAIL, "password": PASSWORD})).json()
    assert session["user"] == registered.json()
    services.clock.advance(seconds=2)
    return session


def client(services: MemoryServices, session: dict[str, Any]) -> ApiClient:
    return ApiClient(services, user=session["token"])


async def test_a_session(services: MemoryServices, tokens: dict[str, Any]) -> None:
    user = tokens["user"]
    assert (user["email"], user["email_verified"], user["username"], user["role"]) == (EMAIL, False, "Grace", "user")
    assert user["limits"] == {"storage": 1000, "bandwidth": 2000, "alert_percents": [80, 100], "own": []}
    issued = services.clock() - timedelta(seconds=2)
    assert tokens["expires_at"] == (issued + timedelta(hours=1)).isoformat().replace("+00:00", "Z")
    async with ApiClient(services, user=None) as nobody:
        by_name = await nobody.post("/v1/auth/login", json={"username": "GRACE", "password": PASSWORD})
        again = await nobody.post("/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
        assert by_name.json()["user"] == again.json()["user"] == user
        problem_of(await nobody.post("/v1/auth/login", json={"email": EMAIL, "password": "wrong"}), 401, "invalid_credentials")
        problem_of(await nobody.post("/v1/auth/refresh", json={"refresh_token": "forged"}), 401, "invalid_credentials")


async def test_every_wrong_field_is_named(services: MemoryServices) -> None:
    async with ApiClient(services, user=None) as nobody:
        body = problem_of(await nobody.post("/v1/auth/register", json={"email": 1, "nickname": "x"}), 400, "invalid_request")
        assert sorted(wrong_fields(body)) == ["email", "nickname", "password", "username"]
        for login in ({"password": PASSWORD}, {"password": PASSWORD, "email": EMAIL, "username": "Grace"}):
            either = problem_of(await nobody.post("/v1/auth/login", json=login), 400, "invalid_request")
            assert wrong_fields(either) == ["email", "username"]
        nothing_right = {"email": "grace", "password": "short", "username": "-"}
        body = problem_of(await nobody.post("/v1/auth/register", json=nothing_right), 400, "invalid_request")
        assert wrong_fields(body) == ["email", "username", "password"]
        weak = problem_of(await nobody.post("/v1/auth/register", json={**GRACE, "password": "short"}), 400, "weak_password")
        assert wrong_fields(weak) == ["password"]


async def test_a_reset_has_one_answer(services: MemoryServices, tokens: dict[str, Any]) -> None:
    async with ApiClient(services, user=None) as nobody:
        answers = [await nobody.post("/v1/auth/password-reset", json={"email": email}) for email in (EMAIL, "no@example.org")]
        assert [(answer.status_code, answer.content) for answer in answers] == [(202, b"")] * 2
        for _ in range(2):
            assert (await nobody.post("/v1/auth/password-reset", json={"email": EMAIL})).status_code == 202
        problem_of(await nobody.post("/v1/auth/password-reset", json={"email": EMAIL}), 429, "too_many_attempts")
        problem_of(await nobody.post("/v1/auth/password-reset", json={"email": "x"}), 400, "invalid_request")
    assert services.directory.mails == [(EMAIL, "PASSWORD_RESET")] * 3
    asked = [action for action in trail(services) if action.action == "password.reset_requested"]
    assert [(action.outcome, action.data["email"]) for action in asked] == [
        *[("done", EMAIL), ("done", "no@example.org"), ("done", EMAIL), ("done", EMAIL)],
        ("denied", EMAIL),
    ]


async def test_another_password(services: MemoryServices, tokens: dict[str, Any]) -> None:
    new = {"current_password": PASSWORD, "new_password": "another battery"}
    async with client(services, tokens) as grace:
        wrong = await grace.put("/v1/me/password", json={**new, "current_password": "wrong one"})
        assert "wrong one" not in problem_of(wrong, 403, "wrong_password")["detail"]
        body = problem_of(await grace.put("/v1/me/password", json={**new, "new_password": "short"}), 400, "weak_password")
        assert wrong_fields(body) == ["new_password"]
        assert (await grace.put("/v1/me/password", json=new)).status_code == 204
        problem_of(
            await grace.post("/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"]}), 401, "invalid_credentials"
        )
        problem_of(await grace.post("/validate"), 401, "unauthorized")
    told = [(action.action, action.outcome) for action in trail(services) if action.action == "password.changed"]
    assert told == [("password.changed", "denied"), ("password.changed", "done")]
    assert not any(secret in str(trail(services)) for secret in (PASSWORD, "another battery", "wrong one"))


async def test_logging_out_everywhere(services: MemoryServices, tokens: dict[str, Any]) -> None:
    async with client(services, tokens) as grace:
        for _ in range(2):
            assert (await grace.delete("/v1/me/sessions")).status_code == 204
        problem_of(
            await grace.post("/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"]}), 401, "invalid_credentials"
        )
        problem_of(await grace.post("/validate"), 401, "unauthorized")
        assert (await grace.get("/v1/me")).status_code == 200  # until the token expires
    assert [action.action for action in trail(services)][-2:] == ["sessions.revoked"] * 2


async def test_verifying_the_address(services: MemoryServices, tokens: dict[str, Any]) -> None:
    async with client(services, tokens) as grace:
        assert (await grace.post("/v1/me/verify-email")).status_code == 202
        assert services.directory.mails == [(EMAIL, "VERIFY_EMAIL")]
        services.directory.verify(tokens["user"]["user_id"])
        assert (await grace.get("/v1/me")).json()["email_verified"] is True


async def test_users_of_another_issuer_sign_in_there(services: MemoryServices, api: ApiClient) -> None:
    passwords = {"current_password": PASSWORD, "new_password": "another battery"}
    for answer in (
        await api.put("/v1/me/password", json=passwords),
        await api.delete("/v1/me/sessions"),
        await api.post("/v1/me/verify-email"),
    ):
        problem_of(answer, 409, "foreign_user")
    me = (await api.get("/v1/me")).json()
    assert (me["user_id"], me["email_verified"], me["role"], me["created_at"]) == ("ada", None, "user", None)


async def test_names_and_addresses_cannot_be_changed_and_the_refusal_says_so(api: ApiClient, admin: ApiClient) -> None:
    given = {"username": "Bob", "email": "bob@example.org", "mails": {"alerts": False}}
    refused = problem_of(await api.patch("/v1/me", json=given), 400, "invalid_request")
    assert refused["errors"] == [
        {"field": "email", "message": "An e-mail address cannot be changed."},
        {"field": "username", "message": "A user name cannot be changed."},
    ]
    assert "hint" not in refused
    assert (await api.get("/v1/me")).json()["mails"]["alerts"] is True
    refused = problem_of(
        await admin.patch("/v1/admin/users/ada", json={"username": "Bob", "name": "Bob"}), 400, "invalid_request"
    )
    assert [error["field"] for error in refused["errors"]] == ["username", "name"]
    assert refused["errors"][0]["message"] == "A user name cannot be changed."


async def test_which_mails_to_get(api: ApiClient) -> None:
    assert (await api.patch("/v1/me", json={"mails": {"alerts": False}})).json()["mails"] == {"alerts": False, "audio": True}
    assert (await api.patch("/v1/me", json={"mails": {}})).json()["mails"] == {"alerts": False, "audio": True}
    for wrong in ({}, {"mails": None}, {"mails": {"alerts": "no"}}, {"mails": {"news": True}}):
        problem_of(await api.patch("/v1/me", json=wrong), 400, "invalid_request")


async def test_what_is_used_is_shown(services: MemoryServices, api: ApiClient) -> None:
    await services.add_video("a.mp4", 100)
    me = (await api.get("/v1/me")).json()
    assert (me["storage_used"], me["bandwidth_used"]) == (100, 100)


async def test_admins_see_and_change_users(services: MemoryServices, admin: ApiClient, tokens: dict[str, Any]) -> None:
    await services.add_video()
    user_id = tokens["user"]["user_id"]
    listed = (await admin.get("/v1/admin/users")).json()
    assert {user["user_id"] for user in listed["items"]} == {"ada", user_id}
    assert (await admin.get("/v1/admin/users", params={"email": EMAIL.upper()})).json()["items"] == [tokens["user"]]
    assert (await admin.get("/v1/admin/users", params={"email": "no@example.org"})).json() == {"items": [], "next_cursor": None}
    path = f"/v1/admin/users/{user_id}"
    changes = {"role": "admin", "limits": {"storage": 5, "bandwidth": 6, "alert_percents": [50, 50, 10]}}
    changed = (await admin.patch(path, json=changes)).json()
    assert changed["limits"] == {
        "storage": 5,
        "bandwidth": 6,
        "alert_percents": [10, 50],
        "own": ["storage", "bandwidth", "alert_percents"],
    }
    assert changed["role"] == "admin"
    assert changed["role_effective_at"] is not None
    back = (await admin.patch(path, json={"disabled": True, "limits": {"storage": None}})).json()
    assert (back["disabled"], back["limits"]["storage"], back["limits"]["own"]) == (True, 1000, ["bandwidth", "alert_percents"])
    assert back["role_effective_at"] is None
    shown = (await admin.get(path)).json()
    assert shown == {name: value for name, value in back.items() if name != "role_effective_at"}


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"limits": {}},
        {"role": "root"},
        {"role": None},
        {"disabled": 1},
        {"limits": {"storage": -1}},
        {"limits": {"storage": 2**63}},
        {"limits": {"alert_percents": []}},
        {"limits": {"alert_percents": [0]}},
        {"limits": {"trash": 1}},
        {"storage_limit": 1},
    ],
)
async def test_what_cannot_be_changed(services: MemoryServices, admin: ApiClient, wrong: dict[str, Any]) -> None:
    await services.add_video()
    problem_of(await admin.patch("/v1/admin/users/ada", json=wrong), 400, "invalid_request")
    assert await services.kinds() == ["reserve", "commit"]


async def test_users_who_do_not_exist(admin: ApiClient) -> None:
    for user_id in ("nobody", "x" * 301, "a%0Ab"):
        problem_of(await admin.get(f"/v1/admin/users/{user_id}"), 404, "user_not_found")
        problem_of(await admin.patch(f"/v1/admin/users/{user_id}", json={"disabled": True}), 404, "user_not_found")
    problem_of(await admin.get("/v1/admin/users", params={"email": EMAIL, "cursor": "x"}), 400, "invalid_request")
