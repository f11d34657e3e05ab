"""Webhooks over HTTP/1.1: one request on one connection, to a checked address, with one time limit for everything.

Written on asyncio and h11 (which the functions' server installs anyway) instead of a client library. We must connect to a given
address under another name, follow no redirect, use no proxy and stop after 10 s in any case; with a library, each of these
would be an option to get right.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime

import h11

from reelgate.adapters.webhooks.target_dns import addresses_of
from reelgate.domain.notifications.target_addresses import IpAddress
from reelgate.domain.notifications.webhook_endpoints import Endpoint
from reelgate.domain.notifications.webhook_signatures import signature_header
from reelgate.domain.notifications.webhook_targets import Target, parse_target
from reelgate.ports.notifications import NotSent

TIMEOUT_SECONDS = 10.0
MAX_ANSWER_HEAD = 8 * 1024
MAX_ANSWER_BODY = 4 * 1024
BODY_SECONDS = 0.5
GONE = 410


class HttpWebhookPoster:
    """Implements `WebhookPoster`."""

    def __init__(self, *, private_allowed: bool = False, tls: ssl.SSLContext | None = None) -> None:
        """
        Args:
            private_allowed: also allow addresses that are not public, and http to this machine: for local use only.
            tls: replaces the system's certificate authorities.
        """
        self._private_allowed = private_allowed
        self._tls = tls or ssl.create_default_context()

    async def post(self, endpoint: Endpoint, message_id: str, body: bytes, *, at: datetime) -> int:
        """See `WebhookPoster.post`. 410 is permanent (Standard Webhooks: the consumer no longer accepts events)."""
        timestamp = int(at.timestamp())
        headers = {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "User-Agent": "reelgate-webhooks/1",
            "Connection": "close",
            "webhook-id": message_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature_header(endpoint.secrets, message_id, timestamp, body),
        }
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                status = await self._send(endpoint.url, headers, body)
        except TimeoutError:
            raise NotSent(f"the endpoint did not answer within {TIMEOUT_SECONDS:.0f} s") from None
        if 200 <= status < 300:
            return status
        redirect = " (redirects are not followed)" if 300 <= status < 400 else ""
        raise NotSent(f"the endpoint answered {status}{redirect}", status=status, retryable=status != GONE)

    async def _send(self, url: str, headers: dict[str, str], body: bytes) -> int:
        try:
            target = parse_target(url, private_allowed=self._private_allowed)
        except ValueError as error:
            raise NotSent(f"the endpoint's URL {error}", retryable=False) from None
        addresses = await addresses_of(target, private_allowed=self._private_allowed)
        reader, writer = await self._connect(target, addresses)
        try:
            return await _exchange(reader, writer, target, headers, body)
        except (OSError, h11.ProtocolError) as error:
            raise NotSent(f"the endpoint closed the connection: {type(error).__name__}") from None
        finally:
            writer.transport.abort()  # nothing more is needed, and an orderly close could take long

    async def _connect(
        self, target: Target, addresses: Sequence[IpAddress]
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect to the first address that accepts. The certificate is checked against the name, not the address."""
        reason = ""
        for address in addresses:
            try:
                return await asyncio.open_connection(
                    str(address),
                    target.port,
                    ssl=self._tls if target.secure else None,
                    server_hostname=target.host if target.secure else None,
                    limit=MAX_ANSWER_HEAD,
                )
            except ssl.SSLError as error:
                reason = f"certificate verification failed ({error.reason or 'error'})"
            except OSError as error:
                reason = type(error).__name__
        raise NotSent(f"the endpoint cannot be reached: {reason}")


async def _exchange(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, target: Target, headers: dict[str, str], body: bytes
) -> int:
    """Send the request and return the status of the answer."""
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_ANSWER_HEAD)
    request = h11.Request(method="POST", target=target.path, headers=[("Host", target.authority), *headers.items()])
    parts = (request, h11.Data(data=body), h11.EndOfMessage())
    writer.write(b"".join(connection.send(part) or b"" for part in parts))
    with suppress(ConnectionError):  # an endpoint that has answered may ignore the rest
        await writer.drain()
    status = await _status(reader, connection)
    # Only the status matters. A little of the body is read so that the endpoint can finish its answer.
    with suppress(TimeoutError, OSError):
        async with asyncio.timeout(BODY_SECONDS):
            await reader.read(MAX_ANSWER_BODY)
    return status


async def _status(reader: asyncio.StreamReader, connection: h11.Connection) -> int:
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(MAX_ANSWER_HEAD))
        elif isinstance(event, h11.Response):
            return event.status_code
        elif not isinstance(event, h11.InformationalResponse):
            raise ConnectionError("no answer")
