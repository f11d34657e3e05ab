"""Decompressive transcoding: a gzip object for a client that does not take gzip.

Source: Cloud Storage documentation, "Transcoding of gzip-compressed files".
"""

import asyncio
import os
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from localcloud.gcs.http.gunzip import Gunzip

READ_BYTES = 256 * 1024
GZIP_MAGIC = b"\x1f\x8b"
NO_GZIP = re.compile(r";\s*q\s*=\s*0(?:\.0*)?\s*$", re.IGNORECASE)


def takes_gzip(accept_encoding: str) -> bool:
    """Whether an Accept-Encoding header names gzip with a weight above 0."""
    codings = [coding.strip() for coding in accept_encoding.split(",")]
    return any(re.match(r"(?:x-)?gzip\b", coding, re.IGNORECASE) and not NO_GZIP.search(coding) for coding in codings)


def is_gzip(file: BinaryIO) -> bool:
    """Whether an open file starts like gzip; other files are served unchanged."""
    return os.pread(file.fileno(), len(GZIP_MAGIC), 0) == GZIP_MAGIC


class GunzipAnswer(web.StreamResponse):
    """Sends the unpacked content of a gzip file, of unknown length, and closes the file.

    The file is unpacked piece by piece in a thread; if it is damaged the connection breaks where the damage is.

    `when_sent` is called with the unpacked bytes that were sent, also if the connection broke.

    Args:
        drop_after_bytes: break the connection after that many bytes of the body (fault injection).
    """

    when_sent: Callable[[int], None] | None = None

    def __init__(self, file: BinaryIO, *, headers: Mapping[str, str], drop_after_bytes: int | None = None) -> None:
        super().__init__(status=200, headers=headers)
        self._file = file
        self._drop_after_bytes = drop_after_bytes
        self._sent = 0

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Send headers and body."""
        try:
            if request.version < (1, 1):
                self.force_close()
            else:
                self.enable_chunked_encoding()
            writer = await super().prepare(request)
            if writer is None or request.method == "HEAD":
                return writer
            await self._send(request, writer)
            return writer
        finally:
            self._file.close()
            if self.when_sent is not None:
                self.when_sent(self._sent)
                self.when_sent = None

    async def _send(self, request: web.BaseRequest, writer: AbstractStreamWriter) -> None:
        pieces, left = self._unpacked(), self._drop_after_bytes
        try:
            while piece := await asyncio.to_thread(next, pieces, b""):
                part = piece if left is None else piece[:left]
                await writer.write(part)
                self._sent += len(part)
                left = None if left is None else left - len(piece)
                if left is not None and left <= 0:
                    raise zlib.error("injected fault")
        except zlib.error:
            if request.transport is not None:
                request.transport.abort()
            return
        await self.write_eof()

    def _unpacked(self) -> Iterator[bytes]:
        """Yield the unpacked content (blocking). Raises zlib.error where it is damaged."""
        gunzip = Gunzip()
        while packed := self._file.read(READ_BYTES):
            yield from gunzip.unpack(packed)
        gunzip.finish()
