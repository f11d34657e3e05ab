"""Accounts from the outside: registering, logging in, what admins change, and how much guessing is allowed."""

from __future__ import annotations

import base64
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.own_function import own_function
from tests.e2e.people import Person

PASSWORD = "correct horse: bättery"


@pytest.fixture
def api(cloud: Mapping[str, str]) -> Iterator[httpx.Client]:
    """Somebody without a token."""
    with httpx.Client(base_url=cloud["REELGATE_URL"], timeout=60) as client:
        yield client


@pytest.fixture
def newcomer() -> dict[str, str]:
    """What somebody new sends to /register."""
    return {"email": f"{secrets.token_hex(6)}@example.com", "password": PASSWORD, "username": f"Ada {secrets.token_hex(4)}"}


def entered(api: httpx.Client, newcomer: Mapping[str, str]) -> dict[str, Any]:
    """Register and log in."""
    answer = api.post("/register", json=dict(newcomer))
    assert answer.status_code == 201, answer.text
    answer = api.post("/login", json={"email": newcomer["email"], "password": newcomer["password"]})
    assert answer.status_code == 200, answer.text
    return answer.json()  # type: ignore[no-any-return]


def bearer(tokens: Mapping[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['token']}"}


def test_an_account_from_its_first_request_to_its_first_upload(api: httpx.Client, newcomer: dict[str, str]) -> None:
    tokens = entered(api, newcomer)
    assert api.post("/register", json=newcomer).json()["uid"] == tokens["uid"]
    request = {"filename": "a.mp4", "size": 10, "content_type": "video/mp4"}
    assert api.post("/upload", json=request, headers=bearer(tokens)).status_code == 201
    me = api.get("/me", headers=bearer(tokens)).json()
    assert (me["username"], me["reserved"], me["uploading"] is not None) == (newcomer["username"], 10, True)
    refreshed = api.post("/login/refresh", json={"refresh_token": tokens["refresh_token"]}).json()
    assert api.post("/validate", headers=bearer(refreshed)).json()["username"] == newcomer["username"]


def test_basic_with_colons_and_umlauts_gets_the_bare_token_as_text(
    api: httpx.Client, newcomer: dict[str, str], cloud: Mapping[str, str]
) -> None:
    entered(api, newcomer)
    command = ["curl", "-sS", "-X", "POST", f"{cloud['REELGATE_URL']}/login", "-H", "Accept: text/plain"]
    credentials = ["-u", f"{newcomer['email']}:{PASSWORD}"]
    token = subprocess.run([*command, *credentials], capture_output=True, text=True, check=True, timeout=60).stdout
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    assert claims["email"] == newcomer["email"]
    assert api.post("/validate", headers={"Authorization": f"Bearer {token}"}).json()["valid"] is True


def test_racing_for_one_name(api: httpx.Client, newcomer: dict[str, str]) -> None:
    requests = [{**newcomer, "email": f"{secrets.token_hex(6)}@example.com"} for _ in range(6)]
    with ThreadPoolExecutor(len(requests)) as pool:
        answers = list(pool.map(lambda request: api.post("/register", json=request), requests))
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 5]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"username_taken"}
    [winner] = [request for request, answer in zip(requests, answers, strict=True) if answer.status_code == 201]
    by_name = api.post("/login", json={"username": newcomer["username"].upper(), "password": PASSWORD}).json()
    assert by_name["email"] == winner["email"]
    for request in requests:
        status = api.post("/login", json={"email": request["email"], "password": PASSWORD}).status_code
        assert status == (200 if request is winner else 401)


def wait_for_a_window_with_time_left() -> None:
    """The throttle's windows are cut by the clock: what is counted in two of them has twice the room."""
    left = 900 - time.time() % 900
    if left < 30:
        time.sleep(left + 1)


