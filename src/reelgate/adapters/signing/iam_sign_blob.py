"""The IAM Credentials API's signBlob: Google signs with a service account's key that nobody holds.

Source: IAM documentation, "Method: projects.serviceAccounts.signBlob". The caller needs iam.serviceAccounts.signBlob on the
account, also on its own (role Service Account Token Creator).
"""

from __future__ import annotations

import base64
import logging
import threading
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    import requests

TIMEOUT_SECONDS = 5.0
PARALLEL_CALLS = 16

_log = logging.getLogger(__name__)
_PERMISSION = "grant roles/iam.serviceAccountTokenCreator on the signing account to the account that runs this"
_WORTH_RETRYING = frozenset({408, 429, 500, 502, 503, 504})


class SignBlobFailed(Exception):
    """No signature. `worth_retrying` tells a passing trouble from a missing permission."""

    def __init__(self, reason: str, *, worth_retrying: bool) -> None:
        super().__init__(reason)
        self.worth_retrying = worth_retrying


class SignBlobClient:
    """Asks for signatures over kept-alive connections; blocking, safe to share among threads."""

    def __init__(self, *, endpoint: str, account: str) -> None:
        """A plain http:// endpoint is a local stand-in: it is spoken to without credentials.

        Raises ValueError for an endpoint that is no http or https URL, or no e-mail address.
        """
        parts = urlsplit(endpoint)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ValueError(f"the IAM endpoint must be an http or https URL, not {endpoint!r}")
        if "@" not in account:
            raise ValueError("signBlob needs the e-mail address of a service account")
        self._with_credentials = parts.scheme == "https"
        self._url = f"{endpoint.rstrip('/')}/v1/projects/-/serviceAccounts/{quote(account, safe='@')}:signBlob"
        self._session: requests.Session | None = None
        self._opening = threading.Lock()

    def sign(self, data: bytes) -> bytes:
        """Return the RSA signature of `data`. Raises SignBlobFailed."""
        from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415 (imported by deployments that sign this way)
        from requests import RequestException  # noqa: PLC0415

        payload = {"payload": base64.b64encode(data).decode()}
        try:
            answer = self._open_session().post(self._url, json=payload, timeout=TIMEOUT_SECONDS, allow_redirects=False)
        except (RequestException, GoogleAuthError) as error:
            # Only the kind of error: its text may quote the request.
            raise SignBlobFailed(f"signBlob: {type(error).__name__}", worth_retrying=True) from None
        if answer.status_code != 200:
            if answer.status_code in (401, 403, 404):
                _log.error("signBlob answered %d: %s", answer.status_code, _PERMISSION)
            raise SignBlobFailed(
                f"signBlob answered {answer.status_code}", worth_retrying=answer.status_code in _WORTH_RETRYING
            )
        return _signature(answer)

    def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            self._session.close()

    def _open_session(self) -> requests.Session:
        with self._opening:
            if self._session is None:
                self._session = self._new_session()
            return self._session

    def _new_session(self) -> requests.Session:
        import requests  # noqa: PLC0415
        from requests.adapters import HTTPAdapter  # noqa: PLC0415

        session = requests.Session()
        if self._with_credentials:
            import google.auth  # noqa: PLC0415
            from google.auth.transport.requests import AuthorizedSession  # noqa: PLC0415

            credentials, _ = google.auth.default(scopes=["https://www.googleapis.com/auth/iam"])
            session = AuthorizedSession(credentials)  # type: ignore[no-untyped-call]
        session.mount(self._url, HTTPAdapter(pool_maxsize=PARALLEL_CALLS))
        return session


def _signature(answer: Any) -> bytes:
    try:
        signature = base64.b64decode(answer.json()["signedBlob"], validate=True)
    except (ValueError, KeyError, TypeError):
        raise SignBlobFailed("signBlob answered without a signature", worth_retrying=True) from None
    if not signature:
        raise SignBlobFailed("signBlob answered with an empty signature", worth_retrying=True)
    return signature
