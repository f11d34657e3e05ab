"""Writes usage logs as Cloud Storage does: about hourly, several objects for an hour, and, on request, what else it may do."""

import asyncio
import csv
import logging
import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from localcloud.gcs.admin.usage_logs.rows import BUCKET, COLUMNS, UsageRows, hour_of, record
from localcloud.gcs.errors import StorageError
from localcloud.gcs.store.content.blobs import BlobFiles
from localcloud.gcs.store.objects import Objects
from localcloud.gcs.uploads.single import receive

AFTER_THE_HOUR = timedelta(minutes=15)
"""When the logs of an hour are usually written."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Flush:
    """How the waiting rows are written: into `objects` objects, and with which faults.

    Args:
        hold_back: how many of each bucket's newest rows stay behind for the next time.
        leave_out: how many of each bucket's oldest rows are lost.
        doubled: whether each row is written into a second object, too.
        again: whether rows of earlier objects are written once more.
        foreign: whether each row is written once more as one of a bucket that somebody else has.
    """

    objects: int = 1
    hold_back: int = 0
    leave_out: int = 0
    doubled: bool = False
    again: bool = False
    foreign: bool = False

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> "Flush":
        """Raises ValueError naming what is unknown or out of range."""
        kinds = {one.name: type(one.default) for one in fields(cls)}
        if unknown := set(document) - kinds.keys():
            raise ValueError(f"unknown fields: {', '.join(sorted(unknown))}")
        if wrong := [name for name, value in document.items() if type(value) is not kinds[name]]:
            raise ValueError(f"{', '.join(sorted(wrong))}: of another type")
        flush = cls(**document)
        if not 1 <= flush.objects <= 100 or flush.hold_back < 0 or flush.leave_out < 0:
            raise ValueError("objects must be from 1 to 100, the other numbers at least 0")
        return flush


class UsageLogWriter:
    """Puts waiting rows into objects of the log buckets."""

    def __init__(self, rows: UsageRows, objects: Objects, blobs: BlobFiles, now: Callable[[], datetime]) -> None:
        self._rows = rows
        self._objects = objects
        self._blobs = blobs
        self._now = now

    async def flush(self, how: Flush = Flush(), *, before: datetime | None = None) -> list[dict[str, Any]]:
        """Write the waiting rows, or those of the hours before one, and return what was written: bucket, name, rows.

        Rows of a bucket that is not logged any more, or whose log bucket does not exist, are lost.
        """
        made = []
        for bucket, waiting in self._rows.pending().items():
            chosen = [row for row in waiting if before is None or hour_of(row[1]) < before]
            chosen = chosen[: len(chosen) - how.hold_back] if how.hold_back else chosen
            lost, chosen = chosen[: how.leave_out], chosen[how.leave_out :]
            lines = [line for _, line in chosen]
            if how.again:
                lines = [*self._rows.written(bucket), *lines]
            if how.foreign:
                lines += [_of_somebody_else(line) for line in lines]
            self._rows.mark_written([number for number, _ in chosen], lost=[number for number, _ in lost])
            groups = [lines[number :: how.objects] for number in range(how.objects)]
            for group in [*groups, *([lines] if how.doubled else [])]:
                if group and (written := await self._write(bucket, group)) is not None:
                    made.append(written)
        return made

    async def run(self) -> None:
        """Write each hour's rows some time after it, until cancelled."""
        while True:
            now = self._now()
            hour = now.replace(minute=0, second=0, microsecond=0)
            due = hour + AFTER_THE_HOUR
            due = due if due > now else due + timedelta(hours=1)
            await asyncio.sleep((due - now).total_seconds())
            written = await self.flush(before=due.replace(minute=0))
            _log.info("wrote %d usage logs", len(written))

    async def _write(self, bucket: str, lines: list[str]) -> dict[str, Any] | None:
        settings = self._rows.settings_of(bucket)
        if settings is None:
            return None
        hour = max(hour_of(line) for line in lines)  # never an earlier one than that of any row
        prefix = settings.get("logObjectPrefix") or bucket
        name = f"{prefix}_usage_{hour:%Y_%m_%d_%H_%M_%S}_{secrets.token_hex(3)}_v0"
        text = "".join([record(COLUMNS), *lines]).encode(errors="replace")

        async def pieces() -> AsyncIterator[bytes]:
            yield text

        content = await receive(self._blobs, pieces())
        try:
            self._objects.commit(settings["logBucket"], name, content, {"contentType": "text/csv"})
        except StorageError as error:
            self._blobs.discard(content.blob)
            _log.warning("usage logs of %s are lost: %s", bucket, error)
            return None
        return {"bucket": settings["logBucket"], "name": name, "rows": len(lines)}


def _of_somebody_else(line: str) -> str:
    cells = next(csv.reader([line]))
    cells[BUCKET] = "somebody-elses-bucket"
    cells[COLUMNS.index("s_request_id")] += "-other"
    return record(tuple(cells))
