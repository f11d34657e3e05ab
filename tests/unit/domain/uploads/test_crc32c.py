from __future__ import annotations

import base64

import google_crc32c
from hypothesis import given
from hypothesis import strategies as st

from reelgate.domain.uploads.crc32c import EMPTY, combine


def checksum(data: bytes) -> str:
    return base64.b64encode(google_crc32c.value(data).to_bytes(4, "big")).decode()


@given(st.lists(st.binary(max_size=300), max_size=6))
def test_the_whole_has_the_checksum_that_follows_from_its_parts(parts: list[bytes]) -> None:
    assert combine((checksum(part), len(part)) for part in parts) == checksum(b"".join(parts))


def test_large_parts() -> None:
    parts = [b"\xff" * 3_000_001, b"\x00" * 2_000_003, b"end"]
    assert combine((checksum(part), len(part)) for part in parts) == checksum(b"".join(parts))


def test_a_size_beyond_any_memory() -> None:
    """5 TiB behind a text, at once and in halves: the shift is the same."""
    half = 5 * 2**39
    at_once = combine([(checksum(b"text"), 4), (EMPTY, 2 * half)])
    in_halves = combine([(checksum(b"text"), 4), (EMPTY, half), (EMPTY, half)])
    assert at_once == in_halves


def test_the_order_counts() -> None:
    one, two = (checksum(b"one"), 3), (checksum(b"two"), 3)
    assert combine([one, two]) != combine([two, one])


def test_of_nothing() -> None:
    assert combine([]) == EMPTY == checksum(b"")