def test_guessing_ends_after_ten_tries_and_says_when_it_may_go_on(api: httpx.Client, newcomer: dict[str, str]) -> None:
    entered(api, newcomer)
    wait_for_a_window_with_time_left()
    wrong = {"email": newcomer["email"], "password": "a guess"}
    refusals = [api.post("/login", json=wrong) for _ in range(11)]
    assert [answer.status_code for answer in refusals] == [401] * 10 + [429]
    assert 0 < int(refusals[-1].headers["retry-after"]) <= 901
    right = api.post("/login", json={"email": newcomer["email"], "password": PASSWORD})
    assert (right.status_code, right.json()["code"]) == (429, "too_many_attempts")
    # The name is counted by itself, else it would tell whose it is.
    by_name = [api.post("/login", json={"username": newcomer["username"], "password": "a guess"}) for _ in range(11)]
    assert [answer.status_code for answer in by_name] == [401] * 10 + [429]
    nobody = [api.post("/login", json={"email": f"x{wrong['email']}", "password": "a guess"}) for _ in range(11)]
    assert [answer.status_code for answer in nobody] == [401] * 10 + [429]


def test_limits_hold_at_once_and_keep_what_is_there(admin: Person, person: Person) -> None:
    person.upload("a.mp4", b"v" * 1000)
    changed = admin.api.patch(f"/admin/users/{person.uid}", json={"storage_limit": 1500, "daily_limit": 4000})
    assert changed.json()["limits"]["own"] == ["storage_limit", "daily_limit"]
    too_much = {"filename": "b.mp4", "size": 501, "content_type": "video/mp4"}
    refused = person.api.post("/upload", json=too_much)
    assert (refused.status_code, refused.json()["limit"]) == (403, 1500)
    assert admin.api.patch(f"/admin/users/{person.uid}", json={"storage_limit": 10}).json()["stored"] == 1000
    assert person.api.get("/stream/direct/a.mp4").status_code == 200
    assert person.storage_status()["total_storage"] == 10
    assert admin.api.patch(f"/admin/users/{person.uid}", json={"storage_limit": None}).json()["limits"]["own"] == [
        "daily_limit"
    ]
    assert person.api.post("/upload", json=too_much).status_code == 201
    person.assert_books_right()
    assert [entry["kind"] for entry in person.ledger()].count("limits") == 3


def test_disabling_ends_what_is_granted_and_enabling_gives_it_back(
    api: httpx.Client, admin: Person, newcomer: dict[str, str]
) -> None:
    tokens = entered(api, newcomer)
    request = {"filename": "a.mp4", "size": 10, "content_type": "video/mp4"}
    assert admin.api.patch(f"/admin/users/{tokens['uid']}", json={"disabled": True}).json()["disabled"] is True
    refused = api.post("/upload", json=request, headers=bearer(tokens))
    assert (refused.status_code, refused.json()["code"]) == (403, "account_disabled")
    assert api.post("/validate", headers=bearer(tokens)).status_code == 401
    assert api.post("/login/refresh", json={"refresh_token": tokens["refresh_token"]}).status_code == 401
    again = api.post("/login", json={"email": newcomer["email"], "password": PASSWORD})
    assert (again.status_code, again.json()["code"]) == (401, "invalid_credentials")
    admin.api.patch(f"/admin/users/{tokens['uid']}", json={"disabled": False})
    assert api.post("/upload", json=request, headers=bearer(tokens)).status_code == 201
    assert api.post("/login", json={"email": newcomer["email"], "password": PASSWORD}).status_code == 200


