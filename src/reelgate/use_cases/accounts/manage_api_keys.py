"""Make, list and revoke API keys."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from reelgate.domain.accounts.api_keys import (
    MAX_KEYS,
    ApiKey,
    NewKey,
    Scope,
    clean_expiry,
    clean_label,
    new_api_key,
)
from reelgate.domain.accounts.checked_tokens import is_token_id
from reelgate.domain.books.account import Account
from reelgate.domain.errors import AccountDeleted, ApiKeyNotFound, TooManyApiKeys, collect
from reelgate.ports.books import HasBooks, ReadSet
from reelgate.ports.identity import Caller, HasApiKeys
from reelgate.ports.runtime import HasClock


class Services(HasApiKeys, HasBooks, HasClock, Protocol):
    """What managing keys needs."""


async def list_api_keys(services: HasApiKeys, caller: Caller) -> Sequence[ApiKey]:
    """Return the caller's keys that were not revoked, newest first. Raises Unavailable."""
    return await services.api_keys.of_user(caller.uid)


async def create_api_key(
    services: Services, caller: Caller, *, label: str, scopes: Collection[Scope], expires_at: datetime | None
) -> NewKey:
    """Return a new key, whose text is stored nowhere.

    The rules are checked again after the key was written: so neither of two requests at the same time can pass the limit, and a
    key that is made while an admin disables the account, or while it is being deleted, does not survive it. Up to the answer,
    nobody knows the key.

    Raises:
        InvalidRequest: the label or the time of expiry.
        TooManyApiKeys, AccountDisabled, AccountDeleted.
        Unavailable: there may be a key in the list that nobody knows; revoke it.
    """
    now = services.now()
    with collect() as fields:
        cleaned, ends_at = fields.check(clean_label, label), fields.check(clean_expiry, expires_at, now=now)
    made = new_api_key(caller.uid, label=cleaned, scopes=scopes, created_at=now, expires_at=ends_at)
    account = await _enabled_account(services, caller)
    if len(await services.api_keys.of_user(caller.uid)) >= MAX_KEYS:
        raise _too_many()
    await services.api_keys.add(made.record)
    try:
        if account is not None and await _enabled_account(services, caller) is None:
            raise AccountDeleted("This account was deleted.")
        if len(await services.api_keys.of_user(caller.uid)) > MAX_KEYS:
            raise _too_many()
    except Exception:
        await services.api_keys.remove(made.record.key_id)
        raise
    return made


async def revoke_api_key(services: Services, caller: Caller, key_id: str) -> bool:
    """Revoke a key of the caller. Returns False if it was revoked before. Within a minute, no function accepts it any more.

    Raises ApiKeyNotFound, Unavailable.
    """
    if not is_token_id(key_id):
        raise ApiKeyNotFound("You have no API key with this id.")
    return await services.api_keys.revoke(caller.uid, key_id, at=services.now())


async def _enabled_account(services: Services, caller: Caller) -> Account | None:
    account = (await services.books.read(caller.uid, ReadSet())).account
    if account is not None:
        account.require_enabled()
    return account


def _too_many() -> TooManyApiKeys:
    return TooManyApiKeys(f"You have {MAX_KEYS} API keys already. Delete those that you no longer need.")
