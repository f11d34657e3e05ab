"""What the bucket's answers to chunks, parts and ranges mean (docs/api.md, "Uploading")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from reelgate_client.core.retries import TEMPORARY

_KEPT = re.compile(r"bytes=0-(\d+)")


class Meaning(Enum):
    """What to do after an answer."""

    KEPT = auto()
    """`kept` bytes are there: go on with the next one."""
    COMPLETE = auto()
    """All bytes are there."""
    AGAIN = auto()
    """A temporary failure: wait, and ask what is there."""
    RENEW = auto()
    """The URL or the session is over: get a new one."""
    ENDED = auto()
    """The upload was cancelled."""
    REFUSED = auto()
    """The bytes are not those that were announced, or the request is wrong."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer means. `kept` is the number of bytes that are there, with KEPT."""

    meaning: Meaning
    kept: int = 0
    status: int | None = None


def session_answer(status: int, headers: Mapping[str, str], *, was_query: bool) -> Answer:
    """Return what a session's answer to a chunk or to a status query means."""
    if status == 308:
        kept = _KEPT.fullmatch(headers.get("range", ""))
        return Answer(Meaning.KEPT, int(kept[1]) + 1 if kept else 0, status)
    if status in {200, 201, 412}:  # 412: an earlier attempt has completed it, or it is over; its outcome says which
        return Answer(Meaning.COMPLETE, status=status)
    if status in TEMPORARY or status == 409:  # 409: another process sends to this session at the same time
        return Answer(Meaning.AGAIN, status=status)
    if status == 499:
        return Answer(Meaning.ENDED, status=status)
    if status in {403, 404, 410} or (status == 400 and was_query):
        return Answer(Meaning.RENEW, status=status)
    return Answer(Meaning.AGAIN if status == 400 else Meaning.REFUSED, status=status)


def part_answer(status: int, content: bytes) -> Answer:
    """Return what the bucket's answer to a part means."""
    if status in {200, 201, 412}:  # 412: it has this part already
        return Answer(Meaning.COMPLETE, status=status)
    if status in TEMPORARY:
        return Answer(Meaning.AGAIN, status=status)
    if status == 403 or (status == 400 and b"ExpiredToken" in content):
        return Answer(Meaning.RENEW, status=status)
    return Answer(Meaning.REFUSED, status=status)


def content_range(first: int, length: int, total: int) -> str:
    """Return the header of a chunk."""
    return f"bytes {first}-{first + length - 1}/{total}"
