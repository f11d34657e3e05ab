"""URLs that carry their own permission."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlToSign:
    """A request that a client shall be able to make without credentials.

    `headers` are what the client must send besides Host; POST only opens resumable uploads (`x-goog-resumable: start`).
    """

    method: str
    bucket: str
    object_name: str
    expires_seconds: int
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)


class UrlSigner(Protocol):
    """Makes V4-signed URLs."""

    async def signed_url(self, wanted: UrlToSign, *, now: datetime) -> str:
        """Return a URL that works from `now` for `expires_seconds`.

        Raises:
            ValueError: the request cannot be signed at all (a programming error).
            Unavailable: a remote signer could not be reached.
        """


class HasSigner(Protocol):
    """Offers signing URLs."""

    @property
    def signer(self) -> UrlSigner: ...
