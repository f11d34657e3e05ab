"""The mails of this service: the text of each, plain and HTML."""

from reelgate.use_cases.notifications.mails.compose import MAILED_TYPES, Incomplete, compose, muted
from reelgate.use_cases.notifications.mails.layout import Sender

__all__ = ["MAILED_TYPES", "Incomplete", "Sender", "compose", "muted"]
