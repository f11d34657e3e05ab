"""Routes of the `accounts` function for admins: users, their roles and their limits."""

from __future__ import annotations

from typing import Any, Protocol

from starlette.responses import Response

from reelgate.domain import errors
from reelgate.domain.accounts.credentials import clean_email
from reelgate.domain.files.names import clean_size, is_user_id
from reelgate.ports.accounts import HasDirectory
from reelgate.ports.identity import HasApiKeys
from reelgate.ports.runtime import HasFunctionName, HasIds
from reelgate.use_cases.accounts.change_user import UserChanges, change_user
from reelgate.use_cases.accounts.manage_users import find_user, get_user, list_users
from reelgate.use_cases.books.commit import CommitServices
from reelgate.web.compat.accounts.user_answers import managed_json
from reelgate.web.compat.json_fields import check_fields
from reelgate.web.http.answers.json_answers import as_json, instant
from reelgate.web.http.calls import LIST, Call, Route


class Services(CommitServices, HasApiKeys, HasDirectory, HasFunctionName, HasIds, Protocol):
    """What these routes need."""


ROLES = ("user", "admin")
MAX_PERCENTS = 10
_TERMS = ("storage_limit", "daily_limit", "alert_percents", "disabled")


async def get_users(call: Call[Services]) -> Response:
    """List all users who have books, or the one with an e-mail address."""
    email = call.request.query_params.get("email")
    defaults = call.services.policy.default_limits
    limit, cursor = call.limit(), call.cursor()
    if email is not None:
        if cursor is not None:
            raise errors.InvalidRequest(
                "A search by e-mail address has one page only.", field="cursor", hint="Leave out 'cursor' or 'email'."
            )
        found = await find_user(call.services, clean_email(email))
        return as_json({"users": [managed_json(found, defaults)] if found else [], "next_cursor": None})
    page = await list_users(call.services, limit=limit, cursor=cursor)
    return as_json(
        {"users": [managed_json(user, defaults) for user in page.items], "next_cursor": call.next_cursor(page.next_cursor)}
    )


async def get_one_user(call: Call[Services]) -> Response:
    """Show one user."""
    return as_json(managed_json(await get_user(call.services, _uid(call)), call.services.policy.default_limits))


async def patch_user(call: Call[Services]) -> Response:
    """Change a user's role or limits, or disable them."""
    uid = _uid(call)
    changes = _changes(await call.json())
    call.note(user_id=uid, changes=_shown(changes))
    changed = await change_user(call.services, call.caller, uid, changes, request_id=call.request_id)
    after = managed_json(changed.after, call.services.policy.default_limits)
    return as_json({**after, "role_effective_at": instant(changed.role_effective_at)})


def _uid(call: Call[Services]) -> str:
    uid = call.params["uid"]
    if not is_user_id(uid):
        raise errors.UserNotFound("There is no such user.")
    return uid


def _changes(body: dict[str, Any]) -> UserChanges:
    """Return the checked changes. Raises InvalidRequest."""
    known = ("role", *_TERMS)
    check_fields(body, known, hint=f"What can be changed is {', '.join(known)}.")
    if not body:
        raise errors.InvalidRequest("There is nothing to change.", hint=f"Send at least one of {', '.join(known)}.")
    if "role" in body and body["role"] not in ROLES:
        raise errors.InvalidRequest("The role must be user or admin.", field="role")
    terms = {name: _term(name, body[name]) for name in _TERMS if name in body}
    return UserChanges(role=body.get("role"), terms=terms)


def _term(name: str, value: Any) -> Any:
    if name == "disabled":
        if not isinstance(value, bool):
            raise errors.InvalidRequest("An account is either disabled or not.", field=name, hint="Send true or false.")
        return value
    if value is None:  # the deployment's own
        return None
    return _percents(value) if name == "alert_percents" else clean_size(value, field=name, minimum=0)


def _percents(value: Any) -> tuple[int, ...]:
    good = isinstance(value, list) and 0 < len(value) <= MAX_PERCENTS
    if not good or not all(type(percent) is int and 1 <= percent <= 100 for percent in value):
        raise errors.InvalidRequest(
            f"Alerts come at 1 to {MAX_PERCENTS} whole percentages from 1 to 100.", field="alert_percents"
        )
    return tuple(sorted(set(value)))


def _shown(changes: UserChanges) -> dict[str, Any]:
    terms = {name: list(value) if isinstance(value, tuple) else value for name, value in changes.terms.items()}
    return {**({"role": changes.role} if changes.role is not None else {}), **terms}


ROUTES = (
    Route("GET", "/admin/users", get_users, admin=True, query=("email", *LIST)),
    Route("GET", "/admin/users/{uid}", get_one_user, admin=True),
    Route("PATCH", "/admin/users/{uid}", patch_user, action="user.changed", admin=True, audits_itself=True),
)
