"""Users as version 1 of the API shows them, and what can be changed about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from reelgate.domain.books.account import Account, Limits
from reelgate.domain.files.names import MAX_SIZE_BYTES
from reelgate.domain.notifications.preferences import MailPreferences
from reelgate.use_cases.accounts.manage_users import ManagedUser
from reelgate.web.http.shapes import Instant, ListQuery

Role = Literal["user", "admin"]
Bytes = Annotated[int, Meta(ge=0, le=MAX_SIZE_BYTES, description="Bytes.")]
AlertPercents = Annotated[
    list[Annotated[int, Meta(ge=1, le=100)]],
    Meta(min_length=1, max_length=10, description="At how many percent of a limit an alert is sent.", examples=[[80, 100]]),
]


class UserLimits(Struct, kw_only=True):
    """What a user may store, and upload and stream in a day."""

    storage: Bytes
    bandwidth: Bytes
    alert_percents: list[int]
    own: Annotated[
        list[Literal["storage", "bandwidth", "alert_percents"]],
        Meta(description="Those that were set for this user. The others are the deployment's."),
    ]


class User(Struct, kw_only=True):
    """A user."""

    user_id: str
    email: Annotated[str | None, Meta(examples=["ada@example.org"])]
    email_verified: Annotated[
        bool | None,
        Meta(description="Whether the user has followed the link in a mail to the address; null if another issuer knows."),
    ]
    username: Annotated[str | None, Meta(examples=["Ada"])]
    role: Annotated[Role | None, Meta(description="Null for a user of another issuer, whose tokens name it.")]
    disabled: bool
    created_at: Instant | None
    limits: UserLimits
    storage_used: Annotated[int, Meta(description="Bytes of videos that are ready; the trash does not count.")]
    bandwidth_used: Annotated[int, Meta(description="Bytes that were uploaded and streamed today.")]


class Mails(Struct, kw_only=True):
    """Which mails a user gets. The welcome mail is always sent, once."""

    alerts: Annotated[bool, Meta(description="When a limit is nearly or wholly reached.")]
    audio: Annotated[bool, Meta(description="When an MP3 is ready.")]


class Me(User, kw_only=True):
    """Your own account."""

    mails: Mails


class MailChanges(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which mails to get from now on; what is left out stays as it is."""

    alerts: bool | UnsetType = UNSET
    audio: bool | UnsetType = UNSET


FIXED = {
    "username": "A user name cannot be changed.",
    "email": "An e-mail address cannot be changed.",
}
"""What somebody may try to change of an account, with the sentence that refuses it."""


class MyChanges(Struct, kw_only=True, forbid_unknown_fields=True):
    """What to change about your own account."""

    FIXED: ClassVar[Mapping[str, str]] = FIXED

    mails: MailChanges


class UserQuery(ListQuery, kw_only=True):
    """Which users to list."""

    email: Annotated[str | None, Meta(description="Only the user with this address.", examples=["ada@example.org"])] = None


class UserList(Struct, kw_only=True):
    """A page of users, by id."""

    items: list[User]
    next_cursor: str | None


class LimitChanges(Struct, kw_only=True, forbid_unknown_fields=True):
    """Limits to set for a user. Null brings the deployment's own back; what is left out stays as it is."""

    storage: Bytes | UnsetType | None = UNSET
    bandwidth: Bytes | UnsetType | None = UNSET
    alert_percents: AlertPercents | UnsetType | None = UNSET


class UserChanges(Struct, kw_only=True, forbid_unknown_fields=True):
    """What to change about a user; what is left out stays as it is."""

    FIXED: ClassVar[Mapping[str, str]] = FIXED

    role: Role | UnsetType = UNSET
    disabled: Annotated[
        bool | UnsetType,
        Meta(description="A disabled user gets nothing new and cannot sign in; their API keys are suspended."),
    ] = UNSET
    limits: LimitChanges | UnsetType = UNSET


class ChangedUser(User, kw_only=True):
    """A user after a change."""

    role_effective_at: Annotated[
        Instant | None,
        Meta(description="When the last token with another role has expired; null if it stays."),
    ]


def limits_of(account: Account, defaults: Limits) -> UserLimits:
    """Return the limits that an account has."""
    limits = account.limits(defaults)
    own = {"storage": account.storage_limit, "bandwidth": account.daily_limit, "alert_percents": account.alert_percents}
    return UserLimits(
        storage=limits.storage_bytes,
        bandwidth=limits.daily_bytes,
        alert_percents=list(limits.alert_percents),
        own=[name for name, value in own.items() if value is not None],  # type: ignore[misc]
    )


def user_of(managed: ManagedUser, defaults: Limits) -> User:
    """Return a user as admins see them."""
    return User(**members_of(managed, defaults))


def members_of(managed: ManagedUser, defaults: Limits) -> dict[str, Any]:
    """Return what all shapes of a user have, by name."""
    account, user = managed.account, managed.user
    return {
        **_of_account(account, defaults),
        "email": user.email if user else account.email,
        "email_verified": user.email_verified if user else None,
        "role": user.role if user else None,
        "disabled": account.disabled or (user is not None and user.disabled),
        "created_at": account.created_at or (user.created_at if user else None),
    }


def signed_in_user(account: Account, defaults: Limits, *, email: str | None, email_verified: bool, role: str) -> User:
    """Return a user who has just proved who they are; nothing more is asked of the directory."""
    members = {**_of_account(account, defaults), "email": email, "email_verified": email_verified, "role": role}
    return User(**members, disabled=account.disabled, created_at=account.created_at)


def _of_account(account: Account, defaults: Limits) -> dict[str, Any]:
    return {
        "user_id": account.uid,
        "username": account.username,
        "limits": limits_of(account, defaults),
        "storage_used": account.stored,
        "bandwidth_used": account.today.used,
    }


def mails_of(preferences: MailPreferences) -> Mails:
    """Return which mails a user gets."""
    return Mails(alerts=preferences.alerts, audio=preferences.audio)
