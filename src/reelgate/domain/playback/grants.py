"""Playback grants: links with which people without an account watch a video, at its owner's expense."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from reelgate.domain import errors
from reelgate.domain.accounts.checked_tokens import TokenFormat
from reelgate.domain.books.account import Account
from reelgate.domain.books.grant import PlaybackGrant
from reelgate.domain.books.video import Video

TOKENS = TokenFormat("rgp_")
"""The tokens of grants: whoever has one may watch. The id in it is the grant's."""

GrantState = Literal["active", "expired", "revoked", "used_up", "video_deleted", "account_disabled"]


def grant_state(grant: PlaybackGrant, account: Account | None, video: Video | None, now: datetime) -> GrantState:
    """Return whether a grant opens its video now, or else why not: if there are several reasons, the one that no time heals.

    Args:
        account: the owner's.
        video: the finished video of `grant.file_id`; None if it is in the trash, or gone.
    """
    if grant.revoked_at is not None:
        return "revoked"
    if account is None or account.disabled or account.grant_series != grant.account_series:
        return "account_disabled"
    if video is None:
        return "video_deleted"
    if video.grant_series != grant.series:
        return "revoked"
    if grant.expires_at <= now:
        return "expired"
    if _has_no_bytes(grant) or _has_no_plays(grant):
        return "used_up"
    return "active"


def require_open(
    grant: PlaybackGrant, account: Account | None, video: Video | None, now: datetime, *, playing: bool = False
) -> tuple[Account, Video]:
    """Return account and video if the grant opens the video now; arguments as for `grant_state`.

    Args:
        playing: for a play that has begun, which goes on although no further one may begin (`max_plays`).

    Raises:
        GrantNotFound: its owner's account was deleted.
        GrantRevoked, GrantExpired, GrantUsedUp.
        VideoUnavailable: the video was deleted, or the account is disabled.
    """
    if account is None or account.erasing:
        raise unknown_grant()
    state = grant_state(grant, account, video, now)
    if state == "used_up" and playing and not _has_no_bytes(grant):
        state = "active"
    match state:
        case "revoked":
            raise errors.GrantRevoked("This link was withdrawn. Ask the person who sent it for a new one.")
        case "expired":
            raise errors.GrantExpired("This link has expired. Ask the person who sent it for a new one.")
        case "used_up":
            raise used_up()
    if video is None or state != "active":
        raise errors.VideoUnavailable("This video is not available any more.")
    return account, video


def unknown_grant() -> errors.GrantNotFound:
    """Return the one error for every token that opens nothing and never did, or whose owner is gone."""
    return errors.GrantNotFound("This link does not exist. Check that it was copied as a whole.")


def used_up() -> errors.GrantUsedUp:
    """Return the error of a grant that has no plays or bytes left."""
    return errors.GrantUsedUp("This link was used as often as it may be. Ask the person who sent it for a new one.")


def _has_no_bytes(grant: PlaybackGrant) -> bool:
    return grant.max_bytes is not None and grant.charged >= grant.max_bytes


def _has_no_plays(grant: PlaybackGrant) -> bool:
    return grant.max_plays is not None and grant.plays >= grant.max_plays
