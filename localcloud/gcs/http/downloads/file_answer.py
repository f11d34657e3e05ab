"""A slice of a file as the answer, sent by the kernel where the event loop can."""

import asyncio
import os
from collections.abc import Callable, Mapping
from typing import BinaryIO

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

READ_BYTES = 1024 * 1024


class FileAnswer(web.StreamResponse):
    """Sends `count` bytes of an open file from `offset` and closes the file.

    The file is opened before the answer begins, so overwriting or deleting the object does not affect the reader.

    `when_sent` is called with the bytes of the body that were sent, also if the connection broke.

    Args:
        drop_after_bytes: break the connection after that many bytes of the body (fault injection).
    """

    when_sent: Callable[[int], None] | None = None

    def __init__(
        self,
        file: BinaryIO,
        offset: int,
        count: int,
        *,
        status: int,
        headers: Mapping[str, str],
        drop_after_bytes: int | None = None,
    ) -> None:
        super().__init__(status=status, headers=headers)
        self.content_length = count
        self._file = file
        self._offset = offset
        self._count = count
        self._drop_after_bytes = drop_after_bytes
        self._sent = 0

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Send headers and body."""
        try:
            writer = await super().prepare(request)
            if writer is None or request.method == "HEAD" or self._count == 0:
                return writer
            await self._send(request, writer)
            return writer
        finally:
            self._file.close()
            if self.when_sent is not None:
                self.when_sent(self._sent)
                self.when_sent = None

    async def _send(self, request: web.BaseRequest, writer: AbstractStreamWriter) -> None:
        count = self._count if self._drop_after_bytes is None else min(self._count, self._drop_after_bytes)
        transport = request.transport
        if transport is None or transport.is_closing():
            raise ConnectionResetError("the client left")
        if count:
            self._file.seek(self._offset)
            try:
                await asyncio.get_running_loop().sendfile(transport, self._file, self._offset, count)
                self._sent = count
            except NotImplementedError:
                await self._copy(writer, count)
            finally:
                self._sent = self._sent or max(0, self._file.tell() - self._offset)  # what a broken connection has taken
        if count < self._count:
            transport.abort()
            return
        await self.write_eof()

    async def _copy(self, writer: AbstractStreamWriter, count: int) -> None:
        """Send without the kernel's help: event loops other than the standard one have no sendfile."""
        sent = 0
        while sent < count:
            piece = await asyncio.to_thread(os.pread, self._file.fileno(), min(READ_BYTES, count - sent), self._offset + sent)
            await writer.write(piece)
            self._sent = sent = sent + len(piece)
