"""Show and set which mails a user gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace

from reelgate.domain.errors import InvalidRequest, in_words
from reelgate.domain.notifications.preferences import MailPreferences
from reelgate.ports.identity import Caller
from reelgate.ports.notifications import HasPreferences

NAMES = tuple(field.name for field in fields(MailPreferences))


async def mail_preferences(services: HasPreferences, caller: Caller) -> MailPreferences:
    """Return which mails the caller gets. Raises Unavailable."""
    return await services.preferences.get(caller.uid)


async def set_mail_preferences(services: HasPreferences, caller: Caller, changes: object) -> MailPreferences:
    """Set the given preferences (`{"alerts": false}`), leave the others, and return all of them.

    Raises:
        InvalidRequest: an unknown name, no name, or a value other than true or false.
        AccountDeleted.
        Unavailable.
    """
    if not isinstance(changes, Mapping) or not changes:
        raise InvalidRequest("No mails are named.", field="mails", hint=f"'mails' is an object with {' or '.join(NAMES)}.")
    for name, value in changes.items():
        if name not in NAMES:
            raise InvalidRequest("There are no such mails.", field="mails", hint=f"'mails' has {' and '.join(NAMES)} only.")
        if not isinstance(value, bool):
            raise InvalidRequest(
                f"Mails about {in_words(name)} are either on or off.", field=f"mails.{name}", hint="Send true or false."
            )
    return await services.preferences.change(caller.uid, lambda current: replace(current, **changes))
