"""The record of a playback grant. What it opens, and when, is decided in `domain/playback`."""

from __future__ import annotations

import hmac
from dataclasses import field
from datetime import datetime

from reelgate.domain.value_types import value_type


@value_type
class PlaybackGrant:
    """The record of a grant, which does not contain its token.

    Attributes:
        grant_id: the id in its token.
        uid: the owner of the video, who pays.
        digest: of the token (`accounts.checked_tokens`).
        origins: the web origins whose pages may play it (`https://example.com`); empty for any.
        max_bytes: how many bytes may be charged for it in all; None for no bound of its own.
        max_plays: how many plays there may be; None for no bound.
        plays: plays that began.
        charged: bytes that were charged to the owner's days for it.
        revoked_at: when its owner has ended it; None until then.
        series: the video's `grant_series` when it was made. Once the video has another one, the grant is over.
        account_series: the same of the account.
        fingerprint: of the request that made it, if a repeated request is to be recognised.
        salt: what makes its token again, together with the idempotency key of that request, which is stored nowhere.
    """

    grant_id: str
    uid: str
    file_id: str
    digest: str = field(repr=False)
    created_at: datetime
    expires_at: datetime
    label: str | None = None
    origins: tuple[str, ...] = ()
    max_bytes: int | None = None
    max_plays: int | None = None
    plays: int = 0
    charged: int = 0
    revoked_at: datetime | None = None
    series: int = 0
    account_series: int = 0
    fingerprint: str | None = None
    salt: str | None = field(default=None, repr=False)

    @property
    def ends_at(self) -> datetime:
        """When it is over at the latest."""
        return self.expires_at if self.revoked_at is None else min(self.revoked_at, self.expires_at)

    def is_opened_by(self, digest: str) -> bool:
        """Return whether this is the grant of the token with this digest."""
        return hmac.compare_digest(self.digest, digest)

    def allows_origin(self, origin: str | None, *own: str) -> bool:
        """Return whether a request with this `Origin` may play it. Requests without one come from no foreign page.

        Args:
            own: origins of this service's own pages.
        """
        return origin is None or not self.origins or origin in self.origins or origin in own
