"""What users want to be told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from reelgate.domain.notifications.preferences import MailPreferences


class Preferences(Protocol):
    """Preferences by user. Every method raises Unavailable when they cannot be reached."""

    async def get(self, uid: str) -> MailPreferences:
        """Return a user's preferences; the defaults for who never set any."""

    async def change(self, uid: str, change: Callable[[MailPreferences], MailPreferences]) -> MailPreferences:
        """Write what `change` makes of a user's preferences, and return it. It may be asked several times."""
