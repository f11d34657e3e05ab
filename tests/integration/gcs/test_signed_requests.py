"""The XML API through signed URLs: what works, and every row of Google's table of refusals."""

import base64
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import google_crc32c
import httpx
import pytest

from reelgate.domain.usage.egress_tags import PARAMETER
from tests.integration.gcs.conftest import ACCOUNT, WEB, Bucket, Emulator

DATA = b"0123456789" * 1000


def error_of(answer: httpx.Response) -> dict[str, str]:
    """Return the elements of an XML error document."""
    assert answer.headers["Content-Type"] == "application/xml; charset=UTF-8"
    assert answer.text.startswith("<?xml version='1.0' encoding='UTF-8'?><Error><Code>")
    root = ET.fromstring(answer.text)
    return {element.tag: element.text or "" for element in root}


def assert_refused(answer: httpx.Response, status: int, code: str) -> dict[str, str]:
    assert (answer.status_code, error_of(answer)["Code"]) == (status, code), answer.text
    return error_of(answer)


@pytest.fixture
def path(bucket: Bucket) -> str:
    """The path of an object that exists."""
    assert bucket.upload("clip.mp4", DATA).status_code == 200
    return f"/{bucket.name}/clip.mp4"


def test_put_get_head_delete(emulator: Emulator, bucket: Bucket) -> None:
    path = f"/{bucket.name}/dir/%C3%BC%20%26%20b.mp4"
    headers = {"Content-Type": "video/mp4", "x-goog-meta-upload-id": "u1", "x-goog-if-generation-match": "0"}
    put = WEB.put(emulator.signed("PUT", path, headers=headers), content=DATA, headers=headers)
    assert (put.status_code, put.content) == (200, b"")
    crc32c = base64.b64encode(google_crc32c.Checksum(DATA).digest()).decode()
    md5 = hashlib.md5(DATA)
    assert put.headers["x-goog-hash"] == f"crc32c={crc32c},md5={base64.b64encode(md5.digest()).decode()}"
    assert put.headers["ETag"] == f'"{md5.hexdigest()}"'

    get = WEB.get(emulator.signed("GET", path))
    assert (get.status_code, get.content) == (200, DATA)
    head = WEB.head(emulator.signed("HEAD", path))
    assert (head.status_code, head.content) == (200, b"")
    for answer in (get, head):
        assert answer.headers["Content-Type"] == "video/mp4"
        assert answer.headers["Content-Length"] == str(len(DATA))
        assert answer.headers["x-goog-generation"] == put.headers["x-goog-generation"]
        assert answer.headers["x-goog-meta-upload-id"] == "u1"
        assert answer.headers["Accept-Ranges"] == "bytes"
    assert bucket.resource("dir%2F%C3%BC%20%26%20b.mp4").json()["name"] == "dir/ü & b.mp4"

    assert WEB.delete(emulator.signed("DELETE", path)).status_code == 204
    assert_refused(WEB.get(emulator.signed("GET", path)), 404, "NoSuchKey")


@pytest.mark.parametrize(
    ("requested", "content_range", "expected"),
    [
        ("bytes=0-99", "bytes 0-99/10000", DATA[:100]),
        ("bytes=9990-", "bytes 9990-9999/10000", DATA[9990:]),
        ("bytes=-5", "bytes 9995-9999/10000", DATA[-5:]),
        ("bytes=9999-20000", "bytes 9999-9999/10000", DATA[9999:]),
    ],
)
def test_ranges(emulator: Emulator, path: str, requested: str, content_range: str, expected: bytes) -> None:
    answer = WEB.get(emulator.signed("GET", path), headers={"Range": requested})
    assert (answer.status_code, answer.headers["Content-Range"]) == (206, content_range)
    assert answer.content == expected
    assert answer.headers["Content-Length"] == str(len(expected))


def test_response_overrides_are_signed_and_served(emulator: Emulator, path: str) -> None:
    query = {
        "response-content-disposition": "attachment; filename*=UTF-8''%C3%BC.mp4",
        "response-content-type": "application/octet-stream",
    }
    url = emulator.signed("GET", path, query=query)
    answer = WEB.get(url)
    assert answer.headers["Content-Disposition"] == query["response-content-disposition"]
    assert answer.headers["Content-Type"] == query["response-content-type"]
    assert_refused(WEB.get(url.replace("attachment", "inline")), 403, "SignatureDoesNotMatch")


def test_marks_for_the_logs_are_signed_and_without_effect(emulator: Emulator, path: str) -> None:
    url = emulator.signed("GET", path, query={PARAMETER: "audio:f1:1800000000"})
    assert (WEB.get(url).status_code, WEB.get(url, headers={"Range": "bytes=2-4"}).content) == (200, b"234")
    assert_refused(WEB.get(url.replace("f1", "f2")), 403, "SignatureDoesNotMatch")


