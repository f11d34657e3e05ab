"""The running function: its name, its clock, and new ids."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class HasFunctionName(Protocol):
    """Offers the name of the running function, as the audit log shows it."""

    @property
    def function(self) -> str: ...


class HasApiUrl(Protocol):
    """Offers the URL of the API as clients reach it, without a slash at its end; empty if it is not configured."""

    @property
    def api_url(self) -> str: ...


class HasClock(Protocol):
    """Offers the time."""

    def now(self) -> datetime:
        """Return the current instant, aware."""


class HasIds(Protocol):
    """Offers new ids."""

    def new_id(self) -> str:
        """Return a new random id that fits into object names and document ids: 32 hexadecimal digits that cannot be guessed."""
