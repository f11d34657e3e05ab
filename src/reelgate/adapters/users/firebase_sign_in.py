"""Signing in with a password, and refreshing: Firebase Auth's REST interface, which its Admin SDK leaves out.

Sources: Identity Platform REST reference, "Method: accounts.signInWithPassword" and "Exchange a refresh token for an ID token".
"""

from __future__ import annotations

import json
import logging
import ssl
from typing import Any
from urllib.parse import urlencode

import urllib3

from reelgate.domain.accounts.credentials import wrong_credentials
from reelgate.domain.errors import InvalidCredentials, TooManyAttempts, Unavailable
from reelgate.ports import SignIn

TIMEOUT_SECONDS = 8.0
PARALLEL_CALLS = 16
WAIT_SECONDS = 60
"""How long to wait after the directory's own throttle; it does not say."""

_WRONG = frozenset(
    ("EMAIL_NOT_FOUND", "INVALID_PASSWORD", "INVALID_LOGIN_CREDENTIALS", "USER_DISABLED", "INVALID_EMAIL", "MISSING_EMAIL",
     "MISSING_PASSWORD", "TOKEN_EXPIRED", "USER_NOT_FOUND", "INVALID_REFRESH_TOKEN", "MISSING_REFRESH_TOKEN",
     "INVALID_GRANT_TYPE")
)  # fmt: skip
_log = logging.getLogger(__name__)


class FirebaseSignIn:
    """Asks for tokens over kept-alive connections; blocking, safe to share among threads.

    Neither passwords nor tokens get into logs or errors.
    """

    def __init__(self, *, api_key: str, emulator: str | None = None) -> None:
        """`api_key` is the project's web API key; `emulator` the host and port of the Auth emulator to use instead."""
        self._pool = urllib3.PoolManager(
            maxsize=PARALLEL_CALLS,
            block=True,
            retries=False,
            timeout=urllib3.Timeout(total=TIMEOUT_SECONDS),
            ssl_context=None if emulator else ssl.create_default_context(),  # one for all: each would load the certificates
        )
        self._base = f"http://{emulator}/" if emulator else "https://"
        self._query = urlencode({"key": api_key})

    def sign_in(self, email: str, password: str) -> SignIn:
        """Return tokens. Raises InvalidCredentials, TooManyAttempts, Unavailable."""
        body = json.dumps({"email": email, "password": password, "returnSecureToken": True})
        answer = self._post("identitytoolkit.googleapis.com/v1/accounts:signInWithPassword", body, "application/json")
        if "idToken" not in answer:  # a second factor is wanted, which this API has no way to ask for
            _log.warning("a sign-in with a second factor was refused: it needs the Firebase SDK")
            raise wrong_credentials()
        return SignIn(
            uid=str(answer["localId"]),
            id_token=str(answer["idToken"]),
            refresh_token=str(answer["refreshToken"]),
            expires_in=int(answer["expiresIn"]),
        )

    def refresh(self, refresh_token: str) -> SignIn:
        """Return new tokens. Raises InvalidCredentials, Unavailable."""
        body = urlencode({"grant_type": "refresh_token", "refresh_token": refresh_token})
        try:
            answer = self._post("securetoken.googleapis.com/v1/token", body, "application/x-www-form-urlencoded")
        except InvalidCredentials:
            raise ended_sign_in() from None
        return SignIn(
            uid=str(answer["user_id"]),
            id_token=str(answer["id_token"]),
            refresh_token=str(answer["refresh_token"]),
            expires_in=int(answer["expires_in"]),
        )

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    def _post(self, path: str, body: str, content_type: str) -> dict[str, Any]:
        try:
            answer = self._pool.request(
                "POST", f"{self._base}{path}?{self._query}", body=body.encode(), headers={"Content-Type": content_type},
                redirect=False,
            )  # fmt: skip
            content = json.loads(answer.data)
        except urllib3.exceptions.HTTPError as error:
            # Only the kind of error: its text may quote the request.
            raise Unavailable(f"The directory of users cannot be reached ({type(error).__name__}).") from None
        except ValueError:
            raise Unavailable("The directory of users did not answer in its own words.") from None
        if answer.status == 200 and isinstance(content, dict):
            return content
        raise _refusal(answer.status, content)


def ended_sign_in() -> InvalidCredentials:
    """Return the one refusal for everything that can be wrong with a refresh token."""
    return InvalidCredentials("The refresh token does not count (any more). Log in again.")


def _refusal(status: int, content: Any) -> InvalidCredentials | TooManyAttempts | Unavailable:
    error = content.get("error") if isinstance(content, dict) else None
    code = str(error.get("message", "") if isinstance(error, dict) else "").partition(" ")[0]
    if code in _WRONG:
        return wrong_credentials()
    if code in {"TOO_MANY_ATTEMPTS_TRY_LATER", "QUOTA_EXCEEDED"} or status == 429:
        return TooManyAttempts(f"Too many tries. Wait {WAIT_SECONDS} seconds.", retry_after_seconds=WAIT_SECONDS)
    _log.error(
        "the directory of users refused a sign-in: HTTP %d %s (is the API key right, are passwords enabled?)", status, code
    )
    return Unavailable("The directory of users does not work as it should.")