def test_a_role_comes_with_the_next_token(api: httpx.Client, admin: Person, newcomer: dict[str, str]) -> None:
    tokens = entered(api, newcomer)
    changed = admin.api.patch(f"/admin/users/{tokens['uid']}", json={"role": "admin"}).json()
    assert (changed["role"], changed["role_effective_at"] is not None) == ("admin", True)
    assert api.get("/admin/users", headers=bearer(tokens)).status_code == 403
    newer = api.post("/login/refresh", json={"refresh_token": tokens["refresh_token"]}).json()
    assert newer["role"] == "admin"
    users = api.get("/admin/users", headers=bearer(newer), params={"email": newcomer["email"]}).json()["users"]
    assert [user["uid"] for user in users] == [tokens["uid"]]
    itself = api.patch(f"/admin/users/{tokens['uid']}", json={"role": "user"}, headers=bearer(newer))
    assert (itself.status_code, itself.json()["code"]) == (409, "own_account")
    admin.api.patch(f"/admin/users/{tokens['uid']}", json={"role": "user"})
    back = api.patch(f"/admin/users/{tokens['uid']}", json={"role": "admin"}, headers=bearer(newer))
    assert (back.status_code, back.json()["code"]) == (403, "forbidden")


def test_all_users_are_listed_once(admin: Person, person: Person, another: Person) -> None:
    for who in (person, another):
        who.ask("a.mp4", 1)
    uids: list[str] = []
    cursor = None
    while True:
        params = {"limit": 3} | ({"cursor": cursor} if cursor else {})
        page = admin.api.get("/admin/users", params=params).json()
        uids += [user["uid"] for user in page["users"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(uids) == len(set(uids))
    assert {person.uid, another.uid} <= set(uids)


def test_the_first_admin_is_made_by_a_command(
    api: httpx.Client, newcomer: dict[str, str], cloud: Mapping[str, str], tmp_path: Path
) -> None:
    tokens = entered(api, newcomer)
    command = [sys.executable, "-m", "ops", "admin", newcomer["email"]]
    done = subprocess.run(command, env={**os.environ, **cloud}, capture_output=True, text=True, check=True, timeout=60)
    assert f"{tokens['uid']} ({newcomer['email']}): user -> admin" in done.stdout
    assert api.post("/login/refresh", json={"refresh_token": tokens["refresh_token"]}).json()["role"] == "admin"
    unknown = subprocess.run(
        [*command[:-1], "nobody@example.com"],
        env={**os.environ, **cloud},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (unknown.returncode, unknown.stdout) == (1, "")


def test_registration_can_be_closed_and_short_passwords_allowed(
    cloud: Mapping[str, str], newcomer: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "closed").mkdir()
    (tmp_path / "open").mkdir()
    with own_function(cloud, "accounts", tmp_path / "closed", REELGATE_REGISTRATION="closed") as origin:
        refused = httpx.post(f"{origin}/register", json=newcomer, timeout=60)
        assert (refused.status_code, refused.json()["code"]) == (403, "registration_closed")
    short = {**newcomer, "password": "123456"}
    with own_function(cloud, "accounts", tmp_path / "open", REELGATE_PASSWORD_MIN_LENGTH="6") as origin:
        assert httpx.post(f"{origin}/register", json=short, timeout=60).status_code == 201
    assert httpx.post(f"{cloud['REELGATE_URL']}/login", json=short, timeout=60).status_code == 200


def test_anonymous_users_are_served_only_where_the_deployment_says_so(cloud: Mapping[str, str], tmp_path: Path) -> None:
    url = f"http://{cloud['FIREBASE_AUTH_EMULATOR_HOST']}/identitytoolkit.googleapis.com/v1/accounts:signUp?key=local"
    nobody = httpx.post(url, json={"returnSecureToken": True}, timeout=60).raise_for_status().json()
    token = {"Authorization": f"Bearer {nobody['idToken']}"}
    for method, path in (("GET", "/me"), ("GET", "/files"), ("POST", "/validate"), ("POST", "/upload")):
        refused = httpx.request(method, cloud["REELGATE_URL"] + path, headers=token, timeout=60)
        assert (refused.status_code, refused.json()["code"]) == (401, "unauthorized")
        assert refused.json()["detail"] == "Sign in with an account."
    with own_function(cloud, "accounts", tmp_path, REELGATE_ANONYMOUS_USERS="allow") as origin:
        assert httpx.get(f"{origin}/me", headers=token, timeout=60).json()["uid"] == nobody["localId"]
