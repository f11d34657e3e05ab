"""What usage logs say of a range and of a download that breaks off: by it egress is settled (docs/adr/0042-settled-egress.md).

Logs come hours later. A run downloads, leaves a note in the bucket, and says "not yet"; a later one that finds the note looks
for the rows of those downloads, and removes it when it has the answer.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote

import httpx

from ops.live_check.storage import CannotAsk, Storage
from reelgate.domain.usage.egress_tags import PARAMETER
from reelgate.domain.usage.usage_logs import is_usage_log

AREA = "logs"
RANGE = "what a usage log says of a range"
BROKEN_OFF = "what a usage log says of a download that breaks off"
CAME = "how late the usage log came, and how it says it"

FILE_BYTES, RANGE_BYTES = 32 * 1024 * 1024, 1000
"""The file is larger than what networks and front ends hold on the way, so that a download of it can break off."""

PATIENCE = timedelta(hours=7)
"""Logs come within six hours (Cloud Storage docs, "Usage logs & storage logs"); then one for the clocks."""

KEPT = timedelta(days=7)
"""How long logs stay in their bucket (terraform/storage.tf): after that nobody can know any more."""

_NOTES = "live-check/notes/"
_COLUMNS = frozenset({"time_micros", "cs_method", "cs_uri", "sc_status", "sc_bytes", "cs_operation", "cs_object"})
_NEEDED = "set Terraform's usage_logs, and grant yourself roles/storage.objectViewer on that bucket"
_ASSUMED_RANGE = f"206 GET_Object, {RANGE_BYTES} bytes, the mark is in cs_uri"
_ASSUMED_BROKEN = "200 GET_Object, what arrived or more but not all, the mark is in cs_uri"


@dataclass(frozen=True, slots=True)
class Note:
    """Two downloads of an earlier run, whose objects are gone: the parts of their names, and what arrived of the second."""

    ranged: str
    broken: str
    arrived: int


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a log by its columns, and when the log came."""

    cells: Mapping[str, str]
    came: datetime

    @property
    def late(self) -> timedelta:
        """How long after the download had ended the log came."""
        return self.came - datetime.fromtimestamp(int(self.cells["time_micros"]) / 1_000_000, UTC)


def ask(storage: Storage, *, only_look: bool = False) -> None:
    """Report what logs say of an earlier run's downloads. Without any, download and leave a note, unless asked only to look."""
    report = storage.target.report
    try:
        next(storage.listed(bucket=storage.target.log_bucket, needed=_NEEDED), None)  # without logs no note is left
        notes = list(_notes(storage))
        for name, made in notes:
            _look(storage, name, made)
        if not notes and only_look:
            raise CannotAsk("no earlier run has left a note: run it without --usage-logs first")
        if not notes:
            _download(storage)
    except CannotAsk as why:
        reason = str(why)
    except httpx.HTTPError as error:
        reason = f"no answer: {type(error).__name__}"
    else:
        return
    for question in (RANGE, BROKEN_OFF, CAME):
        report.not_asked(AREA, question, reason)


def _download(storage: Storage) -> None:
    """Take a range, and break a download off; note both for a later run."""
    # A letter beyond ASCII shows whether cs_object is encoded. What is before it is looked for, in any encoding.
    ranged, broken = (f"{storage.target.run}/logged-{what}" for what in ("range", "broken"))
    urls = []
    for part, size in ((ranged, 2 * RANGE_BYTES), (broken, FILE_BYTES)):
        name = storage.name(f"{part.partition('/')[2]} ü")
        storage.write(name, os.urandom(size))
        urls.append(storage.signed_url("GET", name, role="read", query={PARAMETER: _mark(storage.target.run)}))
    storage.target.web.get(urls[0], headers={"Range": f"bytes=0-{RANGE_BYTES - 1}"})
    with storage.target.web.stream("GET", urls[1]) as answer:  # closed before its end, and the connection with it
        arrived = len(next(answer.iter_raw(), b""))
    name = f"{_NOTES}{storage.target.run}/usage-logs"
    storage.write(name, json.dumps(asdict(Note(ranged, broken, arrived))).encode(), "application/json")
    storage.expire(name)
    _not_yet(storage, datetime.now(UTC))


