"""What leased and long URLs of shared videos cost, and how long they work (docs/adr/0039-playlists-and-leases.md)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from reelgate.domain import errors
from reelgate.domain.books.entries import Entry, EntryId
from reelgate.domain.playback.segment_index import Rendition
from reelgate.domain.value_types import positional_value_type

BUFFERED_SECONDS = 30
"""How much further than its time a lease pays for: what players load in advance."""
MAX_NUMBER = 100_000
"""The highest number of a lease in its play."""
MAX_URL_SECONDS = 43_200
"""How long any URL works: 12 hours is as much as IAM's keys allow."""

_LONG_FACTOR, _LONG_EXTRA_SECONDS = 1.5, 900
_LAST_MOMENT = 0.001
_VIEW = re.compile(r"[0-9A-Za-z-]{1,64}")


@positional_value_type
class PaidPart:
    """What a lease pays for: bytes, and until which position in seconds they play."""

    size: int
    until_seconds: float


def paid_part(rendition: Rendition, position: float, *, seconds: int) -> PaidPart:
    """Return what a lease of a rendition pays for that lasts `seconds` and begins at a position.

    A position behind the end is the last moment, so that no lease is free.
    """
    duration = rendition.duration_seconds
    start = min(position, max(0.0, duration - _LAST_MOMENT))
    until = start + seconds + BUFFERED_SECONDS
    return PaidPart(rendition.bytes_between(start, until), min(until, duration))


def long_seconds(duration_seconds: float | None) -> int:
    """Return how long a URL works that has to outlive a video: half as long again, and a quarter of an hour."""
    if duration_seconds is None:
        return MAX_URL_SECONDS
    return min(MAX_URL_SECONDS, int(duration_seconds * _LONG_FACTOR) + _LONG_EXTRA_SECONDS)


def window_seconds(seconds: int) -> int:
    """Return how long the windows are in which URLs that work for `seconds` are charged once.

    The last URL of a window ends 12 hours after its beginning, or a quarter of an hour more: then the usage logs have all that
    was sent for the charge.
    """
    return max(_LONG_EXTRA_SECONDS, min(seconds, MAX_URL_SECONDS - seconds))


def is_view(text: str) -> bool:
    """Return whether a text can be the id of a play."""
    return _VIEW.fullmatch(text) is not None


def lease_entry(grant_id: str, view: str, number: int) -> EntryId:
    """Return the id of the entry that a lease of a play is."""
    return EntryId.stream(f"grant:{grant_id}:{view}:{number}")


def window_entry(grant_id: str, starts_at: datetime) -> EntryId:
    """Return the id of the entry that pays for the long URLs of a grant in a window of time."""
    return EntryId.stream(f"grant:{grant_id}:{int(starts_at.timestamp())}")


def signed_at(now: datetime) -> datetime:
    """Return the date of a URL that is leased now: signatures have whole seconds."""
    return now.replace(microsecond=0)


def seconds_until_end(at: datetime, ends_at: datetime, seconds: int) -> int:
    """Return how long a URL of a grant works that is signed `at`: at most until the grant ends, at least a second."""
    return max(1, min(seconds, int((ends_at - at) / timedelta(seconds=1))))


def check_repeated(entry: Entry, rendition: str, now: datetime, *, seconds: int) -> None:
    """Check that a lease that was given before may be given again: the same URL, which ends when it would have ended.

    Raises LeaseOver: its time is over, or it was for another rendition.
    """
    if entry.fingerprint != rendition or now >= signed_at(entry.at) + timedelta(seconds=seconds):
        raise errors.LeaseOver("Loading the next part of the video.")
