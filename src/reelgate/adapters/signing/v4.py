"""Google's V4 signing process: what is signed, which requests may be signed, and the signed URL.

The **canonical request** is the form of the request that both sides hash. It has six parts, joined by line breaks:

    GET                                        the verb
    /BUCKET/OBJECT                             the path, exactly as in the URL
    X-Goog-Algorithm=...&X-Goog-Credential=... the query: encoded pairs, sorted, without the signature
    host:storage.googleapis.com                the signed headers: lower case, sorted, one line each, and an empty line
                                               after them
    host                                       their names, joined by semicolons
    UNSIGNED-PAYLOAD                           the body's hash, or this text: a URL is signed without a body

The **string to sign** is four lines: the algorithm, the instant, the credential scope (the key's day and service), and the
hex SHA-256 of the canonical request. Its signature is appended to the URL as `X-Goog-Signature`.

Source: Cloud Storage documentation, "Canonical requests" and "Signatures". Pure functions, tested with Google's conformance
vectors (tests/unit/adapters/signing/test_conformance.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from reelgate.ports.storage import UrlToSign

HMAC = "GOOG4-HMAC-SHA256"
RSA = "GOOG4-RSA-SHA256"
SERVICE = "storage"
REQUEST_TYPE = "goog4_request"

LOCATION = "auto"
"""Any text is accepted as the scope's location; Google's own clients write auto."""

MAX_SECONDS = 604_800
"""Seven days, the longest X-Goog-Expires (Cloud Storage, "V4 signing process")."""

METHODS = frozenset({"GET", "HEAD", "PUT", "DELETE", "POST"})

_DEFAULT_PORTS = {"http": 80, "https": 443}
_BLANKS = re.compile(r"[ \t]+")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # a token (RFC 9110, section 5.6.2)
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e]*")  # clients disagree on how to send anything else
_SIGNING_PARAMETERS = re.compile(r"x-(goog|amz)-(algorithm|credential|date|expires|signedheaders|signature)", re.IGNORECASE)


# The canonical form


def encode_path(path: str) -> str:
    """Return `path` percent-encoded as UTF-8; unreserved characters and `/` stay."""
    return quote(path, safe="/~")


@lru_cache(maxsize=1024)  # most pairs are the same in every URL
def query_pair(name: str, value: str) -> str:
    """Return `name=value`, both percent-encoded as UTF-8; only `A-Z a-z 0-9 - _ . ~` stay."""
    return f"{quote(name, safe='~')}={quote(value, safe='~')}"


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
        path: encoded, exactly as in the URL between host and `?`.
        query: canonical, without the signature.
        headers: canonical. If x-goog-content-sha256 is one of them, its value describes the payload.
    """
    payload = next((value for name, value in headers if name == "x-goog-content-sha256"), "UNSIGNED-PAYLOAD")
    header_lines = "".join([f"{name}:{value}\n" for name, value in headers])
    return f"{method}\n{path}\n{query}\n{header_lines}\n{signed_header_names(headers)}\n{payload}"


def timestamp(instant: datetime) -> str:
    """Return an aware instant as `YYYYMMDDTHHMMSSZ`; its first eight characters are the day of the credential scope.

    Raises ValueError for an instant without a time zone.
    """
    if instant.tzinfo is None:
        raise ValueError("the instant of signing needs a time zone")
    plain = instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")
    return plain.replace("-", "").replace(":", "") + "Z"


# Which requests may be signed


def check(to_sign: UrlToSign, *, max_seconds: int = MAX_SECONDS) -> None:
    """Check that the request may be signed: Cloud Storage accepts it, and signing it is safe.

    An object must be named: a URL signed without one would list the bucket.

    Raises:
        ValueError: the request may not be signed. The text says why.
    """
    if to_sign.method not in METHODS:
        raise ValueError(f"{to_sign.method!r} cannot be signed, only {', '.join(sorted(METHODS))}")
    if type(to_sign.expires_seconds) is not int or not 1 <= to_sign.expires_seconds <= max_seconds:
        raise ValueError(f"expires_seconds must be a whole number from 1 to {max_seconds}")
    if not _BUCKET.fullmatch(to_sign.bucket):
        raise ValueError("the bucket name is invalid")
    if not to_sign.object_name:
        raise ValueError("an object must be named")
    resumable = _check_headers(to_sign)
    if (to_sign.method == "POST") != resumable:
        raise ValueError("POST and the header x-goog-resumable: start belong together")
    for name in to_sign.query:
        if not name or _SIGNING_PARAMETERS.fullmatch(name):
            raise ValueError(f"the query parameter {name!r} is set by the signer")


