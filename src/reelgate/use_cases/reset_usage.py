"""Set a user's use of the day back to nothing, by an admin's order (seed 001, `reset-daily`)."""

from __future__ import annotations

from reelgate.domain import errors
from reelgate.domain.ledger import Change, Ledger
from reelgate.ports import Caller, Services, View, Wanted
from reelgate.use_cases.change_books import change_books
from reelgate.use_cases.require_acting_admin import require_acting_admin


async def reset_usage(services: Services, caller: Caller, uid: str) -> None:
    """Reset the day of `uid`. Limits, stored bytes and open uploads stay as they are.

    Raises:
        Forbidden, AccountDisabled: the caller is no admin (any more).
        UserStorageNotFound: nobody of that id has an account here.
        BooksBusy, Unavailable.
    """
    await require_acting_admin(services, caller)
    reset_id = services.new_id()

    def decide(view: View) -> Change:
        if view.account is None:
            raise errors.UserStorageNotFound(f"User '{uid}' has no account.")
        return Ledger(services.policy, services.now()).reset_day(view.account, reset_id=reset_id, by=caller.uid)

    await change_books(services, uid, decide, Wanted())
