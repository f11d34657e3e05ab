"""Signs URLs with an HMAC key: a little arithmetic, no network."""

from __future__ import annotations

import hmac
from datetime import datetime

from reelgate.adapters.signing.v4_canonical import REQUEST_TYPE, SERVICE
from reelgate.adapters.signing.v4_draft import HMAC, LOCATION, Drafter
from reelgate.adapters.signing.v4_endpoint import Endpoint
from reelgate.ports import UrlToSign


def signing_key(secret: str, day: str, location: str = LOCATION) -> bytes:
    """Return the key of one day (`YYYYMMDD`), derived as Cloud Storage's "Signatures" says for GOOG4-HMAC-SHA256."""
    key = f"GOOG4{secret}".encode()
    for part in (day, location, SERVICE, REQUEST_TYPE):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


class HmacSigner:
    """A `UrlSigner` with a service account's HMAC key. The derived key is made once a day."""

    def __init__(self, *, endpoint: Endpoint, access_id: str, secret: str) -> None:
        """Raises ValueError when a half of the key is missing."""
        if not access_id or not secret:
            raise ValueError("an HMAC key is an access id and a secret")
        self._access_id = access_id
        self._secret = secret
        self._drafter = Drafter(endpoint=endpoint, algorithm=HMAC, signer_id=access_id)
        self._day = ""
        self._keyed = hmac.new(b"", digestmod="sha256")

    async def signed_url(self, wanted: UrlToSign, *, now: datetime) -> str:
        """Return the URL. Raises ValueError for a request that may not be signed."""
        draft = self._drafter.draft(wanted, now)
        if draft.day != self._day:
            self._keyed = hmac.new(signing_key(self._secret, draft.day), digestmod="sha256")
            self._day = draft.day
        mac = self._keyed.copy()  # takes over the day's key, already hashed in
        mac.update(draft.string_to_sign.encode())
        return draft.signed(mac.hexdigest())

    def __repr__(self) -> str:
        return f"HmacSigner(access_id={self._access_id!r})"
