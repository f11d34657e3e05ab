"""What a run leaves: no user of its own if the operator may remove it, and a page without secrets."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime

import httpx
import pytest

from ops.live_check import written
from ops.live_check.sign_in import sign_in
from ops.live_check.target import Target

from .targets import target_of


def deployment(asked: list[tuple[str, str, str]], *, removal: int = 200) -> Target:
    registered: dict[str, str] = {}

    def answer(request: httpx.Request) -> httpx.Response:
        path = request.url.path
        asked.append((request.method, path, request.headers.get("authorization", "")))
        if path.endswith("accounts:delete"):
            assert json.loads(request.content) == {"localId": "u1"}
            assert request.headers["x-goog-user-project"] == "my-videos-1"
            return httpx.Response(removal, json={})
        if path == "/login":
            right = json.loads(request.content)["password"] == registered["password"]
            return httpx.Response(200 if right else 401, json={"token": "t1", "refresh_token": "r1"})
        if path == "/register":
            registered.update(json.loads(request.content))
        return httpx.Response(201 if path == "/register" else 200, json={"uid": "u1"})

    return target_of(answer, credentials=lambda: {"Authorization": "Bearer operator"})


def signed_in(target: Target, **environment: str) -> None:
    sign_in(target, email=None, register=True, environment=environment)


REMOVED = ("POST", "/v1/projects/my-videos-1/accounts:delete", "Bearer operator")
DISABLED = ("PATCH", "/admin/users/u1", "Bearer root")


def test_the_user_of_the_run_is_removed_by_the_operator_without_an_admin() -> None:
    asked: list[tuple[str, str, str]] = []
    target = deployment(asked)
    signed_in(target)
    assert target.clean_up() == []
    assert asked[-1] == REMOVED
    assert DISABLED[:2] not in {one[:2] for one in asked}


def test_an_admin_disables_it_before() -> None:
    asked: list[tuple[str, str, str]] = []
    target = deployment(asked)
    signed_in(target, LIVE_CHECK_ADMIN_TOKEN="root")
    assert target.clean_up() == []
    assert asked[-2:] == [DISABLED, REMOVED]


def test_what_cannot_be_removed_is_left_behind_and_breaks_no_promise() -> None:
    target = deployment([], removal=403)
    signed_in(target)
    before = len(target.report.findings)
    (left,) = target.clean_up()
    assert left.startswith(f"user u1 (live-check-{target.run}@example.com)")
    assert len(target.report.findings) == before
    target = deployment([])
    target.credentials = None
    signed_in(target)
    assert len(target.clean_up()) == 1


@pytest.fixture
def given() -> argparse.Namespace:
    flags = {"local": False, "register": True, "email": None, "origin": None, "probe_url": None, "skip_large": False}
    return argparse.Namespace(project="my-videos-1", strict=False, video=None, pause=180.0, **flags)


def test_the_page_says_when_what_and_with_what_it_was_checked(given: argparse.Namespace) -> None:
    target = deployment([])
    signed_in(target)
    target.report.assumption("gateway", "a|b", "404", "410")
    page = written.page(target, given, datetime(2026, 11, 20, 10, 20, tzinfo=UTC), ["user u1"])
    assert "| date | 2026-11-20 10:20 UTC, " in page
    assert "| deployment | https://api.example, project my-videos-1 |" in page
    assert "| checked with | Reelgate " in page
    assert "| options | --register, --pause 180 |" in page
    assert "| left behind | user u1 |" in page
    assert "| gateway | a\\|b | 404 | 410 | DIFFERS |" in page
    assert target.report.table() in page


def test_no_secret_of_the_run_is_on_the_page(given: argparse.Namespace) -> None:
    target = deployment([])
    signed_in(target, LIVE_CHECK_ADMIN_TOKEN="root-token")
    target.report.answer("a", "b", "root-token and t1 at https://s.example/o?X-Goog-Signature=abc123&x=1")
    page = written.page(target, given, datetime.now(UTC), ["something of root-token"])
    assert "root-token" not in page
    assert "abc123" not in page
    assert "*** and *** at" in page
