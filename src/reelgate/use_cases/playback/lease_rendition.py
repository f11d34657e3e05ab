"""Lease the URL of a rendition for a few minutes of a play, or that of a whole file for all of it."""

from __future__ import annotations

from dataclasses import field
from datetime import datetime
from typing import Protocol

from reelgate.domain import errors
from reelgate.domain.books.video import Video
from reelgate.domain.playback.lease_charges import MAX_NUMBER, is_view, lease_entry, long_seconds, paid_part
from reelgate.domain.value_types import value_type
from reelgate.ports.media import HasDerivedBucket, HasDerivedMedia
from reelgate.ports.playback import HasSegmentIndexes
from reelgate.ports.runtime import HasIds
from reelgate.ports.storage import HasBucket
from reelgate.use_cases.playback import granted_url, viewer
from reelgate.use_cases.playback.granted_url import GrantedUrl, PaidObject
from reelgate.use_cases.playback.packaged_video import find_packaged, rendition_name, rendition_of
from reelgate.use_cases.playback.viewer import Viewer, find_grant, open_grant

WHOLE_FILE = "file"
"""The variant of a URL that opens the file as it was uploaded."""


class Services(granted_url.Services, viewer.Services, HasDerivedBucket, HasDerivedMedia, HasIds, HasSegmentIndexes, Protocol):
    """What leasing a rendition needs."""


class FileServices(granted_url.Services, viewer.OpeningServices, HasBucket, HasIds, Protocol):
    """What opening a whole file needs."""


@value_type
class WantedLease:
    """Which lease a player asks for.

    Attributes:
        view: the play that it belongs to; None begins one.
        number: of the lease in its play: one more than that of the lease before.
        rendition: whose file is to be read.
        position: from where on, in seconds.
        key: a digest of the request's idempotency key, for one that begins a play and may be repeated.
    """

    rendition: str
    view: str | None = None
    number: int = 0
    position: float = 0.0
    key: str | None = None


@value_type
class Lease:
    """A leased URL. It is paid for what plays before `opens_until_seconds` of the video."""

    view: str
    number: int
    url: str = field(repr=False)
    expires_at: datetime
    opens_until_seconds: float


@value_type
class FileUrl:
    """The URL of a whole file, for one play."""

    view: str
    url: str = field(repr=False)
    expires_at: datetime


async def lease_rendition(services: Services, viewer: Viewer, wanted: WantedLease) -> Lease:
    """Return the URL of a rendition for `playback_lease_seconds`, charged with what can be played in that time.

    It is one batch read and one commit. Repeated, it is one read, and the same URL, for as long as it works.

    Raises:
        Errors of `viewer.find_grant` and `GrantedUrl.issue`.
        NotPackaged, RenditionNotFound, InvalidRequest.
    """
    view = _view_of(services, wanted.view, wanted.key)
    if not 0 <= wanted.number <= MAX_NUMBER:
        raise errors.InvalidRequest(f"The number must be from 0 to {MAX_NUMBER:,}.", field="number")
    grant = await find_grant(services, viewer)
    entry_id = lease_entry(grant.grant_id, view, wanted.number)
    before = None if wanted.view is None else lease_entry(grant.grant_id, view, wanted.number - 1)
    seconds = services.policy.playback_lease_seconds
    until = 0.0

    async def object_of(video: Video) -> PaidObject:
        nonlocal until
        made, playable = await find_packaged(services, video)
        rendition = rendition_of(playable, wanted.rendition)
        paid = paid_part(rendition, wanted.position, seconds=seconds)
        until = paid.until_seconds
        return PaidObject(
            bucket=services.derived_bucket,
            object_name=rendition_name(made, rendition),
            size=paid.size,
            seconds=seconds,
            variant=rendition.name,
        )

    issued = await GrantedUrl(services, grant, entry_id, object_of, after=before).issue()
    return Lease(view=view, number=wanted.number, url=issued.url, expires_at=issued.expires_at, opens_until_seconds=until)


async def open_file(services: FileServices, viewer: Viewer, *, view: str | None = None, key: str | None = None) -> FileUrl:
    """Return the URL of the file as it was uploaded, which outlives it, charged as a whole, once per play.

    Args:
        view: of an earlier request, for the same URL again; None begins a play.
        key: as for `WantedLease`.

    Raises errors of `viewer.open_grant` and `GrantedUrl.issue`, InvalidRequest.
    """
    new_view = _view_of(services, view, key)
    opened = await open_grant(services, viewer, playing=True)  # whether another play may begin is decided below
    grant, facts = opened.grant, opened.record.facts if opened.record else None
    seconds = long_seconds(facts.duration_seconds if facts else None)

    async def object_of(video: Video) -> PaidObject:
        return PaidObject(
            bucket=services.bucket,
            object_name=video.object_name,
            size=video.size,
            seconds=seconds,
            variant=WHOLE_FILE,
        )

    entry_id = lease_entry(grant.grant_id, new_view, 0)
    before = None if view is None else entry_id  # only what is paid already can be had again
    issued = await GrantedUrl(services, grant, entry_id, object_of, after=before).issue()
    return FileUrl(view=new_view, url=issued.url, expires_at=issued.expires_at)


def _view_of(services: HasIds, view: str | None, key: str | None) -> str:
    if view is None:
        return key or services.new_id()
    if not is_view(view):
        raise errors.InvalidRequest("This is the view of no play.", field="view")
    return view
