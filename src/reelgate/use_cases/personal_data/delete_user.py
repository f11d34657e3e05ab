"""Delete a user: by themselves, or by an admin (docs/deleting-users.md).

One commit marks the account. From then on, the books refuse every change, and what arrives late finds no right to exist. The
work follows in pages, each of which can be repeated, and none of which remembers where the one before it ended: what is left is
found again. The request works for a few seconds; the sweep continues what a request or a crash has left.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from reelgate.domain import errors
from reelgate.domain.accounts.erasure import addresses
from reelgate.domain.audit import Action, sentence
from reelgate.domain.value_types import value_type
from reelgate.ports.accounts import HasUserLookup, User
from reelgate.ports.books import HasBooks, HasPolicy, ReadSet
from reelgate.ports.identity import Caller, HasIdentity, VerifiedToken
from reelgate.ports.personal_data import Erasure, HasErasures
from reelgate.ports.runtime import HasClock, HasFunctionName
from reelgate.use_cases.books.commit import current_ledger
from reelgate.use_cases.personal_data.erase_user import Services as EraseServices
from reelgate.use_cases.personal_data.erase_user import erase_user


class Services(
    EraseServices, HasBooks, HasClock, HasErasures, HasPolicy, HasFunctionName, HasUserLookup, HasIdentity, Protocol
):
    """What deleting a user needs."""


ACTION = "user.deleted"
FRESH_FOR = timedelta(minutes=5)
"""How old the sign-in may be with which a user deletes themselves."""
WORK_TIME = timedelta(seconds=15)
"""How long a request begins new pages of work: API Gateway and clients wait for an answer."""


@value_type
class Deletion:
    """A deletion that was requested at some time. `complete` is whether nothing is left but the tombstone."""

    requested_at: datetime
    complete: bool


async def delete_own_account(services: Services, caller: Caller, *, token: str) -> Deletion:
    """Delete the caller. Repeating it continues the deletion, and returns the same when it is complete.

    Args:
        token: the caller's. It says when they have proved who they are, which is not when it was refreshed; that does not
            matter for a deletion that has begun.

    Raises:
        SignInTooOld: that was more than five minutes ago.
        OwnAccount: admins cannot delete themselves, so that at least one admin is left.
        Unavailable: repeat the request.
    """
    begun = await services.erasures.find(caller.uid, now=services.now())
    if begun is None:
        user = await services.user_lookup.get(caller.uid)
        if (user.role if user is not None else caller.role) == "admin":
            raise own_account()
        if services.now() - _signed_in_at(await services.identity.inspect(token)) > FRESH_FOR:
            raise errors.SignInTooOld("To delete your account, sign in again first.")
        begun = await _begin(services, caller.uid, user, caller.email, by=None)
    return await _worked(services, caller.uid, begun)


async def delete_user(services: Services, caller: Caller, uid: str) -> Deletion:
    """Delete a user for an admin. Repeating it continues the deletion, and returns the same when it is complete.

    The caller is an admin: the route has checked it (`require_acting_admin`).

    Raises:
        OwnAccount: admins cannot delete themselves.
        UserNotFound: neither the books nor the directory know this user, and no deletion is remembered.
        Unavailable: repeat the request.
    """
    if uid == caller.uid:
        raise own_account()
    begun = await services.erasures.find(uid, now=services.now())
    if begun is None:
        user = await services.user_lookup.get(uid)
        if user is None and (await services.books.read(uid, ReadSet())).account is None:
            raise errors.UserNotFound("There is no such user.")
        begun = await _begin(services, uid, user, None, by=caller)
    return await _worked(services, uid, begun)


def _signed_in_at(token: VerifiedToken) -> datetime:
    """Return the `auth_time` of a token (OpenID Connect Core, section 2), or when it was issued if the issuer leaves it out."""
    seconds = token.claims.get("auth_time")
    if isinstance(seconds, int | float) and 0 <= seconds <= token.issued_at.timestamp():
        return datetime.fromtimestamp(seconds, UTC)
    return token.issued_at


def own_account() -> errors.OwnAccount:
    """Return the error for admins who would delete themselves."""
    return errors.OwnAccount("You are an admin, and cannot delete your own account. Ask another admin.")


async def _begin(services: Services, uid: str, user: User | None, email: str | None, *, by: Caller | None) -> Erasure:
    standing = (await services.books.read(uid, ReadSet())).account
    account = current_ledger(services).account_for(standing, uid)
    emails = addresses(account.email, email, user.email if user else None)
    return await services.erasures.begin(account, emails=emails, now=services.now(), audit=_event(services, by))


def _event(services: Services, by: Caller | None) -> Callable[[str], Action]:
    """Return what makes the audit event of a deletion, under the pseudonym: by an admin, or else by the users themselves.

    It has no request id, which would lead to the requests' logs, and with them to the user.
    """

    def event(pseudonym: str) -> Action:
        details = {"user_id": pseudonym}
        return Action(
            action_id=f"{ACTION}:{pseudonym}",
            at=services.now(),
            action=ACTION,
            uid=pseudonym if by is None else by.uid,
            service=services.function,
            outcome="done",
            description=sentence(ACTION, details),
            data=details,
        )

    return event


async def _worked(services: Services, uid: str, begun: Erasure) -> Deletion:
    complete = begun.complete or await erase_user(services, uid, until=services.now() + WORK_TIME)
    return Deletion(requested_at=begun.begun_at, complete=complete)
