"""Signing in with a password, refreshing, and Firebase's mails: its REST interface, which its Admin SDK leaves out.

Sources: Identity Platform REST reference, "Method: accounts.signInWithPassword", "Method: accounts.sendOobCode" and "Exchange a
refresh token for an ID token".
"""

from __future__ import annotations

import json
import logging
from typing import Any
from urllib.parse import urlencode

from reelgate.adapters.google.connections import Connections
from reelgate.adapters.google.http_connection import NoAnswer
from reelgate.adapters.google.rest import GoogleRest
from reelgate.adapters.users.firebase_rest import code_of
from reelgate.domain.accounts.credentials import wrong_credentials
from reelgate.domain.books.instants import human_seconds
from reelgate.domain.errors import InvalidCredentials, TooManyAttempts, Unauthorized, Unavailable
from reelgate.ports.accounts import SignIn

TIMEOUT_SECONDS = 8.0
WAIT_SECONDS = 60
"""How long callers must wait after Firebase throttles a sign-in. Firebase does not say how long it does so."""

_WRONG = frozenset(
    ("EMAIL_NOT_FOUND", "INVALID_PASSWORD", "INVALID_LOGIN_CREDENTIALS", "USER_DISABLED", "INVALID_EMAIL", "MISSING_EMAIL",
     "MISSING_PASSWORD", "TOKEN_EXPIRED", "USER_NOT_FOUND", "INVALID_REFRESH_TOKEN", "MISSING_REFRESH_TOKEN",
     "INVALID_GRANT_TYPE")
)  # fmt: skip
_NOBODY = frozenset(("EMAIL_NOT_FOUND", "INVALID_EMAIL", "USER_DISABLED", "USER_NOT_FOUND"))
"""Why no password can be reset. With email enumeration protection, Firebase does not say so in the first place."""

_ENOUGH = frozenset(("RESET_PASSWORD_EXCEED_LIMIT", "TOO_MANY_ATTEMPTS_TRY_LATER", "QUOTA_EXCEEDED"))
_ENDED = frozenset(("INVALID_ID_TOKEN", "TOKEN_EXPIRED", "USER_DISABLED", "USER_NOT_FOUND"))
_log = logging.getLogger(__name__)


