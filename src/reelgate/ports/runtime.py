"""The running function: its name, its clock, and new ids."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class HasFunctionName(Protocol):
    """Offers the name of the running function, as the audit log shows it."""

    @property
    def function(self) -> str: ...


class HasClock(Protocol):
    """Offers the time."""

    def now(self) -> datetime:
        """Return the current instant, aware."""


class HasIds(Protocol):
    """Offers new ids."""

    def new_id(self) -> str:
        """Return a new random id that fits into object names and document ids."""
