"""Where access tokens come from: the metadata server on Google Cloud, a developer's own credentials elsewhere."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import urllib3

from reelgate.adapters.google.access_tokens import AccessToken, NoAccessToken, Source
from reelgate.adapters.google.rest import Connections, NoAnswer

METADATA_HOST = "metadata.google.internal"
TIMEOUT_SECONDS = 3.0
_PATH = "/computeMetadata/v1/instance/service-accounts/default/token"
_MAX_ANSWER_BYTES = 64 * 1024


def metadata_server(
    host: str = METADATA_HOST, *, timeout_seconds: float = TIMEOUT_SECONDS, connections: Connections | None = None
) -> Source:
    """Return a source of tokens of the service account of this function (Compute Engine docs, "Access tokens").

    `host` is a name or address, with a port if need be. Plain HTTP is right: the server is inside the machine.
    """
    server = (connections or Connections()).server(f"http://{host}")

    def fetch() -> AccessToken:
        try:
            answer = server.call(
                "GET", _PATH, headers={"Metadata-Flavor": "Google"}, seconds=timeout_seconds, max_bytes=_MAX_ANSWER_BYTES
            )
        except NoAnswer as error:
            raise NoAccessToken(f"the metadata server: {error}") from error
        # The header proves that this is a metadata server and no captive portal of that name.
        if answer.status != 200 or answer.headers.get("Metadata-Flavor") != "Google":
            raise NoAccessToken(f"the metadata server answered {answer.status}")
        return _token(answer.body)

    return fetch


def default_credentials(*scopes: str) -> Source:
    """Return a source of tokens of Application Default Credentials (`gcloud auth application-default login`, a key file).

    For a developer's machine, whose environment has google-auth; deployed functions do without it.
    """

    def fetch() -> AccessToken:
        try:
            import google.auth  # noqa: PLC0415 - see above
            from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415
            from google.auth.transport.urllib3 import Request  # noqa: PLC0415
        except ImportError:
            raise NoAccessToken("Application Default Credentials need google-auth: pip install google-auth") from None
        try:
            credentials, _ = google.auth.default(scopes=list(scopes))
            credentials.refresh(Request(urllib3.PoolManager()))  # type: ignore[no-untyped-call]
        except GoogleAuthError as error:
            raise NoAccessToken(f"Application Default Credentials: {type(error).__name__}") from error
        expiry = credentials.expiry  # naive, in UTC
        lifetime = 3600.0 if expiry is None else (expiry.replace(tzinfo=UTC) - datetime.now(UTC)).total_seconds()
        return AccessToken(str(credentials.token), lifetime)

    return fetch


def _token(body: bytes) -> AccessToken:
    try:
        content = json.loads(body)
        return AccessToken(str(content["access_token"]), float(content["expires_in"]))
    except (ValueError, KeyError, TypeError):
        # The cause is cut off: the text of a parser's error may quote the token.
        raise NoAccessToken("the metadata server answered without a token") from None
