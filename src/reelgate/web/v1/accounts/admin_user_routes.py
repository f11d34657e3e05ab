"""Routes of version 1 in the `accounts` function for admins: users, their roles and their limits."""

from __future__ import annotations

from typing import Any, Protocol

from msgspec import UNSET

from reelgate.domain import errors
from reelgate.domain.accounts.credentials import clean_email
from reelgate.ports.accounts import HasDirectory
from reelgate.ports.identity import HasApiKeys
from reelgate.ports.runtime import HasFunctionName, HasIds
from reelgate.use_cases.accounts import change_user as use_case
from reelgate.use_cases.accounts.manage_users import find_user, get_user, list_users
from reelgate.use_cases.books.commit import CommitServices
from reelgate.web.http.calls import Call
from reelgate.web.http.shapes import v1
from reelgate.web.v1.accounts.user_shapes import ChangedUser, User, UserChanges, UserList, UserQuery, members_of, user_of


class Services(CommitServices, HasApiKeys, HasDirectory, HasFunctionName, HasIds, Protocol):
    """What these routes need."""


async def admin_list_users(call: Call[Services], query: UserQuery) -> UserList:
    """List all users who have used the service, or find the one with an e-mail address.

    In pages. The search for an address finds at most one user.
    """
    defaults = call.services.policy.default_limits
    if query.email is not None:
        if query.cursor is not None:
            raise errors.InvalidRequest("With 'email' there is one page only: leave out 'cursor'.", field="cursor")
        found = await find_user(call.services, clean_email(query.email))
        return UserList(items=[user_of(found, defaults)] if found else [], next_cursor=None)
    page = await list_users(call.services, limit=query.limit, cursor=call.cursor())
    return UserList(items=[user_of(user, defaults) for user in page.items], next_cursor=call.next_cursor(page.next_cursor))


async def admin_get_user(call: Call[Services]) -> User:
    """Show a user.

    Their role, their limits, and whether they are disabled.
    """
    return user_of(await get_user(call.services, call.user_id()), call.services.policy.default_limits)


async def admin_update_user(call: Call[Services], wanted: UserChanges) -> ChangedUser:
    """Change a user's role or limits, or disable them.

    Limits hold from the next request on; one below what is used removes nothing. A disabled user gets nothing new at once.
    Repeating the request completes a change that was interrupted.
    """
    uid = call.user_id()
    changes = _changes(wanted)
    shown = {name: list(value) if isinstance(value, tuple) else value for name, value in changes.terms.items()}
    call.note(user_id=uid, changes={**({"role": changes.role} if changes.role is not None else {}), **shown})
    changed = await use_case.change_user(call.services, call.caller, uid, changes, request_id=call.request_id)
    members = members_of(changed.after, call.services.policy.default_limits)
    return ChangedUser(**members, role_effective_at=changed.role_effective_at)


def _changes(wanted: UserChanges) -> use_case.UserChanges:
    terms: dict[str, Any] = {}
    if wanted.disabled is not UNSET:
        terms["disabled"] = wanted.disabled
    if wanted.limits is not UNSET:
        limits = wanted.limits
        given = {"storage_limit": limits.storage, "daily_limit": limits.bandwidth, "alert_percents": limits.alert_percents}
        terms |= {name: _sorted(value) for name, value in given.items() if value is not UNSET}
    role = None if wanted.role is UNSET else wanted.role
    if role is None and not terms:
        raise errors.InvalidRequest("Send at least one thing to change: role, disabled or limits.")
    return use_case.UserChanges(role=role, terms=terms)


def _sorted(value: Any) -> Any:
    return tuple(sorted(set(value))) if isinstance(value, list) else value


ROUTES = (
    v1("GET", "/v1/admin/users", admin_list_users, takes=UserQuery, gives=UserList, admin=True),
    v1("GET", "/v1/admin/users/{user_id}", admin_get_user, gives=User, admin=True, refuses=(errors.UserNotFound,)),
    v1(
        "PATCH",
        "/v1/admin/users/{user_id}",
        admin_update_user,
        takes=UserChanges,
        gives=ChangedUser,
        action="user.changed",
        admin=True,
        audits_itself=True,
        refuses=(errors.UserNotFound, errors.OwnAccount, errors.ForeignUser, errors.BooksBusy),
    ),
)
