"""Unpacking gzip in pieces, for requests and objects."""

import zlib
from collections.abc import Iterator

MAX_PIECE_BYTES = 1024 * 1024
_GZIP_WINDOW = 16 + zlib.MAX_WBITS


class Gunzip:
    """Unpacks one stream of gzip members (RFC 1952). Zero bytes after the last member are ignored, as gzip does."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP_WINDOW)

    def unpack(self, packed: bytes) -> Iterator[bytes]:
        """Unpack the next bytes; yields at most MAX_PIECE_BYTES at a time. Raises zlib.error if they are damaged."""
        while packed:
            if self._member.eof:
                if not packed.strip(b"\0"):
                    return
                self._member = zlib.decompressobj(_GZIP_WINDOW)
            piece = self._member.decompress(packed, MAX_PIECE_BYTES)
            packed = self._member.unconsumed_tail or self._member.unused_data
            if piece:
                yield piece

    def finish(self) -> None:
        """Raise zlib.error if the stream ends inside a member."""
        if not self._member.eof:
            raise zlib.error("it ends too early")
