"""How one deployment tells people and programs of what happened."""

from __future__ import annotations

from dataclasses import dataclass

from reelgate.domain.notifications.webhook_endpoints import Endpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Notifications:
    """The deployment's channels and how they introduce themselves.

    Attributes:
        mails: whether mails are sent at all.
        endpoints: who gets webhooks.
        attempts: after how many refused attempts a delivery has failed.
        product: what the mails call this service.
        api_url: where its API is, without a slash at the end; empty where mails give paths only.
    """

    mails: bool
    endpoints: tuple[Endpoint, ...]
    attempts: int
    product: str
    api_url: str
