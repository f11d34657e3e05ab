"""The mails of this service: what each says, as plain text and as HTML."""

from reelgate.domain.notifications.mails.compose import MAILED_TYPES, Incomplete, compose, muted
from reelgate.domain.notifications.mails.layout import Mail, Sender

__all__ = ["MAILED_TYPES", "Incomplete", "Mail", "Sender", "compose", "muted"]
