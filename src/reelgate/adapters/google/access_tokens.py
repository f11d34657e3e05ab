"""Access tokens for Google's APIs: fetched when one is first needed, and kept until shortly before they expire.

They come from the metadata server on Google Cloud, and from a developer's own credentials elsewhere.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import field
from datetime import UTC, datetime

from reelgate.adapters.google.connections import Connections
from reelgate.adapters.google.http_connection import NoAnswer
from reelgate.adapters.google.rest import NoAccessToken
from reelgate.domain.value_types import positional_value_type

METADATA_HOST = "metadata.google.internal"
TIMEOUT_SECONDS = 3.0
_PATH = "/computeMetadata/v1/instance/service-accounts/default/token"
_MAX_ANSWER_BYTES = 64 * 1024

REFRESH_AHEAD_SECONDS = 225
"""How long before its expiry a token is replaced. The metadata server returns the same token until 5 minutes before it expires,
and a new one from then on (Compute Engine docs, "Authenticate workloads using service accounts")."""

MIN_REMAINING_SECONDS = 10
"""A token that expires sooner could do so on its way to the API, and is not used."""

_log = logging.getLogger(__name__)


@positional_value_type
class AccessToken:
    """A bearer token and how long it may be used."""

    value: str = field(repr=False)
    lifetime_seconds: float


Source = Callable[[], Awaitable[AccessToken]]
"""Gets a new token. Raises NoAccessToken."""


@positional_value_type
class _Kept:
    value: str = field(repr=False)
    expires_at: float  # in seconds of the clock


class AccessTokens:
    """The tokens of one source, which is asked by one call at a time. To be used in one event loop at a time."""

    def __init__(self, source: Source, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` returns seconds that never go back."""
        self._source = source
        self._clock = clock
        self._kept: _Kept | None = None
        self._fetching: asyncio.Task[str] | None = None

    async def current(self) -> str:
        """Return a token that is valid now. One that expires soon is replaced meanwhile. Raises NoAccessToken."""
        kept = self._kept
        left = 0.0 if kept is None else kept.expires_at - self._clock()
        if kept is None or left < MIN_REMAINING_SECONDS:
            # Shielded: all calls wait for the same fetch, and one that gives up must not end it.
            return await asyncio.shield(self._fetch_once())
        if left < REFRESH_AHEAD_SECONDS:
            self._fetch_once()
        return kept.value

    def forget(self, value: str) -> None:
        """Stop using that token: an API refused it."""
        kept = self._kept
        if kept is not None and kept.value == value:
            self._kept = None

    def _fetch_once(self) -> asyncio.Task[str]:
        """Return the fetch that is under way, or a new one."""
        task = self._fetching
        if task is None or task.done() or task.get_loop() is not asyncio.get_running_loop():
            task = self._fetching = asyncio.create_task(self._fetch())
            task.add_done_callback(_log_failure)
        return task

    async def _fetch(self) -> str:
        asked_at = self._clock()
        token = await self._source()
        self._kept = _Kept(token.value, asked_at + token.lifetime_seconds)
        return token.value


def _log_failure(fetch: asyncio.Task[str]) -> None:
    if not fetch.cancelled() and (error := fetch.exception()) is not None:
        _log.warning("no new access token: %s", error if isinstance(error, NoAccessToken) else type(error).__name__)


def metadata_server(
    host: str = METADATA_HOST, *, timeout_seconds: float = TIMEOUT_SECONDS, connections: Connections | None = None
) -> Source:
    """Return a source of tokens for this function's service account (Compute Engine docs, "Access tokens").

    `host` is a name or address, with a port if needed. Plain HTTP is safe here: the server is inside the machine.
    """
    server = (connections or Connections()).server(f"http://{host}")

    async def fetch() -> AccessToken:
        try:
            answer = await server.call(
                "GET", _PATH, headers={"Metadata-Flavor": "Google"}, seconds=timeout_seconds, max_bytes=_MAX_ANSWER_BYTES
            )
        except NoAnswer as error:
            raise NoAccessToken(f"the metadata server: {error}") from error
        # The header proves that a metadata server answered, not a captive portal.
        if answer.status != 200 or answer.headers.get("metadata-flavor") != "Google":
            raise NoAccessToken(f"the metadata server answered {answer.status}")
        return _token(answer.body)

    return fetch


def default_credentials(*scopes: str) -> Source:
    """Return a source of tokens of Application Default Credentials (`gcloud auth application-default login`, a key file).

    For a developer's machine, where google-auth is installed; deployed functions do not need it.
    """

    def fetch() -> AccessToken:
        try:
            import google.auth  # noqa: PLC0415 - see above
            from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415
            from google.auth.transport.requests import Request  # noqa: PLC0415
        except ImportError:
            raise NoAccessToken(
                "Application Default Credentials need google-auth: pip install 'google-auth[requests]'"
            ) from None
        try:
            credentials, _ = google.auth.default(scopes=list(scopes))
            credentials.refresh(Request())  # type: ignore[no-untyped-call]
        except GoogleAuthError as error:
            raise NoAccessToken(f"Application Default Credentials: {type(error).__name__}") from error
        expiry = credentials.expiry  # naive, in UTC
        lifetime = 3600.0 if expiry is None else (expiry.replace(tzinfo=UTC) - datetime.now(UTC)).total_seconds()
        return AccessToken(str(credentials.token), lifetime)

    return lambda: asyncio.to_thread(fetch)  # google-auth blocks


def _token(body: bytes) -> AccessToken:
    try:
        content = json.loads(body)
        return AccessToken(str(content["access_token"]), float(content["expires_in"]))
    except (ValueError, KeyError, TypeError):
        # `from None`: the text of a parser's error may quote the token.
        raise NoAccessToken("the metadata server answered without a token") from None
