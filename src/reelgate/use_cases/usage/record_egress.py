"""Record what one usage log says was sent, by user and tag: the first half of settling (docs/adr/0042-settled-egress.md).

The log is read in pieces, so that memory does not depend on its size. Each record is created once, so the event of a log may
come any number of times, and a run that is interrupted is repeated from the beginning.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from typing import Protocol

from reelgate.domain.errors import VideoNotFound
from reelgate.domain.usage.egress_records import MAX_REQUESTS, EgressRecord, expires_at
from reelgate.domain.usage.egress_tags import EgressTag
from reelgate.domain.usage.settling import due_at
from reelgate.domain.usage.usage_logs import MAX_LINE_BYTES, LogReader, SentBytes, UnusableLog
from reelgate.domain.value_types import positional_value_type
from reelgate.ports.books import HasBooks, HasPolicy, ReadSet
from reelgate.ports.media import HasDerivedBucket
from reelgate.ports.runtime import HasClock
from reelgate.ports.storage import HasBucket
from reelgate.ports.usage import HasEgressRecords, HasUsageLogs


class Services(HasBooks, HasBucket, HasClock, HasDerivedBucket, HasEgressRecords, HasPolicy, HasUsageLogs, Protocol):
    """What recording egress needs."""


PIECE_BYTES = 4 * 1024 * 1024
MAX_LOG_BYTES = 2 * 1024 * 1024 * 1024
"""The largest log that is read: about three million requests, which one run manages in its time."""
AT_ONCE = 16
"""How many records are written concurrently."""

_log = logging.getLogger(__name__)


@positional_value_type
class RecordedLog:
    """What became of a log: `verdict`, the counts of its lines, and how many records were new."""

    verdict: str
    counts: Mapping[str, int]
    records: int = 0


async def record_egress(services: Services, object_name: str, *, generation: int, size: int) -> RecordedLog:
    """Record what a usage log says was sent. Doing it again changes nothing.

    A log that is gone, too large or no log at all is left out, and said so in the verdict. Raises Unavailable.
    """
    if size > MAX_LOG_BYTES:
        return RecordedLog("too_large", {})
    reader = LogReader({services.bucket, services.derived_bucket})
    recorder = _Recorder(services, object_name)
    try:
        async for lines in _lines(services, reader, object_name, generation, size):
            for sent in reader.sent(lines):
                if recorder.add(sent):
                    await recorder.write()
        await recorder.write()
    except VideoNotFound:
        return RecordedLog("gone", reader.counts.as_fields(), recorder.written)
    except UnusableLog:
        return RecordedLog("unusable", reader.counts.as_fields(), recorder.written)
    return RecordedLog("recorded", {**reader.counts.as_fields(), **recorder.counts}, recorder.written)


async def _lines(services: Services, reader: LogReader, name: str, generation: int, size: int) -> AsyncIterator[list[bytes]]:
    """Yield the whole lines of each piece of an object. A line that is too long is counted by the reader, and left out."""
    rest, skipping = b"", False
    for start in range(0, size, PIECE_BYTES):
        piece = await services.usage_logs.read(name, generation, start=start, length=min(PIECE_BYTES, size - start))
        *whole, rest = (rest + piece).split(b"\n")
        if skipping and whole:
            whole, skipping = whole[1:], False
        if len(rest) > MAX_LINE_BYTES:
            if not skipping:
                reader.skip()
            rest, skipping = b"", True
        yield [line.removesuffix(b"\r") for line in whole]
    if rest and not skipping:
        yield [rest.removesuffix(b"\r")]


class _Recorder:
    """Collects requests by user and tag, and writes them as records before they become too many.

    Which request is in which part depends on nothing but the log, so a repeated run writes the same records.
    """

    def __init__(self, services: Services, log: str) -> None:
        self._services = services
        self._log = log
        self._part = 0
        self._number = 0
        self._groups: dict[tuple[str, str, EgressTag], dict[bytes, int]] = {}
        self._users: dict[str, bool] = {}
        self.written = 0
        self.counts = {"unknown": 0}

    def add(self, sent: SentBytes) -> bool:
        """Add a request. Returns whether the requests must be written now."""
        group = self._groups.setdefault((sent.uid, sent.file_id, sent.tag), {})
        if sent.request not in group:
            group[sent.request] = sent.size
            self._number += 1
        return self._number >= MAX_REQUESTS

    async def write(self) -> None:
        """Write what was collected. Raises Unavailable."""
        groups, part = self._groups, self._part
        self._groups, self._number, self._part = {}, 0, part + 1
        await self._look_up({uid for uid, _, _ in groups} - self._users.keys())
        records = [
            EgressRecord(uid=uid, file_id=file_id, tag=tag, log=self._log, part=part, requests=requests)
            for (uid, file_id, tag), requests in groups.items()
        ]
        gate = asyncio.Semaphore(AT_ONCE)

        async def put(record: EgressRecord) -> None:
            async with gate:
                await self._put(record)

        await asyncio.gather(*(put(record) for record in records))

    async def _put(self, record: EgressRecord) -> None:
        due, now = due_at(record.tag, self._services.policy), self._services.now()
        if due is None or not self._users[record.uid]:
            self.counts["unknown"] += len(record.requests)
            return
        created = await self._services.egress_records.put(record, due_at=due, expires_at=expires_at(due, now))
        self.written += int(created)

    async def _look_up(self, uids: set[str]) -> None:
        """Find out which users have books: nothing is recorded of others, for instance of those who were deleted."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def known(uid: str) -> bool:
            async with gate:
                account = (await self._services.books.read(uid, ReadSet())).account
                return account is not None and not account.erasing

        ordered = sorted(uids)
        self._users |= dict(zip(ordered, await asyncio.gather(*(known(uid) for uid in ordered)), strict=True))
