"""The audit log: what was done, and what was denied."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from reelgate.domain.value_types import positional_value_type, value_type

if TYPE_CHECKING:
    from reelgate.domain.accounts.erasure import Person
    from reelgate.domain.audit import Action, Outcome
    from reelgate.ports.books import Page


MAX_ABOUT = 3
"""Firestore answers queries of at most 30 disjunctions: the shards of the log, times the references."""


@positional_value_type
class LoggedAction:
    """An action with the id that it has in the log."""

    id: str
    action: Action


@value_type
class LogFilter:
    """Which actions to list: those that match every field that is given.

    Attributes:
        uid: who did it.
        about: references (`domain.audit.references`), of which the action must have one: at most `MAX_ABOUT`.
        area: the part of an action's name before the first dot.
        since: the earliest instant, inclusive.
        until: the latest one, exclusive.
    """

    uid: str | None = None
    about: tuple[str, ...] = ()
    request_id: str | None = None
    action: str | None = None
    area: str | None = None
    service: str | None = None
    outcome: Outcome | None = None
    since: datetime | None = None
    until: datetime | None = None


class AuditLog(Protocol):
    """Actions, each recorded once and kept until they expire. They never change, but for the names of erased users."""

    async def record(self, action: Action) -> bool:
        """Record an action. Returns False if it was recorded before. Raises Unavailable."""

    async def actions(self, which: LogFilter, *, now: datetime, limit: int, cursor: str | None = None) -> Page[LoggedAction]:
        """Return actions that have not expired, newest first. Actions recorded between two calls do not shift the pages.

        Raises:
            InvalidRequest: the cursor is from another list.
            Unavailable.
        """

    async def pseudonymise(self, person: Person) -> bool:
        """Rewrite a page of the actions that name an erased user, or one of their addresses before the erasure.

        Returns whether there was none left. Raises Unavailable.
        """


class HasAuditFeed(Protocol):
    """Offers whether actions that a commit has recorded are published as well, for consumers of the topic besides the log."""

    @property
    def audit_feed(self) -> bool: ...


class HasAuditLog(Protocol):
    """Offers the audit log."""

    @property
    def audit_log(self) -> AuditLog: ...
