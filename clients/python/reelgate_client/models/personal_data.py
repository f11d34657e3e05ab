"""Everything that is stored about a user. Sizes are bytes, times are UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from reelgate_client.models.accounts import ApiKey, Me
from reelgate_client.models.administration import AuditEvent, NotificationDelivery
from reelgate_client.models.usage import LedgerEntry, UsageDay
from reelgate_client.models.videos import Captions


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoFile:
    """A video or sound file that is stored completely, without what was derived from it.

    Attributes:
        video_id: The same as the `upload_id` of its upload.
        filename: The name of the file.
        title: What people call it.
        size: Bytes.
        content_type: The media type of the file.
        type: What it is.
        crc32c: The base64 of the big-endian CRC32C of its bytes.
        created_at: When the upload was granted.
        uploaded_at: When its last byte had arrived.
        deleted_at: When it was moved to the trash; null if it is not there.
        purge_at: When it will be removed from the trash for good.
        captions: Sorted by language.
    """

    video_id: str
    filename: str
    title: str | None
    size: int
    content_type: str
    type: str
    crc32c: str
    created_at: datetime
    uploaded_at: datetime
    deleted_at: datetime | None
    purge_at: datetime | None
    captions: tuple[Captions, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedUpload:
    """An upload that is open.

    Attributes:
        upload_id: The id of an upload; the video that it becomes has the same.
        filename: The name of the file.
        title: What people call it.
        size: Bytes.
        content_type: The media type of the file.
        created_at: When it was made.
        reserved_until: Until when the name and the bytes are kept for it.
    """

    upload_id: str
    filename: str
    title: str | None
    size: int
    content_type: str
    created_at: datetime
    reserved_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedGrant:
    """A playback grant, without its token, which is stored nowhere.

    Attributes:
        grant_id: The id of a playback grant: part of its token, and no secret.
        video_id: The id of a video; that of its upload.
        label: A name for people.
        created_at: When it was made.
        expires_at: When it ends.
        revoked_at: When it was revoked.
        origins: Web origins.
        max_plays: Plays at most.
        max_bytes: Bytes at most.
        plays: Plays that have begun.
        charged_bytes: Bytes.
    """

    grant_id: str
    video_id: str
    label: str | None
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    origins: tuple[str, ...]
    max_plays: int | None
    max_bytes: int | None
    plays: int
    charged_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UserExport:
    """A page of everything that is stored about you: each list has the items of this page.

    Attributes:
        exported_at: When this was written.
        user: Your account. On the first page; null on the others.
        videos: What is stored.
        trash: What is in the trash.
        uploads: What was uploaded.
        grants: Playback grants, newest first.
        days: Every day since the account was created, oldest first.
        entries: The ledger.
        api_keys: Without their secrets.
        deliveries: Mails and webhooks about you.
        audit_events: What you did, and what was done to your account.
        next_cursor: `cursor` of the next page; null on the last one.
    """

    exported_at: datetime
    user: Me | None
    videos: tuple[VideoFile, ...]
    trash: tuple[VideoFile, ...]
    uploads: tuple[ExportedUpload, ...]
    grants: tuple[ExportedGrant, ...]
    days: tuple[UsageDay, ...]
    entries: tuple[LedgerEntry, ...]
    api_keys: tuple[ApiKey, ...]
    deliveries: tuple[NotificationDelivery, ...]
    audit_events: tuple[AuditEvent, ...]
    next_cursor: str | None
