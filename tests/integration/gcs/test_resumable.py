"""Resumable sessions on both APIs, byte for byte."""

import base64
import hashlib
import http.client
import os
import socket
import threading
from typing import Any
from urllib.parse import urlsplit

import google_crc32c
import httpx
import pytest

from tests.integration.gcs.conftest import WEB, Bucket, Emulator

QUANTUM = 256 * 1024
DATA = os.urandom(4 * QUANTUM + 1000)
TOTAL = len(DATA)


def put(uri: str, first: int, end: int, total: int | str = TOTAL, **headers: str) -> httpx.Response:
    """Send DATA[first:end] as a chunk."""
    sent = {"Content-Range": f"bytes {first}-{end - 1}/{total}", **headers}
    return WEB.put(uri, content=DATA[first:end], headers=sent)


def status(uri: str, total: int | str = "*") -> httpx.Response:
    return WEB.put(uri, headers={"Content-Range": f"bytes */{total}"})


@pytest.fixture(params=["json", "xml"])
def uri(request: pytest.FixtureRequest, bucket: Bucket) -> str:
    """An open session for the object "clip", once per API."""
    return bucket.open_session("clip") if request.param == "json" else bucket.open_xml_session("clip")


def test_chunks_and_the_answers_between(bucket: Bucket, uri: str) -> None:
    empty = status(uri, TOTAL)
    assert (empty.status_code, "Range" in empty.headers) == (308, False)
    first = put(uri, 0, QUANTUM)
    assert (first.status_code, first.headers["Range"], first.content) == (308, f"bytes=0-{QUANTUM - 1}", b"")
    assert put(uri, QUANTUM, 3 * QUANTUM, "*").headers["Range"] == f"bytes=0-{3 * QUANTUM - 1}"
    assert bucket.resource("clip").status_code == 404
    last = put(uri, 3 * QUANTUM, TOTAL)
    assert last.status_code == 200
    assert bucket.bytes_of("clip") == DATA


def test_json_session_answers_with_the_resource_xml_with_headers(bucket: Bucket) -> None:
    resource = put(bucket.open_session("a"), 0, TOTAL).json()
    assert (resource["size"], resource["name"], resource["metageneration"]) == (str(TOTAL), "a", "1")
    answer = put(bucket.open_xml_session("b"), 0, TOTAL)
    assert answer.content == b""
    assert answer.headers["x-goog-generation"] == bucket.resource("b").json()["generation"]
    assert answer.headers["x-goog-hash"].startswith(f"crc32c={resource['crc32c']},md5=")


def test_whole_body_in_one_put_without_content_range(bucket: Bucket, uri: str) -> None:
    assert WEB.put(uri, content=DATA).status_code == 200
    assert bucket.bytes_of("clip") == DATA


def test_whole_body_of_unknown_length(bucket: Bucket, uri: str) -> None:
    assert WEB.put(uri, content=iter([DATA[:1000], DATA[1000:]])).status_code == 200
    assert bucket.bytes_of("clip") == DATA


def test_repeated_last_put_and_late_status_query(bucket: Bucket, uri: str) -> None:
    first = put(uri, 0, TOTAL)
    for again in (put(uri, 0, TOTAL), status(uri), status(uri, TOTAL)):
        assert again.status_code == 200
        assert again.content == first.content
        assert again.headers.get("x-goog-generation") == first.headers.get("x-goog-generation")
    assert bucket.resource("clip").json()["metageneration"] == "1"


def test_overlap_is_skipped_without_comparison(bucket: Bucket, uri: str) -> None:
    put(uri, 0, 2 * QUANTUM)
    other = b"\0" * QUANTUM
    answer = WEB.put(uri, content=other, headers={"Content-Range": f"bytes 0-{QUANTUM - 1}/{TOTAL}"})
    assert answer.headers["Range"] == f"bytes=0-{2 * QUANTUM - 1}"
    assert put(uri, QUANTUM, TOTAL).status_code == 200
    assert bucket.bytes_of("clip") == DATA


