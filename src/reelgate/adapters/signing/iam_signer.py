"""The signer that needs no key here: IAM signs with a service account's key, which never leaves Google (signBlob).

Source: IAM documentation, "Method: projects.serviceAccounts.signBlob". The caller needs the permission
iam.serviceAccounts.signBlob on the account, even if it is its own (role Service Account Token Creator).
"""

from __future__ import annotations

import base64
import logging
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, urlsplit

from reelgate.adapters.google.access_tokens import AccessTokens
from reelgate.adapters.google.connections import Connections
from reelgate.adapters.google.http_connection import NoAnswer
from reelgate.adapters.google.rest import GoogleRest
from reelgate.adapters.google.retries import CallFailed, RetryPolicy, is_retryable_status
from reelgate.adapters.signing import v4
from reelgate.adapters.signing.shared_signatures import SharedSignatures
from reelgate.domain.errors import Unavailable
from reelgate.ports.storage import UrlToSign

GOOGLE = "https://iamcredentials.googleapis.com"

MAX_IAM_SECONDS = 12 * 3600
"""The key of signBlob is guaranteed for twelve hours only; a longer URL could stop working early (IAM docs, "signBlob")."""

IAM_RETRIES: Final = RetryPolicy(
    attempts=3, deadline_seconds=16, attempt_seconds=5, first_pause_seconds=0.15, max_pause_seconds=0.3
)

_PERMISSION = "grant roles/iam.serviceAccountTokenCreator on the signing account to the account that runs this"

_log = logging.getLogger(__name__)


class IamSigner:
    """A `UrlSigner` for deployments without keys: IAM signs. Each new URL costs one network round trip."""

    signs_locally = False

    def __init__(self, sign_blob: SignBlob, *, storage_url: str, account: str, retries: RetryPolicy = IAM_RETRIES) -> None:
        """`account` is the e-mail address of the service account that `sign_blob` signs as."""
        self._server = v4.storage_server(storage_url)
        self._signer = v4.Signer(v4.RSA, account)
        self._sign_blob = sign_blob
        self._retries = retries
        self._signatures = SharedSignatures(self._sign)

    async def signed_url(self, to_sign: UrlToSign, *, now: datetime) -> str:
        """Return the URL.

        Raises:
            ValueError: the request may not be signed, or is valid for more than twelve hours.
            Unavailable: IAM did not sign, even after retries.
        """
        draft = v4.checked_draft(to_sign, now, signer=self._signer, server=self._server, max_seconds=MAX_IAM_SECONDS)
        try:
            # An upload's URL is signed once, because it has an id of its own: it would only take the place of another one.
            sign = self._sign if to_sign.method == "POST" else self._signatures.signature
            signature = await sign(draft.string_to_sign)
        except CallFailed as error:
            raise Unavailable(
                "This is not possible at the moment. Try again.", retry_after_seconds=5, hint="The URL could not be signed."
            ) from error
        return draft.signed(signature.hex())

    async def _sign(self, text: str) -> bytes:
        data = text.encode()
        return await self._retries.run(lambda seconds: self._sign_blob.sign(data, seconds=seconds))

    def close(self) -> None:
        """Close own connections; calls under way fail."""
        self._sign_blob.close()

    def __repr__(self) -> str:
        return f"IamSigner(account={self._signer.id!r})"


class SignBlobFailed(CallFailed):
    """IAM returned no signature."""


class SignBlob:
    """Gets signatures of one service account from IAM."""

    def __init__(self, rest: GoogleRest, *, account: str) -> None:
        """Raises ValueError for an account that is not an e-mail address."""
        if "@" not in account:
            raise ValueError("signBlob needs the e-mail address of a service account")
        self._rest = rest
        self._path = f"/v1/projects/-/serviceAccounts/{quote(account, safe='@')}:signBlob"

    async def sign(self, data: bytes, *, seconds: float) -> bytes:
        """Return the RSA signature of `data`. Raises SignBlobFailed."""
        payload = {"payload": base64.b64encode(data).decode()}
        try:
            status, content = await self._rest.post(self._path, payload, seconds=seconds)
        except NoAnswer as error:
            raise SignBlobFailed(f"signBlob: {error}", retryable=True) from None
        if status == 200:
            return _signature(content)
        if status in (403, 404):
            _log.error("signBlob answered %d: %s", status, _PERMISSION)
        # After a 401 the same request goes out with a new token.
        raise SignBlobFailed(f"signBlob answered {status}", retryable=status == 401 or is_retryable_status(status))

    def close(self) -> None:
        """Close own connections; calls under way fail."""
        self._rest.close()


def connect(
    account: str, *, endpoint: str = GOOGLE, tokens: AccessTokens | None = None, connections: Connections | None = None
) -> SignBlob:
    """Return the signBlob client of a service account.

    Args:
        account: its e-mail address.
        endpoint: a plain http:// endpoint is a local stand-in: no credentials are sent to it, so that none can leak.
        tokens: needed for an https endpoint.

    Raises:
        ValueError: the endpoint is not an http or https URL, the account not an e-mail address, or the tokens are missing.
    """
    parts = urlsplit(endpoint)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError(f"the IAM endpoint must be an http or https URL, not {endpoint!r}")
    if parts.scheme == "http":
        rest = GoogleRest(endpoint, connections=connections)
    elif tokens is None:
        raise ValueError("signBlob needs access tokens")
    else:
        rest = GoogleRest(endpoint, token=tokens.current, forget_token=tokens.forget, connections=connections)
    return SignBlob(rest, account=account)


def _signature(content: Any) -> bytes:
    try:
        signature = base64.b64decode(content["signedBlob"], validate=True)
    except (ValueError, KeyError, TypeError):
        raise SignBlobFailed("signBlob answered without a signature", retryable=True) from None
    if not signature:
        raise SignBlobFailed("signBlob answered with an empty signature", retryable=True)
    return signature
