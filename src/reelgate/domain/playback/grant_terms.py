"""The terms of a new grant: until when, for whom, and how much. Everything that is wrong is named at once."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import IPv6Address

from reelgate.domain.errors import InvalidRequest, collect
from reelgate.domain.value_types import value_type

MIN_LIFETIME = timedelta(minutes=1)
MAX_LIFETIME = timedelta(days=366)
DEFAULT_LIFETIME = timedelta(days=7)
"""How long a grant is valid that says nothing about it."""

MAX_LABEL_CHARACTERS = 100
MAX_ORIGINS = 20
MAX_ORIGIN_CHARACTERS = 255
MAX_PORT = 65_535
MAX_BYTES = 1 << 50
MAX_PLAYS = 1_000_000_000

MAX_GRANTS_OF_VIDEO = 1000
"""Grants of one video that are neither expired nor revoked."""
MAX_GRANTS_OF_USER = 10_000
"""The same of all videos of a user. A grant that ended together with its video counts until it expires."""

_NAME = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_ORIGIN = re.compile(rf"(https?)://({_NAME}(?:\.{_NAME})*|\[[0-9a-f:.]+\])(?::([1-9][0-9]{{0,4}}))?")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@value_type
class GrantTerms:
    """What a grant allows; see `PlaybackGrant`. `lifetime` or `expires_at` says when it ends; at most one of them is set."""

    lifetime: timedelta | None = None
    expires_at: datetime | None = None
    label: str | None = None
    origins: tuple[str, ...] = ()
    max_bytes: int | None = None
    max_plays: int | None = None

    def fingerprint(self, file_id: str) -> str:
        """A digest of these terms for a video: a repeated request has the same, another one has not."""
        lifetime = None if self.lifetime is None else self.lifetime.total_seconds()
        expires_at = None if self.expires_at is None else self.expires_at.timestamp()
        content = [file_id, lifetime, expires_at, self.label, self.origins, self.max_bytes, self.max_plays]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]

    def end(self, now: datetime) -> datetime:
        """When a grant with these terms ends that is made now."""
        return self.expires_at or now + (self.lifetime or DEFAULT_LIFETIME)


def clean_terms(
    *,
    now: datetime,
    seconds: int | None = None,
    expires_at: datetime | None = None,
    label: str | None = None,
    origins: Sequence[str] = (),
    max_bytes: int | None = None,
    max_plays: int | None = None,
) -> GrantTerms:
    """Return checked terms. Raises InvalidRequest, which names all fields that are wrong."""
    with collect() as fields:
        if seconds is not None and expires_at is not None:
            fields.add(
                InvalidRequest.of_fields("Say how long the link works, or until when, not both.", "seconds", "expires_at")
            )
        lifetime = fields.check(_lifetime, seconds)
        ends = fields.check(_expiry, expires_at, now)
        cleaned_label = fields.check(clean_label, label)
        cleaned_origins = fields.check(clean_origins, origins)
        fields.check(_at_most, "max_bytes", "The most bytes", max_bytes, MAX_BYTES)
        fields.check(_at_most, "max_plays", "The most plays", max_plays, MAX_PLAYS)
    return GrantTerms(
        lifetime=lifetime,
        expires_at=ends,
        label=cleaned_label,
        origins=tuple(cleaned_origins),
        max_bytes=max_bytes,
        max_plays=max_plays,
    )


def clean_origin(text: str) -> str | None:
    """Return a web origin as browsers send it: `https://example.com`, with a port unless it is the scheme's own.

    None for anything else: another scheme, a path, a user, a wildcard, a host that is not in ASCII.
    """
    found = _ORIGIN.fullmatch(text.lower()) if text.isascii() and len(text) <= MAX_ORIGIN_CHARACTERS else None
    if found is None:
        return None
    scheme, host, port = found[1], found[2], int(found[3] or _DEFAULT_PORTS[found[1]])
    if host.startswith("["):
        try:
            host = f"[{IPv6Address(host[1:-1])}]"
        except ValueError:
            return None
    if port > MAX_PORT:
        return None
    return f"{scheme}://{host}" if port == _DEFAULT_PORTS[scheme] else f"{scheme}://{host}:{port}"


def _lifetime(seconds: int | None) -> timedelta | None:
    if seconds is None:
        return None
    low, high = int(MIN_LIFETIME.total_seconds()), int(MAX_LIFETIME.total_seconds())
    if not low <= seconds <= high:
        raise InvalidRequest(
            "A link works for at least a minute and at most a year.", field="seconds", hint=f"{low} to {high}."
        )
    return timedelta(seconds=seconds)


def _expiry(expires_at: datetime | None, now: datetime) -> datetime | None:
    if expires_at is None:
        return None
    if expires_at.tzinfo is None:
        raise InvalidRequest("The time of expiry needs a time zone, such as 2027-01-31T00:00:00Z.", field="expires_at")
    if not now + MIN_LIFETIME <= expires_at <= now + MAX_LIFETIME:
        raise InvalidRequest("A link works for at least a minute and at most a year from now.", field="expires_at")
    return expires_at


def clean_label(raw: str | None, *, field: str = "label") -> str | None:
    """Return the label of a grant: one line of 1 to 100 characters, or None. Raises InvalidRequest."""
    if raw is None:
        return None
    label = " ".join(unicodedata.normalize("NFC", raw).split())
    if not 1 <= len(label) <= MAX_LABEL_CHARACTERS or not label.isprintable():
        raise InvalidRequest(f"The label must be one line of 1 to {MAX_LABEL_CHARACTERS} characters.", field=field)
    return label


def clean_origins(raw: Sequence[str], *, field: str = "origins") -> list[str]:
    """Return web origins as browsers send them, each once. Raises InvalidRequest, which names all that are none."""
    if len(raw) > MAX_ORIGINS:
        raise InvalidRequest(f"A link can name at most {MAX_ORIGINS} web sites.", field=field)
    with collect() as fields:
        cleaned = [fields.check(_origin, text, f"{field}[{index}]") for index, text in enumerate(raw)]
    return list(dict.fromkeys(cleaned))


def _origin(text: str, field: str) -> str:
    origin = clean_origin(text)
    if origin is None:
        raise InvalidRequest(
            "Give each web site as its address begins, up to the end of its name, without a path.",
            field=field,
            hint="An origin is a scheme (http or https), a host, and a port if it is not the usual one: no path, no wildcard.",
        )
    return origin


def _at_most(field: str, what: str, value: int | None, most: int) -> None:
    if value is not None and not 1 <= value <= most:
        raise InvalidRequest(f"{what} must be a whole number from 1 to {most:,}.", field=field)