def test_gap_is_refused_and_the_session_goes_on(bucket: Bucket, uri: str) -> None:
    put(uri, 0, QUANTUM)
    assert put(uri, 2 * QUANTUM, 3 * QUANTUM).status_code == 400
    assert status(uri).headers["Range"] == f"bytes=0-{QUANTUM - 1}"
    assert put(uri, QUANTUM, TOTAL).status_code == 200
    assert bucket.bytes_of("clip") == DATA


@pytest.mark.parametrize("size", [1000, QUANTUM - 1, QUANTUM + 1])
@pytest.mark.parametrize("total", [TOTAL, "*"])
def test_a_chunk_that_is_no_multiple_of_256_kib_ends_the_session(bucket: Bucket, uri: str, size: int, total: int | str) -> None:
    """Google's own test of its Python client sends a good chunk after it and gets the same words again."""
    refused = put(uri, 0, size, total)
    assert refused.status_code == 400
    assert f"The received request contained {size} bytes" in refused.text
    for again in (put(uri, 0, QUANTUM), status(uri), put(uri, 0, TOTAL)):
        assert (again.status_code, again.text) == (400, refused.text)
    assert bucket.resource("clip").status_code == 404


def test_complaints_about_chunks_are_plain_text_on_the_json_api(bucket: Bucket) -> None:
    refused = put(bucket.open_session("clip"), 0, 1024)
    assert refused.text == (
        "Invalid request.  The number of bytes uploaded is required to be equal or greater than 262144, except for the "
        "final request (it's recommended to be the exact multiple of 262144).  The received request contained 1024 bytes, "
        "which does not meet this requirement."
    )
    assert refused.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("total", ["*", TOTAL])
@pytest.mark.parametrize("first", [0, 2 * QUANTUM])
@pytest.mark.parametrize("known_length", [True, False])
def test_an_open_end_brings_the_rest(bucket: Bucket, uri: str, total: int | str, first: int, known_length: bool) -> None:
    if first:
        put(uri, 0, first, "*")
    content: Any = DATA[first:] if known_length else iter([DATA[first:]])
    answer = WEB.put(uri, content=content, headers={"Content-Range": f"bytes {first}-*/{total}"})
    assert answer.status_code == 200
    assert bucket.bytes_of("clip") == DATA


def test_an_open_end_short_of_the_total_keeps_whole_quanta(bucket: Bucket, uri: str) -> None:
    headers = {"Content-Range": f"bytes 0-*/{TOTAL}"}
    answer = WEB.put(uri, content=DATA[: QUANTUM + 7], headers=headers)
    assert (answer.status_code, answer.headers["Range"]) == (308, f"bytes=0-{QUANTUM - 1}")
    assert WEB.put(uri, content=DATA + b"more", headers=headers).status_code == 400
    assert put(uri, kept(status(uri)), TOTAL).status_code == 200
    assert bucket.bytes_of("clip") == DATA


def test_an_open_end_must_not_leave_a_gap(uri: str) -> None:
    answer = WEB.put(uri, content=DATA[QUANTUM:], headers={"Content-Range": f"bytes {QUANTUM}-*/*"})
    assert answer.status_code == 400
    assert status(uri).status_code == 308


@pytest.mark.parametrize("total", ["*", TOTAL])
@pytest.mark.parametrize("known_length", [True, False])
def test_a_status_query_has_no_body(uri: str, total: int | str, known_length: bool) -> None:
    content: Any = b"x" if known_length else iter([b"x"])
    assert WEB.put(uri, content=content, headers={"Content-Range": f"bytes */{total}"}).status_code == 400
    assert status(uri).status_code == 308
    assert WEB.put(uri, content=iter([b""]), headers={"Content-Range": f"bytes */{total}"}).status_code == 308


def test_total_query_completes_only_when_all_bytes_are_kept(bucket: Bucket, uri: str) -> None:
    assert put(uri, 0, 2 * QUANTUM, "*").status_code == 308
    assert status(uri).status_code == 308
    assert bucket.resource("clip").status_code == 404
    assert status(uri, 2 * QUANTUM).status_code == 200
    assert bucket.bytes_of("clip") == DATA[: 2 * QUANTUM]


