"""The protocol between the two processes: one byte for the kind, four for the length, then the content."""

from __future__ import annotations

import struct
from typing import BinaryIO

HEADER = struct.Struct(">cI")
RANGE = struct.Struct(">QI")
MAX_FRAME_BYTES = 8 * 1024 * 1024

# From the function to the child: the job (JSON), requested bytes, "go on" after a write.
JOB, DATA, TAKEN = b"J", b"D", b"A"
# From the child: how it is confined (JSON), read this range, write these bytes, percent done, facts (JSON), a picture,
# the result (JSON), a traceback.
CONFINED, READ, WRITE, PROGRESS, FACTS, PICTURE, END, BROKEN = b"C", b"R", b"W", b"P", b"F", b"I", b"E", b"T"


class ChannelClosed(Exception):
    """The other side has closed the pipe."""


class Channel:
    """The child's end: blocking, one request at a time."""

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        self._in, self._out = incoming, outgoing

    def send(self, kind: bytes, content: bytes = b"") -> None:
        """Send a frame. Raises ChannelClosed."""
        try:
            self._out.write(HEADER.pack(kind, len(content)) + content)
            self._out.flush()
        except OSError as error:
            raise ChannelClosed from error

    def receive(self, expected: bytes) -> bytes:
        """Return the content of the next frame, which must be of the expected kind. Raises ChannelClosed."""
        header = self._in.read(HEADER.size)
        if len(header) < HEADER.size:
            raise ChannelClosed
        kind, length = HEADER.unpack(header)
        content = self._in.read(length)
        if kind != expected or len(content) < length:
            raise ChannelClosed
        return content

    def read(self, start: int, length: int) -> bytes:
        """Return a range of the file. Raises ChannelClosed."""
        self.send(READ, RANGE.pack(start, length))
        return self.receive(DATA)

    def write(self, data: bytes) -> None:
        """Send bytes of the result, and wait until they are accepted. Raises ChannelClosed."""
        self.send(WRITE, data)
        self.receive(TAKEN)
