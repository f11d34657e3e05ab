"""The windows of time in which a file has one streaming URL, signed and charged once.

Windows of a file follow each other without gaps, each as long as the deployment's `stream_url_seconds` (S). They begin at
another second for each file, so that the URLs of many files do not all end at once. A window's URL is dated at the window's
start and valid for 2 S: whenever it is issued in its window, it still works for at least S, and at most 2 S.
"""

from __future__ import annotations

import zlib
from datetime import UTC, datetime, timedelta

from reelgate.domain.books.entries import EntryId
from reelgate.domain.value_types import positional_value_type

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


@positional_value_type
class StreamWindow:
    """One window of one file, of `seconds` from `starts_at` (UTC, a whole second)."""

    file_id: str
    starts_at: datetime
    seconds: int

    @classmethod
    def of(cls, file_id: str, now: datetime, *, seconds: int) -> StreamWindow:
        """Return the window of a file that contains the (aware) instant `now`.

        It depends on nothing else, so that all instances of a function agree on it.
        """
        offset = zlib.crc32(file_id.encode()) % seconds
        since_epoch = (now - _EPOCH) // _SECOND
        number = (since_epoch - offset) // seconds
        return cls(file_id, _EPOCH + (number * seconds + offset) * _SECOND, seconds)

    @property
    def previous(self) -> StreamWindow:
        """The window before this one. Its URL still works for some of this one's time."""
        return StreamWindow(self.file_id, self.starts_at - self.seconds * _SECOND, self.seconds)

    @property
    def ends_at(self) -> datetime:
        """When the next window begins."""
        return self.starts_at + self.seconds * _SECOND

    @property
    def url_seconds(self) -> int:
        """How long the window's URL is valid from `starts_at` on: `X-Goog-Expires`."""
        return 2 * self.seconds

    @property
    def expires_at(self) -> datetime:
        """When the window's URL stops working."""
        return self.starts_at + self.url_seconds * _SECOND

    def entry_id(self, derived: str | None = None) -> EntryId:
        """Return the id of the ledger entry that charges the file in this window, or something derived from it (`audio`)."""
        return EntryId.stream_once(self.file_id, (self.starts_at - _EPOCH) // _SECOND, derived)
