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

from reelgate.adapters.signing import v4
from reelgate.ports.storage import UrlToSign
from tests.fixtures.signing_vectors import PUBLIC_KEY_PEM, SIGNER, VECTORS

every_vector = pytest.mark.parametrize(
    "vector", VECTORS, ids=[f"{number}-{vector['description'].replace(' ', '-')}" for number, vector in enumerate(VECTORS)]
)


def server_of(vector: dict[str, Any]) -> v4.StorageServer:
    """The vectors name the endpoint as clients do: by host name, client endpoint, emulator or universe, in this order."""
    host = (
        vector.get("bucketBoundHostname")
        or vector.get("hostname")
        or vector.get("clientEndpoint")
        or vector.get("emulatorHostname")
        or f"storage.{vector.get('universeDomain', 'googleapis.com')}"
    )
    server = v4.storage_server(host if "://" in host else f"{vector.get('scheme', 'https')}://{host}")
    if is_signed_without_port(vector):
        return server._replace(host="localhost")
    if vector.get("urlStyle") == "VIRTUAL_HOSTED_STYLE":
        bucket = vector["bucket"]
        return v4.StorageServer(server.origin.replace("://", f"://{bucket}."), f"{bucket}.{server.host}")
    return server


def path_of(vector: dict[str, Any], wanted: UrlToSign) -> str:
    """Reelgate's own URLs have path style with an object; the vectors have all styles, and a bucket's listing."""
    if vector.get("urlStyle", "PATH_STYLE") != "PATH_STYLE":
        return f"/{v4.encode_path(wanted.object_name)}"
    return v4.path_of(wanted) if wanted.object_name else f"/{wanted.bucket}"


def draft_of(vector: dict[str, Any]) -> v4.Draft:
    wanted = UrlToSign(
        method=vector["method"],
        bucket=vector["bucket"],
        object_name=vector.get("object", ""),
        expires_seconds=vector["expiration"],
        headers=vector.get("headers", {}),
        query=vector.get("queryParameters", {}),
    )
    return v4.draft(
        wanted,
        datetime.fromisoformat(vector["timestamp"]),
        signer=v4.Signer(v4.RSA, SIGNER),
        server=server_of(vector),
        path=path_of(vector, wanted),
    )


def is_signed_without_port(vector: dict[str, Any]) -> bool:
    """Three vectors send their request to localhost:8080 and sign `host:localhost`, which no HTTP client sends."""
    return "\nhost:localhost\n" in vector["expectedCanonicalRequest"]


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
def test_string_to_sign(vector: dict[str, Any]) -> None:
    """Its last line is the hash of the canonical request, so this proves that, too."""
    assert draft_of(vector).string_to_sign == vector["expectedStringToSign"]


@every_vector
def test_url(vector: dict[str, Any]) -> None:
    signature = signature_in(vector["expectedUrl"])
    assert draft_of(vector).signed(signature) == vector["expectedUrl"]


@every_vector
def test_google_signed_what_we_would_sign(vector: dict[str, Any], public_key: RSAPublicKey) -> None:
    signature = bytes.fromhex(signature_in(vector["expectedUrl"]))
    ours = draft_of(vector).string_to_sign
    public_key.verify(signature, ours.encode(), PKCS1v15(), SHA256())
    with pytest.raises(InvalidSignature):
        public_key.verify(signature, ours.replace("auto", "else").encode(), PKCS1v15(), SHA256())
