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
        mails_per_day: how many mails a user gets in a day at most, of all kinds together.
        to_unverified: whether mails also go to addresses that are not verified.
        product: the name of this service in mails.
        api_url: the URL of its API, without a trailing slash; if empty, mails give paths only.
        audio_page: the page where people fetch the MP3 of the video that is put in place of `{video_id}`; if empty, mails give
            the API's own route, which wants a token.
    """

    mails: bool
    endpoints: tuple[Endpoint, ...]
    attempts: int
    mails_per_day: int
    to_unverified: bool
    product: str
    api_url: str
    audio_page: str = ""