def test_virtual_hosted_style(emulator: Emulator, bucket: Bucket, path: str) -> None:
    host = f"{bucket.name}.storage.googleapis.com"
    url = emulator.signer.sign("GET", host, "/clip.mp4").replace(host, emulator.host, 1)
    assert WEB.get(url, headers={"Host": host}).content == DATA
    assert_refused(WEB.get(url), 403, "SignatureDoesNotMatch")


def test_listing_a_bucket(emulator: Emulator, bucket: Bucket, path: str) -> None:
    bucket.upload("dir/a", b"1")
    url = emulator.signed("GET", f"/{bucket.name}", query={"delimiter": "/"})
    text = WEB.get(url).text
    assert "<Key>clip.mp4</Key>" in text
    assert "<CommonPrefixes><Prefix>dir/</Prefix></CommonPrefixes>" in text
    assert "<IsTruncated>false</IsTruncated>" in text


# The table of refusals, row by row.


@pytest.mark.parametrize("tamper", [lambda url: url, lambda url: url[:-1] + "0", lambda url: url.replace("clip", "other")])
def test_expired_whatever_else_is_wrong(emulator: Emulator, path: str, tamper: Callable[[str], str]) -> None:
    signed_at = datetime.now(UTC) - timedelta(seconds=61)
    answer = WEB.get(tamper(emulator.signed("GET", path, at=signed_at, expires_seconds=60)))
    elements = assert_refused(answer, 400, "ExpiredToken")
    expiry = (signed_at + timedelta(seconds=60)).replace(microsecond=0)
    assert expiry.isoformat() in elements["Details"]


def test_unparsable_date_and_impossible_lifetime(emulator: Emulator, path: str) -> None:
    url = emulator.signed("GET", path, expires_seconds=604_801)
    elements = assert_refused(WEB.get(url), 400, "MalformedSecurityHeader")
    assert elements["ParameterName"] == "X-Goog-Expires"
    early = emulator.signed("GET", path, at=datetime.now(UTC) + timedelta(minutes=16))
    assert_refused(WEB.get(early), 400, "MalformedSecurityHeader")
    soon = emulator.signed("GET", path, at=datetime.now(UTC) + timedelta(minutes=14))
    assert WEB.get(soon).status_code == 200


def test_signed_header_absent(emulator: Emulator, path: str) -> None:
    url = emulator.signed("PUT", path, headers={"Content-Type": "video/mp4", "x-goog-resumable": "start"})
    answer = WEB.put(url, content=b"x", headers={"Content-Type": "video/mp4"})
    assert assert_refused(answer, 400, "MalformedSecurityHeader")["ParameterName"] == "x-goog-resumable"


def test_service_header_unsigned(emulator: Emulator, path: str) -> None:
    answer = WEB.put(emulator.signed("PUT", path), content=b"x", headers={"x-goog-meta-a": "b"})
    assert assert_refused(answer, 400, "MalformedSecurityHeader")["ParameterName"] == "x-goog-meta-a"


@pytest.mark.parametrize(
    "tamper",
    [
        lambda url: url[:-1] + ("0" if url[-1] != "0" else "1"),
        lambda url: url.replace("clip.mp4", "other.mp4"),
        lambda url: url.replace("X-Goog-Expires=600", "X-Goog-Expires=6000"),
        lambda url: url + "&generation=1",
        lambda url: url.replace("GOOGTESTID", "GOOGOTHERID"),
    ],
)
def test_tampered(emulator: Emulator, path: str, tamper: Callable[[str], str]) -> None:
    elements = assert_refused(WEB.get(tamper(emulator.signed("GET", path))), 403, "SignatureDoesNotMatch")
    assert elements["StringToSign"].startswith("GOOG4-HMAC-SHA256\n")
    assert elements["CanonicalRequest"].startswith("GET\n/")


def test_another_verb_or_header_value(emulator: Emulator, path: str) -> None:
    assert_refused(WEB.delete(emulator.signed("GET", path)), 403, "SignatureDoesNotMatch")
    url = emulator.signed("PUT", path, headers={"Content-Type": "video/mp4"})
    answer = WEB.put(url, content=b"x", headers={"Content-Type": "text/html"})
    assert_refused(answer, 403, "SignatureDoesNotMatch")


def test_unsigned(emulator: Emulator, path: str) -> None:
    for method in ("GET", "PUT", "DELETE", "POST"):
        assert_refused(WEB.request(method, emulator.url + path), 403, "AccessDenied")
    assert WEB.head(emulator.url + path).status_code == 403
    stripped = emulator.signed("GET", path).split("&X-Goog-Signature")[0]
    assert_refused(WEB.get(stripped), 403, "AccessDenied")