def _check_headers(to_sign: UrlToSign) -> bool:
    """Return whether the headers open a resumable upload. Raises ValueError for headers that cannot be sent or signed."""
    resumable = False
    seen = set()
    for name, value in to_sign.headers.items():
        lower = name.lower()
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            raise ValueError(f"the header {name!r} has characters that cannot be sent safely")
        if lower == "host":
            raise ValueError("the header Host is set by the signer")
        if lower in seen:
            raise ValueError(f"the header {name!r} is given twice")
        if lower == "x-goog-resumable":
            if value != "start":
                raise ValueError("x-goog-resumable can only be signed as: start")
            resumable = True
        seen.add(lower)
    return resumable


# The URL


class StorageServer(NamedTuple):
    """Where requests go: the beginning of the URL, and the Host header that clients send with it."""

    origin: str
    host: str


def storage_server(base_url: str) -> StorageServer:
    """Return the server at `https://storage.googleapis.com` or an emulator's address.

    Raises ValueError for anything but scheme, host and optional port.
    """
    parts = urlsplit(base_url.rstrip("/"))
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise ValueError(f"a storage endpoint is http:// or https:// and a host, not {base_url!r}")
    if parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError(f"a storage endpoint has no path, query or user: {base_url!r}")
    netloc = parts.netloc.lower()
    # Clients leave a scheme's default port out of the Host header (RFC 9110, section 4.2.3), so it is not signed either.
    host = netloc.rpartition(":")[0] if parts.port == _DEFAULT_PORTS[parts.scheme] else netloc
    return StorageServer(f"{parts.scheme}://{netloc}", host)


class Signer(NamedTuple):
    """Who signs: the algorithm, and the HMAC access id or the service account's e-mail address."""

    algorithm: str
    id: str


class Draft(NamedTuple):
    """A URL without its `&X-Goog-Signature=`, the string to sign for it, and the day (`YYYYMMDD`) whose key signs it."""

    url: str
    string_to_sign: str
    day: str

    def signed(self, signature_hex: str) -> str:
        """Return the whole URL."""
        return f"{self.url}&X-Goog-Signature={signature_hex}"


def checked_draft(
    to_sign: UrlToSign, now: datetime, *, signer: Signer, server: StorageServer, max_seconds: int = MAX_SECONDS
) -> Draft:
    """Return the draft of a path-style URL. Raises ValueError for a request that may not be signed, and for a naive `now`."""
    check(to_sign, max_seconds=max_seconds)
    return draft(to_sign, now, signer=signer, server=server, path=path_of(to_sign))


def draft(to_sign: UrlToSign, now: datetime, *, signer: Signer, server: StorageServer, path: str) -> Draft:
    """Return the draft of any request, unchecked. `path` is encoded. Raises ValueError for a naive `now`."""
    stamp = timestamp(now)
    day = stamp[:8]
    scope = f"{day}/{LOCATION}/{SERVICE}/{REQUEST_TYPE}"
    headers = canonical_headers([("host", server.host), *to_sign.headers.items()])
    query = canonical_query(
        [
            query_pair("X-Goog-Algorithm", signer.algorithm),
            query_pair("X-Goog-Credential", f"{signer.id}/{scope}"),
            query_pair("X-Goog-Date", stamp),
            query_pair("X-Goog-Expires", str(to_sign.expires_seconds)),
            query_pair("X-Goog-SignedHeaders", signed_header_names(headers)),
            *(query_pair(name, value) for name, value in to_sign.query.items()),
        ]
    )
    request_hash = sha256(canonical_request(to_sign.method, path, query, headers).encode()).hexdigest()
    return Draft(f"{server.origin}{path}?{query}", f"{signer.algorithm}\n{stamp}\n{scope}\n{request_hash}", day)


def path_of(to_sign: UrlToSign) -> str:
    """Return the encoded path of an object in a path-style URL."""
    return f"/{to_sign.bucket}/{encode_path(to_sign.object_name)}"
