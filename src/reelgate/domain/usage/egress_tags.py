"""Egress tags: what the bucket's usage logs say of a download, so that its bytes can be settled with what was charged for it.

Every signed GET URL has a tag, in a query parameter that is part of the signature. The bucket ignores it, and writes it into
its usage logs with the number of bytes that it sent (docs/adr/0042-settled-egress.md). A tag has no data of users: whose bytes
they were follows from the object's name.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Literal, Self

from reelgate.domain.books.entries import EntryId, EntryKind
from reelgate.domain.value_types import positional_value_type

PARAMETER = "x-goog-custom-audit-reelgate-grant"
"""The query parameter with the tag. Parameters with this prefix are meant for a caller's own marks in Google's logs."""

FreeKind = Literal["poster", "sprites", "captions", "export"]
"""What is sent without a charge."""

MAX_LENGTH = 120

_FREE = "free"
_GRANT = "grant"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SECONDS = re.compile(r"[0-9]{1,11}")
_TAG = re.compile(rf"[A-Za-z0-9:_-]{{1,{MAX_LENGTH}}}")


@positional_value_type
class Leases:
    """All leases of a playback grant that were charged to one day: they are settled together."""

    grant_id: str
    charged_on: date

    def has(self, entry_id: EntryId) -> bool:
        """Return whether an entry of that day has charged one of them: `stream:grant:GRANT:VIEW:NUMBER`."""
        return entry_id.startswith(f"{EntryKind.STREAM}:{_GRANT}:{self.grant_id}:") and entry_id.count(":") == 4


class EgressTag(str):
    """The tag of a signed URL. Tags are built by the constructors below; `parse` is for a tag that a log has."""

    __slots__ = ()

    @classmethod
    def charged_by(cls, entry_id: EntryId) -> Self:
        """Return the tag of a URL that a `stream` entry has paid for: the key of that entry."""
        return cls(entry_id.key)

    @classmethod
    def leased(cls, grant_id: str, charged_on: date) -> Self:
        """Return the tag of the URLs that are leased for a playback grant and charged to a day of its owner."""
        return cls(f"{_GRANT}:{grant_id}:{charged_on.isoformat()}")

    @classmethod
    def free(cls, kind: FreeKind) -> Self:
        """Return the tag of URLs that cost their user nothing, and are only counted."""
        return cls(f"{_FREE}:{kind}")

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the tag that a text is; None if no URL of ours has such a one."""
        return cls(text) if _TAG.fullmatch(text) else None

    @property
    def is_free(self) -> bool:
        """Whether what it marks is not charged, and so not settled."""
        return self.startswith(f"{_FREE}:")

    @property
    def is_grant(self) -> bool:
        """Whether it marks URLs of a playback grant."""
        return self.startswith(f"{_GRANT}:")

    @property
    def grant_id(self) -> str | None:
        """The playback grant whose URLs it marks."""
        return self.split(":")[1] if self.is_grant else None

    @property
    def leases(self) -> Leases | None:
        """The leases that it marks; None for URLs that one entry pays for."""
        if not self.is_grant:
            return None
        grant_id, _, day = self.removeprefix(f"{_GRANT}:").rpartition(":")
        if not grant_id or not _DAY.fullmatch(day):
            return None
        try:
            return Leases(grant_id, date.fromisoformat(day))
        except ValueError:
            return None

    @property
    def charge(self) -> EntryId:
        """The entry that pays for it, if it is neither free nor leased."""
        return EntryId.stream(self)

    @property
    def starts_at(self) -> datetime | None:
        """When the window of its URLs begins, which is the date of their signature; None for a tag without a window."""
        seconds = self.rpartition(":")[2]
        if self.is_free or not _SECONDS.fullmatch(seconds):
            return None
        return datetime.fromtimestamp(int(seconds), UTC)

    @property
    def parameter(self) -> dict[str, str]:
        """The query parameter that marks a URL."""
        return {PARAMETER: self}
