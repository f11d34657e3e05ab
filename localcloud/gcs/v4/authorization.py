"""Signatures in the Authorization header, as S3 clients with HMAC keys send them.

Rules: Cloud Storage documentation, "Signatures", "Canonical requests" and "Simple migration from Amazon S3".
"""

import re
from datetime import UTC, datetime

from localcloud.gcs.errors import Refusal, StorageError
from localcloud.gcs.http.target import Target
from localcloud.gcs.v4.canonical import UNSIGNED_PAYLOAD, Headers
from localcloud.gcs.v4.parameters import (
    AMZ,
    GOOG,
    SignatureParameters,
    Spelling,
    malformed,
    read_credential,
    read_signed_headers,
)

FIELD = re.compile(r"\s*(\w+)=([^,\s]+)\s*(?:,|$)")
DATE_FORMAT = "%Y%m%dT%H%M%SZ"
SHA256 = re.compile(r"^[0-9a-f]{64}$")
V2_PARAMETERS = frozenset({"Signature", "Expires"})
FIELDS = frozenset({"Credential", "SignedHeaders", "Signature"})


def read_authorization(headers: Headers) -> SignatureParameters | None:
    """Return what a V4 Authorization header claims, None for no header and for other schemes.

    Raises:
        StorageError: MalformedSecurityHeader naming what is missing or impossible.
    """
    scheme, _, rest = headers.get("Authorization", "").strip().partition(" ")
    spelling = next((family for family in (GOOG, AMZ) if scheme in family.algorithms), None)
    if spelling is None:
        return None
    fields = dict(FIELD.findall(rest))
    if set(fields) != FIELDS:
        malformed("Authorization", "The header must be ALGORITHM Credential=..., SignedHeaders=..., Signature=....")
    timestamp = _timestamp(headers, spelling)
    signer, scope, location = read_credential(spelling, fields["Credential"], timestamp)
    return SignatureParameters(
        spelling=spelling,
        algorithm=scheme,
        signer=signer,
        scope=scope,
        location=location,
        timestamp=timestamp,
        date=datetime.strptime(timestamp, DATE_FORMAT).replace(tzinfo=UTC),
        expires_seconds=0,
        signed_headers=read_signed_headers(spelling, fields["SignedHeaders"]),
        signature=fields["Signature"].lower(),
        in_header=True,
    )


def signed_sha256(headers: Headers, parameters: SignatureParameters) -> str | None:
    """Return the SHA-256 in hex that the body must have, None where it is not signed.

    Raises:
        StorageError: 400 for a value that is not such a hash, 501 for bodies signed chunk by chunk.
    """
    name = parameters.spelling.content_hash_header
    value = headers.get(name, UNSIGNED_PAYLOAD)
    if value == UNSIGNED_PAYLOAD:
        return None
    if value.startswith("STREAMING-"):
        raise StorageError(
            Refusal.NOT_IMPLEMENTED, f"{name}: {value} is not offered; sign the whole body or send {UNSIGNED_PAYLOAD}."
        )
    if not SHA256.match(value):
        malformed(name, f"{name} must be the body's SHA-256 in hex, or {UNSIGNED_PAYLOAD}.")
    return value


def refuse_other_credentials(target: Target, headers: Headers) -> None:
    """Raises StorageError (501) for credentials that Cloud Storage's XML API accepts and the emulator does not."""
    scheme = headers.get("Authorization", "").strip().partition(" ")[0]
    if scheme or set(target.query) >= V2_PARAMETERS:
        what = f"Authorization: {scheme}" if scheme else "A V2 signature"
        raise StorageError(
            Refusal.NOT_IMPLEMENTED,
            f"{what} is not offered on the XML API of the emulator; sign with V4, in the URL or in the Authorization header.",
        )


def _timestamp(headers: Headers, spelling: Spelling) -> str:
    name = f"{spelling.prefix}Date".lower()
    try:
        return datetime.strptime(headers.get(name, ""), DATE_FORMAT).strftime(DATE_FORMAT)
    except ValueError:
        malformed(name, f"{name} must be there and be YYYYMMDDTHHMMSSZ.")
