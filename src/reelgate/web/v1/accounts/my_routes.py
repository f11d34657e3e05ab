"""Routes of version 1 in the `accounts` function: the caller's own account and API keys."""

from __future__ import annotations

from typing import Protocol

from msgspec import UNSET, structs

from reelgate.domain import errors
from reelgate.ports.accounts import HasDirectory
from reelgate.ports.books import HasBooks, HasPolicy
from reelgate.ports.identity import Caller, HasApiKeys
from reelgate.ports.notifications import HasPreferences
from reelgate.ports.runtime import HasClock
from reelgate.use_cases.accounts import manage_api_keys
from reelgate.use_cases.accounts.manage_users import own_user
from reelgate.use_cases.notifications.set_mail_preferences import mail_preferences, set_mail_preferences
from reelgate.web.http.calls import Call
from reelgate.web.http.shapes import v1
from reelgate.web.v1.accounts.api_key_shapes import ApiKeyList, CreatedApiKey, NewApiKey, api_key_of, created_api_key
from reelgate.web.v1.accounts.user_shapes import Me, MyChanges, mails_of, members_of


class MeServices(HasBooks, HasClock, HasDirectory, HasPolicy, HasPreferences, Protocol):
    """What showing one's own account needs."""


class Services(MeServices, HasApiKeys, Protocol):
    """What these routes need."""


async def get_my_account(call: Call[Services]) -> Me:
    """Show your own account.

    Who you are, your limits, and which mails you get.
    """
    return await me_of(call.services, call.caller)


async def update_my_account(call: Call[Services], changes: MyChanges) -> Me:
    """Set which mails you get.

    Kinds of mails that are not named stay as they are.
    """
    given = {name: value for name, value in structs.asdict(changes.mails).items() if value is not UNSET}
    if given:
        await set_mail_preferences(call.services, call.caller, given)
    return await me_of(call.services, call.caller)


async def list_api_keys(call: Call[Services]) -> ApiKeyList:
    """List your API keys.

    Without their secrets, which are shown only when a key is made. Revoked ones are not in it.
    """
    keys = await manage_api_keys.list_api_keys(call.services, call.caller)
    return ApiKeyList(items=[api_key_of(key) for key in keys], next_cursor=None)


async def create_api_key(call: Call[Services], wanted: NewApiKey) -> CreatedApiKey:
    """Make an API key.

    A machine acts as you with it, without the rights of an admin, until it expires or you delete it. Keys can neither make
    other keys nor change your password. You have at most 25.
    """
    made = await manage_api_keys.create_api_key(
        call.services, call.caller, label=wanted.label, scopes=wanted.scopes, expires_at=wanted.expires_at
    )
    key = made.record
    call.note(key_id=key.key_id, label=key.label, scopes=list(key.scopes))
    return created_api_key(made)


async def revoke_api_key(call: Call[Services]) -> None:
    """Revoke an API key.

    It is refused within a minute, everywhere. Repeating the request gives the same answer.
    """
    key_id = call.params["key_id"]
    call.note(key_id=key_id)
    revoked_now = await manage_api_keys.revoke_api_key(call.services, call.caller, key_id)
    if call.audit is not None and not revoked_now:
        call.audit.recorded = True  # when it was revoked


async def me_of(services: MeServices, caller: Caller) -> Me:
    """Return the caller's own account as the API shows it. Raises Unavailable."""
    managed = await own_user(services, caller)
    mails = mails_of(await mail_preferences(services, caller))
    members = members_of(managed, services.policy.default_limits)
    return Me(**{**members, "role": caller.role}, mails=mails)


ROUTES = (
    v1("GET", "/v1/me", get_my_account, gives=Me),
    v1("PATCH", "/v1/me", update_my_account, takes=MyChanges, gives=Me, action="preferences.changed"),
    v1("GET", "/v1/me/api-keys", list_api_keys, gives=ApiKeyList, keys="never"),
    v1(
        "POST",
        "/v1/me/api-keys",
        create_api_key,
        takes=NewApiKey,
        gives=CreatedApiKey,
        status=201,
        action="key.created",
        keys="never",
        refuses=(errors.AccountDisabled, errors.AccountDeleted, errors.TooManyApiKeys),
    ),
    v1(
        "DELETE",
        "/v1/me/api-keys/{key_id}",
        revoke_api_key,
        action="key.revoked",
        keys="never",
        refuses=(errors.ApiKeyNotFound,),
    ),
)
