"""API keys: long-lived credentials with which machines act as a user (docs/accounts.md, docs/adr/0026-api-keys.md).

A key is `rgk_ID_SECRETCHECK` (`checked_tokens`).
"""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Collection
from dataclasses import field
from datetime import datetime, timedelta
from typing import Literal

from reelgate.domain.accounts.checked_tokens import CheckedToken, TokenFormat
from reelgate.domain.errors import AccountDisabled, ApiKeyExpired, ApiKeyRevoked, InvalidApiKey, InvalidRequest
from reelgate.domain.value_types import positional_value_type, value_type

Scope = Literal["read", "write"]
SCOPES: tuple[Scope, ...] = ("read", "write")
"""`read`: whatever only reads, URLs for watching included. `write`: changes as well, and everything that `read` allows."""

PREFIX = "rgk_"
MAX_KEYS = 25
"""Keys of one user, expired ones included."""

MAX_LABEL_CHARACTERS = 100
MAX_LIFETIME = timedelta(days=5 * 366)
"""How far in the future a key may expire, if it does: beyond that, a mistyped year is more likely."""

NOTED_AFTER = timedelta(hours=1)
"""How old the record of a key's last use may be before another use is recorded."""

_TOKENS = TokenFormat(PREFIX)


@value_type
class ApiKey:
    """The record of a key, which does not contain the key.

    Attributes:
        digest: of the whole key; see `CheckedToken`.
        scopes: what it is for; see `SCOPES`.
        expires_at: None for a key that does not expire.
        last_used_at: at most `NOTED_AFTER` before its last use; None for a key that was never used.
        revoked_at: None until its owner revokes it. Then `uid` is empty and `label` too: what is left says only that this key
            was revoked.
        suspended: whether its owner's account is disabled.
    """

    key_id: str
    uid: str
    digest: str = field(repr=False)
    label: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    suspended: bool = False

    def is_made_of(self, presented: CheckedToken) -> bool:
        """Return whether this is the record of that key."""
        return hmac.compare_digest(self.digest, presented.digest)

    def require_valid(self, now: datetime) -> None:
        """Raise ApiKeyRevoked, ApiKeyExpired, or AccountDisabled, unless the key is valid now."""
        if self.revoked_at is not None:
            raise ApiKeyRevoked("This API key has been revoked. Make a new one, and use that.")
        if self.has_expired(now):
            raise ApiKeyExpired("This API key has expired. Make a new one, and use that.")
        if self.suspended:
            raise AccountDisabled("An administrator has disabled this account.")

    def has_expired(self, now: datetime) -> bool:
        """Return whether its time is over."""
        return self.expires_at is not None and self.expires_at <= now


@positional_value_type
class NewKey:
    """A key that was just made: its record, and the text that its owner gets once."""

    record: ApiKey
    text: str = field(repr=False)


def new_api_key(
    uid: str, *, label: str, scopes: Collection[Scope], created_at: datetime, expires_at: datetime | None
) -> NewKey:
    """Return a new random key with checked properties."""
    made = _TOKENS.new()
    record = ApiKey(
        key_id=made.token.token_id,
        uid=uid,
        digest=made.token.digest,
        label=label,
        scopes=tuple(scope for scope in SCOPES if scope in scopes),
        created_at=created_at,
        expires_at=expires_at,
    )
    return NewKey(record, made.text)


def looks_like_api_key(bearer: str) -> bool:
    """Return whether a bearer token is meant as an API key: no JWT begins like one."""
    return bearer.startswith(PREFIX)


def presented_key(text: str) -> CheckedToken:
    """Return the parts of a key. Raises InvalidApiKey for a text with a wrong form or check: no such key was ever made."""
    presented = _TOKENS.parse(text)
    if presented is None:
        raise invalid_api_key()
    return presented


def allows(scopes: Collection[Scope], needed: Scope) -> bool:
    """Return whether a key with these scopes may be used where one is needed."""
    return needed in scopes or "write" in scopes


def invalid_api_key() -> InvalidApiKey:
    """Return the one error for every key that does not exist."""
    return InvalidApiKey("This API key does not exist. Check that it was copied as a whole.")


def clean_label(raw: str, *, field: str = "label") -> str:
    """Return the label of a key: one line of 1 to 100 characters. Raises InvalidRequest."""
    label = " ".join(unicodedata.normalize("NFC", raw).split())
    if not 1 <= len(label) <= MAX_LABEL_CHARACTERS or not label.isprintable():
        raise InvalidRequest(f"The label must be one line of 1 to {MAX_LABEL_CHARACTERS} characters.", field=field)
    return label


def clean_expiry(expires_at: datetime | None, *, now: datetime, field: str = "expires_at") -> datetime | None:
    """Return when a new key expires. Raises InvalidRequest for a time without a zone, in the past, or beyond `MAX_LIFETIME`."""
    if expires_at is None:
        return None
    if expires_at.tzinfo is None:
        raise InvalidRequest("The time of expiry needs a time zone, such as 2027-01-31T00:00:00Z.", field=field)
    if expires_at <= now:
        raise InvalidRequest("The time of expiry is over already.", field=field)
    if expires_at > now + MAX_LIFETIME:
        raise InvalidRequest("A key that expires may be valid for five years at most.", field=field)
    return expires_at
