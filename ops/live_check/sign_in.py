"""Whose account is used: one that is given, one that logs in, or a new one for this run alone."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

import httpx

from ops.live_check.target import Target

AREA = "account"


def sign_in(target: Target, *, email: str | None, register: bool, environment: Mapping[str, str]) -> str:
    """Get a token for `target` and return the uid. Raises PromiseBroken.

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
    answer = target.api("GET", "/me")
    seen = f"{answer.status_code}"
    target.report.promise(AREA, "a token counts, through the gateway", answer.status_code == 200, seen, "200")
    account = answer.json()
    uid: str = account["uid"]
    if register:
        target.later(f"user {uid} ({email})", lambda: _remove(target, uid))
    return uid


def _register(target: Target, email: str, password: str) -> None:
    body = {"email": email, "username": f"live-{target.run}", "password": password}
    answer = target.api("POST", "/register", token="", json=body)
    target.report.promise(AREA, "anyone can register", answer.status_code == 201, f"{answer.status_code}", "201")


def _log_in(target: Target, email: str, password: str) -> str:
    wrong = target.api("POST", "/login", token="", json={"email": email, "password": f"{password}x"})
    target.report.promise(AREA, "a wrong password", wrong.status_code == 401, f"{wrong.status_code}", "401")
    answer = target.api("POST", "/login", token="", json={"email": email, "password": password})
    target.report.promise(AREA, "the right password", answer.status_code == 200, f"{answer.status_code}", "200")
    logged_in = answer.json()
    target.report.keep_secret(logged_in["token"], logged_in.get("refresh_token") or "")
    token: str = logged_in["token"]
    return token


def _remove(target: Target, uid: str) -> None:
    """Take the user out of the directory, which no route of the API does, with the operator's own rights.

    The books keep an account that cannot be signed in to. With an admin's token, it is disabled first, so that the user's token
    is useless for the rest of its hour.
    """
    if target.admin_token:
        disabled = target.api("PATCH", f"/admin/users/{uid}", token=target.admin_token, json={"disabled": True})
        disabled.raise_for_status()
    if target.credentials is None:
        raise httpx.RequestError("no credentials")
    # Identity Toolkit refuses people's credentials without a project that the call counts for.
    headers = {**target.credentials(), "X-Goog-User-Project": target.project}
    url = f"{target.identity_url}/v1/projects/{target.project}/accounts:delete"
    target.web.post(url, json={"localId": uid}, headers=headers).raise_for_status()