def test_total_query_short_of_the_total_completes_nothing(bucket: Bucket, uri: str) -> None:
    put(uri, 0, 2 * QUANTUM, "*")
    assert status(uri, TOTAL).status_code == 308
    assert bucket.resource("clip").status_code == 404


def test_empty_object(bucket: Bucket, uri: str) -> None:
    assert status(uri, 0).status_code == 200
    assert bucket.bytes_of("clip") == b""


@pytest.mark.parametrize("header", ["bytes 0-99", "0-99/100", "bytes 99-0/100", "bytes 0-100/100", "octets 0-1/2"])
def test_unparsable_content_range_ends_the_session(uri: str, header: str) -> None:
    answer = WEB.put(uri, content=b"x" * 100, headers={"Content-Range": header})
    assert answer.status_code == 400
    assert "Failed to parse Content-Range header" in answer.text
    assert put(uri, 0, TOTAL).status_code == 410


def test_cancel(bucket: Bucket, uri: str) -> None:
    put(uri, 0, QUANTUM)
    assert WEB.delete(uri).status_code == 499
    for answer in (put(uri, QUANTUM, TOTAL), status(uri), WEB.delete(uri)):
        assert answer.status_code == 410
    assert bucket.resource("clip").status_code == 404


def test_unknown_session(bucket: Bucket, uri: str) -> None:
    assert put(uri[:-4] + "AAAA", 0, TOTAL).status_code == 404


def test_308_can_be_turned_off(uri: str) -> None:
    answer = put(uri, 0, QUANTUM, **{"X-GUploader-No-308": "yes"})
    assert (answer.status_code, answer.headers["X-Http-Status-Code-Override"]) == (200, "308")
    assert answer.headers["Range"] == f"bytes=0-{QUANTUM - 1}"


@pytest.mark.parametrize("by_query", [False, True])
def test_another_total_than_declared_ends_the_session(bucket: Bucket, by_query: bool) -> None:
    uri = bucket.open_session("clip", headers={"X-Upload-Content-Length": str(TOTAL - 1)})
    assert (status(uri, TOTAL) if by_query else put(uri, 0, TOTAL)).status_code == 400
    assert status(uri).status_code == 410
    assert bucket.resource("clip").status_code == 404


def test_a_length_that_is_signed_for_the_opening_binds_what_is_sent(bucket: Bucket) -> None:
    """What a client that opens the session itself must declare, because its signature covers the header."""
    uri = bucket.open_xml_session("clip", {"X-Upload-Content-Length": "10"})
    assert bucket.emulator.http.put(uri, content=bytes(20)).status_code == 400
    assert bucket.emulator.http.put(uri, content=bytes(10)).status_code == 410
    again = bucket.open_xml_session("clip", {"X-Upload-Content-Length": "10"})
    assert bucket.emulator.http.put(again, content=bytes(10)).status_code == 200
    sent = {"x-goog-resumable": "start", "X-Upload-Content-Length": "10"}
    url = bucket.emulator.signed("POST", f"/{bucket.name}/other", headers=sent)
    more = bucket.emulator.http.post(url, headers={**sent, "X-Upload-Content-Length": "20"})
    assert more.status_code == 403
    assert bucket.emulator.http.post(url, headers={"x-goog-resumable": "start"}).status_code == 400


def test_whole_body_must_have_the_declared_size(bucket: Bucket) -> None:
    uri = bucket.open_session("clip", headers={"X-Upload-Content-Length": str(TOTAL)})
    assert WEB.put(uri, content=DATA[:-1]).status_code == 400
    assert bucket.resource("clip").status_code == 404


def test_body_and_content_range_must_agree(bucket: Bucket, uri: str) -> None:
    headers = {"Content-Range": f"bytes 0-{TOTAL - 1}/{TOTAL}"}
    assert WEB.put(uri, content=DATA[:-1], headers=headers).status_code == 400
    assert WEB.put(uri, content=iter([DATA, b"more"]), headers=headers).status_code == 400
    assert put(uri, kept(status(uri)), TOTAL).status_code == 200
    assert bucket.bytes_of("clip") == DATA


