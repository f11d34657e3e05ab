"""Users of the Auth emulator and fresh ID tokens for them, over its REST interface (Identity Toolkit v1)."""

import hashlib
import json
import secrets
from http import HTTPStatus
from typing import Any

from localcloud.supervisor.loopback import Answer, request

API = "/identitytoolkit.googleapis.com/v1"
# The emulator takes this instead of an administrator's OAuth token.
OWNER = {"Authorization": "Bearer owner"}


class AuthEmulatorError(Exception):
    """The Auth emulator refused a request."""


def fresh_id_token(port: int, project: str, email: str, *, admin: bool) -> str:
    """Return a new ID token for `email`; creates the user if needed. `admin` adds or removes the claim role=admin.

    It signs in with a custom token, so that an existing user keeps their password.

    Raises:
        AuthEmulatorError: the emulator refused.
        OSError: nothing answers on `port`.
    """
    custom_token = json.dumps({"uid": _user(port, project, email, admin=admin)})
    signed_in = _post(
        port, f"{API}/accounts:signInWithCustomToken?key=local", {"token": custom_token, "returnSecureToken": True}
    )
    return str(signed_in["idToken"])


def account_with_password(port: int, project: str, email: str, *, admin: bool) -> str:
    """Give the user `email`, who is created if needed, a new password, with which they sign in as people do, and return it.

    `admin` adds or removes the claim role=admin.

    Raises:
        AuthEmulatorError: the emulator refused.
        OSError: nothing answers on `port`.
    """
    password = secrets.token_urlsafe(12)
    uid = _user(port, project, email, admin=admin)
    _post(port, f"{_users(project)}:update", {"localId": uid, "password": password})
    return password


def exported_users(port: int, project: str) -> list[dict[str, Any]]:
    """Return all users with everything the emulator knows about them. server.cjs reads such a list when it starts.

    The list contains readable passwords: the emulator does not really hash them.

    Raises:
        AuthEmulatorError: the emulator refused.
        OSError: nothing answers on `port`.
    """
    # -1 returns all users; firebase-tools exports them the same way.
    answer = request(port, "GET", f"{API}/projects/{project}/accounts:batchGet?maxResults=-1", headers=OWNER)
    if answer.status != HTTPStatus.OK:
        raise AuthEmulatorError(f"the Auth emulator does not list its users: {answer.status}")
    users: list[dict[str, Any]] = json.loads(answer.body).get("users", [])
    return users


def stable_uid(email: str) -> str:
    """Return the uid for `email`: the same in every local cloud, so that a test or script can rely on it."""
    return hashlib.sha256(email.lower().encode()).hexdigest()[:28]


def _users(project: str) -> str:
    return f"{API}/projects/{project}/accounts"


def _user(port: int, project: str, email: str, *, admin: bool) -> str:
    """Return the uid of `email`, who is created if needed, and is an admin from now on or is none."""
    users = _users(project)
    found = _post(port, f"{users}:lookup", {"email": [email]}).get("users", [])
    uid = str(found[0]["localId"]) if found else _sign_up(port, project, email)
    claims: dict[str, Any] = json.loads(found[0].get("customAttributes", "{}")) if found else {}
    claims.pop("role", None)
    if admin:
        claims["role"] = "admin"
    _post(port, f"{users}:update", {"localId": uid, "customAttributes": json.dumps(claims)})
    return uid


def _sign_up(port: int, project: str, email: str) -> str:
    uid = stable_uid(email)
    _post(port, _users(project), {"localId": uid, "email": email, "password": secrets.token_urlsafe(24), "emailVerified": True})
    return uid


def _post(port: int, path: str, body: dict[str, Any]) -> dict[str, Any]:
    # Paths of a project require the owner token; sign-in by API key ignores it.
    headers = OWNER if "/projects/" in path else {}
    answer: Answer = request(port, "POST", path, body=body, headers=headers)
    content: dict[str, Any] = json.loads(answer.body or "{}")
    if answer.status != HTTPStatus.OK:
        raise AuthEmulatorError(f"{path}: {answer.status} {content.get('error', {}).get('message', '')}")
    return content
