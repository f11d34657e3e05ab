"""Which event has which mail."""

from __future__ import annotations

from collections.abc import Callable

from reelgate.domain.notifications.deliveries import Event
from reelgate.domain.notifications.mails.alert import alert_mail
from reelgate.domain.notifications.mails.audio_ready import audio_ready_mail
from reelgate.domain.notifications.mails.facts import Incomplete
from reelgate.domain.notifications.mails.layout import Mail, Sender
from reelgate.domain.notifications.mails.welcome import welcome_mail
from reelgate.domain.notifications.preferences import MailPreferences

__all__ = ["MAILED_TYPES", "Incomplete", "compose", "muted"]

_MAILS: dict[str, Callable[..., Mail]] = {
    "storage.alert": alert_mail,
    "bandwidth.alert": alert_mail,
    "audio.ready": audio_ready_mail,
    "account.created": welcome_mail,
}
MAILED_TYPES = frozenset(_MAILS)


def compose(event: Event, sender: Sender, *, to: str) -> Mail:
    """Return the mail that tells a user of an event of one of `MAILED_TYPES`. Raises Incomplete."""
    return _MAILS[event.type](event, sender, to=to)


def muted(event_type: str, preferences: MailPreferences) -> bool:
    """Return whether a user does not want this mail. The welcome cannot be muted."""
    if event_type.endswith(".alert"):
        return not preferences.alerts
    return event_type == "audio.ready" and not preferences.audio
