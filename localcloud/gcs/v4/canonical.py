"""The canonical request and the string to sign, built from the request as sent.

Source: Cloud Storage documentation, "Canonical requests". Path and query are taken raw: clients differ on which
characters they escape, and each signs what it sends.
"""

import hashlib
import re

from multidict import CIMultiDict, CIMultiDictProxy

from localcloud.gcs.http.target import Target
from localcloud.gcs.v4.parameters import SignatureParameters

BLANKS = re.compile(r"[ \t]+")
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"

Headers = CIMultiDict[str] | CIMultiDictProxy[str]


def canonical_request(method: str, target: Target, headers: Headers, parameters: SignatureParameters, host: str) -> str:
    """Return the six canonical parts joined by newlines.

    Args:
        host: the value for the host line; the verifier tries it with and without port.
    """
    lines = "".join(f"{name}:{_header_value(headers, name, host)}\n" for name in parameters.signed_headers)
    return "\n".join(
        (
            method,
            target.raw_path,
            _canonical_query(target, parameters),
            lines,
            ";".join(parameters.signed_headers),
            _payload_line(headers, parameters),
        )
    )


def string_to_sign(parameters: SignatureParameters, request: str) -> str:
    """Return algorithm, time, scope and the hash of the canonical request, one per line."""
    # Bytes that are not UTF-8 arrive as surrogates; they are hashed as received.
    digest = hashlib.sha256(request.encode(errors="surrogateescape")).hexdigest()
    return "\n".join((parameters.algorithm, parameters.timestamp, parameters.scope, digest))


def _canonical_query(target: Target, parameters: SignatureParameters) -> str:
    signature = f"{parameters.spelling.prefix}Signature".lower()
    kept = sorted(pair for pair in target.raw_pairs if pair[0].lower() != signature)
    return "&".join(f"{name}={value}" for name, value in kept)


def _header_value(headers: Headers, name: str, host: str) -> str:
    values = [host] if name == "host" else headers.getall(name)
    return ",".join(BLANKS.sub(" ", value).strip() for value in values)


def _payload_line(headers: Headers, parameters: SignatureParameters) -> str:
    name = parameters.spelling.content_hash_header
    # The user of a signed URL chooses this header, so it is not signed there; a signature in a header covers its value.
    counts = name in parameters.signed_headers or (parameters.in_header and name in headers)
    return _header_value(headers, name, "") if counts else UNSIGNED_PAYLOAD
