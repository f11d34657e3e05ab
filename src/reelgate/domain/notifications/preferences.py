"""Mail preferences."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MailPreferences:
    """Which mails a user gets. The welcome mail is always sent, once."""

    alerts: bool = True
    audio: bool = True
