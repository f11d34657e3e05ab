"""A signed URL but for its signature: the part that every kind of key shares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from reelgate.adapters.signing import v4_canonical as v4
from reelgate.adapters.signing import v4_rules
from reelgate.adapters.signing.v4_endpoint import Endpoint
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


class _Frame(NamedTuple):
    """Everything in a draft but the object's name: the same for all segments of a playlist."""

    wanted: UrlToSign
    now: datetime
    origin: str
    query: str
    before_path: str
    path_start: str
    after_path: str
    before_hash: str
    day: str

    def fits(self, wanted: UrlToSign, now: datetime) -> bool:
        mine = self.wanted
        return (
            (now is self.now or now == self.now)
            and bool(wanted.object_name) == bool(mine.object_name)
            and wanted.method == mine.method
            and wanted.bucket == mine.bucket
            and wanted.expires_seconds == mine.expires_seconds
            and wanted.headers == mine.headers
            and wanted.query == mine.query
        )


class Drafter:
    """Writes drafts for one signer. What a request shares with the one before it is not checked and written again."""

    def __init__(
        self, *, endpoint: Endpoint, algorithm: str, signer_id: str, check: Callable[[UrlToSign], None] = v4_rules.check
    ) -> None:
        """`signer_id` is the HMAC access id or the service account's e-mail address.

        `check` raises ValueError for what may not be signed. It decides without the object's name, but for its absence.
        """
        self._endpoint = endpoint
        self._algorithm = algorithm
        self._signer_id = signer_id
        self._check = check
        self._frame: _Frame | None = None

    def draft(self, wanted: UrlToSign, now: datetime) -> Draft:
        """Return the draft. Raises ValueError for a request that may not be signed, and for a naive `now`."""
        frame = self._frame
        if frame is None or not frame.fits(wanted, now):
            frame = self._frame = self._new_frame(wanted, now)
        path = f"{frame.path_start}{v4.encode_path(wanted.object_name)}"
        request = f"{frame.before_path}{path}{frame.after_path}"
        return Draft(
            f"{frame.origin}{path}?{frame.query}",
            f"{frame.before_hash}{sha256(request.encode()).hexdigest()}",
            request,
            frame.day,
        )

    def _new_frame(self, wanted: UrlToSign, now: datetime) -> _Frame:
        self._check(wanted)
        stamp = v4.timestamp(now)
        scope = v4.credential_scope(stamp[:8], LOCATION)
        origin, host = self._endpoint.server(wanted.bucket)
        headers = v4.canonical_headers([("host", host), *wanted.headers.items()])
        query = v4.canonical_query(
            [
                v4.query_pair("X-Goog-Algorithm", self._algorithm),
                v4.query_pair("X-Goog-Credential", f"{self._signer_id}/{scope}"),
                f"X-Goog-Date={stamp}",
                f"X-Goog-Expires={wanted.expires_seconds}",
                v4.query_pair("X-Goog-SignedHeaders", v4.signed_header_names(headers)),
                *(v4.query_pair(name, value) for name, value in wanted.query.items()),
            ]
        )
        return _Frame(
            # The caller's mappings may change later; these copies will not.
            wanted=replace(wanted, headers=dict(wanted.headers), query=dict(wanted.query)),
            now=now,
            origin=origin,
            query=query,
            before_path=f"{wanted.method}\n",
            path_start=self._endpoint.path_start(wanted.bucket, of_object=bool(wanted.object_name)),
            after_path=v4.canonical_request_after_path(query, headers),
            before_hash=v4.string_to_sign_before_hash(self._algorithm, stamp, scope),
            day=stamp[:8],
        )
