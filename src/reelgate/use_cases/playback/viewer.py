"""Who asks to watch: the token of a grant, and the page that sends it."""

from __future__ import annotations

from dataclasses import field
from typing import Protocol

from reelgate.domain.books.grant import PlaybackGrant
from reelgate.domain.value_types import value_type
from reelgate.ports.accounts import HasRequestLimits
from reelgate.use_cases.playback import open_grant as opening
from reelgate.use_cases.playback.open_grant import FindingServices, OpenedGrant

ANY_ORIGIN = ("*",)


class Services(FindingServices, HasRequestLimits, Protocol):
    """What recognising a viewer needs."""


class OpeningServices(opening.Services, HasRequestLimits, Protocol):
    """What opening a grant for a viewer needs."""


@value_type
class Viewer:
    """Someone who may have a grant's token. `origin` is the page's, if a page asks; `own_origin` that of the address asked."""

    token: str = field(repr=False)
    origin: str | None = None
    own_origin: str | None = None


async def find_grant(services: Services, viewer: Viewer) -> PlaybackGrant:
    """Return the viewer's grant, open or not, and count the request with all of the same owner. At most one read.

    Raises GrantNotFound, OriginNotAllowed, TooManyRequests, Unavailable.
    """
    grant = await opening.find_grant(services, viewer.token, viewer.origin, own_origin=viewer.own_origin)
    await services.request_limits.take("play", grant.uid, counts_reads=False)  # they count for the client address
    return grant


async def open_grant(services: OpeningServices, viewer: Viewer, *, playing: bool = False) -> OpenedGrant:
    """Return the viewer's grant with its video, and count the request with all of the same owner.

    Args:
        playing: for a play that has begun.

    Raises:
        GrantNotFound, OriginNotAllowed, TooManyRequests, Unavailable.
        GrantExpired, GrantRevoked, GrantUsedUp, VideoUnavailable: it opens nothing any more.
    """
    await find_grant(services, viewer)
    return await opening.open_grant(services, viewer.token, viewer.origin, own_origin=viewer.own_origin, playing=playing)


async def readers_of(services: FindingServices, viewer: Viewer) -> tuple[str, ...]:
    """Return the origins whose pages may read what is said of the viewer's grant; `*` is any. At most one read.

    Raises GrantNotFound, OriginNotAllowed, Unavailable.
    """
    grant = await opening.find_grant(services, viewer.token, viewer.origin, own_origin=viewer.own_origin)
    if not grant.origins or viewer.origin is None:
        return ANY_ORIGIN
    return (viewer.origin,)
