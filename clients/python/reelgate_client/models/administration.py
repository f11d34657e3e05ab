"""What only admins see. Sizes are bytes, times are UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from reelgate_client.models.usage import BilledUsage


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """A user's day or month.

    Attributes:
        period: A day, or a month (`2026-11`).
        open: Whether today is part of it: then these are the numbers until now.
    """

    period: str
    open: bool
    usage: BilledUsage


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicedUser:
    """A user's lines, without days and months in which nothing was stored or moved, and the sum of the whole range.

    Attributes:
        user_id: The id of a user.
        email: The e-mail address.
        lines: One for each period.
    """

    user_id: str
    email: str | None
    lines: tuple[InvoiceLine, ...]
    total: BilledUsage


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicePage:
    """A page of users, by id. Users without any usage are left out, so a page can have fewer than `limit`.

    Attributes:
        items: This page.
        next_cursor: The `cursor` of the next page; null on the last one.
    """

    items: tuple[InvoicedUser, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageExport:
    """An export of all users' usage as a CSV file.

    Attributes:
        export_id: The id of an export.
        from_: The first day.
        to: The last day.
        group: What one line sums up.
        state: `queued`, `running`, then `ready`; or `failed`: order another one.
        requested_by: The id of the user who has ordered it.
        requested_at: When it was ordered.
        expires_at: When the export and its file are removed.
        url: Whoever has it can download the file. Null until it is ready.
        url_expires_at: Fetch the export again for a new URL.
    """

    export_id: str
    from_: date
    to: date
    group: str
    state: str
    requested_by: str
    requested_at: datetime
    expires_at: datetime
    url: str | None = field(repr=False)
    url_expires_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEvent:
    """What was done, or denied.

    Attributes:
        event_id: The id in the log.
        at: When it was done.
        user_id: Who did it; before sign-in, whose account it concerns. null if neither is known.
        action: What it was, `upload.granted`; docs/audit.md lists all.
        outcome: `done`, or `denied` by a role, a limit or a throttle.
        description: One sentence.
        function: The function in which it happened.
        request_id: The request that did it; null for storage events and scheduled work. It proves nothing.
        details: What else is known: docs/audit.md lists it for each action. `code` is that of a denial.
    """

    event_id: str
    at: datetime
    user_id: str | None
    action: str
    outcome: str
    description: str
    function: str
    request_id: str | None
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEventList:
    """A page of the audit log, newest first.

    Attributes:
        items: This page.
        next_cursor: The `cursor` of the next page; null on the last one.
    """

    items: tuple[AuditEvent, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationDelivery:
    """One mail or webhook about something that happened.

    Attributes:
        delivery_id: The id of a mail or webhook.
        message_id: The id of the event's messages, the same on all channels and attempts.
        event_id: The id of what happened.
        type: What happened.
        user_id: The user whom it is about.
        channel: `mail`, or the id of a webhook's endpoint.
        state: `uncertain`: it is unknown whether the mail was delivered, so it is never sent again by itself.
            `skipped`: the user has muted such mails, or has no address. `withheld`: the address is not verified, or the
            user has had as many mails as a day allows; `error` says which.
        attempts: How often it was tried.
        status: The last answer of the mail server or the endpoint.
        error: Why the last attempt failed, or why nothing was sent.
        occurred_at: When it happened.
        created_at: When it was made.
        updated_at: When it last changed.
        delivered_at: When it was delivered.
        lease_until: Until when an attempt that is under way may take.
        expires_at: When this record is removed.
        data: What the message says.
    """

    delivery_id: str
    message_id: str
    event_id: str
    type: str
    user_id: str
    channel: str
    state: str
    attempts: int
    status: int | None
    error: str | None
    occurred_at: datetime
    created_at: datetime
    updated_at: datetime
    delivered_at: datetime | None
    lease_until: datetime | None
    expires_at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationDeliveryList:
    """A page of deliveries, newest first.

    Attributes:
        items: This page.
        next_cursor: The `cursor` of the next page; null on the last one.
    """

    items: tuple[NotificationDelivery, ...]
    next_cursor: str | None
