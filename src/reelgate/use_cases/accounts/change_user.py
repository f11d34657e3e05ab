"""Change what a user may do: role, limits, and whether they are let in at all (admins)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from reelgate.domain import errors
from reelgate.domain.accounts.account_changes import AccountTerms, set_terms
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.ports import Caller, HasDirectory, HasFunctionName, HasIds, Snapshot
from reelgate.use_cases.accounts.manage_users import ManagedUser, get_user
from reelgate.use_cases.audit.publish_user_changes import ChangeTeller
from reelgate.use_cases.books.commit import CommitServices, Transaction, commit


class Services(CommitServices, HasDirectory, HasFunctionName, HasIds, Protocol):
    """What changing a user uses."""


TOKEN_LIFE = timedelta(hours=1)
"""How long an ID token of Firebase Auth lives, and says what role its user had when it was issued."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserChanges:
    """What is to be changed: `terms` by the names of `AccountTerms`, of which only those given change; `role` None stays."""

    role: str | None
    terms: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedUser:
    """The user before and after. `role_effective_at` is when the last token that tells of another role has ended."""

    before: ManagedUser
    after: ManagedUser
    role_effective_at: datetime | None


async def change_user(
    services: Services, caller: Caller, uid: str, changes: UserChanges, *, request_id: str | None = None
) -> ChangedUser:
    """Change a user. Repeating it is harmless, and finishes what died halfway.

    Directory and books share no transaction. Whoever is to be locked out is so in the books first, which ends all grants at
    once; whoever is to be let in again, in the directory first: so whatever is interrupted leaves them locked out.

    The audit log is told of each place by itself. What the books change they tell in the same commit, by their outbox:
    a repetition finds it changed and could not say any more what was there before.

    The caller is an admin: the route has asked (`require_acting_admin`).

    Raises:
        OwnAccount: admins do not demote or disable themselves, so that somebody is left who can.
        UserNotFound, ForeignUser, BooksBusy, Unavailable.
    """
    _spare_oneself(caller, uid, changes)
    before = await get_user(services, uid)
    if changes.role is not None and before.user is None:
        raise errors.ForeignUser("The user signs in with another issuer; the role is set there.")
    teller = ChangeTeller(services=services, caller=caller, uid=uid, change_id=services.new_id(), request_id=request_id)

    async def in_books() -> None:
        await _change_terms(services, teller, before, changes)

    async def in_directory() -> None:
        await _change_directory(services, teller, before, changes)

    steps: list[Callable[[], Awaitable[None]]] = [in_books, in_directory]
    for step in steps if changes.terms.get("disabled") is not False else reversed(steps):
        await step()
    return ChangedUser(
        before=before,
        after=await get_user(services, uid),
        role_effective_at=services.now() + TOKEN_LIFE if changes.role is not None else None,
    )


def _spare_oneself(caller: Caller, uid: str, changes: UserChanges) -> None:
    if uid != caller.uid:
        return
    if changes.role not in {None, "admin"}:
        raise errors.OwnAccount("Another admin must take the role from you.")
    if changes.terms.get("disabled"):
        raise errors.OwnAccount("Another admin must disable your account.")


async def _change_terms(services: Services, teller: ChangeTeller, before: ManagedUser, changes: UserChanges) -> None:
    if changes.terms:
        await commit(services, before.account.uid, terms_change(teller, before, changes))


def terms_change(teller: ChangeTeller, before: ManagedUser, changes: UserChanges) -> Transaction:
    """Return the transaction that changes what the books say of a user, with the message for the audit log in its outbox."""

    def decide(ledger: Ledger, snapshot: Snapshot) -> Change | None:
        account = ledger.account_for(snapshot.account, before.account.uid, before.user.email if before.user else None)
        old = AccountTerms.of(account)
        terms = replace(old, **changes.terms)
        change = set_terms(ledger, account, terms, by=teller.caller.uid, change_id=teller.change_id)
        told = teller.action("limits", asdict(old), asdict(terms))
        return replace(change, outbox=(*change.outbox, told.message())) if change and told else change

    return Transaction(decide)


async def _change_directory(services: HasDirectory, teller: ChangeTeller, before: ManagedUser, changes: UserChanges) -> None:
    user, directory = before.user, services.directory
    if user is None:
        return
    if changes.role is not None and changes.role != user.role:
        await directory.set_role(user.uid, changes.role)
        await teller.tell("role", {"role": user.role}, {"role": changes.role})
    if "disabled" not in changes.terms:
        return
    disabled = changes.terms["disabled"]
    # Always, not only when it differs: an earlier try may have died between locking out and ending the refresh tokens.
    await directory.set_disabled(user.uid, disabled)
    if before.account.disabled == disabled:  # else the books tell it
        await teller.tell("sign-in", {"disabled": user.disabled}, {"disabled": disabled})