MD5 = base64.b64encode(hashlib.md5(DATA, usedforsecurity=False).digest()).decode()
CRC32C = base64.b64encode(google_crc32c.Checksum(DATA).digest()).decode()


@pytest.mark.parametrize(
    ("document", "headers", "expected"),
    [
        ({"crc32c": CRC32C}, {}, 200),
        ({"crc32c": "AAAAAA=="}, {}, 400),
        ({"md5Hash": "1B2M2Y8AsgTpgAmY7PhCfg=="}, {}, 400),
        ({}, {"x-goog-hash": f"crc32c={CRC32C}"}, 200),
        ({}, {"x-goog-hash": "crc32c=AAAAAA=="}, 400),
        ({}, {"x-goog-hash": f"crc32c={CRC32C},md5=1B2M2Y8AsgTpgAmY7PhCfg=="}, 400),
        ({"crc32c": CRC32C}, {"x-goog-hash": f"crc32c={CRC32C}"}, 200),
        ({"crc32c": CRC32C}, {"x-goog-hash": "crc32c=AAAAAA=="}, 400),
        ({"crc32c": "AAAAAA=="}, {"x-goog-hash": f"crc32c={CRC32C}"}, 400),
        ({"md5Hash": "1B2M2Y8AsgTpgAmY7PhCfg=="}, {"Content-MD5": MD5}, 400),
        ({}, {"x-goog-hash": f"md5={MD5}", "Content-MD5": "1B2M2Y8AsgTpgAmY7PhCfg=="}, 400),
        ({}, {"x-goog-hash": f"crc32c=AAAAAA==,crc32c={CRC32C}"}, 400),
        ({"md5Hash": MD5}, {"x-goog-hash": f"crc32c={CRC32C}", "Content-MD5": MD5}, 200),
    ],
)
def test_declared_checksums(bucket: Bucket, document: dict[str, Any], headers: dict[str, str], expected: int) -> None:
    uri = bucket.open_session("clip", document)
    put(uri, 0, QUANTUM)
    assert put(uri, QUANTUM, TOTAL, **headers).status_code == expected
    assert bucket.resource("clip").status_code == (200 if expected == 200 else 404)
    if expected == 400:
        assert status(uri).status_code == 410


def test_create_only_is_judged_at_commit(bucket: Bucket) -> None:
    first, second = (bucket.open_session("clip", params={"ifGenerationMatch": 0}) for _ in range(2))
    third = bucket.open_xml_session("clip", {"x-goog-if-generation-match": "0"})
    assert put(first, 0, QUANTUM).status_code == 308
    assert put(second, 0, TOTAL).status_code == 200
    assert put(first, QUANTUM, TOTAL).status_code == 412
    xml = put(third, 0, TOTAL)
    assert xml.status_code == 412
    assert "<Code>PreconditionFailed</Code>" in xml.text
    assert put(first, QUANTUM, TOTAL).status_code == 410
    assert bucket.bytes_of("clip") == DATA


def test_opening_fixes_type_and_metadata(bucket: Bucket) -> None:
    uri = bucket.open_xml_session("a", {"Content-Type": "video/webm", "x-goog-meta-upload-id": "u1"})
    put(uri, 0, TOTAL, **{"Content-Type": "text/html"})
    resource = bucket.resource("a").json()
    assert (resource["contentType"], resource["metadata"]) == ("video/webm", {"upload-id": "u1"})

    headers = {"X-Upload-Content-Type": "video/mp4", "X-Goog-Meta-One": "1"}
    uri = bucket.open_session("b", {"metadata": {"two": "2"}}, headers=headers)
    put(uri, 0, TOTAL, **{"X-Goog-Meta-Three": "3"})
    resource = bucket.resource("b").json()
    assert resource["contentType"] == "video/mp4"
    assert resource["metadata"] == {"one": "1", "two": "2", "three": "3"}