def _look(storage: Storage, name: str, made: datetime) -> None:
    """Answer the questions of a note, and remove it, if the logs have its rows or should have them by now."""
    note = Note(**json.loads("\n".join(storage.lines(name))))
    run = note.ranged.partition("/")[0]
    found: dict[str, Row] = {}
    for row in _rows(storage, run, made):
        found.update({part: row for part in (note.ranged, note.broken) if _is_about(row, part)})
        if len(found) == 2:
            break
    waited = datetime.now(UTC) - made
    if len(found) < 2 and waited < PATIENCE:
        _not_yet(storage, made)
        return
    report = storage.target.report
    ranged, broken = found.get(note.ranged), found.get(note.broken)
    missing = f"no row after {_hours(waited)}"
    seen = missing if ranged is None else f"{_status(ranged)}, {ranged.cells['sc_bytes']} bytes, {_marked(ranged, run)}"
    report.assumption(AREA, RANGE, seen, _ASSUMED_RANGE)
    seen = missing if broken is None else f"{_status(broken)}, {_share(broken, note.arrived)}, {_marked(broken, run)}"
    report.assumption(AREA, BROKEN_OFF, seen, _ASSUMED_BROKEN)
    if broken is None:
        report.not_asked(AREA, CAME, missing)
    else:
        encoded = "encoded" if "%" in broken.cells["cs_object"] else "not encoded"
        sent = f"sc_bytes {broken.cells['sc_bytes']} of {FILE_BYTES} where {note.arrived} arrived"
        report.answer(AREA, CAME, f"{_hours(broken.late)} after the download; {sent}; cs_object is {encoded}")
    storage.remove(name)


def _notes(storage: Storage) -> Iterator[tuple[str, datetime]]:
    """Yield the notes whose logs are still kept, and remove the others."""
    for item in storage.listed(_NOTES):
        made = datetime.fromisoformat(item["timeCreated"])
        if datetime.now(UTC) - made < KEPT:
            yield item["name"], made
        else:
            storage.remove(item["name"])


def _rows(storage: Storage, run: str, since: datetime) -> Iterator[Row]:
    """Yield the rows of GET requests for objects of a run, from the logs that came after a time. Raises CannotAsk."""
    bucket = storage.target.log_bucket
    for item in storage.listed(bucket=bucket, needed=_NEEDED):
        came = datetime.fromisoformat(item["timeCreated"])
        if not is_usage_log(item["name"]) or came < since:
            continue
        lines = storage.lines(item["name"], bucket=bucket, needed=_NEEDED)
        header = next(csv.reader([next(lines, "")]), [])
        if missing := _COLUMNS - set(header):
            raise CannotAsk(f"{item['name']} lacks columns: {', '.join(sorted(missing))}")
        for line in lines:
            if run in line:
                cells = dict(zip(header, next(csv.reader([line])), strict=False))
                if cells.get("cs_method") == "GET" and cells.keys() >= _COLUMNS and cells["time_micros"].isdigit():
                    yield Row(cells, came)


def _is_about(row: Row, part: str) -> bool:
    return any(part in unquote(row.cells[column]) for column in ("cs_object", "cs_uri"))


def _status(row: Row) -> str:
    return f"{row.cells['sc_status']} {row.cells['cs_operation'] or 'no operation'}"


def _share(row: Row, arrived: int) -> str:
    """Return how what the log counts compares with what arrived, and with the file."""
    sent = row.cells["sc_bytes"]
    if not sent.isdigit():
        return "no number of bytes"
    if int(sent) < arrived:
        return "less than arrived"
    return "what arrived or more but not all" if int(sent) < FILE_BYTES else "the whole file"


def _marked(row: Row, run: str) -> str:
    there = f"{PARAMETER}={_mark(run)}" in unquote(row.cells["cs_uri"])
    return "the mark is in cs_uri" if there else "the mark is not in cs_uri"


def _mark(run: str) -> str:
    """Return the tag of a run's downloads: of those that nobody pays for, so `settle_egress` only counts their bytes."""
    return f"free:live-check-{run}"


def _not_yet(storage: Storage, made: datetime) -> None:
    when = f"downloaded at {made:%H:%M} UTC; logs come about an hour later, within six: run again with --usage-logs"
    for question in (RANGE, BROKEN_OFF, CAME):
        storage.target.report.not_yet(AREA, question, when)


def _hours(time: timedelta) -> str:
    return f"{time.total_seconds() / 3600:.1f} hours"
