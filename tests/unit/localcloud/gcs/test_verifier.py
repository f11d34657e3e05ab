"""The verifier's checks in their order, with Google's codes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from multidict import CIMultiDict

from localcloud.gcs.errors import Refusal, StorageError
from localcloud.gcs.http.target import Target
from localcloud.gcs.v4.keys import HmacKey, KeyRing
from localcloud.gcs.v4.verifier import Verifier
from tests.fixtures.gcs_signed_urls import UrlSigner

NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)
ACCOUNT = "signer@demo-reelgate.iam.gserviceaccount.com"
SIGNER = UrlSigner("GOOGTESTID", "test-secret")
HOST = "127.0.0.1:8081"
PATH = "/media/a%20b.mp4"


@pytest.fixture
def keys() -> KeyRing:
    ring = KeyRing()
    ring.hmac_keys["GOOGTESTID"] = HmacKey("GOOGTESTID", "test-secret", ACCOUNT)
    return ring


def verify(
    keys: KeyRing, url: str, *, method: str = "GET", headers: dict[str, str] | None = None, now: datetime = NOW
) -> str | None:
    parts = urlsplit(url)
    sent = CIMultiDict({"Host": parts.netloc, **(headers or {})})
    return Verifier(keys, lambda: now).signer_of(method, Target.parse(f"{parts.path}?{parts.query}"), sent)


def refused(keys: KeyRing, url: str, **request: object) -> StorageError:
    with pytest.raises(StorageError) as caught:
        verify(keys, url, **request)  # type: ignore[arg-type]
    return caught.value


def test_known_hmac_signature(keys: KeyRing) -> None:
    """Vector 0's request signed with an HMAC key; worked out by hand from the specification."""
    query = (
        "X-Goog-Algorithm=GOOG4-HMAC-SHA256&X-Goog-Credential=GOOGTESTID%2F20190201%2Fauto%2Fstorage%2Fgoog4_request"
        "&X-Goog-Date=20190201T090000Z&X-Goog-Expires=10&X-Goog-SignedHeaders=host"
        "&X-Goog-Signature=0d1f23f091b0a2bc171325db6fd9d8e6c56d706f39d7853b15179294be9ee7a3"
    )
    url = f"https://storage.googleapis.com/test-bucket/test-object?{query}"
    assert verify(keys, url, now=datetime(2019, 2, 1, 9, 0, 5, tzinfo=UTC)) == ACCOUNT


def test_no_signature_is_no_signer(keys: KeyRing) -> None:
    assert verify(keys, f"http://{HOST}{PATH}?alt=media") is None


@pytest.mark.parametrize("signed_host", [HOST, "127.0.0.1"])
def test_host_may_be_signed_with_or_without_port(keys: KeyRing, signed_host: str) -> None:
    assert verify(keys, SIGNER.sign("GET", HOST, PATH, at=NOW, signed_host=signed_host)) == ACCOUNT


def test_amazon_spelling(keys: KeyRing) -> None:
    signer = UrlSigner("GOOGTESTID", "test-secret", amz=True)
    assert verify(keys, signer.sign("GET", HOST, PATH, at=NOW)) == ACCOUNT
    assert refused(keys, signer.sign("GET", HOST, PATH, at=NOW) + "0").refusal is Refusal.SIGNATURE_DOES_NOT_MATCH


def test_spellings_do_not_mix(keys: KeyRing) -> None:
    url = SIGNER.sign("GET", HOST, PATH, at=NOW) + "&X-Amz-Signature=00"
    assert refused(keys, url).refusal is Refusal.MALFORMED_SECURITY_HEADER


def test_rsa_signature_and_a_second_key_of_the_account(keys: KeyRing) -> None:
    first, second = (rsa.generate_private_key(65537, 2048) for _ in range(2))
    for key in (first, second):
        pem = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        keys.add_rsa(ACCOUNT, pem.decode())
    for key in (first, second):
        url = UrlSigner(ACCOUNT, rsa_key=key).sign("GET", HOST, PATH, at=NOW)
        assert verify(keys, url) == ACCOUNT
    stranger = UrlSigner(ACCOUNT, rsa_key=rsa.generate_private_key(65537, 2048)).sign("GET", HOST, PATH, at=NOW)
    assert refused(keys, stranger).refusal is Refusal.SIGNATURE_DOES_NOT_MATCH


def test_unknown_key(keys: KeyRing) -> None:
    url = UrlSigner("GOOGOTHER", "test-secret").sign("GET", HOST, PATH, at=NOW)
    assert refused(keys, url).refusal is Refusal.SIGNATURE_DOES_NOT_MATCH


def test_mismatch_shows_what_was_compared(keys: KeyRing) -> None:
    error = refused(keys, SIGNER.sign("GET", HOST, PATH, at=NOW), method="PUT")
    assert error.status == 403
    assert error.elements["CanonicalRequest"].startswith(f"PUT\n{PATH}\nX-Goog-Algorithm=")
    assert error.elements["StringToSign"].startswith("GOOG4-HMAC-SHA256\n20260101T120000Z\n20260101/auto/storage/")