def test_names_that_contradict_or_are_impossible(bucket: Bucket) -> None:
    url = f"/upload/storage/v1/b/{bucket.name}/o"
    post = bucket.emulator.http.post
    assert post(url, params={"uploadType": "resumable", "name": "a"}, json={"name": "b"}).status_code == 400
    assert post(url, params={"uploadType": "resumable"}, json={}).status_code == 400
    for name in ("a\nb", "x" * 1025, "ü" * 513, "."):
        assert post(url, params={"uploadType": "resumable", "name": name}, json={}).status_code == 400
    assert post(url, params={"uploadType": "resumable", "name": "ü" * 512}, json={}).status_code == 200
    missing = post("/upload/storage/v1/b/no-such-bucket/o", params={"uploadType": "resumable", "name": "a"}, json={})
    assert missing.status_code == 404


def test_location_carries_the_host_of_the_request(bucket: Bucket) -> None:
    uri = bucket.open_session("clip", headers={"Host": "storage.example:1234"})
    assert uri.startswith("http://storage.example:1234/upload/storage/v1/")


def test_size_range_signed_at_opening_does_not_bind_the_bytes(bucket: Bucket) -> None:
    uri = bucket.open_xml_session("clip", {"x-goog-content-length-range": "0,10"})
    assert put(uri, 0, TOTAL).status_code == 200


def broken_put(uri: str, sent_bytes: int) -> socket.socket:
    """Begin to send all of DATA in one PUT and stop after `sent_bytes`; return the open connection."""
    parts = urlsplit(uri)
    connection = socket.create_connection((parts.hostname, parts.port))
    head = f"PUT {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: {TOTAL}\r\n\r\n"
    connection.sendall(head.encode() + DATA[:sent_bytes])
    return connection


def kept(answer: httpx.Response) -> int:
    return int(answer.headers["Range"].rsplit("-")[-1]) + 1 if "Range" in answer.headers else 0


def kept_at_last(uri: str, expected: int) -> int:
    """Ask until `expected` bytes are kept (the server reads in its own time); the test's timeout is the limit."""
    for _ in range(1000):
        if kept(status(uri)) >= expected:
            break
    return kept(status(uri))


def test_bytes_of_a_broken_connection_are_kept(bucket: Bucket, uri: str) -> None:
    connection = broken_put(uri, 3 * QUANTUM + 500)
    assert kept_at_last(uri, 2 * QUANTUM) >= 2 * QUANTUM
    connection.close()
    answer = status(uri)
    assert answer.status_code == 308
    offset = kept(answer)
    assert 2 * QUANTUM <= offset <= 3 * QUANTUM
    assert offset % QUANTUM == 0
    assert put(uri, offset, TOTAL).status_code == 200
    assert bucket.bytes_of("clip") == DATA


def test_new_request_takes_over_from_a_stalled_one(bucket: Bucket, uri: str) -> None:
    stalled = broken_put(uri, 2 * QUANTUM)
    kept_at_last(uri, QUANTUM)
    assert put(uri, 0, TOTAL).status_code == 200
    answer = http.client.HTTPResponse(stalled)
    answer.begin()
    assert answer.status == 409
    stalled.close()
    assert bucket.bytes_of("clip") == DATA


def test_racing_writers_make_one_whole_object(emulator: Emulator, bucket: Bucket, uri: str) -> None:
    before = emulator.last_event_id()
    answers: list[int] = []
    threads = [threading.Thread(target=lambda: answers.append(put(uri, 0, TOTAL).status_code)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 200 in answers
    assert set(answers) <= {200, 409}
    assert bucket.bytes_of("clip") == DATA
    assert len(emulator.events_after(before)) == 1


def test_neither_session_ids_nor_signatures_are_logged(emulator: Emulator, bucket: Bucket, uri: str) -> None:
    put(uri, 0, TOTAL)
    url = emulator.signed("GET", f"/{bucket.name}/clip")
    WEB.get(url)
    log = emulator.log.read_text()
    assert bucket.name in log
    assert uri.split("upload_id=")[1] not in log
    assert url.split("X-Goog-Signature=")[1] not in log
    listed = emulator.http.get("/_emulator/sessions").text
    assert uri.split("upload_id=")[1] not in listed
