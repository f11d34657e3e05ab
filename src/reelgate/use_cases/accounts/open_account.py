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
from reelgate.ports.accounts import Claim, HasUsernames
from reelgate.ports.books import ReadSet, Snapshot
from reelgate.ports.identity import Caller
from reelgate.use_cases.audit.pending_event import PendingEvent
from reelgate.use_cases.books.commit import CommitServices, Transaction, commit, current_ledger


class Services(CommitServices, HasUsernames, Protocol):
    """What opening an account needs."""


_log = logging.getLogger(__name__)


async def open_account(
    services: Services, uid: str, email: str | None, username: str | None, *, audit: PendingEvent | None = None
) -> Account:
    """Return the account of a user of the directory, opening and announcing it if that has not been done before.

    Raises BooksBusy, Unavailable.
    """
    if audit is not None:
        audit.note(user_id=uid)
    result = await commit(services, uid, registration(uid, email, username), audit=audit)
    if result.change is not None:
        return result.change.account
    if audit is not None:
        audit.recorded = True  # when the account was opened
    if result.snapshot.account is None:
        raise RuntimeError("an account's entry exists without the account")
    return result.snapshot.account


def registration(uid: str, email: str | None, username: str | None) -> Transaction:
    """Return the transaction that opens a registered account, once per uid."""

    def decide(ledger: Ledger, snapshot: Snapshot) -> Change:
        return register(ledger, ledger.account_for(snapshot.account, uid, email), username=username)

    return Transaction(decide, ReadSet(entry_id=EntryId.register(uid)))


async def registered_account(services: Services, caller: Caller, shown_name: str | None) -> Account:
    """Return the account of a user who has just signed in, opening it if necessary.

    This completes a registration that was interrupted, and opens the account of a user whom an operator has added to the
    directory. The user name shown in the directory is used only if this user has claimed it.

    Raises BooksBusy, Unavailable.
    """
    uid = caller.uid
    snapshot = await services.books.read(uid, ReadSet(entry_id=EntryId.register(uid)))
    if snapshot.account is not None and snapshot.entry is not None:
        return current_ledger(services).current(snapshot.account)
    claim = await _own_claim(services, uid, shown_name)
    _log.info("the account of %s is opened at a sign-in", uid)
    return await open_account(services, uid, caller.email, claim.username if claim else None)


async def _own_claim(services: Services, uid: str, shown_name: str | None) -> Claim | None:
    try:
        name = clean_username(shown_name)
    except InvalidRequest:  # with an SDK, users can set their name in the directory to any text
        return None
    claim = await services.usernames.find(name)
    if claim is None or claim.uid != uid or not await services.usernames.confirm(claim):
        return None
    return claim
