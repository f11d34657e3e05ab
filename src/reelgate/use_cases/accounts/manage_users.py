"""What admins see of users: accounts from the books, joined with users from the directory."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from reelgate.domain import errors
from reelgate.domain.books.account import Account
from reelgate.domain.value_types import value_type
from reelgate.ports.accounts import HasDirectory, User
from reelgate.ports.books import HasBooks, HasPolicy, Page, ReadSet
from reelgate.ports.identity import Caller
from reelgate.ports.runtime import HasClock
from reelgate.use_cases.books.commit import current_ledger


class Services(HasBooks, HasClock, HasDirectory, HasPolicy, Protocol):
    """What listing and finding users needs."""


AT_ONCE = 16
"""For how many accounts of a page the oldest open upload is read concurrently."""


@value_type
class ManagedUser:
    """An account and its user. `user` is None for users of foreign issuers, which the directory does not know.

    `uploading` is since when uploads are open; None if none is.
    """

    account: Account
    user: User | None
    uploading: datetime | None = None


async def list_users(services: Services, *, limit: int, cursor: str | None) -> Page[ManagedUser]:
    """Return all users who have an account, by uid. Raises InvalidRequest for a cursor that is not from this list."""
    page = await services.books.accounts(limit=limit, cursor=cursor)
    users = await services.directory.get_many([account.uid for account in page.items])
    ledger, gate = current_ledger(services), asyncio.Semaphore(AT_ONCE)

    async def joined(account: Account) -> ManagedUser:
        async with gate:
            uploading = await uploading_since(services, account)
        return ManagedUser(account=ledger.current(account), user=users.get(account.uid), uploading=uploading)

    return Page(await asyncio.gather(*map(joined, page.items)), page.next_cursor)


async def uploading_since(services: HasBooks, account: Account) -> datetime | None:
    """Return when the account's oldest open upload was granted, or None if none is open. Reads only if there is one."""
    if not account.open_uploads:
        return None
    oldest = (await services.books.uploads(account.uid, limit=1)).items
    return oldest[0].created_at if oldest else None


async def find_user(services: Services, email: str) -> ManagedUser | None:
    """Return the directory's user with an address, or None."""
    user = await services.directory.find(email)
    return await _joined(services, user.uid, user) if user else None


async def own_user(services: Services, caller: Caller) -> ManagedUser:
    """Return the caller's own account, also if nothing has opened it yet, and what the directory has of them.

    The directory is asked about its own users; a key does not say whether its owner is one.
    """
    ours = caller.key_id is not None or caller.issuer == services.directory.issuer
    user = await services.directory.get(caller.uid) if ours else None
    stored = (await services.books.read(caller.uid, ReadSet())).account
    ledger = current_ledger(services)
    account = ledger.current(ledger.account_for(stored, caller.uid, caller.email, email_verified=caller.email_verified))
    return ManagedUser(account=account if stored else replace(account, created_at=None), user=user)


async def get_user(services: Services, uid: str) -> ManagedUser:
    """Return a user that is known to the books or the directory. Raises UserNotFound."""
    found = await _joined(services, uid, await services.directory.get(uid))
    if found is None:
        raise errors.UserNotFound("There is no such user.", hint="GET /v1/admin/users lists the users.")
    return found


async def _joined(services: Services, uid: str, user: User | None) -> ManagedUser | None:
    account = (await services.books.read(uid, ReadSet())).account
    if account is None and user is None:
        return None
    ledger = current_ledger(services)
    # A user of the directory who has never used the service: the account as it would be created.
    known = account or replace(ledger.account_for(None, uid, user.email if user else None), created_at=None)
    return ManagedUser(account=ledger.current(known), user=user, uploading=await uploading_since(services, known))
