"""Limits, periods and rules that a deployment can set."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from reelgate.config.reader import Reader, words
from reelgate.domain.books.account import Limits
from reelgate.domain.books.policy import Policy
from reelgate.domain.errors import InvalidRequest
from reelgate.domain.media.media_types import clean_content_type

MIB = 1024 * 1024


def policy_from(read: Reader) -> Policy:
    """Return the policy."""
    content_types = read.parsed("REELGATE_CONTENT_TYPES", ("audio/*", "video/*"), _content_types)
    return Policy(
        default_limits=Limits(
            storage_bytes=read.whole("REELGATE_STORAGE_LIMIT_BYTES", 50 * MIB, minimum=0),
            daily_bytes=read.whole("REELGATE_DAILY_LIMIT_BYTES", 100 * MIB, minimum=0),
            alert_percents=read.parsed("REELGATE_ALERT_THRESHOLDS", (80, 100), _percents),
        ),
        zone=read.parsed("REELGATE_DAY_TIME_ZONE", ZoneInfo("UTC"), _zone),
        max_file_bytes=read.whole("REELGATE_MAX_FILE_BYTES", 5 * 1024 * MIB),
        # Cloud Run takes bodies of 32 MiB over HTTP/1, and the form's encoding needs a part. API Gateway's limit is "32
        # megabytes" (API Gateway docs, "Quotas and limits"): if a megabyte is 10^6 bytes there, a form of 31 MiB is too large.
        form_upload_max_bytes=read.whole("REELGATE_FORM_UPLOAD_MAX_BYTES", 30 * MIB, maximum=31 * MIB),
        forms_per_user=read.whole("REELGATE_FORMS_PER_USER", 2, maximum=4),
        form_min_bytes_per_second=read.whole("REELGATE_FORM_MIN_BYTES_PER_SECOND", 64 * 1024, maximum=MIB),
        content_types=content_types,
        chunked_content_types=read.parsed("REELGATE_CHUNKED_CONTENT_TYPES", content_types, _content_types),
        upload_roles=read.parsed("REELGATE_UPLOAD_ROLES", frozenset({"user", "admin"}), _roles),
        upload_url_seconds=read.whole("REELGATE_UPLOAD_URL_SECONDS", 3600, maximum=43_200),
        # The sweep removes the placeholders of parts after an hour: no URL may work for longer.
        part_url_seconds=read.whole("REELGATE_PART_URL_SECONDS", 900, maximum=3600),
        upload_expiry_seconds=read.whole("REELGATE_UPLOAD_EXPIRY_SECONDS", 86_400, maximum=604_800),
        stream_url_seconds=read.whole("REELGATE_STREAM_URL_SECONDS", 3600, maximum=43_200),
        playback_lease_seconds=read.whole("REELGATE_PLAYBACK_LEASE_SECONDS", 300, maximum=3600),
        trash_days=read.whole("REELGATE_TRASH_DAYS", 30, minimum=0, maximum=3650),
        trash_limit_percent=read.whole("REELGATE_TRASH_LIMIT_PERCENT", 200, minimum=100, maximum=10_000),
        max_open_uploads=read.whole("REELGATE_MAX_OPEN_UPLOADS", 400, maximum=400),
        max_rejected_uploads=read.whole("REELGATE_REJECTED_UPLOADS_PER_DAY", 50, maximum=1_000_000),
        client_sessions=read.choice("REELGATE_UPLOAD_SESSIONS", "client_or_server", ("client_or_server", "server")) != "server",
    )


def _percents(text: str) -> tuple[int, ...]:
    values = tuple(sorted({int(word) for word in words(text)}))
    if not values or not all(1 <= value <= 100 for value in values):
        raise ValueError("must be percentages from 1 to 100, separated by commas")
    return values


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (KeyError, OSError, ValueError):
        raise ValueError(f"'{text}' is not a time zone of the tz database, such as Europe/Berlin") from None


def _content_types(text: str) -> tuple[str, ...]:
    return tuple(_content_type(word) for word in words(text))


def _content_type(word: str) -> str:
    family, _, kind = word.partition("/")
    try:
        clean = clean_content_type(f"{family}/any" if kind == "*" else word)
    except InvalidRequest:
        clean = ""
    if not clean or ";" in word:
        raise ValueError(f"'{word}' is neither a media type nor type/*")
    return f"{clean.partition('/')[0]}/*" if kind == "*" else clean


def _roles(text: str) -> frozenset[str]:
    roles = frozenset(words(text))
    if not roles or roles - {"user", "admin"}:
        raise ValueError("must be user, admin or both, separated by commas")
    return roles
