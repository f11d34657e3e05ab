"""CRC32C (RFC 3720, appendix B.4) as the API takes it, computed by Google's library."""

from __future__ import annotations

import base64

import google_crc32c


def crc32c_of(data: bytes) -> str:
    """Return the checksum in base64, big-endian."""
    return base64.b64encode(google_crc32c.value(data).to_bytes(4, "big")).decode()
