"""The rules of one deployment: what it accepts, how much, for how long, and when its days begin."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from reelgate.domain.books.account import Limits
from reelgate.domain.media.media_types import canonical
from reelgate.domain.value_types import value_type


@value_type
class Policy:
    """Rules of this deployment. `default_limits` apply to accounts without limits of their own.

    `content_types` are the accepted media types, or `type/*` for all known ones of that kind; `chunked_content_types` are those
    accepted in chunks. `form_upload_max_bytes` is the limit for a file, or a chunk, that is sent through the function.
    `client_sessions` is whether clients may open sessions themselves, with a signed URL.
    `max_rejected_uploads` is how many uploads of a user may be rejected on a day before nothing more is granted.
    `forms_per_user` is how many of these an instance receives of a user at once, `form_min_bytes_per_second` how fast they have
    to arrive.
    `playback_lease_seconds` is how long a leased URL of a shared video works.
    `trash_limit_percent` is how much of a user's storage limit videos, open uploads and the trash may have together.
    """

    default_limits: Limits
    zone: ZoneInfo
    max_file_bytes: int
    form_upload_max_bytes: int
    forms_per_user: int
    form_min_bytes_per_second: int
    content_types: tuple[str, ...]
    chunked_content_types: tuple[str, ...]
    upload_roles: frozenset[str]
    upload_url_seconds: int
    part_url_seconds: int
    upload_expiry_seconds: int
    stream_url_seconds: int
    playback_lease_seconds: int
    trash_days: int
    trash_limit_percent: int
    max_open_uploads: int
    max_rejected_uploads: int
    client_sessions: bool

    @property
    def zone_name(self) -> str:
        """The deployment's time zone as people read it: `UTC`, `Europe/Berlin`, `America/New York`."""
        return self.zone.key.removeprefix("Etc/").replace("_", " ")

    def types_for(self, *, chunked: bool) -> tuple[str, ...]:
        """Return the media types that are accepted, as the settings list them."""
        return self.chunked_content_types if chunked else self.content_types

    def accepts(self, content_type: str, *, chunked: bool = False) -> bool:
        """Return whether this deployment accepts the (cleaned) media type, under any of its names.

        `type/*` accepts those that are known to be sound or video. Any other type has to be listed by name.
        """
        listed, known = self.types_for(chunked=chunked), canonical(content_type)
        if known is None:
            return content_type in listed
        family = content_type.partition("/")[0] + "/*"
        return family in listed or known in {canonical(one) for one in listed}

    def day_of(self, now: datetime) -> date:
        """Return the calendar day of an (aware) instant in the deployment's time zone."""
        return now.astimezone(self.zone).date()

    def next_day_starts(self, now: datetime) -> datetime:
        """Return the instant (UTC) at which the next day, and with it a new daily limit, begins.

        That is midnight of the next calendar day, also when daylight saving time begins or ends before it.
        """
        return self._starts(self.day_of(now) + timedelta(days=1))

    def seconds_of(self, day: date) -> int:
        """Return how long a calendar day is: 23, 24 or 25 hours where daylight saving time begins or ends."""
        return (self._starts(day + timedelta(days=1)) - self._starts(day)) // _SECOND

    def seconds_left(self, day: date, at: datetime) -> int:
        """Return the whole seconds from the one of an (aware) instant, inclusive, to the end of a calendar day.

        An instant before the day counts as its beginning, one after it as its end: the clocks of two instances can differ.
        """
        left = (self._starts(day + timedelta(days=1)) - at) // -_SECOND  # rounds up, but with the wrong sign
        return min(max(0, -left), self.seconds_of(day))

    def _starts(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone).astimezone(UTC)


_SECOND = timedelta(seconds=1)
