"""Usage logs of Cloud Storage, read line by line: what was sent (Cloud Storage docs, "Usage logs & storage logs").

A log is CSV: a header, then a line for each request that has ended. Lines are read one by one, so that a broken one costs
nothing but itself. What names a person or opens a video, the client's address and the URL, is neither kept nor returned.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from hashlib import sha256
from urllib.parse import unquote

from reelgate.domain.files.names import is_file_id, is_user_id
from reelgate.domain.usage.egress_tags import MAX_LENGTH, PARAMETER, EgressTag
from reelgate.domain.value_types import positional_value_type

MAX_LINE_BYTES = 256 * 1024
"""The longest line: URLs have at most 16 KiB."""

_NAME = re.compile(r".+_usage_\d{4}(_\d\d){5}_[0-9A-Za-z]+_v\d+", re.DOTALL)
_STATUSES = frozenset({"200", "206"})
_COLUMNS = ("cs_method", "cs_uri", "sc_status", "sc_bytes", "s_request_id", "cs_operation", "cs_bucket", "cs_object")
_REQUEST_BYTES = 8
_DIGITS = re.compile(r"[0-9]{1,15}")


class UnusableLog(Exception):
    """The object is no usage log, or one of another version: its header lacks columns."""


def is_usage_log(object_name: str) -> bool:
    """Return whether an object of the log bucket is a usage log; storage logs (`_storage_`) are something else."""
    return _NAME.fullmatch(object_name) is not None


@positional_value_type
class SentBytes:
    """A request with a tag: `size` bytes of a user's object were sent. `request` is the beginning of a hash of its id."""

    uid: str
    file_id: str
    tag: EgressTag
    request: bytes
    size: int


class LogCounts:
    """How many lines there were, what became of them, and the bytes that are free of charge."""

    __slots__ = ("broken", "free_bytes", "lines", "other")

    def __init__(self) -> None:
        self.lines = self.other = self.broken = self.free_bytes = 0

    def as_fields(self) -> Mapping[str, int]:
        """Return the counts for a line of the function's log."""
        return {name: getattr(self, name) for name in self.__slots__}


class LogReader:
    """Reads the lines of one usage log. `counts` are those of the lines so far."""

    def __init__(self, buckets: Collection[str]) -> None:
        """`buckets`: lines about other ones are left out."""
        self.counts = LogCounts()
        self._buckets = frozenset(buckets)
        self._places: tuple[int, ...] | None = None
        self._width = 0

    def sent(self, lines: Iterable[bytes]) -> Iterator[SentBytes]:
        """Yield what lines, without their ends, say was sent with a tag that is charged.

        Raises UnusableLog for a header that is none.
        """
        for line in lines:
            if self._places is None:
                self._read_header(line)
            elif line:
                self.counts.lines += 1
                if (found := self._row(line)) is not None:
                    yield found

    def skip(self) -> None:
        """Count a line that was too long to be read."""
        self.counts.lines += 1
        self.counts.broken += 1

    def _read_header(self, line: bytes) -> None:
        names = _cells(line)
        if names is None or not set(_COLUMNS) <= set(names):
            raise UnusableLog("the first line is not the header of a usage log")
        self._places, self._width = tuple(names.index(name) for name in _COLUMNS), len(names)

    def _row(self, line: bytes) -> SentBytes | None:
        if _MARK not in line:  # most of what is not ours, without reading it
            self.counts.other += 1
            return None
        cells = _cells(line)
        if cells is None or len(cells) != self._width or self._places is None:
            self.counts.broken += 1
            return None
        method, uri, status, sent, request_id, operation, bucket, name = (cells[place] for place in self._places)
        if (method, operation) != ("GET", "GET_Object") or status not in _STATUSES or bucket not in self._buckets:
            self.counts.other += 1
            return None
        tag, owner = _tag_of(uri), _owner_of(_object_of(uri, bucket) or name)
        if tag is None or not request_id or not _DIGITS.fullmatch(sent):
            self.counts.broken += 1
            return None
        if tag.is_free:
            self.counts.free_bytes += int(sent)
            return None
        if owner is None:
            self.counts.broken += 1
            return None
        return SentBytes(*owner, tag, sha256(request_id.encode()).digest()[:_REQUEST_BYTES], int(sent))


_MARK = f"{PARAMETER}=".encode()
_TAG = re.compile(rf"[?&]{re.escape(PARAMETER)}=([^&#\s]{{1,{3 * MAX_LENGTH}}})")


def _cells(line: bytes) -> list[str] | None:
    try:
        return next(csv.reader([line.decode(errors="replace")]), None)
    except csv.Error:
        return None


def _tag_of(uri: str) -> EgressTag | None:
    found = _TAG.search(uri)
    return None if found is None else EgressTag.parse(unquote(found[1]))


def _object_of(uri: str, bucket: str) -> str | None:
    """Return the object that the path names, where it begins with the bucket, as in our URLs: its encoding is known."""
    path = uri.partition("?")[0]
    return unquote(path.removeprefix(f"/{bucket}/")) if path.startswith(f"/{bucket}/") else None


def _owner_of(object_name: str) -> tuple[str, str] | None:
    """Return user and file of an object in either bucket; None if it is neither a video nor derived from one."""
    uid, _, rest = object_name.partition("/")
    file_id = rest.partition("/")[0]
    return (uid, file_id) if is_user_id(uid) and is_file_id(file_id) else None
