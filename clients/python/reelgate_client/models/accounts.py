"""Users, their accounts, tokens and API keys. Sizes are bytes, times are UTC."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UserLimits:
    """What a user may store, and upload and stream in a day.

    Attributes:
        storage: Bytes.
        bandwidth: Bytes.
        alert_percents: At which percentages of the limits alerts are raised.
        own: Those that were set for this user. The others are the deployment's.
    """

    storage: int
    bandwidth: int
    alert_percents: tuple[int, ...]
    own: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A user.

    Attributes:
        user_id: The id of a user.
        email: The e-mail address.
        email_verified: Whether the user has followed the link in a mail to the address; null if another issuer knows.
        username: The name that others see.
        role: Null for a user of another issuer, whose tokens name it.
        disabled: Whether an admin has disabled the account.
        created_at: When it was made.
        storage_used: Bytes of videos that are ready; the trash does not count.
        bandwidth_used: Bytes that were uploaded and streamed today.
    """

    user_id: str
    email: str | None
    email_verified: bool | None
    username: str | None
    role: str | None
    disabled: bool
    created_at: datetime | None
    limits: UserLimits
    storage_used: int
    bandwidth_used: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedUser:
    """A user after a change.

    Attributes:
        user_id: The id of a user.
        email: The e-mail address.
        email_verified: Whether the user has followed the link in a mail to the address; null if another issuer knows.
        username: The name that others see.
        role: Null for a user of another issuer, whose tokens name it.
        disabled: Whether an admin has disabled the account.
        created_at: When it was made.
        storage_used: Bytes of videos that are ready; the trash does not count.
        bandwidth_used: Bytes that were uploaded and streamed today.
        role_effective_at: When the last token with another role has expired; null if it stays.
    """

    user_id: str
    email: str | None
    email_verified: bool | None
    username: str | None
    role: str | None
    disabled: bool
    created_at: datetime | None
    limits: UserLimits
    storage_used: int
    bandwidth_used: int
    role_effective_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserList:
    """A page of users, by id.

    Attributes:
        items: This page.
        next_cursor: The `cursor` of the next page; null on the last one.
    """

    items: tuple[User, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mails:
    """Which mails a user gets. The welcome mail is always sent, once.

    Attributes:
        alerts: When a limit is nearly or wholly reached.
        audio: When an MP3 is ready.
    """

    alerts: bool
    audio: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """Your own account.

    Attributes:
        user_id: The id of a user.
        email: The e-mail address.
        email_verified: Whether the user has followed the link in a mail to the address; null if another issuer knows.
        username: The name that others see.
        role: Null for a user of another issuer, whose tokens name it.
        disabled: Whether an admin has disabled the account.
        created_at: When it was made.
        storage_used: Bytes of videos that are ready; the trash does not count.
        bandwidth_used: Bytes that were uploaded and streamed today.
    """

    user_id: str
    email: str | None
    email_verified: bool | None
    username: str | None
    role: str | None
    disabled: bool
    created_at: datetime | None
    limits: UserLimits
    storage_used: int
    bandwidth_used: int
    mails: Mails


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """A session: the token to send with every request, and the one with which to get another when it has expired.

    Attributes:
        token: Send it as `Authorization: Bearer TOKEN`.
        refresh_token: Keep it secret; it does not expire by itself.
        expires_at: When `token` expires, after an hour.
    """

    token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime
    user: User


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletionUnderWay:
    """The deletion has begun. The rest follows within minutes.

    Attributes:
        state: Where it stands.
        requested_at: When it was ordered.
    """

    state: str
    requested_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """An API key, without the key itself.

    Attributes:
        key_id: Names the key; it is part of it, and no secret.
        label: A name for people.
        scopes: `read`: GET requests, those for URLs to watch included. `write`: the same, and everything else.
        created_at: When it was made.
        expires_at: Null: it does not expire.
        last_used_at: Up to an hour before the last use; null if it was never used.
    """

    key_id: str
    label: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatedApiKey:
    """A new API key.

    Attributes:
        key_id: Names the key; it is part of it, and no secret.
        label: A name for people.
        scopes: `read`: GET requests, those for URLs to watch included. `write`: the same, and everything else.
        created_at: When it was made.
        expires_at: Null: it does not expire.
        last_used_at: Up to an hour before the last use; null if it was never used.
        key: The key: send it as `Authorization: Bearer KEY`. It is shown this once.
    """

    key_id: str
    label: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKeyList:
    """All your API keys that were not revoked, newest first. There are never more than 25, on one page.

    Attributes:
        items: This page.
        next_cursor: The `cursor` of the next page; null on the last one.
    """

    items: tuple[ApiKey, ...]
    next_cursor: str | None