class FirebaseSignIn:
    """Gets tokens with the project's web API key, without an access token.

    Passwords and tokens never appear in logs or errors. Requests are not retried, because each counts as an attempt.
    """

    def __init__(self, *, api_key: str, emulator: str | None = None, connections: Connections | None = None) -> None:
        """`api_key` is the project's web API key; `emulator` the host and port of the Auth emulator to use instead."""

        def api(host: str) -> GoogleRest:
            endpoint = f"http://{emulator}/{host}" if emulator else f"https://{host}"
            return GoogleRest(endpoint, connections=connections)

        self._identity = api("identitytoolkit.googleapis.com")
        self._tokens = api("securetoken.googleapis.com")
        self._query = urlencode({"key": api_key})

    async def sign_in(self, email: str, password: str) -> SignIn:
        """Return tokens. Raises InvalidCredentials, TooManyAttempts, Unavailable."""
        body = json.dumps({"email": email, "password": password, "returnSecureToken": True})
        answer = await self._post(self._identity, "/v1/accounts:signInWithPassword", body, "application/json")
        if "idToken" not in answer:  # Firebase asks for a second factor, which this API does not support
            _log.warning("a sign-in with a second factor was refused: it needs the Firebase SDK")
            raise wrong_credentials()
        return SignIn(
            uid=str(answer["localId"]),
            id_token=str(answer["idToken"]),
            refresh_token=str(answer["refreshToken"]),
            expires_in=int(answer["expiresIn"]),
        )

    async def refresh(self, refresh_token: str) -> SignIn:
        """Return new tokens. Raises InvalidCredentials, Unavailable."""
        body = urlencode({"grant_type": "refresh_token", "refresh_token": refresh_token})
        try:
            answer = await self._post(self._tokens, "/v1/token", body, "application/x-www-form-urlencoded")
        except InvalidCredentials:
            raise ended_sign_in() from None
        return SignIn(
            uid=str(answer["user_id"]),
            id_token=str(answer["id_token"]),
            refresh_token=str(answer["refresh_token"]),
            expires_in=int(answer["expires_in"]),
        )

    async def send_password_reset(self, email: str) -> None:
        """Have Firebase send its mail. Nothing that it says of the address is passed on. Raises Unavailable."""
        status, code = await self._send_mail({"requestType": "PASSWORD_RESET", "email": email})
        if status == 200 or code in _NOBODY:
            return
        if code in _ENOUGH or status == 429:
            _log.warning("the directory of users sends no more mails for now: HTTP %d %s", status, code)
            return
        raise _no_mails(status, code)

    async def send_verification(self, id_token: str) -> None:
        """Have Firebase send its mail. Raises Unauthorized, TooManyAttempts, Unavailable."""
        status, code = await self._send_mail({"requestType": "VERIFY_EMAIL", "idToken": id_token})
        if status == 200:
            return
        if code in _ENDED:
            raise Unauthorized("You have been signed out. Sign in again.", hint="The token has been revoked.")
        if code in _ENOUGH or status == 429:
            raise TooManyAttempts(f"Too many mails. Wait {human_seconds(WAIT_SECONDS)}.", retry_after_seconds=WAIT_SECONDS)
        raise _no_mails(status, code)

    async def _send_mail(self, asked: dict[str, str]) -> tuple[int, str]:
        """Return the status of Firebase's answer, and its code if it refuses."""
        status, content = await self._asked(self._identity, "/v1/accounts:sendOobCode", json.dumps(asked), "application/json")
        if status == 200 and not isinstance(content, dict):
            raise _no_mails(status, "(no JSON)")
        return status, code_of(content)

    def close(self) -> None:
        """Close own connections; calls under way fail."""
        self._identity.close()
        self._tokens.close()

    async def _post(self, api: GoogleRest, path: str, body: str, content_type: str) -> dict[str, Any]:
        status, content = await self._asked(api, path, body, content_type)
        if status == 200 and isinstance(content, dict):
            return content
        raise _refusal(status, content)

    async def _asked(self, api: GoogleRest, path: str, body: str, content_type: str) -> tuple[int, Any]:
        try:
            answer = await api.call(
                "POST", f"{path}?{self._query}", body=body.encode(), content_type=content_type, seconds=TIMEOUT_SECONDS
            )
            return answer.status, answer.json()
        except NoAnswer:
            raise Unavailable(
                "Signing in is not possible at the moment. Try again.", hint="The directory of users cannot be reached."
            ) from None


def ended_sign_in() -> InvalidCredentials:
    """Return the one error for every invalid refresh token."""
    return InvalidCredentials(
        "You have been signed out. Sign in again.", hint="The refresh token is invalid, expired or revoked."
    )


def _refusal(status: int, content: Any) -> InvalidCredentials | TooManyAttempts | Unavailable:
    code = code_of(content)
    if code in _WRONG:
        return wrong_credentials()
    if code in {"TOO_MANY_ATTEMPTS_TRY_LATER", "QUOTA_EXCEEDED"} or status == 429:
        return TooManyAttempts(f"Too many attempts. Wait {human_seconds(WAIT_SECONDS)}.", retry_after_seconds=WAIT_SECONDS)
    _log.error(
        "the directory of users refused a sign-in: HTTP %d %s (is the API key right, are passwords enabled?)", status, code
    )
    return Unavailable("Signing in is not possible at the moment.")


def _no_mails(status: int, code: str) -> Unavailable:
    _log.error(
        "the directory of users refused to send a mail: HTTP %d %s (is the API key right, are passwords enabled?)", status, code
    )
    return Unavailable("Mails cannot be sent at the moment.")
