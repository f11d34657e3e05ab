"""SMTP servers for tests: aiosmtpd as a real one, and one that follows a script to the letter."""

from __future__ import annotations

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

USER, PASSWORD = "films", "correct horse battery staple"


@dataclass
class Received:
    """What the real server got."""

    mails: list[Envelope] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.mails.append(envelope)
        assert server.transport is not None
        self.encrypted.append(server.transport.get_extra_info("sslcontext") is not None)
        return "250 taken"

    def authenticate(self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: object) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append(data.login.decode())
        return AuthResult(success=(data.login, data.password) == (USER.encode(), PASSWORD.encode()), handled=False)


@asynccontextmanager
async def real_server(
    received: Received, *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None, auth: bool = False
) -> AsyncIterator[int]:
    """Run aiosmtpd; yields its port."""

    def protocol() -> SMTP:
        with warnings.catch_warnings(action="ignore"):  # it does not know that implicit TLS is TLS
            return SMTP(
                received,
                hostname="localhost",
                tls_context=starttls,
                require_starttls=starttls is not None,
                authenticator=received.authenticate if auth else None,
                auth_required=auth,
                auth_require_tls=tls is None,
                enable_SMTPUTF8=True,
            )

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


DROP = "drop"
SILENCE = "silence"


@dataclass
class Script:
    """Answers by command; `TEXT` is the whole text, `HALF` the first bytes of it. DROP breaks the connection."""

    answers: Mapping[str, str]
    heard: list[str] = field(default_factory=list)

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hold one conversation."""
        try:
            if not await self._say(writer, "CONNECT", "220 scripted"):
                return
            while line := (await reader.readline()).decode():
                command = line.split(":")[0].split()[0].upper()
                self.heard.append(line.strip())
                default = {"EHLO": "250-scripted\r\n250 8BITMIME", "DATA": "354 go on"}.get(command, "250 ok")
                if not await self._say(writer, command, default):
                    return
                if command == "DATA" and self.answers.get("DATA", "354").startswith("354"):
                    if "HALF" in self.answers:
                        await reader.read(10)
                        return
                    await reader.readuntil(b"\r\n.\r\n")
                    if not await self._say(writer, "TEXT", "250 taken"):
                        return
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the test is over, or its client is gone
        finally:
            writer.transport.abort()

    async def _say(self, writer: asyncio.StreamWriter, command: str, default: str) -> bool:
        answer = self.answers.get(command, default)
        if answer == DROP:
            return False
        if answer == SILENCE:
            await asyncio.Event().wait()
        writer.write(f"{answer}\r\n".encode())
        await writer.drain()
        return True


@asynccontextmanager
async def scripted_server(script: Script) -> AsyncIterator[int]:
    """Run a scripted server; yields its port."""
    conversations: set[asyncio.Task[None]] = set()

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        conversations.add(task := asyncio.current_task())  # type: ignore[arg-type]
        try:
            await script.converse(reader, writer)
        finally:
            conversations.discard(task)  # type: ignore[arg-type]

    server = await asyncio.start_server(converse, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for conversation in list(conversations):
            conversation.cancel()
        await asyncio.gather(*conversations, return_exceptions=True)
