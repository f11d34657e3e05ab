"""A signed URL but for its signature: the part that every kind of key shares."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from reelgate.adapters import v4_canonical as v4
from reelgate.adapters.v4_endpoint import Endpoint
from reelgate.ports import UrlToSign

HMAC = "GOOG4-HMAC-SHA256"
RSA = "GOOG4-RSA-SHA256"

LOCATION = "auto"
"""Any text is taken as the scope's location; Google's own clients say auto."""


class Draft(NamedTuple):
    """A URL that lacks `&X-Goog-Signature=`, and what is to be signed for it."""

    url: str
    string_to_sign: str
    canonical_request: str
    day: str

    def signed(self, signature_hex: str) -> str:
        """Return the whole URL."""
        return f"{self.url}&X-Goog-Signature={signature_hex}"


class Drafter:
    """Writes drafts for one signer. What does not change within a day is encoded once a day."""

    def __init__(self, *, endpoint: Endpoint, algorithm: str, signer_id: str) -> None:
        """`signer_id` is the HMAC access id or the service account's e-mail address."""
        self._endpoint = endpoint
        self._algorithm = algorithm
        self._signer_id = signer_id
        self._day = ""
        self._scope = ""
        self._fixed: list[str] = []

    def draft(self, wanted: UrlToSign, now: datetime) -> Draft:
        """Return the draft, whatever is wanted: `v4_rules.check` comes first. Raises ValueError for a naive `now`."""
        stamp = v4.timestamp(now)
        day = stamp[:8]
        if day != self._day:
            self._start_day(day)
        address = self._endpoint.address(wanted.bucket, wanted.object_name)
        headers = v4.canonical_headers([("host", address.host), *wanted.headers.items()])
        query = v4.canonical_query(
            [
                *self._fixed,
                f"X-Goog-Date={stamp}",
                f"X-Goog-Expires={wanted.expires_seconds}",
                v4.query_pair("X-Goog-SignedHeaders", v4.signed_header_names(headers)),
                *(v4.query_pair(name, value) for name, value in wanted.query.items()),
            ]
        )
        request = v4.canonical_request(wanted.method, address.path, query, headers)
        to_sign = v4.string_to_sign(self._algorithm, stamp, self._scope, request)
        return Draft(f"{address.origin}{address.path}?{query}", to_sign, request, day)

    def _start_day(self, day: str) -> None:
        self._scope = v4.credential_scope(day, LOCATION)
        self._fixed = [
            v4.query_pair("X-Goog-Algorithm", self._algorithm),
            v4.query_pair("X-Goog-Credential", f"{self._signer_id}/{self._scope}"),
        ]
        self._day = day
