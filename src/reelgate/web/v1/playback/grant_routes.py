"""Routes of version 1 in the `stream_url` function for owners: they share videos by playback grants, and end these."""

from __future__ import annotations

from typing import Any, Protocol

from reelgate.domain import errors
from reelgate.domain.errors import collect
from reelgate.domain.playback.grant_terms import GrantTerms, clean_terms
from reelgate.ports.runtime import HasApiUrl
from reelgate.use_cases.books.commit import CommitServices
from reelgate.use_cases.playback import create_grant as creating
from reelgate.use_cases.playback import list_grants as listing
from reelgate.use_cases.playback import revoke_grants as revoking
from reelgate.web.http.calls import Call
from reelgate.web.http.shapes import Answer, ListQuery, v1
from reelgate.web.v1.playback.grant_shapes import (
    CreatedPlaybackGrant,
    NewPlaybackGrant,
    PlaybackGrant,
    PlaybackGrantList,
    created_playback_grant,
    playback_grant,
)


class Services(CommitServices, HasApiUrl, Protocol):
    """What these routes need."""


async def create_playback_grant(call: Call[Services], wanted: NewPlaybackGrant) -> Answer[CreatedPlaybackGrant]:
    """Share a video by a link.

    Whoever has the link can watch the video, without an account, until it expires or you revoke it; the bytes are charged to
    your daily bandwidth. The token is shown this once.

    Send an `Idempotency-Key`, random and never used before: with the same key and body, a repeated request returns the same
    grant and token.
    """
    video_id = _video_id(call)
    terms, key = _wanted(call, wanted)
    call.note(label=terms.label)
    made = await creating.create_grant(call.services, call.caller, video_id, terms, idempotency_key=key, audit=call.audit)
    return Answer(created_playback_grant(made), headers={"Location": f"/v1/grants/{made.shown.grant.grant_id}"})


def _wanted(call: Call[Services], wanted: NewPlaybackGrant) -> tuple[GrantTerms, str | None]:
    with collect() as fields:
        terms = fields.check(
            clean_terms,
            now=call.services.now(),
            seconds=wanted.seconds,
            expires_at=wanted.expires_at,
            label=wanted.label,
            origins=wanted.origins,
            max_bytes=wanted.max_bytes,
            max_plays=wanted.max_plays,
        )
        key = fields.check(call.idempotency_key)
    return terms, key


async def list_playback_grants(call: Call[Services], page: ListQuery) -> PlaybackGrantList:
    """List the playback grants of a video.

    Newest first, with what was played; also of a video in your trash. Those that are over say why, and are removed after
    30 days.
    """
    found = await listing.list_grants(call.services, call.caller, _video_id(call), limit=page.limit, cursor=call.cursor())
    items = [playback_grant(one) for one in found.items]
    return PlaybackGrantList(items=items, next_cursor=call.next_cursor(found.next_cursor))


async def revoke_playback_grants(call: Call[Services]) -> None:
    """Revoke all playback grants of a video.

    None of its links works any more, however many there are. A player that has a URL can read until that expires: for minutes
    with ours, for longer where a player cannot renew it.
    """
    await revoking.revoke_grants_of_video(call.services, call.caller, _video_id(call), audit=call.audit)


async def get_playback_grant(call: Call[Services]) -> PlaybackGrant:
    """Show a playback grant.

    With its state, and what was played. Its token was shown when it was created, and is stored nowhere.
    """
    return playback_grant(await listing.show_grant(call.services, call.caller, call.params["grant_id"]))


async def revoke_playback_grant(call: Call[Services]) -> None:
    """Revoke a playback grant.

    Its link does not work any more. Repeating the request gives the same answer. As for players that are playing, see the
    revoking of all grants.
    """
    grant_id = call.params["grant_id"]
    call.note(grant_id=grant_id)
    await revoking.revoke_one_grant(call.services, call.caller, grant_id, audit=call.audit)


def _video_id(call: Call[Any]) -> str:
    video_id = call.file_id("video_id", errors.VideoNotFound)
    call.note(file_id=video_id)
    return video_id


ROUTES = (
    v1(
        "POST",
        "/v1/videos/{video_id}/grants",
        create_playback_grant,
        takes=NewPlaybackGrant,
        gives=CreatedPlaybackGrant,
        status=201,
        headers={"Idempotency-Key": ""},
        action="grant.created",
        refuses=(
            errors.VideoNotFound,
            errors.AccountDisabled,
            errors.IdempotencyMismatch,
            errors.TooManyGrants,
            errors.BooksBusy,
            errors.BooksSlow,
        ),
    ),
    v1(
        "GET",
        "/v1/videos/{video_id}/grants",
        list_playback_grants,
        takes=ListQuery,
        gives=PlaybackGrantList,
        refuses=(errors.VideoNotFound,),
    ),
    v1(
        "DELETE",
        "/v1/videos/{video_id}/grants",
        revoke_playback_grants,
        action="grant.all_revoked",
        refuses=(errors.VideoNotFound, errors.BooksBusy, errors.BooksSlow),
    ),
    v1("GET", "/v1/grants/{grant_id}", get_playback_grant, gives=PlaybackGrant, refuses=(errors.GrantNotFound,)),
    v1(
        "DELETE",
        "/v1/grants/{grant_id}",
        revoke_playback_grant,
        action="grant.revoked",
        refuses=(errors.GrantNotFound, errors.BooksBusy, errors.BooksSlow),
    ),
)
