"""Passwords, sessions, verified addresses and API keys on the running system, with the mails that Firebase would send."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

PASSWORD, NEW = "correct horse: bättery", "another horse: bättery"


@pytest.fixture
def api(cloud: Mapping[str, str]) -> Iterator[httpx.Client]:
    """A client without a token."""
    with httpx.Client(base_url=cloud["REELGATE_URL"], timeout=60) as client:
        yield client


@pytest.fixture
def email(api: httpx.Client) -> str:
    """The address of a registered user."""
    address = f"{secrets.token_hex(6)}@example.com"
    body = {"email": address, "password": PASSWORD, "username": f"Ada {secrets.token_hex(4)}"}
    answer = api.post("/v1/auth/register", json=body)
    assert answer.status_code == 201, answer.text
    return address


def logged_in(api: httpx.Client, email: str, password: str = PASSWORD) -> dict[str, Any]:
    answer = api.post("/v1/auth/login", json={"email": email, "password": password})
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def mailed(cloud: Mapping[str, str], email: str, kind: str) -> list[dict[str, Any]]:
    """Return what Firebase would have sent to an address: each with its `oobCode`."""
    url = f"http://{cloud['FIREBASE_AUTH_EMULATOR_HOST']}/emulator/v1/projects/{cloud['GOOGLE_CLOUD_PROJECT']}/oobCodes"
    codes = httpx.get(url, headers=bearer("owner")).raise_for_status().json()["oobCodes"]
    return [code for code in codes if (code["email"], code["requestType"]) == (email, kind)]


def follow(cloud: Mapping[str, str], method: str, **body: str) -> None:
    """Do what the page behind the link in a mail does."""
    base = f"http://{cloud['FIREBASE_AUTH_EMULATOR_HOST']}/identitytoolkit.googleapis.com/v1/accounts:{method}?key=local"
    httpx.post(base, json=body).raise_for_status()


def test_a_forgotten_password(cloud: Mapping[str, str], api: httpx.Client, email: str) -> None:
    for address in (email, f"{secrets.token_hex(6)}@example.com"):
        answer = api.post("/v1/auth/password-reset", json={"email": address})
        assert (answer.status_code, answer.content) == (202, b"")
    [mail] = mailed(cloud, email, "PASSWORD_RESET")
    follow(cloud, "resetPassword", oobCode=mail["oobCode"], newPassword=NEW)
    assert api.post("/v1/auth/login", json={"email": email, "password": PASSWORD}).status_code == 401
    assert logged_in(api, email, NEW)["user"]["email"] == email


def test_another_password(api: httpx.Client, email: str) -> None:
    session = logged_in(api, email)
    body = {"current_password": PASSWORD, "new_password": NEW}
    wrong = api.put("/v1/me/password", json={**body, "current_password": NEW}, headers=bearer(session["token"]))
    assert (wrong.status_code, wrong.json()["code"]) == (403, "wrong_password")
    assert api.put("/v1/me/password", json=body, headers=bearer(session["token"])).status_code == 204
    assert logged_in(api, email, NEW)["token"]


def test_verifying_an_address(cloud: Mapping[str, str], api: httpx.Client) -> None:
    """A registration has the mail sent already, except in a local cloud, which verifies all other addresses by itself."""
    name = secrets.token_hex(6)
    email = f"{name}@unverified.example"
    body = {"email": email, "username": name, "password": PASSWORD}
    assert api.post("/v1/auth/register", json=body).status_code == 201
    [first] = mailed(cloud, email, "VERIFY_EMAIL")
    token = logged_in(api, email)["token"]
    assert api.get("/v1/me", headers=bearer(token)).json()["email_verified"] is False
    assert api.post("/v1/me/verify-email", headers=bearer(token)).status_code == 202
    [mail] = [one for one in mailed(cloud, email, "VERIFY_EMAIL") if one != first]
    follow(cloud, "update", oobCode=mail["oobCode"])
    assert api.get("/v1/me", headers=bearer(token)).json()["email_verified"] is True
    assert logged_in(api, email)["user"]["email_verified"] is True


def test_logging_out_everywhere(api: httpx.Client, email: str) -> None:
    session = logged_in(api, email)
    assert api.delete("/v1/me/sessions", headers=bearer(session["token"])).status_code == 204
    assert logged_in(api, email)["token"]


def test_the_life_of_a_key(api: httpx.Client, email: str) -> None:
    token = logged_in(api, email)["token"]
    answer = api.post("/v1/me/api-keys", json={"label": "ci", "scopes": ["read"]}, headers=bearer(token))
    assert answer.status_code == 201, answer.text
    key = answer.json()
    me = api.get("/v1/me", headers=bearer(key["key"]))
    assert (me.status_code, me.json()["email"]) == (200, email)
    [listed] = api.get("/v1/me/api-keys", headers=bearer(token)).json()["items"]
    assert listed["last_used_at"] is not None
    path = f"/v1/me/api-keys/{key['key_id']}"
    assert [api.delete(path, headers=bearer(token)).status_code for _ in range(2)] == [204, 204]
    # Another function, which has not seen the key yet, and therefore refuses it at once.
    refused = api.get("/v1/usage/entries", headers=bearer(key["key"]))
    assert (refused.status_code, refused.json()["code"]) == (401, "api_key_revoked")
