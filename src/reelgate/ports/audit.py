"""The log of what was done and denied."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from reelgate.domain.audit import Action, Outcome
from reelgate.ports.books import Page


@dataclass(frozen=True, slots=True)
class LoggedAction:
    """An action as the log keeps it, under an id of the log's own."""

    id: str
    action: Action


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFilter:
    """Which actions to list: all that is not None must hold.

    Attributes:
        area: the part of the action's name before its first dot.
        since: the earliest instant, inclusive.
        until: the latest one, exclusive.
    """

    uid: str | None = None
    action: str | None = None
    area: str | None = None
    service: str | None = None
    outcome: Outcome | None = None
    since: datetime | None = None
    until: datetime | None = None


class AuditLog(Protocol):
    """Actions, each once, until their time is over. Nothing changes one that is there."""

    async def record(self, action: Action) -> bool:
        """Keep an action. Returns False for one that was kept before. Raises Unavailable."""

    async def actions(self, wanted: LogFilter, *, now: datetime, limit: int, cursor: str | None = None) -> Page[LoggedAction]:
        """Return actions whose time is not over, newest first. What is recorded meanwhile does not move later pages.

        Raises:
            InvalidRequest: this list never gave that cursor.
            Unavailable.
        """


class HasAuditLog(Protocol):
    """Offers the audit log."""

    @property
    def audit_log(self) -> AuditLog: ...
