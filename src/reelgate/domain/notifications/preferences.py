"""What a user wants to be told by mail."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MailPreferences:
    """Which mails a user gets. The welcome comes once and always."""

    alerts: bool = True
    audio: bool = True
