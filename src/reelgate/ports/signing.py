"""Signed URLs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Protocol

from reelgate.domain.value_types import value_type


@value_type
class UrlToSign:
    """A request that a client may make with a signed URL, without credentials.

    The client must send `headers`, besides Host. POST is for opening resumable uploads (`x-goog-resumable: start`).
    """

    method: str
    bucket: str
    object_name: str
    expires_seconds: int
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)


class UrlSigner(Protocol):
    """Makes V4-signed URLs."""

    async def signed_url(self, to_sign: UrlToSign, *, now: datetime) -> str:
        """Return a URL that is valid from `now` for `expires_seconds`.

        Raises:
            ValueError: the request cannot be signed at all (a programming error).
            Unavailable: a remote signer could not be reached.
        """


class HasSigner(Protocol):
    """Offers the URL signer."""

    @property
    def signer(self) -> UrlSigner: ...
