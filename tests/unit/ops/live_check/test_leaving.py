"""What a run leaves: no user of its own if the operator may remove it, and a page without secrets."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime

import httpx
import pytest

from ops.live_check.checks import written
from ops.live_check.sign_in import sign_in
from ops.live_check.target import Target

from .targets import target_of


def deployment(asked: list[tuple[str, str, str]], *deletions: int) -> Target:
    """Return a deployment that registers one user, and gives these answers to their requests for deletion."""
    registered: dict[str, str] = {}
    left = list(deletions or [204])

    def answer(request: httpx.Request) -> httpx.Response:
        path = request.url.path
        asked.append((request.method, path, request.headers.get("authorization", "")))
        if request.method == "DELETE":
            return httpx.Response(left.pop(0), json={})
        if path == "/v1/auth/login":
            right = json.loads(request.content)["password"] == registered["password"]
            number = sum(one[1] == path for one in asked) - 1  # the first one has a wrong password
            return httpx.Response(200 if right else 401, json={"token": f"t{number}", "refresh_token": f"r{number}"})
        if path == "/v1/auth/register":
            registered.update(json.loads(request.content))
        return httpx.Response(201 if path == "/v1/auth/register" else 200, json={"user_id": "u1"})

    return target_of(answer)


def signed_in(target: Target, **environment: str) -> None:
    sign_in(target, email=None, register=True, environment=environment)


def deleting(asked: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Return what was asked from the first request for deletion on."""
    return asked[next(n for n, one in enumerate(asked) if one[0] == "DELETE") :]


FIRST, SECOND = ("DELETE", "/v1/me", "Bearer t1"), ("DELETE", "/v1/me", "Bearer t2")


def test_the_user_of_the_run_deletes_themselves() -> None:
    asked: list[tuple[str, str, str]] = []
    target = deployment(asked)
    signed_in(target)
    assert target.clean_up() == []
    assert deleting(asked) == [FIRST]


def test_after_a_long_run_they_log_in_again_before() -> None:
    asked: list[tuple[str, str, str]] = []
    target = deployment(asked, 401, 204)
    signed_in(target)
    assert target.clean_up() == []
    assert deleting(asked) == [FIRST, ("POST", "/v1/auth/login", ""), SECOND]


def test_a_deletion_is_continued_until_nothing_is_left() -> None:
    asked: list[tuple[str, str, str]] = []
    target = deployment(asked, 202, 202, 204)
    signed_in(target)
    assert target.clean_up() == []
    assert deleting(asked) == [FIRST] * 3


def test_an_account_that_there_was_before_stays() -> None:
    asked: list[tuple[str, str, str]] = []
    target = deployment(asked)
    sign_in(target, email=None, register=False, environment={"LIVE_CHECK_TOKEN": "theirs"})
    assert target.clean_up() == []
    assert asked == [("GET", "/v1/me", "Bearer theirs")]


def test_what_cannot_be_removed_is_left_behind_and_breaks_no_promise() -> None:
    target = deployment([], 403)
    signed_in(target)
    before = len(target.report.findings)
    (left,) = target.clean_up()
    assert left.startswith(f"user u1 (live-check-{target.run}@example.com)")
    assert len(target.report.findings) == before


def test_who_is_refused_after_the_second_login_is_left_behind() -> None:
    target = deployment([], 401, 401)
    signed_in(target)
    assert len(target.clean_up()) == 1


@pytest.fixture
def given() -> argparse.Namespace:
    flags = {"local": False, "register": True, "email": None, "origin": None, "probe_url": None}
    flags |= {"usage_logs": False, "skip_large": False}
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
