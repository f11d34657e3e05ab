"""The canonical forms of Google's V4 signing process: what exactly is hashed and signed.

Pure functions from a request's parts to text, general enough for every request the XML API takes. Source: Cloud Storage
documentation, "Canonical requests" and "Signatures".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import quote

UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
SERVICE = "storage"
REQUEST_TYPE = "goog4_request"

_BLANKS = re.compile(r"[ \t]+")


def encode_path(path: str) -> str:
    """Return `path` percent-encoded as UTF-8; unreserved characters and `/` stay."""
    return quote(path, safe="/~")


def encode_query_part(text: str) -> str:
    """Return a query name or value percent-encoded as UTF-8; only `A-Z a-z 0-9 - _ . ~` stay."""
    return quote(text, safe="~")


def query_pair(name: str, value: str) -> str:
    """Return one encoded `name=value`."""
    return f"{encode_query_part(name)}={encode_query_part(value)}"


def canonical_query(pairs: Iterable[str]) -> str:
    """Return encoded pairs in canonical order, by code point: upper case before lower case."""
    return "&".join(sorted(pairs))


def canonical_headers(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return (lower-case name, value) sorted by name, one pair per name.

    Values are trimmed and inner runs of spaces and tabs become one space. Headers that occur several times become one,
    their values joined with commas in the order given.
    """
    values: dict[str, list[str]] = {}
    for name, value in headers:
        values.setdefault(name.lower(), []).append(_BLANKS.sub(" ", value).strip(" "))
    return [(name, ",".join(values[name])) for name in sorted(values)]


def signed_header_names(headers: Iterable[tuple[str, str]]) -> str:
    """Return the value of X-Goog-SignedHeaders for canonical headers."""
    return ";".join(name for name, _ in headers)


def canonical_request(method: str, path: str, query: str, headers: list[tuple[str, str]]) -> str:
    """Return the six parts that are hashed.

    Args:
        path: encoded, exactly as it stands in the URL between host and `?`.
        query: canonical, without the signature.
        headers: canonical. The value of x-goog-content-sha256, where it is among them, describes the payload.
    """
    return f"{method}\n{path}{canonical_request_after_path(query, headers)}"


def canonical_request_after_path(query: str, headers: list[tuple[str, str]]) -> str:
    """Return the part of a canonical request that does not depend on the object, from the path's line break on."""
    payload = next((value for name, value in headers if name == "x-goog-content-sha256"), UNSIGNED_PAYLOAD)
    header_lines = "".join([f"{name}:{value}\n" for name, value in headers])
    return f"\n{query}\n{header_lines}\n{signed_header_names(headers)}\n{payload}"


def timestamp(instant: datetime) -> str:
    """Return an aware instant as `YYYYMMDDTHHMMSSZ`; its first eight characters are the day of the credential scope.

    Raises ValueError for an instant without a time zone.
    """
    if instant.tzinfo is None:
        raise ValueError("the instant of signing needs a time zone")
    return instant.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def credential_scope(day: str, location: str) -> str:
    """Return `YYYYMMDD/LOCATION/storage/goog4_request`."""
    return f"{day}/{location}/{SERVICE}/{REQUEST_TYPE}"


def string_to_sign(algorithm: str, stamp: str, scope: str, request: str) -> str:
    """Return the four lines that the signature is made over; `request` is the canonical request."""
    return f"{string_to_sign_before_hash(algorithm, stamp, scope)}{sha256(request.encode()).hexdigest()}"


def string_to_sign_before_hash(algorithm: str, stamp: str, scope: str) -> str:
    """Return the first three lines of the string to sign, with their line breaks."""
    return f"{algorithm}\n{stamp}\n{scope}\n"
