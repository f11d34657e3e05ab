"""Whose account is used: one that is given, one that logs in, or a new one for this run alone."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from live_check.target import Target

AREA = "account"


def sign_in(target: Target, *, email: str | None, register: bool, environment: Mapping[str, str]) -> str:
    """Get a token for `target` and return the uid. Raises PromiseBroken.

    LIVE_CHECK_TOKEN or LIVE_CHECK_PASSWORD hold what nobody else shall read in a list of processes.
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
    answer = target.api("GET", "/me")
    seen = f"{answer.status_code}"
    target.report.promise(AREA, "a token counts, through the gateway", answer.status_code == 200, seen, "200")
    account = answer.json()
    uid: str = account["uid"]
    if register:
        target.later(f"user {uid}: disabled by an admin", lambda: _disable(target, uid))
    return uid


def _register(target: Target, email: str, password: str) -> None:
    body = {"email": email, "username": f"live-{target.run}", "password": password}
    answer = target.api("POST", "/register", token="", json=body)
    target.report.promise(AREA, "anybody can register", answer.status_code == 201, f"{answer.status_code}", "201")


def _log_in(target: Target, email: str, password: str) -> str:
    wrong = target.api("POST", "/login", token="", json={"email": email, "password": f"{password}x"})
    target.report.promise(AREA, "a wrong password", wrong.status_code == 401, f"{wrong.status_code}", "401")
    answer = target.api("POST", "/login", token="", json={"email": email, "password": password})
    target.report.promise(AREA, "the right password", answer.status_code == 200, f"{answer.status_code}", "200")
    logged_in = answer.json()
    target.report.keep_secret(logged_in["token"], logged_in.get("refresh_token") or "")
    token: str = logged_in["token"]
    return token


def _disable(target: Target, uid: str) -> None:
    """There is no way to delete a user by the API: one that an admin has disabled is granted nothing any more."""
    target.ask("PATCH", f"/admin/users/{uid}", 200, token=target.admin_token, json={"disabled": True})
