"""The one way of use cases to write the books: commit, then carry out what the commit left to do.

A day that turns over, or use that passes a threshold, can put an alert into any change at all. So every commit is
followed by a delivery, and a test makes sure that no use case calls `Books.commit` itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from reelgate.domain.books.ledger import Change
from reelgate.ports import CommitResult, Decide, ReadSet, Services
from reelgate.use_cases.books.deliver_outbox import deliver


async def change_books(
    services: Services,
    uid: str,
    decide: Decide,
    wanted: ReadSet,
    *,
    before_delivery: Callable[[Change], Awaitable[None]] | None = None,
) -> CommitResult:
    """Change a user's books as `Books.commit` does, and deliver the outbox of what was written.

    Args:
        before_delivery: done between the commit and the delivery, for what must be there when the messages arrive.

    Raises:
        Whatever `Books.commit` or `before_delivery` raises. Delivering never raises: the sweep takes up what is left.
    """
    outcome = await services.books.commit(uid, decide, wanted)
    if outcome.change is not None:
        if before_delivery is not None:
            await before_delivery(outcome.change)
        await deliver(services, outcome.change)
    return outcome
