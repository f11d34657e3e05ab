"""Decompressive transcoding: a gzip object for a client that does not take gzip.

Source: Cloud Storage documentation, "Transcoding of gzip-compressed files".
"""

import asyncio
import os
import re
import zlib
from collections.abc import Mapping
from typing import BinaryIO

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from localcloud.gcs.http.call import GZIP_WINDOW

READ_BYTES = 256 * 1024
PIECE_BYTES = 1024 * 1024
GZIP_MAGIC = b"\x1f\x8b"
NO_GZIP = re.compile(r";\s*q\s*=\s*0(?:\.0*)?\s*$", re.IGNORECASE)


def takes_gzip(accept_encoding: str) -> bool:
    """Whether an Accept-Encoding header names gzip and does not give it a weight of nothing."""
    codings = [coding.strip() for coding in accept_encoding.split(",")]
    return any(re.match(r"(?:x-)?gzip\b", coding, re.IGNORECASE) and not NO_GZIP.search(coding) for coding in codings)


def is_gzip(file: BinaryIO) -> bool:
    """Whether an open file begins as gzip does; what does not is served as it is."""
    return os.pread(file.fileno(), len(GZIP_MAGIC), 0) == GZIP_MAGIC


class GunzipAnswer(web.StreamResponse):
    """Sends what is in a gzip file, whose length nobody knows before, and closes the file.

    The file is unpacked piece by piece in a thread; if it is damaged the connection breaks where the damage is.

    Args:
        drop_after_bytes: break the connection after that many bytes of the body (fault injection).
    """

    def __init__(self, file: BinaryIO, *, headers: Mapping[str, str], drop_after_bytes: int | None = None) -> None:
        super().__init__(status=200, headers=headers)
        self._file = file
        self._drop_after_bytes = drop_after_bytes
        self._gunzip = zlib.decompressobj(GZIP_WINDOW)
        self._tail = b""

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

    async def _send(self, request: web.BaseRequest, writer: AbstractStreamWriter) -> None:
        left = self._drop_after_bytes
        try:
            while piece := await asyncio.to_thread(self._next_piece):
                await writer.write(piece if left is None else piece[:left])
                left = None if left is None else left - len(piece)
                if left is not None and left <= 0:
                    raise zlib.error("broken off as asked")
        except zlib.error:
            if request.transport is not None:
                request.transport.abort()
            return
        await self.write_eof()

    def _next_piece(self) -> bytes:
        """Return the next unpacked bytes, none at the end (blocking). Raises zlib.error for a damaged file."""
        while True:
            packed = self._tail or self._file.read(READ_BYTES)
            if not packed:
                if not self._gunzip.eof:
                    raise zlib.error("the file ends too early")
                return b""
            if self._gunzip.eof and not packed.strip(b"\0"):
                self._tail = b""  # padding behind the last member, which gzip ignores, too
                continue
            if self._gunzip.eof:
                self._gunzip = zlib.decompressobj(GZIP_WINDOW)
            piece = self._gunzip.decompress(packed, PIECE_BYTES)
            self._tail = self._gunzip.unconsumed_tail or self._gunzip.unused_data
            if piece:
                return piece
