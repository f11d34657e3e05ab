"""Change a user's role, limits, and whether the account is disabled (admins)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from reelgate.domain import errors
from reelgate.domain.accounts.account_changes import AccountTerms, set_terms
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.value_types import value_type
from reelgate.ports.accounts import HasDirectory
from reelgate.ports.books import Snapshot
from reelgate.ports.identity import Caller, HasApiKeys
from reelgate.ports.runtime import HasFunctionName, HasIds
from reelgate.use_cases.accounts.manage_users import ManagedUser, get_user
from reelgate.use_cases.audit.publish_user_changes import ChangeAudit
from reelgate.use_cases.books.commit import CommitServices, Transaction, commit


class Services(CommitServices, HasApiKeys, HasDirectory, HasFunctionName, HasIds, Protocol):
    """What changing a user needs."""


TOKEN_LIFE = timedelta(hours=1)
"""How long an ID token of Firebase Auth is valid. It carries the role that its user had when it was issued."""


@value_type
class UserChanges:
    """The requested changes: `terms` by the names of `AccountTerms`, only those that change; `role` None leaves it as it is."""

    role: str | None
    terms: dict[str, Any]


@value_type
class ChangedUser:
    """The user before and after. `role_effective_at` is when the last token with another role has expired."""

    before: ManagedUser
    after: ManagedUser
    role_effective_at: datetime | None


async def change_user(
    services: Services, caller: Caller, uid: str, changes: UserChanges, *, request_id: str | None = None
) -> ChangedUser:
    """Change a user. Repeating it is harmless, and completes a change that was interrupted.

    Directory, books and API keys share no transaction. To disable a user, the books are changed first, which ends all grants at
    once; to enable one, the directory is changed first, and the keys last. An interrupted change therefore always leaves the
    user disabled.

    The audit log gets one event for the directory and one for the books. For changes of the books, it is recorded in
    the same commit, because a repeated request would find the books changed and no longer know the old values.

    The caller is an admin: the route has checked it (`require_acting_admin`).

    Raises:
        OwnAccount: admins cannot demote or disable themselves, so that at least one admin is left.
        UserNotFound, ForeignUser, BooksBusy, Unavailable.
    """
    _refuse_own_account(caller, uid, changes)
    before = await get_user(services, uid)
    if changes.role is not None and before.user is None:
        raise errors.ForeignUser("This user signs in through another service. Change the role there.")
    audit = ChangeAudit(services=services, caller=caller, uid=uid, change_id=services.new_id(), request_id=request_id)

    async def in_books() -> None:
        await _change_terms(services, audit, before, changes)

    async def in_directory() -> None:
        await _change_directory(services, audit, before, changes)

    async def of_keys() -> None:
        if "disabled" in changes.terms:
            await services.api_keys.suspend(uid, changes.terms["disabled"])

    enabling = changes.terms.get("disabled") is False
    steps: list[Callable[[], Awaitable[None]]] = (
        [in_directory, in_books, of_keys] if enabling else [in_books, of_keys, in_directory]
    )
    for step in steps:
        await step()
    return ChangedUser(
        before=before,
        after=await get_user(services, uid),
        role_effective_at=services.now() + TOKEN_LIFE if changes.role is not None else None,
    )


def _refuse_own_account(caller: Caller, uid: str, changes: UserChanges) -> None:
    if uid != caller.uid:
        return
    if changes.role not in {None, "admin"}:
        raise errors.OwnAccount("You cannot remove your own admin role. Ask another administrator.")
    if changes.terms.get("disabled"):
        raise errors.OwnAccount("You cannot disable your own account. Ask another administrator.")


async def _change_terms(services: Services, audit: ChangeAudit, before: ManagedUser, changes: UserChanges) -> None:
    if changes.terms:
        await commit(services, before.account.uid, terms_change(audit, before, changes))


def terms_change(audit: ChangeAudit, before: ManagedUser, changes: UserChanges) -> Transaction:
    """Return the transaction that changes a user's terms in the books, with their action for the audit log."""

    def decide(ledger: Ledger, snapshot: Snapshot) -> Change | None:
        user = before.user
        email, verified = (user.email, user.email_verified) if user else (None, False)
        account = ledger.account_for(snapshot.account, before.account.uid, email, email_verified=verified)
        old = AccountTerms.of(account)
        terms = replace(old, **changes.terms)
        change = set_terms(ledger, account, terms, change_id=audit.change_id)
        event = audit.action("limits", asdict(old), asdict(terms))
        return replace(change, audit=(event,)) if change and event else change

    return Transaction(decide)


async def _change_directory(services: HasDirectory, audit: ChangeAudit, before: ManagedUser, changes: UserChanges) -> None:
    user, directory = before.user, services.directory
    if user is None:
        return
    if changes.role is not None and changes.role != user.role:
        await directory.set_role(user.uid, changes.role)
        await audit.publish("role", {"role": user.role}, {"role": changes.role})
    if "disabled" not in changes.terms:
        return
    disabled = changes.terms["disabled"]
    # Always, not only if it differs: an earlier attempt may have died between disabling and revoking the refresh tokens.
    await directory.set_disabled(user.uid, disabled)
    if before.account.disabled == disabled:  # otherwise the change of the books has published it
        await audit.publish("sign-in", {"disabled": user.disabled}, {"disabled": disabled})
