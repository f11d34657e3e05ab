"""One HTTP/1.1 connection to a server: one request at a time, and the answer to it. llhttp reads the answers (httptools)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from reelgate.adapters.google.retries import CallFailed

MAX_HEAD_BYTES = 64 * 1024
"""Names and values of one answer's headers and trailers in all, and one line that is not complete yet."""


class NoAnswer(CallFailed):
    """There was no answer, or it could not be read. Whether the call was carried out is unknown."""

    def __init__(self, message: str) -> None:
        super().__init__(message, retryable=True)


class Answer(NamedTuple):
    """An HTTP answer with any status. Names of headers are in lower case; repeated ones are joined by commas."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the content. Raises NoAnswer if it is not JSON."""
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            # `from None`: the text of a parser's error may quote what it could not read.
            raise NoAnswer(f"HTTP {self.status} without JSON") from None


class HttpConnection(asyncio.Protocol):
    """A connection that asyncio has opened. `lost` is done when it is closed."""

    def __init__(self) -> None:
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.is_usable = True
        """Whether another request may be sent: nothing is left over from the last answer, and the server has not closed it."""
        self._transport: asyncio.Transport | None = None
        self._parser: Any = HttpResponseParser(self)  # calls the methods on_*
        self._waiting: asyncio.Future[Answer] | None = None
        self._head_only = False
        self._max_bytes: int | None = None
        self._start_answer()

    async def exchange(self, request: bytes, *, head_only: bool = False, max_bytes: int | None = None) -> Answer:
        """Send a request, and return its answer. If this is cancelled or fails, the connection is closed.

        Args:
            request: with its body.
            head_only: whether the answer has no body whatever its headers say, as to HEAD.
            max_bytes: the largest body to accept.

        Raises:
            NoAnswer: the answer is not HTTP, or too long.
            OSError: the connection broke.
        """
        if self._transport is None or not self.is_usable or self._waiting is not None:
            raise ConnectionResetError
        self._head_only, self._max_bytes = head_only, max_bytes
        self._waiting = asyncio.get_running_loop().create_future()
        try:
            self._transport.write(request)
            return await self._waiting
        except BaseException:
            self.abort()
            raise
        finally:
            self._waiting = None

    def abort(self) -> None:
        """Close the connection at once."""
        self.is_usable = False
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.Protocol`."""
        self._transport = transport  # type: ignore[assignment] # of a stream connection; uvloop's is no subclass of Transport

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        if self._waiting is None:  # an answer to nothing
            self.abort()
            return
        self._unread_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            self._fail(NoAnswer(type(error).__name__))  # without its text and cause, which quote the answer
        if self._unread_bytes > MAX_HEAD_BYTES:
            self._fail(NoAnswer("an answer with too long a line"))

    def eof_received(self) -> None:
        """See `asyncio.Protocol`. An answer of unknown length ends here."""
        self.is_usable = False
        if self._ends_with_connection:
            self._finish()

    def connection_lost(self, error: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self._fail(error or ConnectionResetError())
        self._parser = self._transport = None  # the parser has references to this object
        if not self.lost.done():
            self.lost.set_result(None)

    def on_message_begin(self) -> None:
        """The parser has found the beginning of an answer."""
        if self._waiting is None or self._waiting.done():  # a second answer to one request
            self.is_usable = False
        self._start_answer()

    def on_header(self, name: bytes, value: bytes) -> None:
        """The parser has read a header, or a trailer, which is ignored."""
        self._unread_bytes = 0
        self._head_bytes += len(name) + len(value)
        if self._head_bytes > MAX_HEAD_BYTES:
            self._fail(NoAnswer("an answer with too long a head"))
        elif self._in_head:
            key, text = name.decode("latin-1").lower(), value.decode("latin-1").strip()
            self._headers[key] = f"{self._headers[key]}, {text}" if key in self._headers else text

    def on_headers_complete(self) -> None:
        """The parser has read all headers."""
        self._unread_bytes = 0
        self._in_head = False
        self._status = self._parser.get_status_code()
        if self._status < 200:
            return
        if self._head_only:  # the parser does not know that no body follows
            self.is_usable = False
            self._finish()
        elif self._status not in (204, 304):
            self._ends_with_connection = self._headers.keys().isdisjoint(("content-length", "transfer-encoding"))

    def on_chunk_header(self) -> None:
        """The parser has read the size of a chunk."""
        self._unread_bytes = 0

    def on_body(self, data: bytes) -> None:
        """The parser has read a part of the body."""
        self._unread_bytes = 0
        self._body.append(data)
        self._body_bytes += len(data)
        if self._max_bytes is not None and self._body_bytes > self._max_bytes:
            self._fail(NoAnswer(f"HTTP {self._status} with more than {self._max_bytes} bytes"))

    def on_message_complete(self) -> None:
        """The parser has read an answer. After an interim one (1xx), another follows."""
        self._unread_bytes = 0
        if self._status >= 200:
            self.is_usable = self.is_usable and self._parser.should_keep_alive()
            self._finish()

    def _start_answer(self) -> None:
        self._status = 0
        self._headers: dict[str, str] = {}
        self._body: list[bytes] = []
        self._in_head = True
        self._ends_with_connection = False
        self._head_bytes = self._body_bytes = self._unread_bytes = 0

    def _finish(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(Answer(self._status, self._headers, b"".join(self._body)))

    def _fail(self, error: Exception) -> None:
        """End the call under way, if it has no answer yet. The connection cannot be used any more."""
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(error)
        self.abort()
