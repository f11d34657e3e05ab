"""Calls to Google's REST APIs, with an access token where one is needed (docs/adr/0017-one-google-client.md)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import msgspec

from reelgate.adapters.google.connections import Connections
from reelgate.adapters.google.http_connection import Answer, NoAnswer

_EMULATOR_TOKEN = "owner"  # noqa: S105 - not a secret: Google's SDKs send it to emulators as an administrator's token


async def emulator_token() -> str:
    """Return the token that Google's emulators accept."""
    return _EMULATOR_TOKEN


class NoAccessToken(Exception):
    """The source returned no token. The text of this error never contains one."""


class GoogleRest:
    """One API over the connections to its server."""

    def __init__(
        self,
        endpoint: str,
        *,
        token: Callable[[], Awaitable[str]] | None = None,
        forget_token: Callable[[str], None] = lambda _: None,
        connections: Connections | None = None,
    ) -> None:
        """Nothing is connected yet.

        Args:
            endpoint: scheme and host, and the beginning of all paths, if they share one.
            token: returns a bearer token; None if the API needs no token.
            forget_token: called with a token that the API refused.
            connections: those of the function instance; by default, connections of its own.
        """
        self._token = token
        self._forget_token = forget_token
        self._shares = connections is not None
        self._connections = Connections() if connections is None else connections
        self._server = self._connections.server(endpoint)
        self._prefix = urlsplit(endpoint).path.rstrip("/")

    async def post(self, path: str, body: dict[str, Any], *, seconds: float) -> tuple[int, Any]:
        """Return the HTTP status and the JSON content of the answer to a JSON body. `path` is escaped. Raises NoAnswer."""
        answer = await self.call("POST", path, body=msgspec.json.encode(body, enc_hook=_plain), seconds=seconds)
        return answer.status, answer.json()

    async def call(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        content_type: str = "application/json",
        seconds: float,
        max_bytes: int | None = None,
    ) -> Answer:
        """Return the answer with any status. Raises NoAnswer.

        Args:
            path: escaped.
            seconds: for all of it, with the wait for an access token.
            max_bytes: as for `Server.call`.
        """
        headers = {"Accept": "application/json"} if body is None else {"Content-Type": content_type}
        token = None
        try:
            async with asyncio.timeout(seconds):
                if self._token is not None:
                    token = await self._token()
                    headers["Authorization"] = f"Bearer {token}"
                answer = await self._server.call(
                    method, self._prefix + path, headers=headers, body=body, seconds=None, max_bytes=max_bytes
                )
        except NoAccessToken as error:
            raise NoAnswer(f"no access token: {error}") from error
        except TimeoutError as error:
            raise NoAnswer(type(error).__name__) from error
        if answer.status == 401 and token is not None:
            self._forget_token(token)
        return answer

    def close(self) -> None:
        """Close own connections; calls under way fail."""
        if not self._shares:
            self._connections.close()


def _plain(value: object) -> str:
    """Return a text of a type of its own, such as an entry's id, as a plain one. Raises NotImplementedError for all else."""
    if isinstance(value, str):
        return str(value)
    raise NotImplementedError(type(value).__name__)
