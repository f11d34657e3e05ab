"""V4 signatures in the Authorization header, as S3 clients send them, and the credentials that are refused by name."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.fixtures.gcs_signed_urls import UrlSigner
from tests.integration.gcs.conftest import WEB, Bucket

DATA = b"some bytes"
SHA256 = hashlib.sha256(DATA).hexdigest()


class Signed:
    """Sends requests signed in the header with one family of names."""

    def __init__(self, bucket: Bucket, amz: bool) -> None:
        self.bucket = bucket
        self.family = "amz" if amz else "goog"
        self.signer = UrlSigner("GOOGTESTID", "test-secret", amz=amz)

    def __call__(self, method: str, name: str, *, content: bytes | None = None, **options: Any) -> httpx.Response:
        target = f"/{self.bucket.name}{name}"
        headers = self.signer.headers_for(method, self.bucket.emulator.host, target, **options)
        return WEB.request(method, f"{self.bucket.emulator.url}{target}", content=content, headers=headers)


@pytest.fixture(params=["goog", "amz"])
def signed(request: pytest.FixtureRequest, bucket: Bucket) -> Signed:
    return Signed(bucket, request.param == "amz")


def test_put_get_list_delete(signed: Signed) -> None:
    assert signed("PUT", "/dir/a%20b", content=DATA, payload=SHA256).status_code == 200
    assert signed("GET", "/dir/a%20b").content == DATA
    assert "<Key>dir/a b</Key>" in signed("GET", "?prefix=dir%2F&max-keys=5").text
    assert signed("HEAD", "/dir/a%20b", payload=None).headers["x-goog-stored-content-length"] == str(len(DATA))
    assert signed("DELETE", "/dir/a%20b").status_code == 204


def test_opening_a_session(signed: Signed) -> None:
    opened = signed("POST", "/clip", headers={"x-goog-resumable": "start"})
    assert opened.status_code == 201
    assert WEB.put(opened.headers["Location"], content=DATA).status_code == 200


def test_another_body_than_signed(signed: Signed) -> None:
    refused = signed("PUT", "/a", content=b"other", payload=SHA256)
    assert (refused.status_code, "XAmzContentSHA256Mismatch" in refused.text) == (400, True)
    assert signed.bucket.resource("a").status_code == 404


@pytest.mark.parametrize("minutes", [-16, 16])
def test_clocks_may_differ_by_15_minutes(signed: Signed, minutes: int) -> None:
    refused = signed("GET", "", at=datetime.now(UTC) + timedelta(minutes=minutes))
    assert (refused.status_code, "<Code>RequestTimeTooSkewed</Code>" in refused.text) == (403, True)
    assert signed("GET", "", at=datetime.now(UTC) + timedelta(minutes=minutes / 2)).status_code == 200


def test_whatever_is_changed_is_noticed(signed: Signed) -> None:
    host, target = signed.bucket.emulator.host, f"/{signed.bucket.name}"
    headers = signed.signer.headers_for("GET", host, target)
    for method, path, changed in (
        ("HEAD", target, {}),
        ("GET", f"{target}?prefix=a", {}),
        ("GET", target, {f"x-{signed.family}-content-sha256": SHA256}),
        ("GET", target, {"Authorization": headers["Authorization"].replace("GOOGTESTID", "GOOGOTHER")}),
    ):
        answer = WEB.request(method, f"http://{host}{path}", headers={**headers, **changed})
        assert answer.status_code == 403
        assert method == "HEAD" or "<Code>SignatureDoesNotMatch</Code>" in answer.text
    unsigned = WEB.get(f"http://{host}{target}", headers={**headers, "x-goog-project-id": "1"})
    assert (unsigned.status_code, "<ParameterName>x-goog-project-id</ParameterName>" in unsigned.text) == (400, True)


@pytest.mark.parametrize("kept", ["Credential", "SignedHeaders", "Signature"])
def test_a_header_that_misses_something(signed: Signed, kept: str) -> None:
    host, target = signed.bucket.emulator.host, f"/{signed.bucket.name}"
    headers = signed.signer.headers_for("GET", host, target)
    headers["Authorization"] = headers["Authorization"].replace(f"{kept}=", f"X{kept}=")
    answer = WEB.get(f"http://{host}{target}", headers=headers)
    assert (answer.status_code, "<Code>MalformedSecurityHeader</Code>" in answer.text) == (400, True)


def test_without_a_date_there_is_no_signature(signed: Signed) -> None:
    host, target = signed.bucket.emulator.host, f"/{signed.bucket.name}"
    headers = signed.signer.headers_for("GET", host, target)
    del headers[f"x-{signed.family}-date"]
    answer = WEB.get(f"http://{host}{target}", headers=headers)
    assert (answer.status_code, f"<ParameterName>x-{signed.family}-date</ParameterName>" in answer.text) == (400, True)


def test_bodies_signed_chunk_by_chunk_are_refused_by_name(signed: Signed) -> None:
    refused = signed("PUT", "/a", content=DATA, payload="STREAMING-AWS4-HMAC-SHA256-PAYLOAD")
    assert (refused.status_code, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD is not offered" in refused.text) == (501, True)


def test_header_and_url_at_once(signed: Signed) -> None:
    url = signed.bucket.emulator.signed("GET", f"/{signed.bucket.name}")
    headers = signed.signer.headers_for("GET", signed.bucket.emulator.host, f"/{signed.bucket.name}")
    names = {name: value for name, value in headers.items() if name in {"Authorization", f"x-{signed.family}-date"}}
    assert WEB.get(url, headers=names).status_code == 400


@pytest.mark.parametrize("authorization", ["Bearer ya29.token", "AWS GOOGTESTID:c2ln", "GOOG1 GOOGTESTID:c2ln", "Basic YTpi"])
def test_other_credentials_are_refused_by_name_on_xml_and_ignored_on_json(bucket: Bucket, authorization: str) -> None:
    headers = {"Authorization": authorization}
    refused = WEB.get(f"{bucket.emulator.url}/{bucket.name}", headers=headers)
    assert (refused.status_code, f"Authorization: {authorization.split(maxsplit=1)[0]} is not offered" in refused.text) == (
        501,
        True,
    )
    assert bucket.emulator.http.get(f"/storage/v1/b/{bucket.name}/o", headers=headers).status_code == 200


def test_v2_urls_are_refused_by_name(bucket: Bucket) -> None:
    query = "GoogleAccessId=a&Expires=4102444800&Signature=c2ln"
    refused = WEB.get(f"{bucket.emulator.url}/{bucket.name}/a?{query}")
    assert (refused.status_code, "V2 signature is not offered" in refused.text) == (501, True)


def test_a_signature_that_is_there_must_be_right_on_json_too(bucket: Bucket) -> None:
    target = f"/storage/v1/b/{bucket.name}/o"
    host = bucket.emulator.host
    right = UrlSigner("GOOGTESTID", "test-secret").headers_for("GET", host, target)
    wrong = UrlSigner("GOOGTESTID", "other").headers_for("GET", host, target)
    assert bucket.emulator.http.get(target, headers=right).status_code == 200
    assert bucket.emulator.http.get(target, headers=wrong).status_code == 403
