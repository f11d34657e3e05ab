"""Show a user's storage: the account, and the stored videos."""

from __future__ import annotations

from typing import Protocol

from reelgate.domain.books.account import Account
from reelgate.domain.books.video import Video
from reelgate.domain.value_types import value_type
from reelgate.ports.books import HasBooks, HasPolicy, Page
from reelgate.ports.identity import Caller
from reelgate.ports.runtime import HasClock
from reelgate.use_cases.uploads.check_uploads import current_account
from reelgate.use_cases.videos.list_videos import list_videos


class Services(HasBooks, HasClock, HasPolicy, Protocol):
    """What showing storage needs."""


@value_type
class StorageStatus:
    """An account as of now, and a page of its videos, newest first."""

    account: Account
    videos: Page[Video]


async def show_storage(services: Services, caller: Caller, *, limit: int, cursor: str | None = None) -> StorageStatus:
    """Return the caller's storage. Writes nothing. Raises InvalidRequest for a cursor of another list."""
    account = await current_account(services, caller)
    if account.stored == 0 and cursor is None:  # saves a query for new users
        return StorageStatus(account=account, videos=Page([]))
    return StorageStatus(account=account, videos=await list_videos(services, caller, limit=limit, cursor=cursor))