def test_permission_is_judged_at_use(emulator: Emulator, path: str) -> None:
    url = emulator.signed("GET", path)
    try:
        assert emulator.http.delete(f"/_emulator/accounts/{ACCOUNT}/permission").status_code == 204
        assert_refused(WEB.get(url), 403, "AccessDenied")
    finally:
        assert emulator.http.put(f"/_emulator/accounts/{ACCOUNT}/permission").status_code == 204
    assert WEB.get(url).status_code == 200


@pytest.mark.parametrize(
    ("size", "status", "code"), [(9, 400, "EntityTooSmall"), (10, 200, ""), (20, 200, ""), (21, 400, "EntityTooLarge")]
)
@pytest.mark.parametrize("chunked", [False, True])
def test_content_length_range(emulator: Emulator, bucket: Bucket, size: int, status: int, code: str, chunked: bool) -> None:
    headers = {"x-goog-content-length-range": "10,20"}
    url = emulator.signed("PUT", f"/{bucket.name}/limited", headers=headers)
    content = iter([b"x" * size]) if chunked else b"x" * size
    answer = WEB.put(url, content=content, headers=headers)
    assert answer.status_code == status
    if code:
        assert_refused(answer, status, code)
        assert bucket.resource("limited").status_code == 404


def test_create_only(emulator: Emulator, bucket: Bucket, path: str) -> None:
    headers = {"x-goog-if-generation-match": "0", "x-goog-content-length-range": "0,5"}
    url = emulator.signed("PUT", path, headers=headers)
    assert_refused(WEB.put(url, content=b"longer than five", headers=headers), 412, "PreconditionFailed")
    assert bucket.bytes_of("clip.mp4") == DATA


def test_header_that_is_not_utf8(emulator: Emulator, bucket: Bucket) -> None:
    url = emulator.signed("PUT", f"/{bucket.name}/latin", headers={"x-goog-meta-a": "b"})
    answer = WEB.put(url, content=b"x", headers=[(b"x-goog-meta-a", b"caf\xe9")])
    assert_refused(answer, 403, "SignatureDoesNotMatch")
    uri = bucket.open_xml_session("latin")
    assert_refused(WEB.put(uri, content=b"x", headers=[(b"x-goog-meta-a", b"caf\xe9")]), 400, "InvalidArgument")


def test_declared_checksum_differs(emulator: Emulator, bucket: Bucket) -> None:
    headers = {"x-goog-hash": "crc32c=AAAAAA=="}
    url = emulator.signed("PUT", f"/{bucket.name}/sum", headers=headers)
    assert_refused(WEB.put(url, content=b"x", headers=headers), 400, "BadDigest")
    assert bucket.resource("sum").status_code == 404


def test_missing_bucket_and_object_show_only_to_signers(emulator: Emulator, bucket: Bucket) -> None:
    assert_refused(WEB.get(emulator.signed("GET", "/no-such-bucket/x")), 404, "NoSuchBucket")
    assert_refused(WEB.put(emulator.signed("PUT", "/no-such-bucket/x"), content=b"x"), 404, "NoSuchBucket")
    assert_refused(WEB.get(emulator.signed("GET", f"/{bucket.name}/x")), 404, "NoSuchKey")
    assert_refused(WEB.get(f"{emulator.url}/no-such-bucket/x"), 403, "AccessDenied")


def test_range_beyond_the_end(emulator: Emulator, path: str) -> None:
    answer = WEB.get(emulator.signed("GET", path), headers={"Range": "bytes=10000-"})
    assert_refused(answer, 416, "InvalidRange")
    assert answer.headers["Content-Range"] == "bytes */10000"


@pytest.mark.parametrize("query", [{"uploads": ""}, {"partNumber": "1", "uploadId": "x"}, {"acl": ""}])
def test_what_is_not_offered_is_refused_not_misread(
    emulator: Emulator, bucket: Bucket, path: str, query: dict[str, str]
) -> None:
    answer = WEB.put(emulator.signed("PUT", path, query=query), content=b"part")
    assert_refused(answer, 501, "NotImplemented")
    assert bucket.bytes_of("clip.mp4") == DATA


def test_signature_on_a_json_request_must_be_right(emulator: Emulator, bucket: Bucket, path: str) -> None:
    url = emulator.signed("GET", f"/storage/v1/b/{bucket.name}/o/clip.mp4", query={"alt": "media"})
    assert WEB.get(url).content == DATA
    answer = WEB.get(url.replace("clip", "other"))
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == 403
