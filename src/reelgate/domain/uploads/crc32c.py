"""The CRC32C of a file, computed from the CRC32Cs of its parts without reading its bytes.

CRCs are remainders of polynomials over GF(2): appending n bytes multiplies the first remainder by x^(8n) (Mark Adler,
zlib's `crc32_combine`). Here with Castagnoli's polynomial (RFC 3720, section 12.1), written as Cloud Storage writes checksums:
the base64 of four bytes, big-endian.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from functools import lru_cache

EMPTY = "AAAAAA=="
"""The CRC32C of no bytes at all."""

_POLYNOMIAL = 0x82F63B78  # reflected: the highest bit is the coefficient of x^0
_ONE = 1 << 31


def combine(parts: Iterable[tuple[str, int]]) -> str:
    """Return the CRC32C of joined parts, each given by its own CRC32C and its size in bytes."""
    whole = 0
    for checksum, size in parts:
        whole = _product(_shift(size), whole) ^ int.from_bytes(base64.b64decode(checksum), "big")
    return base64.b64encode(whole.to_bytes(4, "big")).decode()


def _product(a: int, b: int) -> int:
    """Return a * b modulo the polynomial."""
    product = 0
    bit = _ONE
    while bit:
        if a & bit:
            product ^= b
        b = (b >> 1) ^ _POLYNOMIAL if b & 1 else b >> 1
        bit >>= 1
    return product


@lru_cache(maxsize=256)
def _shift(size: int) -> int:
    """Return x^(8 * size) modulo the polynomial. Most chunks of a file have one size: they share a result."""
    power, square, exponent = _ONE, _ONE >> 1, 8 * size
    while exponent:
        if exponent & 1:
            power = _product(square, power)
        square = _product(square, square)
        exponent >>= 1
    return power