@pytest.mark.parametrize(
    ("offset", "refusal"),
    [
        (timedelta(seconds=600), None),
        (timedelta(seconds=600, microseconds=1), Refusal.EXPIRED_TOKEN),
        (-timedelta(minutes=15), None),
        (-timedelta(minutes=15, seconds=1), Refusal.MALFORMED_SECURITY_HEADER),
    ],
)
def test_time_window(keys: KeyRing, offset: timedelta, refusal: Refusal | None) -> None:
    url = SIGNER.sign("GET", HOST, PATH, at=NOW, expires_seconds=600)
    if refusal is None:
        assert verify(keys, url, now=NOW + offset) == ACCOUNT
    else:
        assert refused(keys, url, now=NOW + offset).refusal is refusal


def test_expiry_instant_is_named_and_decided_before_the_signature(keys: KeyRing) -> None:
    url = SIGNER.sign("GET", HOST, PATH, at=NOW, expires_seconds=600)
    error = refused(keys, url + "0", now=NOW + timedelta(hours=1))
    assert (error.status, error.refusal.xml_code) == (400, "ExpiredToken")
    assert "2026-01-01T12:10:00+00:00" in (error.details or "")


@pytest.mark.parametrize(
    ("change", "parameter"),
    [
        (lambda url: url.replace("X-Goog-Expires=600", "X-Goog-Expires=604801"), "X-Goog-Expires"),
        (lambda url: url.replace("X-Goog-Expires=600", "X-Goog-Expires=0"), "X-Goog-Expires"),
        (lambda url: url.replace("X-Goog-Expires=600", "X-Goog-Expires=-5"), "X-Goog-Expires"),
        (lambda url: url.replace("X-Goog-Expires=600&", ""), "X-Goog-Expires"),
        (lambda url: url + "&X-Goog-Expires=60", "X-Goog-Expires"),
        (lambda url: url.replace("X-Goog-Date=20260101T120000Z", "X-Goog-Date=20260101"), "X-Goog-Date"),
        (lambda url: url.replace("T120000Z", "T126000Z"), "X-Goog-Date"),
        (lambda url: url.replace("%2F20260101%2F", "%2F20260102%2F"), "X-Goog-Credential"),
        (lambda url: url.replace("goog4_request", "aws4_request"), "X-Goog-Credential"),
        (lambda url: url.replace("GOOG4-HMAC-SHA256", "GOOG2-HMAC"), "X-Goog-Algorithm"),
        (lambda url: url.replace("SignedHeaders=host", "SignedHeaders=range"), "host"),
    ],
)
def test_impossible_parameters_are_named(keys: KeyRing, change: Callable[[str], str], parameter: str) -> None:
    url = SIGNER.sign("GET", HOST, PATH, at=NOW, expires_seconds=600)
    error = refused(keys, change(url))
    assert (error.status, error.refusal.xml_code) == (400, "MalformedSecurityHeader")
    assert error.elements == {"ParameterName": parameter}


def test_seven_days_are_allowed(keys: KeyRing) -> None:
    assert verify(keys, SIGNER.sign("GET", HOST, PATH, at=NOW, expires_seconds=604_800)) == ACCOUNT


def test_signed_header_must_be_sent(keys: KeyRing) -> None:
    url = SIGNER.sign("PUT", HOST, PATH, at=NOW, headers={"x-goog-if-generation-match": "0"})
    error = refused(keys, url, method="PUT")
    assert error.elements == {"ParameterName": "x-goog-if-generation-match"}
    assert verify(keys, url, method="PUT", headers={"X-Goog-If-Generation-Match": "0"}) == ACCOUNT


def test_service_headers_must_be_signed_except_the_content_hash(keys: KeyRing) -> None:
    url = SIGNER.sign("PUT", HOST, PATH, at=NOW)
    error = refused(keys, url, method="PUT", headers={"X-Goog-Meta-Owner": "somebody"})
    assert (error.status, error.elements) == (400, {"ParameterName": "x-goog-meta-owner"})
    for headers in ({"x-goog-content-sha256": "00"}, {"Content-Type": "video/mp4"}):
        assert verify(keys, url, method="PUT", headers=headers) == ACCOUNT


def test_signed_value_must_be_the_one_sent(keys: KeyRing) -> None:
    url = SIGNER.sign("PUT", HOST, PATH, at=NOW, headers={"Content-Type": "video/mp4"})
    assert verify(keys, url, method="PUT", headers={"Content-Type": "video/mp4"}) == ACCOUNT
    error = refused(keys, url, method="PUT", headers={"Content-Type": "video/mp4, video/mp4"})
    assert error.refusal is Refusal.SIGNATURE_DOES_NOT_MATCH


def test_path_is_taken_raw(keys: KeyRing) -> None:
    """Both spellings of `&` are right if signed so, neither stands for the other."""
    for path, other in (("/media/a%26b", "/media/a&b"), ("/media/a&b", "/media/a%26b")):
        url = SIGNER.sign("GET", HOST, path, at=NOW)
        assert verify(keys, url) == ACCOUNT
        assert refused(keys, url.replace(path, other)).refusal is Refusal.SIGNATURE_DOES_NOT_MATCH


def test_withdrawn_permission(keys: KeyRing) -> None:
    url = SIGNER.sign("GET", HOST, PATH, at=NOW)
    keys.withdrawn.add(ACCOUNT)
    assert refused(keys, url).refusal is Refusal.ACCESS_DENIED
    assert refused(keys, url + "0").refusal is Refusal.SIGNATURE_DOES_NOT_MATCH
    keys.withdrawn.clear()
    assert verify(keys, url) == ACCOUNT


def test_secret_is_not_printed() -> None:
    assert "test-secret" not in repr(HmacKey("GOOGTESTID", "test-secret", ACCOUNT))
