"""Whose account is used: one that is given, one that logs in, or a new one for this run alone."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

import httpx

from ops.live_check.target import Target

AREA = "account"
DELETE_TRIES, DELETE_SECONDS = 12, 5.0
"""How often a deletion that is not complete is continued, and how long after its last answer."""


def sign_in(target: Target, *, email: str | None, register: bool, environment: Mapping[str, str]) -> str:
    """Get a token for `target` and return the uid. Raises PromiseBroken. A user registered here is deleted at the end.

    LIVE_CHECK_TOKEN or LIVE_CHECK_PASSWORD hold secrets, which must not be visible in a list of processes.
    """
    target.admin_token = environment.get("LIVE_CHECK_ADMIN_TOKEN", "")
    token, password = environment.get("LIVE_CHECK_TOKEN", ""), environment.get("LIVE_CHECK_PASSWORD", "")
    target.report.keep_secret(target.admin_token, token, password)
    if register:
        email = f"live-check-{target.run}@example.com"
        password = secrets.token_urlsafe(24)
        target.report.keep_secret(password)
        _register(target, email, password)
    if email is not None:
        token = _log_in(target, email, password)
    target.token = token
    answer = target.api("GET", "/v1/me")
    seen = f"{answer.status_code}"
    target.report.promise(AREA, "a token counts, through the gateway", answer.status_code == 200, seen, "200")
    uid: str = answer.json()["user_id"]
    return uid


def _register(target: Target, email: str, password: str) -> None:
    """Register a user of this run, who is deleted at its end."""
    body = {"email": email, "username": f"live-{target.run}", "password": password}
    answer = target.api("POST", "/v1/auth/register", token="", json=body)
    target.report.promise(AREA, "anyone can register", answer.status_code == 201, f"{answer.status_code}", "201")
    target.later(f"user {answer.json()['user_id']} ({email})", lambda: _delete(target, email, password))


def _log_in(target: Target, email: str, password: str) -> str:
    wrong = target.api("POST", "/v1/auth/login", token="", json={"email": email, "password": f"{password}x"})
    target.report.promise(AREA, "a wrong password", wrong.status_code == 401, f"{wrong.status_code}", "401")
    answer = _session(target, email, password)
    target.report.promise(AREA, "the right password", answer.status_code == 200, f"{answer.status_code}", "200")
    return _token(target, answer)


def _session(target: Target, email: str, password: str) -> httpx.Response:
    return target.api("POST", "/v1/auth/login", token="", json={"email": email, "password": password})


def _token(target: Target, answer: httpx.Response) -> str:
    session = answer.json()
    target.report.keep_secret(session["token"], session["refresh_token"])
    token: str = session["token"]
    return token


def _delete(target: Target, email: str, password: str) -> None:
    """Delete the user of this run with all that is stored about them (docs/deleting-users.md). Raises HTTPStatusError.

    That needs a sign-in of the last minutes, and a run may take longer. 202 is repeated until nothing is left; the deployment
    continues by itself what has begun.
    """
    answer = target.api("DELETE", "/v1/me")
    if answer.status_code == 401:
        target.token = _token(target, _session(target, email, password).raise_for_status())
        answer = target.api("DELETE", "/v1/me")
    for _ in range(DELETE_TRIES):
        if answer.status_code != 202:
            break
        target.wait(DELETE_SECONDS)
        answer = target.api("DELETE", "/v1/me")
    answer.raise_for_status()
