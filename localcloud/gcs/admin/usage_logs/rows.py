"""The rows of usage logs: one for each request that has ended, kept until they are written into an object."""

import csv
import io
import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp.web import BaseRequest, Response, StreamResponse

from localcloud.gcs.errors import StorageError
from localcloud.gcs.http.call import Call
from localcloud.gcs.http.downloads.file_answer import FileAnswer
from localcloud.gcs.http.downloads.gunzip_answer import GunzipAnswer
from localcloud.gcs.http.target import decode
from localcloud.gcs.store.buckets import Buckets
from localcloud.gcs.store.database import Database
from localcloud.gcs.xml_api.resource import addressed

COLUMNS = (
    *("time_micros", "c_ip", "c_ip_type", "c_ip_region", "cs_method", "cs_uri", "sc_status", "cs_bytes", "sc_bytes"),
    *("time_taken_micros", "cs_host", "cs_referer", "cs_user_agent", "s_request_id", "cs_operation", "cs_bucket", "cs_object"),
)
BUCKET = COLUMNS.index("cs_bucket")
IN_JSON = re.compile(r"/b/([^/]+)(?:/o(?:/(.+?))?)?/?")
JSON_OPERATIONS = {"GET": "get", "POST": "insert", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
KEPT = timedelta(days=1)
"""How long rows that were written are kept, so that they can be written once more."""


class UsageRows:
    """Notes the requests to buckets that have `logging`, as they end."""

    def __init__(self, database: Database, buckets: Buckets, now: Callable[[], datetime]) -> None:
        self._database = database
        self._buckets = buckets
        self._now = now

    def watch(self, request: BaseRequest, call: Call, answer: StreamResponse, began: datetime) -> None:
        """Note a request when its answer has been sent, or broken off, if its bucket is logged."""
        bucket, name = self._about(call)
        if not bucket or not self.settings_of(bucket):
            return

        def note(sent: int) -> None:
            self._add(request, call, answer.status, sent, bucket, name, began)

        if isinstance(answer, FileAnswer | GunzipAnswer):
            answer.when_sent = note
        else:
            whole = isinstance(answer, Response) and isinstance(answer.body, bytes) and call.method != "HEAD"
            note(len(answer.body) if whole else 0)  # type: ignore[attr-defined]

    def settings_of(self, bucket: str) -> dict[str, Any] | None:
        """Return the `logging` of a bucket; None if it has none."""
        settings = (self._buckets.find(bucket) or {}).get("logging")
        return settings if isinstance(settings, dict) and settings.get("logBucket") else None

    def pending(self) -> dict[str, list[tuple[int, str]]]:
        """Return the rows that are in no object yet, by bucket, each with its id."""
        found: dict[str, list[tuple[int, str]]] = {}
        for row in self._database.execute("SELECT id, bucket, row FROM usage_rows WHERE written = 0 ORDER BY id"):
            found.setdefault(row["bucket"], []).append((row["id"], row["row"]))
        return found

    def written(self, bucket: str) -> list[str]:
        """Return the rows of a bucket that are in an object."""
        rows = self._database.execute("SELECT row FROM usage_rows WHERE written = 1 AND bucket = ? ORDER BY id", (bucket,))
        return [row["row"] for row in rows]

    def mark_written(self, ids: list[int], *, lost: list[int]) -> None:
        """Note that rows are in an object, and forget those that are lost, or have been in one for long."""
        with self._database.transaction():
            for one in ids:
                self._database.execute("UPDATE usage_rows SET written = 1 WHERE id = ?", (one,))
            for one in lost:
                self._database.execute("DELETE FROM usage_rows WHERE id = ?", (one,))
            before = (self._now() - KEPT).timestamp()
            self._database.execute("DELETE FROM usage_rows WHERE written = 1 AND at < ?", (before,))

    def _about(self, call: Call) -> tuple[str, str]:
        """Return bucket and object of a request; empty texts for what it does not name."""
        try:
            if (in_json := IN_JSON.search(call.target.raw_path)) is not None:
                return decode(in_json[1]), decode(in_json[2] or "")
            resource = addressed(call, self._buckets)
            return resource.bucket, resource.name
        except StorageError:
            return "", ""

    def _add(self, request: BaseRequest, call: Call, status: int, sent: int, bucket: str, name: str, began: datetime) -> None:
        now = self._now()
        target, headers = call.target, call.headers
        in_json = IN_JSON.search(target.raw_path) is not None
        kind = "Object" if name else "Bucket"
        operation = f"storage.{kind.lower()}s.{JSON_OPERATIONS.get(call.method)}" if in_json else f"{call.method}_{kind}"
        row = (
            int(now.timestamp() * 1_000_000),
            request.remote or "",
            2 if ":" in (request.remote or "") else 1,
            "",
            call.method,
            f"{target.raw_path}?{target.raw_query}" if target.raw_query else target.raw_path,
            status,
            call.content_length or 0,
            sent,
            (now - began) // timedelta(microseconds=1),
            call.host,
            headers.get("Referer", ""),
            headers.get("User-Agent", ""),
            secrets.token_urlsafe(24),
            operation,
            bucket,
            name,
        )
        self._database.execute(
            "INSERT INTO usage_rows (bucket, at, row) VALUES (?, ?, ?)", (bucket, now.timestamp(), record(row))
        )


def record(cells: tuple[object, ...]) -> str:
    """Return a line of a log, all of its cells quoted."""
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow(cells)
    return text.getvalue()


def hour_of(line: str) -> datetime:
    """Return the hour in which the request of a line ended."""
    at = datetime.fromtimestamp(int(next(csv.reader([line]))[0]) / 1_000_000, UTC)
    return at.replace(minute=0, second=0, microsecond=0)
