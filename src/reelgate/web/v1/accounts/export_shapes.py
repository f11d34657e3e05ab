"""What is stored about a user, in pages, and the state of its deletion."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from reelgate.domain.books.account import OpenUpload
from reelgate.domain.books.grant import PlaybackGrant
from reelgate.web.http.calls import MAX_LIST
from reelgate.web.http.shapes import Instant, ListQuery
from reelgate.web.v1.accounts.api_key_shapes import ApiKey
from reelgate.web.v1.accounts.user_shapes import Me
from reelgate.web.v1.audit.audit_shapes import AuditEvent
from reelgate.web.v1.notifications.delivery_shapes import NotificationDelivery
from reelgate.web.v1.usage.usage_shapes import LedgerEntry, UsageDay
from reelgate.web.v1.videos.video_file_shapes import VideoFile


class DeletionUnderWay(Struct, kw_only=True):
    """The deletion has begun. The rest follows within minutes."""

    state: Literal["deleting"]
    requested_at: Instant


class ExportedUpload(Struct, kw_only=True):
    """An upload that is open."""

    upload_id: str
    filename: str
    title: str | None
    size: Annotated[int, Meta(ge=0, description="Bytes.")]
    content_type: str
    created_at: Instant
    reserved_until: Instant


class ExportedGrant(Struct, kw_only=True):
    """A playback grant, without its token, which is stored nowhere."""

    grant_id: str
    video_id: str
    label: str | None
    created_at: Instant
    expires_at: Instant
    revoked_at: Instant | None
    origins: list[str]
    max_plays: int | None
    max_bytes: int | None
    plays: int
    charged_bytes: Annotated[int, Meta(ge=0, description="Bytes.")]


class ExportQuery(ListQuery, kw_only=True):
    """Which page of an export."""

    limit: Annotated[int, Meta(ge=1, le=MAX_LIST, description="About how many items a page has, in all lists together.")] = (
        MAX_LIST
    )


class UserExport(Struct, kw_only=True):
    """A page of everything that is stored about you: each list has the items of this page."""

    exported_at: Instant
    user: Annotated[Me | None, Meta(description="Your account. On the first page; null on the others.")]
    videos: list[VideoFile]
    trash: list[VideoFile]
    uploads: list[ExportedUpload]
    grants: Annotated[list[ExportedGrant], Meta(description="Playback grants, newest first.")]
    days: Annotated[list[UsageDay], Meta(description="Every day since the account was created, oldest first.")]
    entries: list[LedgerEntry]
    api_keys: list[ApiKey]
    deliveries: Annotated[list[NotificationDelivery], Meta(description="Mails and webhooks about you.")]
    audit_events: Annotated[list[AuditEvent], Meta(description="What you did, and what was done to your account.")]
    next_cursor: Annotated[str | None, Meta(description="`cursor` of the next page; null on the last one.")]


def exported_grant(grant: PlaybackGrant) -> ExportedGrant:
    """Return a playback grant of the books. What proves its token, a digest and a salt, is left out."""
    return ExportedGrant(
        grant_id=grant.grant_id,
        video_id=grant.file_id,
        label=grant.label,
        created_at=grant.created_at,
        expires_at=grant.expires_at,
        revoked_at=grant.revoked_at,
        origins=list(grant.origins),
        max_plays=grant.max_plays,
        max_bytes=grant.max_bytes,
        plays=grant.plays,
        charged_bytes=grant.charged,
    )


def exported_upload(upload: OpenUpload) -> ExportedUpload:
    """Return an open upload of the books. Its session is a secret, and is left out."""
    return ExportedUpload(
        upload_id=upload.upload_id,
        filename=upload.filename,
        title=upload.title,
        size=upload.size,
        content_type=upload.content_type,
        created_at=upload.created_at,
        reserved_until=upload.expires_at,
    )
