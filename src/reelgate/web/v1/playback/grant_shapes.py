"""Playback grants as version 1 of the API takes and gives them. Sizes are bytes, times are UTC."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from reelgate.domain.playback import grant_terms as terms
from reelgate.use_cases.playback.create_grant import MadeGrant
from reelgate.use_cases.playback.list_grants import ShownGrant
from reelgate.web.http.shapes import Instant, checked_by

_MIN_SECONDS = int(terms.MIN_LIFETIME.total_seconds())
_MAX_SECONDS = int(terms.MAX_LIFETIME.total_seconds())
_ORIGINS = Meta(
    description=(
        "The web origins whose pages may play it, as browsers send them (`https://example.com`, without a path); empty: any. "
        "Players that send no `Origin`, and this service's own pages, may always play it."
    ),
    examples=[["https://example.com"]],
)


class PlaybackGrant(Struct, kw_only=True):
    """A playback grant, without its token."""

    grant_id: Annotated[str, Meta(description="Names the grant; it is part of its token, and no secret.")]
    video_id: str
    label: Annotated[str | None, Meta(examples=["for the newsletter"])]
    state: Annotated[
        Literal["active", "expired", "revoked", "used_up", "video_deleted", "account_disabled"],
        Meta(
            description=(
                "`active`: whoever has the link can watch. Otherwise why nobody can: `revoked` by you, alone or with all "
                "grants of the video, also by moving it to the trash and back; `used_up`: all plays or bytes that it may have."
            )
        ),
    ]
    created_at: Instant
    expires_at: Instant
    revoked_at: Annotated[Instant | None, Meta(description="When it was revoked by itself; null if it was not.")]
    origins: Annotated[list[str], _ORIGINS]
    max_plays: Annotated[Annotated[int, Meta(ge=1)] | None, Meta(description="How many plays there may be; null: any number.")]
    max_bytes: Annotated[
        Annotated[int, Meta(ge=1)] | None,
        Meta(description="How many bytes may be charged for it in all; null: any number."),
    ]
    plays: Annotated[int, Meta(ge=0, description="Plays that have begun.")]
    charged_bytes: Annotated[int, Meta(ge=0, description="Bytes that were charged to your daily bandwidth for it.")]


class CreatedPlaybackGrant(PlaybackGrant, kw_only=True):
    """A new playback grant, with its links."""

    token: Annotated[
        str,
        Meta(
            description="The token that the links contain. It is shown this once.",
            examples=["rgp_0000000000000000_000000000000000000000000000000000000"],
        ),
    ]
    watch_url: Annotated[str, Meta(description="The page to share. Without `REELGATE_API_URL`, only its path.")]
    play_url: Annotated[str, Meta(description="What players of your own ask first. Without `REELGATE_API_URL`, only its path.")]


class NewPlaybackGrant(Struct, kw_only=True, forbid_unknown_fields=True):
    """A playback grant to make."""

    seconds: Annotated[
        Annotated[int, Meta(ge=_MIN_SECONDS, le=_MAX_SECONDS)] | None,
        Meta(description="How long it works. Left out together with `expires_at`: a week."),
    ] = None
    expires_at: Annotated[
        Instant | None,
        Meta(description="Until when it works instead: at least a minute and at most 366 days from now."),
    ] = None
    label: Annotated[
        str | None,
        checked_by(terms.clean_label),
        Meta(description="What it is for: one line of up to 100 characters.", examples=["for the newsletter"]),
    ] = None
    origins: Annotated[list[str], checked_by(terms.clean_origins), _ORIGINS] = []
    max_bytes: Annotated[
        Annotated[int, Meta(ge=1, le=terms.MAX_BYTES)] | None,
        Meta(description="How many bytes may be charged for it in all; left out: any number."),
    ] = None
    max_plays: Annotated[
        Annotated[int, Meta(ge=1, le=terms.MAX_PLAYS)] | None,
        Meta(description="How many plays there may be; left out: any number."),
    ] = None


class PlaybackGrantList(Struct, kw_only=True):
    """A page of playback grants, newest first. Those that are over are listed for 30 days more."""

    items: list[PlaybackGrant]
    next_cursor: str | None


def playback_grant(shown: ShownGrant) -> PlaybackGrant:
    """Return a grant as the API shows it."""
    return PlaybackGrant(**_members(shown))


def created_playback_grant(made: MadeGrant) -> CreatedPlaybackGrant:
    """Return a new grant with its links."""
    return CreatedPlaybackGrant(token=made.token, watch_url=made.watch_url, play_url=made.play_url, **_members(made.shown))


def _members(shown: ShownGrant) -> dict[str, Any]:
    grant = shown.grant
    return {
        "grant_id": grant.grant_id,
        "video_id": grant.file_id,
        "label": grant.label,
        "state": shown.state,
        "created_at": grant.created_at,
        "expires_at": grant.expires_at,
        "revoked_at": grant.revoked_at,
        "origins": list(grant.origins),
        "max_plays": grant.max_plays,
        "max_bytes": grant.max_bytes,
        "plays": grant.plays,
        "charged_bytes": grant.charged,
    }
