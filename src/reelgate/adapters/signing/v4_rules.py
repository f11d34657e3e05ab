"""Which requests may be signed: what Cloud Storage accepts, and a little less where signing more would be dangerous."""

from __future__ import annotations

import re

from reelgate.ports import UrlToSign

MAX_SECONDS = 604_800
"""Seven days, the longest X-Goog-Expires (Cloud Storage, "V4 signing process")."""

METHODS = frozenset({"GET", "HEAD", "PUT", "DELETE", "POST"})

_BUCKET = re.compile(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")  # a token (RFC 9110, section 5.6.2)
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e]*")  # clients disagree on how to send anything else
_SIGNING_PARAMETERS = re.compile(r"x-(goog|amz)-(algorithm|credential|date|expires|signedheaders|signature)", re.IGNORECASE)


def check(wanted: UrlToSign, *, longest_seconds: int = MAX_SECONDS) -> None:
    """Return if the request may be signed.

    An object must be named: a URL signed without one would list the bucket.

    Raises:
        ValueError: it may not, and why.
    """
    if wanted.method not in METHODS:
        raise ValueError(f"{wanted.method!r} cannot be signed, only {', '.join(sorted(METHODS))}")
    if type(wanted.expires_seconds) is not int or not 1 <= wanted.expires_seconds <= longest_seconds:
        raise ValueError(f"expires_seconds must be a whole number from 1 to {longest_seconds}")
    if not _BUCKET.fullmatch(wanted.bucket):
        raise ValueError("this is no bucket name")
    if not wanted.object_name:
        raise ValueError("an object must be named")
    resumable = _check_headers(wanted)
    if (wanted.method == "POST") != resumable:
        raise ValueError("POST and the header x-goog-resumable: start belong together")
    for name in wanted.query:
        if not name or _SIGNING_PARAMETERS.fullmatch(name):
            raise ValueError(f"the query parameter {name!r} is the signer's own")


def _check_headers(wanted: UrlToSign) -> bool:
    """Return whether the headers open a resumable upload. Raises ValueError for ones that cannot be sent or signed."""
    resumable = False
    seen = set()
    for name, value in wanted.headers.items():
        lower = name.lower()
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            raise ValueError(f"the header {name!r} has characters that cannot be sent safely")
        if lower == "host" or lower in seen:
            raise ValueError(f"the header {name!r} is given twice" if lower in seen else "Host is the signer's own")
        if lower == "x-goog-resumable":
            if value != "start":
                raise ValueError("x-goog-resumable can only be signed as: start")
            resumable = True
        seen.add(lower)
    return resumable
