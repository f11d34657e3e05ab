"""Google's published V4 vectors (googleapis/conformance-tests).

The private key that signed them is not published, so the vectors' signatures are verified with its public half.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from reelgate.adapters.signing import v4_canonical as v4
from reelgate.adapters.signing.v4_draft import RSA, Draft, Drafter
from reelgate.adapters.signing.v4_endpoint import Endpoint, UrlStyle
from reelgate.ports import UrlToSign
from tests.fixtures.signing_vectors import PUBLIC_KEY_PEM, SIGNER, VECTORS

every_vector = pytest.mark.parametrize(
    "vector", VECTORS, ids=[f"{number}-{vector['description'].replace(' ', '-')}" for number, vector in enumerate(VECTORS)]
)


def endpoint_of(vector: dict[str, Any]) -> Endpoint:
    """The vectors name the endpoint as clients do: by host name, client endpoint, emulator or universe, in this order."""
    style = UrlStyle(vector.get("urlStyle", "path_style").lower().replace("_style", "").replace("_hostname", ""))
    host = (
        vector.get("bucketBoundHostname")
        or vector.get("hostname")
        or vector.get("clientEndpoint")
        or vector.get("emulatorHostname")
        or f"storage.{vector.get('universeDomain', 'googleapis.com')}"
    )
    return Endpoint(host if "://" in host else f"{vector.get('scheme', 'https')}://{host}", style)


def anything_goes(_wanted: UrlToSign) -> None:
    """The vectors sign more than our signers do: a bucket's listing, header names that no client could send."""


def draft_of(vector: dict[str, Any]) -> Draft:
    wanted = UrlToSign(
        method=vector["method"],
        bucket=vector["bucket"],
        object_name=vector.get("object", ""),
        expires_seconds=vector["expiration"],
        headers=vector.get("headers", {}),
        query=vector.get("queryParameters", {}),
    )
    drafter = Drafter(endpoint=endpoint_of(vector), algorithm=RSA, signer_id=SIGNER, check=anything_goes)
    return drafter.draft(wanted, datetime.fromisoformat(vector["timestamp"]))


def is_signed_without_port(vector: dict[str, Any]) -> bool:
    """Three vectors send their request to localhost:8080 and sign `host:localhost`, which no HTTP client sends."""
    return "\nhost:localhost\n" in vector["expectedCanonicalRequest"]


def canonical_request_of(vector: dict[str, Any]) -> str:
    request = draft_of(vector).canonical_request
    return request.replace("\nhost:localhost:8080\n", "\nhost:localhost\n") if is_signed_without_port(vector) else request


def string_to_sign_of(vector: dict[str, Any]) -> str:
    stamp = v4.timestamp(datetime.fromisoformat(vector["timestamp"]))
    return v4.string_to_sign(RSA, stamp, v4.credential_scope(stamp[:8], "auto"), canonical_request_of(vector))


def signature_in(url: str) -> str:
    return parse_qs(urlsplit(url).query)["X-Goog-Signature"][0]


@pytest.fixture(scope="module")
def public_key() -> RSAPublicKey:
    key = load_pem_public_key(PUBLIC_KEY_PEM.encode())
    assert isinstance(key, RSAPublicKey)
    return key


def test_all_vectors_are_there() -> None:
    assert len(VECTORS) == 29


def test_the_odd_vectors_are_the_known_ones() -> None:
    assert [number for number, vector in enumerate(VECTORS) if is_signed_without_port(vector)] == [21, 23, 25]
    misprinted = [
        number
        for number, vector in enumerate(VECTORS)
        if sha256(vector["expectedCanonicalRequest"].encode()).hexdigest() != vector["expectedStringToSign"].split("\n")[3]
    ]
    assert misprinted == [28]


@every_vector
def test_canonical_request(vector: dict[str, Any]) -> None:
    expected = vector["expectedCanonicalRequest"]
    if vector["description"] == "Universe domain with virtual hosted style":
        # Printed with the bucket in the path, signed without: its own string to sign holds the hash of this one.
        expected = expected.replace("/test-bucket/test-object", "/test-object")
    assert canonical_request_of(vector) == expected


@every_vector
def test_string_to_sign(vector: dict[str, Any]) -> None:
    assert string_to_sign_of(vector) == vector["expectedStringToSign"]
    if not is_signed_without_port(vector):
        assert draft_of(vector).string_to_sign == vector["expectedStringToSign"]


@every_vector
def test_url(vector: dict[str, Any]) -> None:
    signature = signature_in(vector["expectedUrl"])
    assert draft_of(vector).signed(signature) == vector["expectedUrl"]


@every_vector
def test_google_signed_what_we_would_sign(vector: dict[str, Any], public_key: RSAPublicKey) -> None:
    signature = bytes.fromhex(signature_in(vector["expectedUrl"]))
    ours = string_to_sign_of(vector)
    public_key.verify(signature, ours.encode(), PKCS1v15(), SHA256())
    with pytest.raises(InvalidSignature):
        public_key.verify(signature, ours.replace("auto", "else").encode(), PKCS1v15(), SHA256())
