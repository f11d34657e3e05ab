"""Mail preferences."""

from __future__ import annotations

from reelgate.domain.value_types import value_type


@value_type
class MailPreferences:
    """Which mails a user gets. The welcome mail is always sent, once."""

    alerts: bool = True
    audio: bool = True
