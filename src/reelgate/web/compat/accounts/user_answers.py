"""Users and their accounts as JSON. `id` and `uploading` are names of the streaming backend."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from reelgate.domain.books.account import Account, Limits
from reelgate.use_cases.accounts.log_in import LoggedIn
from reelgate.use_cases.accounts.manage_users import ManagedUser
from reelgate.web.http.answers.json_answers import instant


def account_json(account: Account, defaults: Limits, *, uploading: datetime | None) -> dict[str, Any]:
    """Return what the books have of a user: the limits (`own` names those that were set for the user) and what is used.

    Args:
        uploading: since when uploads are open; None if none is.
    """
    limits = account.limits(defaults)
    own = ("storage_limit", "daily_limit", "alert_percents")
    day = account.today
    return {
        "limits": {
            "storage_limit": limits.storage_bytes,
            "daily_limit": limits.daily_bytes,
            "alert_percents": list(limits.alert_percents),
            "own": [name for name in own if getattr(account, name) is not None],
        },
        "stored": account.stored,
        "reserved": account.reserved,
        "today": {
            "date": day.date.isoformat(),
            "uploaded": day.uploaded,
            "streamed": day.streamed,
            "upload_count": day.upload_count,
            "deleted_bytes": day.deleted_bytes,
            "deletion_count": day.deletion_count,
        },
        "uploading": instant(uploading),
    }


def user_json(
    account: Account,
    defaults: Limits,
    *,
    email: str | None,
    role: str | None,
    disabled: bool,
    created_at: datetime | None,
    uploading: datetime | None,
) -> dict[str, Any]:
    """Return a user; `uploading` as in `account_json`."""
    return {
        "id": account.uid,
        "uid": account.uid,
        "email": email,
        "username": account.username,
        "role": role,
        "disabled": disabled,
        "created_at": instant(created_at),
        **account_json(account, defaults, uploading=uploading),
    }


def managed_json(managed: ManagedUser, defaults: Limits) -> dict[str, Any]:
    """Return a user as admins see them. `role` is null for users of foreign issuers, whose tokens name it."""
    account, user = managed.account, managed.user
    return user_json(
        account,
        defaults,
        email=user.email if user else account.email,
        role=user.role if user else None,
        disabled=account.disabled or (user is not None and user.disabled),
        created_at=account.created_at or (user.created_at if user else None),
        uploading=managed.uploading,
    )


def logged_in_json(logged_in: LoggedIn) -> dict[str, Any]:
    """Return new tokens and whose they are."""
    tokens = logged_in.tokens
    return {
        "token": tokens.id_token,
        "id_token": tokens.id_token,
        "refresh_token": tokens.refresh_token,
        "expires_in": tokens.expires_in,
        "token_type": "Bearer",
        "uid": logged_in.caller.uid,
        "email": logged_in.caller.email,
        "username": logged_in.account.username,
        "role": logged_in.caller.role,
    }
