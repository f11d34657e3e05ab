"""Pieces of the upload path that need no server: Content-Range, multipart bodies, the blob writer."""

import base64
import hashlib
import itertools
import os
from collections.abc import AsyncIterator
from pathlib import Path

import google_crc32c
import pytest

from localcloud.gcs.errors import StorageError
from localcloud.gcs.store.content.blob_writer import QUANTUM_BYTES, BlobWriter
from localcloud.gcs.uploads.content_range import ContentRange, parse_content_range
from localcloud.gcs.uploads.multipart import RelatedParts


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes 0-99/100", ContentRange(0, 99, 100)),
        ("bytes 262144-524287/*", ContentRange(262144, 524287, None)),
        ("bytes */100", ContentRange(None, None, 100)),
        ("bytes */*", ContentRange(None, None, None)),
        ("bytes */0", ContentRange(None, None, 0)),
        ("bytes 0-*/*", ContentRange(0, None, None)),
        ("bytes 262144-*/300000", ContentRange(262144, None, 300000)),
        ("bytes 100-*/100", ContentRange(100, None, 100)),
    ],
)
def test_content_range(header: str, expected: ContentRange) -> None:
    assert parse_content_range(header) == expected
    assert expected.is_status_query == (expected.first is None)


@pytest.mark.parametrize(
    "header",
    [
        "bytes 101-*/100",
        "bytes *-*/*",
        "bytes *-5/9",
        "",
        "bytes",
        "0-99/100",
        "bytes 0-99",
        "bytes 99-0/100",
        "bytes 0-100/100",
        "bytes a-b/c",
        "bytes -5/10",
        "bytes ٠-٩/١٠",
    ],
)
def test_impossible_content_range(header: str) -> None:
    with pytest.raises(ValueError, match="Failed to parse Content-Range header"):
        parse_content_range(header)


async def in_pieces(body: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


MEDIA = b"bytes with --frontier and \r\n--almost the frontier\r\n in them\r"


@pytest.mark.parametrize("piece_bytes", [1, 2, 7, 10_000])
@pytest.mark.parametrize(("newline", "quote"), list(itertools.product(["\r\n", "\n"], ['"', "'", ""])), ids=repr)
async def test_multipart_of_every_client(newline: str, quote: str, piece_bytes: int) -> None:
    head = ["--=frontier==", "Content-Type: application/json", "", '{"name": "a"}', "--=frontier=="]
    head += ["Content-Type: video/mp4", "MIME-Version: 1.0", "", ""]
    media = MEDIA if newline == "\r\n" else MEDIA.rstrip(b"\r")
    body = newline.join(head).encode() + media + f"{newline}--=frontier==--{newline}".encode()
    parts = RelatedParts(f"multipart/related; boundary={quote}=frontier=={quote}", in_pieces(body, piece_bytes))
    assert await parts.metadata() == b'{"name": "a"}'
    assert b"".join([piece async for piece in parts.media()]) == media
    assert parts.media_headers["content-type"] == "video/mp4"


@pytest.mark.parametrize("cut", [10, 60, 130, 170])
async def test_truncated_multipart(cut: int) -> None:
    body = b"--x\r\nContent-Type: application/json\r\n\r\n{}\r\n--x\r\nContent-Type: text/plain\r\n\r\n" + b"m" * 200
    parts = RelatedParts("multipart/related; boundary=x", in_pieces(body[:cut], 16))
    with pytest.raises(StorageError):
        [piece async for piece in parts.media()] if await parts.metadata() is not None else None


async def test_writer_keeps_whole_quanta_until_it_finishes(tmp_path: Path) -> None:
    data = os.urandom(5 * QUANTUM_BYTES + 1000)
    writer = await BlobWriter.open(tmp_path / "blob")
    for start in range(0, len(data), 70_001):
        await writer.append(data[start : start + 70_001])
    assert writer.received_bytes == len(data)
    await writer.settle()
    assert writer.kept_bytes == writer.received_bytes == 5 * QUANTUM_BYTES == (tmp_path / "blob").stat().st_size
    await writer.append(data[5 * QUANTUM_BYTES :])
    await writer.finish()
    assert (tmp_path / "blob").read_bytes() == data
    assert writer.md5 == base64.b64encode(hashlib.md5(data).digest()).decode()
    assert writer.crc32c == base64.b64encode(google_crc32c.Checksum(data).digest()).decode()
    writer.close()


async def test_reopened_writer_goes_on_from_a_whole_quantum(tmp_path: Path) -> None:
    data = os.urandom(2 * QUANTUM_BYTES + 5)
    (tmp_path / "blob").write_bytes(data)
    writer = await BlobWriter.open(tmp_path / "blob")
    assert writer.kept_bytes == 2 * QUANTUM_BYTES
    await writer.append(data[2 * QUANTUM_BYTES :])
    await writer.finish()
    assert (tmp_path / "blob").read_bytes() == data
    assert writer.md5 == base64.b64encode(hashlib.md5(data).digest()).decode()
    writer.close()
