"""Decompressive transcoding (Cloud Storage documentation, "Transcoding of gzip-compressed files")."""

import gzip
import os
from collections.abc import Callable

import httpx
import pytest

from tests.integration.gcs.conftest import WEB, Bucket, Emulator

PLAIN = os.urandom(300_000) * 8
PACKED = gzip.compress(PLAIN, 1)
Read = Callable[..., tuple[httpx.Response, bytes]]


def store(bucket: Bucket, content: bytes, **fields: str) -> None:
    session = bucket.open_session("clip", {"contentEncoding": "gzip", "contentType": "text/plain", **fields})
    assert bucket.emulator.http.put(session, content=content).status_code == 200


@pytest.fixture(params=["xml", "json"])
def read(request: pytest.FixtureRequest, bucket: Bucket) -> Read:
    """Reads the object "clip" as raw bytes; `accept` is the Accept-Encoding header, none if None."""

    def read_raw(accept: str | None, method: str = "GET", **headers: str) -> tuple[httpx.Response, bytes]:
        received: list[bytes] = []
        url = f"{bucket.emulator.url}/storage/v1/b/{bucket.name}/o/clip?alt=media"
        if request.param == "xml":
            url = bucket.emulator.signed(method, f"/{bucket.name}/clip")
        message = WEB.build_request(method, url, headers=headers)
        message.headers.pop("Accept-Encoding")
        if accept is not None:
            message.headers["Accept-Encoding"] = accept
        answer = WEB.send(message, stream=True)
        try:
            received.append(b"".join(answer.iter_raw()))
        finally:
            answer.close()
        return answer, received.pop()

    return read_raw


@pytest.mark.parametrize("accept", [None, "identity", "br", "gzip;q=0, br", "deflate, gzip; q=0.0"])
def test_who_does_not_take_gzip_gets_what_is_in_it(bucket: Bucket, read: Read, accept: str | None) -> None:
    store(bucket, PACKED)
    answer, received = read(accept, Range="bytes=0-9")
    assert (answer.status_code, received) == (200, PLAIN)
    assert not {"content-encoding", "content-length", "content-range"} & set(answer.headers)
    assert answer.headers["x-goog-stored-content-encoding"] == "gzip"
    assert answer.headers["x-goog-stored-content-length"] == str(len(PACKED))
    head, _ = read(accept, "HEAD")
    assert (head.status_code, "content-encoding" in head.headers) == (200, False)


@pytest.mark.parametrize("accept", ["gzip", "br, gzip", "gzip;q=0.5"])
def test_who_takes_gzip_gets_it_with_ranges(bucket: Bucket, read: Read, accept: str) -> None:
    store(bucket, PACKED)
    answer, received = read(accept)
    assert (received, answer.headers["Content-Encoding"]) == (PACKED, "gzip")
    part, received = read(accept, Range="bytes=1-3")
    assert (part.status_code, received) == (206, PACKED[1:4])


def test_no_transform(bucket: Bucket, read: Read) -> None:
    store(bucket, PACKED, cacheControl="private, no-transform")
    answer, received = read("identity")
    assert (received, answer.headers["Content-Encoding"]) == (PACKED, "gzip")


def test_several_members_are_one_text(bucket: Bucket, read: Read) -> None:
    store(bucket, gzip.compress(b"one ") + gzip.compress(b"two") + bytes(1000))
    assert read(None)[1] == b"one two"


def test_what_only_says_it_is_gzip_is_served_as_it_is(bucket: Bucket, read: Read) -> None:
    store(bucket, b"plain text")
    assert read(None)[1] == b"plain text"


def test_damage_breaks_the_connection(emulator: Emulator, bucket: Bucket, read: Read) -> None:
    store(bucket, PACKED[: len(PACKED) // 2])
    with pytest.raises(httpx.RemoteProtocolError):
        read(None)
    assert emulator.http.get("/_emulator/health").status_code == 200
