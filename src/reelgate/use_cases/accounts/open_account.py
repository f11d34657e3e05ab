"""Complete a registration: open the account in the books, with its user name."""

from __future__ import annotations

import logging
from typing import Protocol

from reelgate.domain.accounts.account_changes import register
from reelgate.domain.accounts.credentials import clean_username
from reelgate.domain.books.account import Account
from reelgate.domain.books.entries import EntryId
from reelgate.domain.books.ledger import Change, Ledger
from reelgate.domain.errors import InvalidRequest
from reelgate.domain.value_types import value_type
from reelgate.ports.accounts import Claim, HasUsernames
from reelgate.ports.books import ReadSet, Snapshot
from reelgate.ports.identity import Caller
from reelgate.use_cases.audit.pending_event import PendingEvent
from reelgate.use_cases.books.commit import CommitServices, Transaction, commit, current_ledger


class Services(CommitServices, HasUsernames, Protocol):
    """What opening an account needs."""


_log = logging.getLogger(__name__)


@value_type
class Applicant:
    """A user of the directory whose account is opened. `email_verified` is whether a token has said so of the address."""

    uid: str
    email: str | None
    username: str | None
    email_verified: bool = False


@value_type
class OpenedAccount:
    """An account. `is_new` is whether this call has opened it."""

    account: Account
    is_new: bool


async def open_account(services: Services, applicant: Applicant, *, audit: PendingEvent | None = None) -> OpenedAccount:
    """Return the account of a user of the directory, opening and announcing it if that has not been done before.

    Raises BooksBusy, Unavailable.
    """
    if audit is not None:
        audit.note(user_id=applicant.uid)
    result = await commit(services, applicant.uid, registration(applicant), audit=audit)
    if result.change is not None:
        return OpenedAccount(account=result.change.account, is_new=True)
    if audit is not None:
        audit.recorded = True  # when the account was opened
    if result.snapshot.account is None:
        raise RuntimeError("an account's entry exists without the account")
    return OpenedAccount(account=result.snapshot.account, is_new=False)


def registration(applicant: Applicant) -> Transaction:
    """Return the transaction that opens a registered account, once per uid."""

    def decide(ledger: Ledger, snapshot: Snapshot) -> Change:
        account = ledger.account_for(snapshot.account, applicant.uid, applicant.email, email_verified=applicant.email_verified)
        return register(ledger, account, username=applicant.username)

    return Transaction(decide, ReadSet(entry_id=EntryId.register(applicant.uid)))


async def registered_account(services: Services, caller: Caller, shown_name: str | None) -> Account:
    """Return the account of a user who has just signed in, opening it if necessary.

    This completes a registration that was interrupted, and opens the account of a user whom an operator has added to the
    directory. The user name shown in the directory is used only if this user has claimed it. If the token has another address,
    or says for the first time that it is verified, the account is changed.

    Raises BooksBusy, Unavailable.
    """
    uid = caller.uid
    snapshot = await services.books.read(uid, ReadSet(entry_id=EntryId.register(uid)))
    if snapshot.account is not None and snapshot.entry is not None:
        ledger, transaction = current_ledger(services), address_change(caller)
        if not snapshot.account.erasing and transaction.decide(ledger, snapshot) is not None:
            changed = (await commit(services, uid, transaction)).change
            if changed is not None:
                return changed.account
        return ledger.current(snapshot.account)
    claim = await _own_claim(services, uid, shown_name)
    _log.info("the account of %s is opened at a sign-in", uid)
    username = claim.username if claim else None
    applicant = Applicant(uid=uid, email=caller.email, username=username, email_verified=caller.email_verified)
    return (await open_account(services, applicant)).account


def address_change(caller: Caller) -> Transaction:
    """Return the transaction that records the address in the caller's token, and that it is verified, if this is news."""

    def decide(ledger: Ledger, snapshot: Snapshot) -> Change | None:
        known = snapshot.account
        account = ledger.account_for(known, caller.uid, caller.email, email_verified=caller.email_verified)
        return None if account == known else ledger.change(account)

    return Transaction(decide)


async def _own_claim(services: Services, uid: str, shown_name: str | None) -> Claim | None:
    try:
        name = clean_username(shown_name)
    except InvalidRequest:  # with an SDK, users can set their name in the directory to any text
        return None
    claim = await services.usernames.find(name)
    if claim is None or claim.uid != uid or not await services.usernames.confirm(claim):
        return None
    return claim
