"""The canonical request and the string to sign, built from what was really sent.

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
        host: the value to stand in the host line, with or without port, whichever spelling is being tried.
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
    # Bytes that are not UTF-8 reach us as surrogates; they are hashed as they came.
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
    # A signed URL is used by others, who choose the header; who signs in a header signs what it says there.
    counts = name in parameters.signed_headers or (parameters.in_header and name in headers)
    return _header_value(headers, name, "") if counts else UNSIGNED_PAYLOAD
