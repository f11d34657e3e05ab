"""Egress records: what one usage log says was sent under one tag. Several records of a tag are added up when it is settled.

Cloud Storage may log a request twice, in different objects. Records therefore keep the requests, each as a short hash of its id
with its bytes, so that each counts once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from reelgate.domain.usage.egress_tags import EgressTag
from reelgate.domain.value_types import positional_value_type, value_type

MAX_REQUESTS = 40_000
"""How many requests of a log are held in memory, and so at most how many a record has. As a document it is then below 1 MiB."""

MAX_COMPARED = 100_000
"""How many requests of a tag are compared with each other. What goes beyond is counted as it is."""

KEPT = timedelta(days=8)
"""How long a record is kept after it was due. Logs are removed after seven days, so none is recorded again later."""


@value_type
class EgressRecord:
    """What the usage log `log` says was sent under a tag. A large log has several of a tag, each another `part`.

    `requests` has the bytes of each request, by a hash of its id. A `settled` one has been added up.
    """

    uid: str
    file_id: str
    tag: EgressTag
    log: str
    part: int
    requests: Mapping[bytes, int]
    settled: bool = False


LogPart = tuple[str, int]
"""Which of a tag's records one is: its log and its part."""


@positional_value_type
class DueTag:
    """A tag with records that are to be added up now."""

    uid: str
    tag: EgressTag


def expires_at(due_at: datetime, now: datetime) -> datetime:
    """Return when the record of a tag that is due at some time may be removed."""
    return max(due_at, now) + KEPT


class EgressSum:
    """Adds up records of one tag: all of them, and those that were settled before."""

    def __init__(self) -> None:
        self.sent = 0
        self.settled = 0
        self.file_id: str | None = None
        self.parts: set[LogPart] = set()
        self.compared = True
        """Whether each request was compared with all others."""
        self._seen: set[bytes] = set()
        self._seen_settled: set[bytes] = set()

    def add(self, records: Iterable[EgressRecord]) -> None:
        """Add records. A request that was added before counts nothing."""
        for record in records:
            self.file_id = record.file_id
            self.parts.add((record.log, record.part))
            self.sent += self._new(record, self._seen)
            if record.settled:
                self.settled += self._new(record, self._seen_settled)

    def _new(self, record: EgressRecord, seen: set[bytes]) -> int:
        if len(seen) + len(record.requests) > MAX_COMPARED:
            self.compared = False
            return sum(size for request, size in record.requests.items() if request not in seen)
        new = record.requests.keys() - seen
        seen |= new
        return sum(record.requests[request] for request in new)
