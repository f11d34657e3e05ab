"""Which mail is sent for which event."""

from __future__ import annotations

from collections.abc import Callable

from reelgate.domain.notifications.deliveries import Event
from reelgate.domain.notifications.preferences import MailPreferences
from reelgate.ports.notifications import Mail
from reelgate.use_cases.notifications.mails.alert import alert_mail
from reelgate.use_cases.notifications.mails.audio_ready import audio_ready_mail
from reelgate.use_cases.notifications.mails.facts import Incomplete
from reelgate.use_cases.notifications.mails.layout import Sender
from reelgate.use_cases.notifications.mails.welcome import welcome_mail

__all__ = ["MAILED_TYPES", "Incomplete", "compose", "muted"]

_MAILS: dict[str, Callable[..., Mail]] = {
    "storage.alert": alert_mail,
    "bandwidth.alert": alert_mail,
    "audio.ready": audio_ready_mail,
    "account.created": welcome_mail,
}
MAILED_TYPES = frozenset(_MAILS)


def compose(event: Event, sender: Sender, *, to: str) -> Mail:
    """Return the mail for an event of one of `MAILED_TYPES`. Raises Incomplete."""
    return _MAILS[event.type](event, sender, to=to)


def muted(event_type: str, preferences: MailPreferences) -> bool:
    """Return whether a user has muted this mail. The welcome mail cannot be muted."""
    if event_type.endswith(".alert"):
        return not preferences.alerts
    return event_type == "audio.ready" and not preferences.audio
