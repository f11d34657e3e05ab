"""The orders for invoices that are written into files, and what usage logs say was sent."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from reelgate.domain.usage.usage_exports import Exports

if TYPE_CHECKING:
    from reelgate.domain.usage.egress_records import DueTag, EgressRecord, LogPart
    from reelgate.domain.usage.egress_tags import EgressTag
    from reelgate.ports.storage import MediaRanges


class UsageExports(Protocol):
    """All exports of usage. Every method raises Unavailable when they cannot be reached."""

    async def all(self) -> Exports:
        """Return the exports."""

    async def change[T](self, decide: Callable[[Exports], tuple[Exports, T]]) -> T:
        """Read, decide and write; if another request changed them meanwhile, start again, a limited number of times.

        Args:
            decide: returns the new exports, and what to return. It may run several times. Its errors end the change.
        """


class EgressRecords(Protocol):
    """What usage logs say was sent, by tag. Every method raises Unavailable when the records cannot be reached."""

    async def put(self, record: EgressRecord, *, due_at: datetime, expires_at: datetime) -> bool:
        """Keep a new record until `expires_at`. Returns False, and changes nothing, if its log, tag and part have one already.

        Args:
            due_at: from when on its tag is due.
        """

    async def due(self, now: datetime, *, limit: int) -> Sequence[DueTag]:
        """Return the tags of up to `limit` records that are due and not settled, oldest first, each tag once."""

    def of_tag(self, uid: str, tag: EgressTag) -> AsyncIterator[Sequence[EgressRecord]]:
        """Yield a tag's records, settled ones as well, in pages of a few."""

    async def postpone(self, uid: str, tag: EgressTag, parts: Collection[LogPart], *, due_at: datetime | None) -> None:
        """Make some of a tag's records that are not settled due at another time; with None, they are settled."""


class HasUsageExports(Protocol):
    """Offers the exports of usage."""

    @property
    def usage_exports(self) -> UsageExports: ...


class HasEgressRecords(Protocol):
    """Offers the records of what was sent."""

    @property
    def egress_records(self) -> EgressRecords: ...


class HasEgressRules(Protocol):
    """Offers whether charges are settled with usage logs, or stay estimates."""

    @property
    def settles_egress(self) -> bool: ...


class HasUsageLogs(Protocol):
    """Offers the bucket with the usage logs: its name, and its objects in parts."""

    @property
    def usage_logs_bucket(self) -> str: ...

    @property
    def usage_logs(self) -> MediaRanges: ...
