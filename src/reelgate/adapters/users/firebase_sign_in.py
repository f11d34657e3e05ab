"""Signing in with a password, and refreshing: Firebase Auth's REST interface, which its Admin SDK leaves out.

Sources: Identity Platform REST reference, "Method: accounts.signInWithPassword" and "Exchange a refresh token for an ID token".
"""

from __future__ import annotations

import json
import logging
from typing import Any
from urllib.parse import urlencode

from reelgate.adapters.google.connections import Connections
from reelgate.adapters.google.http_connection import NoAnswer
from reelgate.adapters.google.rest import GoogleRest
from reelgate.domain.accounts.credentials import wrong_credentials
from reelgate.domain.errors import InvalidCredentials, TooManyAttempts, Unavailable
from reelgate.ports.accounts import SignIn

TIMEOUT_SECONDS = 8.0
WAIT_SECONDS = 60
"""How long callers must wait after Firebase throttles a sign-in. Firebase does not say how long it does so."""

_WRONG = frozenset(
    ("EMAIL_NOT_FOUND", "INVALID_PASSWORD", "INVALID_LOGIN_CREDENTIALS", "USER_DISABLED", "INVALID_EMAIL", "MISSING_EMAIL",
     "MISSING_PASSWORD", "TOKEN_EXPIRED", "USER_NOT_FOUND", "INVALID_REFRESH_TOKEN", "MISSING_REFRESH_TOKEN",
     "INVALID_GRANT_TYPE")
)  # fmt: skip
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

    def close(self) -> None:
        """Close own connections; calls under way fail."""
        self._identity.close()
        self._tokens.close()

    async def _post(self, api: GoogleRest, path: str, body: str, content_type: str) -> dict[str, Any]:
        try:
            answer = await api.call(
                "POST", f"{path}?{self._query}", body=body.encode(), content_type=content_type, seconds=TIMEOUT_SECONDS
            )
            content = answer.json()
        except NoAnswer as error:
            raise Unavailable(f"The directory of users cannot be reached ({error}).") from None
        if answer.status == 200 and isinstance(content, dict):
            return content
        raise _refusal(answer.status, content)


def ended_sign_in() -> InvalidCredentials:
    """Return the one error for every invalid refresh token."""
    return InvalidCredentials("The refresh token is expired or revoked. Log in again.")


def _refusal(status: int, content: Any) -> InvalidCredentials | TooManyAttempts | Unavailable:
    error = content.get("error") if isinstance(content, dict) else None
    code = str(error.get("message", "") if isinstance(error, dict) else "").partition(" ")[0]
    if code in _WRONG:
        return wrong_credentials()
    if code in {"TOO_MANY_ATTEMPTS_TRY_LATER", "QUOTA_EXCEEDED"} or status == 429:
        return TooManyAttempts(f"Too many attempts. Wait {WAIT_SECONDS} seconds.", retry_after_seconds=WAIT_SECONDS)
    _log.error(
        "the directory of users refused a sign-in: HTTP %d %s (is the API key right, are passwords enabled?)", status, code
    )
    return Unavailable("The directory of users does not accept sign-ins at the moment.")
