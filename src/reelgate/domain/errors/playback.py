"""Errors about playback grants. Viewers read their sentences: these say nothing about the owner."""

from __future__ import annotations

from datetime import datetime

from reelgate.domain.errors.base import Conflict, Forbidden, NotFound, ReelgateError


class GrantNotFound(NotFound):
    code = "grant_not_found"
    message = "Link not found"
    hint = (
        "A token is wrong, was changed, or its grant was removed. Its owner lists grants with GET /v1/videos/{video_id}/grants."
    )


class GrantOver(ReelgateError):
    """The grant exists, and opens nothing any more."""

    code = "grant_over"
    message = "The link does not work any more"


class GrantExpired(GrantOver):
    code = "grant_expired"
    message = "The link has expired"
    hint = "Its owner can make a new one (POST /v1/videos/{video_id}/grants)."


class GrantRevoked(GrantOver):
    code = "grant_revoked"
    message = "The link was revoked"
    hint = "Its owner can make a new one (POST /v1/videos/{video_id}/grants)."


class GrantUsedUp(GrantOver):
    code = "grant_used_up"
    message = "The link is used up"
    hint = (
        "The grant's `max_plays` or `max_bytes` is reached. Its owner can make a new one (POST /v1/videos/{video_id}/grants)."
    )


class VideoUnavailable(GrantOver):
    code = "video_unavailable"
    message = "The video is not available"
    hint = "Its owner has deleted it, or cannot share it any more."


class OriginNotAllowed(Forbidden):
    code = "origin_not_allowed"
    message = "Not allowed on this site"
    hint = "The grant names the web origins that may play it, and the `Origin` of this request is none of them."


class NotPlayableToday(Forbidden):
    """The owner's bandwidth of the day is used up. Unlike `BandwidthLimitExceeded`, it does not show the owner's numbers."""

    code = "bandwidth_limit_exceeded"
    message = "Bandwidth limit exceeded"
    hint = "The owner's daily limit is reached. Try again at `retry_at`."

    def __init__(self, detail: str, *, retry_at: datetime | None) -> None:
        super().__init__(detail)
        self.retry_at = retry_at


class TooManyGrants(Conflict):
    code = "too_many_grants"
    message = "Too many links"


class RenditionNotFound(NotFound):
    code = "rendition_not_found"
    message = "Rendition not found"
    hint = "The master playlist lists the renditions that there are."


class LeaseOver(Conflict):
    code = "lease_over"
    message = "The lease is over"
    hint = "A lease with this number was given before, and has ended or is for another rendition. Send the next number."


class LeaseOutOfOrder(Conflict):
    code = "lease_out_of_order"
    message = "The lease before this one is missing"
    hint = "Numbers of a view follow each other without gaps. Leave out `view` to begin a new one, which counts as a play."


class AssetNotFound(NotFound):
    code = "asset_not_found"
    message = "File not found"
    hint = "The page names the files that it loads."
