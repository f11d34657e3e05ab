"""Find the grant of a token, and the video that it opens: what every public route of playback does first."""

from __future__ import annotations

import asyncio
from typing import Protocol
from urllib.parse import urlsplit

from reelgate.domain import errors
from reelgate.domain.books.account import Account
from reelgate.domain.books.grant import PlaybackGrant
from reelgate.domain.books.video import Video
from reelgate.domain.media.derived_media import DerivedMedia
from reelgate.domain.playback.grants import TOKENS, require_open, unknown_grant
from reelgate.domain.value_types import value_type
from reelgate.ports.books import HasBooks, ReadSet
from reelgate.ports.media import HasDerivedMedia
from reelgate.ports.playback import HasKnownGrants
from reelgate.ports.runtime import HasApiUrl, HasClock


class FindingServices(HasApiUrl, HasKnownGrants, Protocol):
    """What finding the grant of a token needs."""


class Services(FindingServices, HasBooks, HasClock, HasDerivedMedia, Protocol):
    """What opening a grant needs."""


@value_type
class OpenedGrant:
    """A grant that is open now, its owner's account, its video, and the record of what was derived from it, if there is one."""

    grant: PlaybackGrant
    account: Account
    video: Video
    record: DerivedMedia | None


async def find_grant(
    services: FindingServices, token: str, origin: str | None, *, own_origin: str | None = None
) -> PlaybackGrant:
    """Return the grant of a token, open or not, for a request with this `Origin`. At most one read; none for a malformed token.

    It may be as of an earlier time (`KnownGrants`): whoever opens or charges it reads it again, with account and video
    (`ReadSet.grant_id`).

    Args:
        own_origin: the origin that the request was sent to, whose pages are this service's own, as are those of the API's URL.

    Raises:
        GrantNotFound: no such token was made, or its grant was removed.
        OriginNotAllowed: the grant may not be played by pages of this origin.
        Unavailable.
    """
    parsed = TOKENS.parse(token)
    grant = await services.known_grants.find(parsed.token_id) if parsed is not None else None
    if parsed is None or grant is None or not grant.is_opened_by(parsed.digest):
        raise unknown_grant()
    own = (own_origin, _origin_of(services.api_url) if services.api_url else None)
    if not grant.allows_origin(origin, *filter(None, own)):
        raise errors.OriginNotAllowed("This video may not be played on this site.")
    return grant


async def open_grant(
    services: Services, token: str, origin: str | None, *, own_origin: str | None = None, playing: bool = False
) -> OpenedGrant:
    """Return the grant of a token with everything that showing its video needs.

    Two round trips and five reads; one round trip and four reads for a grant that this instance has seen.

    Args:
        own_origin: as for `find_grant`.
        playing: for a play that has begun, which goes on although no further one may begin (`max_plays`).

    Raises:
        GrantNotFound, OriginNotAllowed: see `find_grant`; GrantNotFound also if its owner is being deleted.
        GrantExpired, GrantRevoked, GrantUsedUp, VideoUnavailable: it opens nothing any more.
        Unavailable.
    """
    known = await find_grant(services, token, origin, own_origin=own_origin)
    snapshot, records = await asyncio.gather(
        services.books.read(known.uid, ReadSet(file_id=known.file_id, grant_id=known.grant_id)),
        services.derived_media.get(known.uid, known.file_id),
    )
    grant = snapshot.grant
    if grant is None:
        raise unknown_grant()
    account, video = require_open(grant, snapshot.account, snapshot.video, services.now(), playing=playing)
    return OpenedGrant(grant=grant, account=account, video=video, record=records.get(grant.file_id))


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
