"""Erasing a user: what remains of them, for how long, and what the audit log keeps (docs/deleting-users.md)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from reelgate.domain.audit import Action, denial, sentence
from reelgate.domain.value_types import value_type

TOMBSTONE_KEPT = timedelta(days=45)
"""How long an erased user's tombstone is kept: longer than anything that could still bring their id back. The slowest is a
message in a dead-letter topic, which is kept for 31 days and may be published again by hand."""

ADDRESS_KEPT = timedelta(days=8)
"""How long the tombstone of an e-mail address is kept. It is only for failed logins on their way to the audit log, which name
an address and no user; Pub/Sub keeps what it cannot deliver for 7 days."""

NAMES = frozenset({"email", "filename", "title", "username", "label", "name"})
"""Details of an audit event that a user has chosen, or that name them."""


@value_type
class Person:
    """An erased user, as they are found in audit events, and the pseudonym that takes their place.

    `erased_at` is when the erasure began. Events of a later time that name one of the addresses, but not the user id, are about
    somebody else: the address could be registered again.
    """

    uid: str
    pseudonym: str
    emails: frozenset[str]
    erased_at: datetime

    def is_named_in(self, action: Action) -> bool:
        """Return whether an action names the user, or one of their addresses before the erasure."""
        if self.uid and self.uid in (action.uid, action.data.get("user_id")):
            return True
        email = action.data.get("email")
        return isinstance(email, str) and email.lower() in self.emails and action.at <= self.erased_at


def pseudonymised(action: Action, person: Person, *, action_id: str) -> Action:
    """Return an action without anything that names a person.

    The pseudonym replaces their id, wherever it is. Addresses are removed; of the person's own actions, and of failed logins
    with their address, all names are. What remains is what was done, when, with which result, and numbers. The request's id is
    removed because it leads to the requests' logs, which have the user id.

    Args:
        action_id: replaces the action's id, which can be made of the user id.
    """
    own = action.uid in {person.uid, ""}
    names = NAMES if own else frozenset[str]()
    details = {
        name: _without(person, value) for name, value in action.data.items() if name not in names and _kept(person, value)
    }
    described = (
        sentence(action.action, details)
        if action.outcome == "done"
        else denial(str(details.get("error") or details.get("reason") or "refused"), details)
    )
    return replace(
        action,
        action_id=action_id,
        uid=person.pseudonym if own else action.uid,
        description=described,
        data=details,
        request_id=None,
    )


def _kept(person: Person, value: Any) -> bool:
    """Return whether a value stays. A text in which the id or an address is only a part is removed as a whole."""
    if not isinstance(value, str) or value == person.uid:
        return True
    lower = value.lower()
    return not (_contains(value, person.uid) or any(_contains(lower, email) for email in person.emails))


def _contains(text: str, part: str) -> bool:
    return bool(part) and part in text


def _without(person: Person, value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _without(person, inner) for name, inner in value.items() if _kept(person, inner)}
    if isinstance(value, list):
        return [_without(person, inner) for inner in value if _kept(person, inner)]
    return person.pseudonym if person.uid and value == person.uid else value


def addresses(*emails: str | None) -> frozenset[str]:
    """Return the addresses that are known, as they are compared."""
    return frozenset(email.lower() for email in emails if email)


def addresses_in(actions: Collection[Action], uid: str) -> frozenset[str]:
    """Return the addresses that a user's own actions name: also those that they had before."""
    own = (action.data.get("email") for action in actions if action.uid == uid)
    return addresses(*(email for email in own if isinstance(email, str)))
