"""Deliveries of mails and webhooks as version 1 of the API shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta, Struct

from reelgate.domain.files.names import MAX_USER_ID_CHARACTERS
from reelgate.domain.notifications.deliveries import Delivery, State
from reelgate.web.http.shapes import Instant, ListQuery

Filter = Annotated[str, Meta(min_length=1, max_length=MAX_USER_ID_CHARACTERS)]


class DeliveryQuery(ListQuery, kw_only=True):
    """Which deliveries to list. Only those are shown that match every parameter."""

    state: Annotated[State | None, Meta(description="Where it stands.")] = None
    type: Annotated[Filter | None, Meta(description="The type of what happened.", examples=["storage.alert"])] = None
    user_id: Annotated[Filter | None, Meta(description="The user whom it is about.")] = None


class NotificationDelivery(Struct, kw_only=True):
    """One mail or webhook about something that happened."""

    delivery_id: str
    message_id: Annotated[str, Meta(description="The id of the event's messages, the same on all channels and attempts.")]
    event_id: str
    type: Annotated[str, Meta(description="What happened.", examples=["storage.alert"])]
    user_id: Annotated[str, Meta(description="The user whom it is about.")]
    channel: Annotated[str, Meta(description="`mail`, or the id of a webhook's endpoint.", examples=["mail"])]
    state: Annotated[
        State,
        Meta(
            description="`uncertain`: it is unknown whether the mail was delivered, so it is never sent again by itself. "
            "`skipped`: the user has muted such mails, or has no address. `withheld`: the address is not verified, or the user "
            "has had as many mails as a day allows; `error` says which."
        ),
    ]
    attempts: Annotated[int, Meta(ge=0)]
    status: Annotated[int | None, Meta(description="The last answer of the mail server or the endpoint.")]
    error: Annotated[str | None, Meta(description="Why the last attempt failed, or why nothing was sent.")]
    occurred_at: Annotated[Instant, Meta(description="When it happened.")]
    created_at: Instant
    updated_at: Instant
    delivered_at: Instant | None
    lease_until: Annotated[Instant | None, Meta(description="Until when an attempt that is under way may take.")]
    expires_at: Annotated[Instant, Meta(description="When this record is removed.")]
    data: Annotated[dict[str, Any], Meta(description="What the message says.")]


class NotificationDeliveryList(Struct, kw_only=True):
    """A page of deliveries, newest first."""

    items: list[NotificationDelivery]
    next_cursor: str | None


def notification_delivery(delivery: Delivery) -> NotificationDelivery:
    """Return a delivery as admins see it."""
    event = delivery.event
    return NotificationDelivery(
        delivery_id=delivery.id,
        message_id=event.message_id,
        event_id=event.event_id,
        type=event.type,
        user_id=event.uid,
        channel=delivery.channel,
        state=delivery.state,
        attempts=delivery.attempts,
        status=delivery.status,
        error=delivery.error,
        occurred_at=datetime.fromisoformat(event.occurred_at),
        created_at=delivery.created_at,
        updated_at=delivery.updated_at,
        delivered_at=delivery.delivered_at,
        lease_until=delivery.lease_until,
        expires_at=delivery.expires_at,
        data=dict(event.data),
    )
