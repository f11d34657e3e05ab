"""multipart/related: a JSON part with metadata, then the bytes, streamed.

Clients differ: google-cloud-storage writes CRLF and double quotes around the boundary, gcloud LF and single quotes.
"""

import re
from collections.abc import AsyncIterator

from localcloud.gcs.errors import Refusal, StorageError

BOUNDARY = re.compile(r"boundary=(\"[^\"]+\"|'[^']+'|[^;\s]+)", re.IGNORECASE)
HEAD_LIMIT_BYTES = 1024 * 1024


class RelatedParts:
    """The two parts of an upload body. Read the metadata first, then the media.

    Raises:
        StorageError: 400 if the body does not match its content type.
    """

    def __init__(self, content_type: str, pieces: AsyncIterator[bytes]) -> None:
        match = BOUNDARY.search(content_type)
        if match is None:
            raise _malformed("there is no boundary in the Content-Type")
        self._delimiter = b"--" + match.group(1).strip("\"'").encode()
        self._pieces = pieces
        self._buffer = b""
        self._newline = b"\r\n"
        self.media_headers: dict[str, str] = {}

    async def metadata(self) -> bytes:
        """Return the first part's content and read the second part's headers."""
        await self._read_until(self._delimiter)
        self._newline = b"\r\n" if await self._starts_with(b"\r\n") else b"\n"
        await self._read_until(self._newline)
        await self._read_until(self._newline * 2)
        document = await self._read_until(self._newline + self._delimiter)
        await self._read_until(self._newline)
        head = await self._read_until(self._newline * 2) if not await self._starts_with(self._newline) else b""
        if not head:
            await self._read_until(self._newline)
        for line in head.decode("latin-1").splitlines():
            name, _, value = line.partition(":")
            self.media_headers[name.strip().lower()] = value.strip()
        return document

    async def media(self) -> AsyncIterator[bytes]:
        """Yield the second part's content."""
        end = self._newline + self._delimiter
        while True:
            at = self._buffer.find(end)
            if at >= 0:
                yield self._buffer[:at]
                async for _ in self._pieces:  # the epilogue, which has no meaning
                    pass
                return
            safe = max(0, len(self._buffer) - len(end) + 1)
            if safe:
                yield self._buffer[:safe]
                self._buffer = self._buffer[safe:]
            await self._more()

    async def _starts_with(self, text: bytes) -> bool:
        while len(self._buffer) < len(text):
            await self._more()
        return self._buffer.startswith(text)

    async def _read_until(self, mark: bytes) -> bytes:
        while (at := self._buffer.find(mark)) < 0:
            if len(self._buffer) > HEAD_LIMIT_BYTES:
                raise _malformed("the metadata part is too long")
            await self._more()
        head, self._buffer = self._buffer[:at], self._buffer[at + len(mark) :]
        return head

    async def _more(self) -> None:
        try:
            self._buffer += await anext(self._pieces)
        except StopAsyncIteration:
            raise _malformed("it ends in the middle of a part") from None


def _malformed(reason: str) -> StorageError:
    return StorageError(Refusal.INVALID_ARGUMENT, f"Malformed multipart body: {reason}.")
