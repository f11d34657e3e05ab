"""The mail that welcomes a new user."""

from __future__ import annotations

from reelgate.domain.notifications.deliveries import Event
from reelgate.ports.notifications import Mail
from reelgate.use_cases.notifications.mails.layout import Sender, lay_out


def welcome_mail(event: Event, sender: Sender, *, to: str) -> Mail:
    """Return the mail of an `account.created`."""
    username = event.data.get("username")
    name = username if isinstance(username, str) and username.strip() else to
    return lay_out(
        sender,
        to=to,
        message_id=event.message_id,
        title="Welcome",
        paragraphs=[
            "Your account is ready: sign in with your e-mail address or user name and your password.",
            "If you did not sign up, someone else entered your address. You can ignore this mail.",
        ],
        facts=[("User name", name), ("E-mail address", to)],
    )
