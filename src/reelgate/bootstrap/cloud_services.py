"""The services of a deployment. Each client is built, and its SDK imported, on first use."""

from __future__ import annotations

from reelgate.bootstrap.account_services import AccountServices
from reelgate.bootstrap.book_services import BookServices
from reelgate.bootstrap.media_services import MediaServices
from reelgate.bootstrap.notification_services import NotificationServices


class CloudServices(BookServices, AccountServices, MediaServices, NotificationServices):
    """The services of a deployment, each built on first use. It satisfies every protocol of `reelgate.ports`."""
