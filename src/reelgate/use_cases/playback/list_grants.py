"""Show the playback grants of a user, and whether each is open."""

from __future__ import annotations

from typing import Protocol

from reelgate.domain import errors
from reelgate.domain.accounts.checked_tokens import is_token_id
from reelgate.domain.books.grant import PlaybackGrant
from reelgate.domain.playback.grants import GrantState, grant_state
from reelgate.domain.value_types import value_type
from reelgate.ports.books import HasBooks, Page, ReadSet
from reelgate.ports.identity import Caller
from reelgate.ports.runtime import HasClock
from reelgate.use_cases.videos.find_video import by_id


class Services(HasBooks, HasClock, Protocol):
    """What showing grants needs."""


@value_type
class ShownGrant:
    """A grant, and whether it is open now, or why not."""

    grant: PlaybackGrant
    state: GrantState


async def list_grants(
    services: Services, caller: Caller, file_id: str, *, limit: int, cursor: str | None = None
) -> Page[ShownGrant]:
    """Return the grants of one of the caller's videos, newest first, also of one in the trash.

    Raises VideoNotFound, InvalidRequest for a cursor of another list, Unavailable.
    """
    which = by_id(file_id)
    snapshot = await services.books.read(caller.uid, ReadSet(file_id=file_id, trashed_file_id=file_id))
    if snapshot.video is None and snapshot.trashed is None:
        raise which.not_found()
    page = await services.books.grants(caller.uid, file_id, limit=limit, cursor=cursor)
    now = services.now()
    shown = [ShownGrant(grant=one, state=grant_state(one, snapshot.account, snapshot.video, now)) for one in page.items]
    return Page(shown, page.next_cursor)


async def show_grant(services: Services, caller: Caller, grant_id: str) -> ShownGrant:
    """Return one of the caller's grants. Raises GrantNotFound, Unavailable."""
    grant = await services.books.grant(grant_id) if is_token_id(grant_id) else None
    if grant is None or grant.uid != caller.uid:
        raise no_such_grant()
    snapshot = await services.books.read(caller.uid, ReadSet(file_id=grant.file_id))
    return ShownGrant(grant=grant, state=grant_state(grant, snapshot.account, snapshot.video, services.now()))


def no_such_grant() -> errors.GrantNotFound:
    """Return the error for an id that names no grant of the caller."""
    return errors.GrantNotFound("You have no link with this id.")
