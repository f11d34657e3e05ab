"""How one deployment sends notifications to users and programs."""

from __future__ import annotations

from reelgate.domain.notifications.webhook_endpoints import Endpoint
from reelgate.domain.value_types import value_type


@value_type
class Notifications:
    """The deployment's channels and how they identify themselves.

    Attributes:
        mails: whether mails are sent at all.
        endpoints: the webhook endpoints.
        attempts: how many refused attempts make a delivery fail.
        product: the name of this service in mails.
        api_url: the URL of its API, without a trailing slash; if empty, mails give paths only.
    """

    mails: bool
    endpoints: tuple[Endpoint, ...]
    attempts: int
    product: str
    api_url: str
