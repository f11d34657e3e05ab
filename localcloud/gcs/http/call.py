"""One request as the handlers see it, received on its own or inside a batch."""

import hashlib
import json
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

from aiohttp.web import BaseRequest
from multidict import CIMultiDict, CIMultiDictProxy

from localcloud.gcs.errors import ClientGoneError, Refusal, StorageError
from localcloud.gcs.http.gunzip import Gunzip
from localcloud.gcs.http.target import Target

DOCUMENT_LIMIT_BYTES = 8 * 1024 * 1024


class BodyInterruptedError(TimeoutError):
    """Wakes a reader. It is a TimeoutError because aiohttp expects those while it reads the rest of the body."""

    def __init__(self, refusal: StorageError) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


class Body:
    """The request body, which can be read once, in pieces.

    `drop_after_bytes` makes the connection break after that many bytes, `refuse_after_bytes` gives the client an error
    then (fault injection). `compressed` means that the body is gzip and must be unpacked.
    """

    def __init__(self, request: BaseRequest | None, data: bytes = b"") -> None:
        self._request = request
        self._data = data
        self._continued = False
        self.drop_after_bytes: int | None = None
        self.refuse_after_bytes: tuple[int, StorageError] | None = None
        self.sha256: str | None = None
        self.compressed = False

    @property
    def connected(self) -> bool:
        """Whether the client can still send."""
        transport = self._request.transport if self._request is not None else None
        return transport is not None and not transport.is_closing()

    def interrupt(self, refusal: StorageError) -> None:
        """Make the reader, waiting or not, fail with `refusal`."""
        if self._request is not None:
            self._request.content.set_exception(BodyInterruptedError(refusal))

    @property
    def withheld(self) -> bool:
        """Whether the client still waits for 100 Continue. If so, the next bytes may be the body or a new request."""
        request = self._request
        return request is not None and _expects_continue(request) and not self._continued and not request.content.at_eof()

    async def has_bytes(self) -> bool:
        """Whether there is a body; call it instead of reading."""
        async for piece in self.pieces():
            if piece:
                return True
        return False

    def pieces(self) -> AsyncIterator[bytes]:
        """Return the body as it arrives.

        Raises:
            ClientGoneError: the connection broke.
            StorageError: 400 for a body that is not valid gzip though declared so, or not the signed one.
        """
        pieces = self._sent_pieces()
        if self.sha256 is not None:
            pieces = _checked(pieces, self.sha256)
        return _gunzipped(pieces) if self.compressed else pieces

    async def _sent_pieces(self) -> AsyncIterator[bytes]:
        if self._request is None:
            yield self._data
            return
        self._send_continue(self._request)
        seen = 0
        while True:
            try:
                piece = await self._request.content.readany()
            except BodyInterruptedError as interrupt:
                # Only this reader must stop. The server must still read and discard the rest, or it would close the
                # connection after the answer, or before the client's next request on it.
                self._request.content.set_exception(None)  # type: ignore[arg-type]
                raise interrupt.refusal from None
            except Exception as error:  # aiohttp has several exception classes for a body that ends early
                raise ClientGoneError from error
            if not piece:
                return
            if self.drop_after_bytes is not None and seen + len(piece) >= self.drop_after_bytes:
                yield piece[: self.drop_after_bytes - seen]
                self._abort()
                raise ClientGoneError
            if self.refuse_after_bytes is not None and seen + len(piece) >= self.refuse_after_bytes[0]:
                limit, refusal = self.refuse_after_bytes
                yield piece[: limit - seen]
                raise refusal
            seen += len(piece)
            yield piece

    async def read(self, limit_bytes: int = DOCUMENT_LIMIT_BYTES) -> bytes:
        """Return a whole small body. Raises StorageError (413) beyond `limit_bytes`."""
        whole = bytearray()
        async for piece in self.pieces():
            whole += piece
            if len(whole) > limit_bytes:
                raise StorageError(Refusal.PAYLOAD_TOO_LARGE)
        return bytes(whole)

    def _abort(self) -> None:
        if self._request is not None and self._request.transport is not None:
            self._request.transport.abort()

    def _send_continue(self, request: BaseRequest) -> None:
        """Answer Expect: 100-continue when reading begins, so that a refused upload never sends its bytes."""
        if _expects_continue(request) and not self._continued and request.transport is not None:
            self._continued = True
            request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")


def _expects_continue(request: BaseRequest) -> bool:
    return request.headers.get("Expect", "").lower() == "100-continue"


async def _gunzipped(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the unpacked bytes of a gzip body. Raises StorageError (400) if it is not gzip or is incomplete."""
    gunzip = Gunzip()
    try:
        async for packed in pieces:
            for piece in gunzip.unpack(packed):
                yield piece
        gunzip.finish()
    except zlib.error as error:
        raise StorageError(Refusal.INVALID_ARGUMENT, f"The body is not gzip, as Content-Encoding says: {error}") from error


async def _checked(pieces: AsyncIterator[bytes], expected: str) -> AsyncIterator[bytes]:
    """Yield the pieces. Raises StorageError (400) after the last one if their hash is not the signed one."""
    digest = hashlib.sha256()
    async for piece in pieces:
        digest.update(piece)
        yield piece
    if digest.hexdigest() != expected:
        raise StorageError(Refusal.CONTENT_SHA256_MISMATCH)


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
        """Wrap an aiohttp request."""
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
        """Declared body length in bytes; None when it is sent in chunks of unknown total, or compressed."""
        if self.body.compressed:
            return None
        text = self.headers.get("Content-Length", "")
        return int(text) if text.isascii() and text.isdigit() else None

    async def document(self) -> dict[str, Any]:
        """Return the JSON object in the body, {} when it is empty. Raises StorageError (400)."""
        return parse_document(await self.body.read())


def parse_document(raw: bytes) -> dict[str, Any]:
    """Return the JSON object in `raw`, {} for no bytes or `null`. Raises StorageError (400) for anything else."""
    if not raw.strip():
        return {}
    try:
        document = json.loads(raw, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise StorageError(Refusal.INVALID_ARGUMENT, "Parse Error") from error
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise StorageError(Refusal.INVALID_ARGUMENT, "The body must be a JSON object.")
    return document


def _no_constant(name: str) -> NoReturn:
    """Reject NaN and Infinity, which Python accepts but JSON does not have."""
    raise ValueError(name)
