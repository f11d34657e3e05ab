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
    """

    default_limits: Limits
    zone: ZoneInfo
    max_file_bytes: int
    form_upload_max_bytes: int
    content_types: tuple[str, ...]
    chunked_content_types: tuple[str, ...]
    upload_roles: frozenset[str]
    upload_url_seconds: int
    upload_expiry_seconds: int
    stream_url_seconds: int
    trash_days: int
    max_open_uploads: int

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
        tomorrow = self.day_of(now) + timedelta(days=1)
        return datetime.combine(tomorrow, time(), self.zone).astimezone(UTC)
