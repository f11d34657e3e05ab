"""One request as the handlers see it, whether it came over the wire or inside a batch."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from aiohttp.web import BaseRequest
from multidict import CIMultiDict, CIMultiDictProxy

from emulator.gcs.errors import ClientGoneError, Refusal, StorageError
from emulator.gcs.http.target import Target

DOCUMENT_LIMIT_BYTES = 8 * 1024 * 1024


class BodyInterruptedError(TimeoutError):
    """Wakes a reader. A TimeoutError, because the server goes on to read what is left of the body and expects those."""

    def __init__(self, refusal: StorageError) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


class Body:
    """The request body, read once and piece by piece.

    `drop_after_bytes` makes the connection break after that many bytes (fault injection).
    """

    def __init__(self, request: BaseRequest | None, data: bytes = b"") -> None:
        self._request = request
        self._data = data
        self.drop_after_bytes: int | None = None

    @property
    def connected(self) -> bool:
        """Whether the client can still send."""
        transport = self._request.transport if self._request is not None else None
        return transport is not None and not transport.is_closing()

    def interrupt(self, refusal: StorageError) -> None:
        """Make the reader, waiting or not, fail with `refusal`."""
        if self._request is not None:
            self._request.content.set_exception(BodyInterruptedError(refusal))

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the body as it arrives. Raises ClientGoneError when the connection breaks."""
        if self._request is None:
            yield self._data
            return
        await self._send_continue(self._request)
        seen = 0
        while True:
            try:
                piece = await self._request.content.readany()
            except BodyInterruptedError as interrupt:
                # Only this reader was to be stopped: the server must still read the rest away, or it would cut the
                # connection behind the answer, or before the next request that the client sends on it.
                self._request.content.set_exception(None)  # type: ignore[arg-type]
                raise interrupt.refusal from None
            except Exception as error:  # aiohttp has no one class for a body that ends early
                raise ClientGoneError from error
            if not piece:
                return
            if self.drop_after_bytes is not None and seen + len(piece) >= self.drop_after_bytes:
                yield piece[: self.drop_after_bytes - seen]
                self._abort()
                raise ClientGoneError
            seen += len(piece)
            yield piece

    async def read(self, limit_bytes: int = DOCUMENT_LIMIT_BYTES) -> bytes:
        """Return a small body whole. Raises StorageError (413) beyond `limit_bytes`."""
        whole = bytearray()
        async for piece in self.pieces():
            whole += piece
            if len(whole) > limit_bytes:
                raise StorageError(Refusal.PAYLOAD_TOO_LARGE)
        return bytes(whole)

    def _abort(self) -> None:
        if self._request is not None and self._request.transport is not None:
            self._request.transport.abort()

    @staticmethod
    async def _send_continue(request: BaseRequest) -> None:
        """Answer Expect: 100-continue only now, so that a refused upload never sends its bytes."""
        if request.headers.get("Expect", "").lower() == "100-continue" and request.transport is not None:
            request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")


@dataclass
class Call:
    """A request: verb, raw target, headers and body."""

    method: str
    target: Target
    headers: CIMultiDictProxy[str] | CIMultiDict[str]
    body: Body = field(default_factory=lambda: Body(None))
    drop_download_after_bytes: int | None = None

    @classmethod
    def from_request(cls, request: BaseRequest) -> "Call":
        """Wrap a request as aiohttp hands it over."""
        return cls(request.method, Target.parse(request.raw_path), request.headers, Body(request))

    @property
    def query(self) -> dict[str, str]:
        """Decoded query parameters."""
        return self.target.query

    @property
    def host(self) -> str:
        """The Host header as sent, port included."""
        return self.headers.get("Host", "localhost")

    @property
    def base_url(self) -> str:
        """Scheme and host under which the client reached the emulator."""
        return f"http://{self.host}"

    @property
    def content_length(self) -> int | None:
        """Declared body length in bytes; None when it is sent in chunks of unknown total."""
        text = self.headers.get("Content-Length", "")
        return int(text) if text.isascii() and text.isdigit() else None

    async def document(self) -> dict[str, Any]:
        """Return the JSON object in the body, {} when it is empty. Raises StorageError (400)."""
        return parse_document(await self.body.read())


def parse_document(raw: bytes) -> dict[str, Any]:
    """Return the JSON object in `raw`, {} for no bytes. Raises StorageError (400) for anything else."""
    if not raw.strip():
        return {}
    try:
        document = json.loads(raw)
    except ValueError as error:
        raise StorageError(Refusal.INVALID_ARGUMENT, "Parse Error") from error
    if not isinstance(document, dict):
        raise StorageError(Refusal.INVALID_ARGUMENT, "The body must be a JSON object.")
    return document
