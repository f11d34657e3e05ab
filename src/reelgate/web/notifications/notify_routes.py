"""Routes of the `notify` function for admins: the delivery log, and sending a delivery again."""

from __future__ import annotations

import re
from typing import Any, Protocol

from starlette.responses import Response

from reelgate.domain.errors import DeliveryNotFound, InvalidRequest
from reelgate.domain.notifications.deliveries import STATES, Delivery, State
from reelgate.ports.books import HasBooks
from reelgate.ports.notifications import DeliveryFilter, HasDeliveries, HasMailer, HasNotifications, HasPreferences, HasWebhooks
from reelgate.ports.runtime import HasClock, HasIds
from reelgate.use_cases.notifications.list_deliveries import list_deliveries, show_delivery
from reelgate.use_cases.notifications.redeliver import redeliver
from reelgate.web.http.answers import as_json, instant
from reelgate.web.http.calls import LIST, Call, Route


class Services(HasBooks, HasClock, HasDeliveries, HasIds, HasMailer, HasNotifications, HasPreferences, HasWebhooks, Protocol):
    """What these routes need."""


_ID = re.compile(r"evt_[0-9a-f]{32}-[a-z0-9-]{1,24}")
_MAX_FILTER = 200


async def get_deliveries(call: Call[Services]) -> Response:
    """List deliveries, newest first; of one state, type or user if the query says so."""
    which = DeliveryFilter(state=_state(call), type=_filter(call, "type"), uid=_filter(call, "user_id"))
    page = await list_deliveries(call.services, which, limit=call.limit(), cursor=call.cursor())
    return as_json(
        {"deliveries": [delivery_json(one) for one in page.items], "next_cursor": call.next_cursor(page.next_cursor)}
    )


async def get_delivery(call: Call[Services]) -> Response:
    """Show one delivery."""
    return as_json(delivery_json(await show_delivery(call.services, _delivery_id(call))))


async def post_redeliver(call: Call[Services]) -> Response:
    """Send a delivery again, now. The answer shows the outcome; if the receiver refuses it, that is no error of this call."""
    delivery_id = _delivery_id(call)
    call.note(delivery_id=delivery_id)
    delivery = await redeliver(call.services, delivery_id)
    call.note(user_id=delivery.event.uid, type=delivery.event.type, state=delivery.state)
    return as_json(delivery_json(delivery), 202)


def delivery_json(delivery: Delivery) -> dict[str, Any]:
    """Return a delivery as admins see it."""
    event = delivery.event
    return {
        "delivery_id": delivery.id,
        "message_id": event.message_id,
        "event_id": event.event_id,
        "type": event.type,
        "user_id": event.uid,
        "channel": delivery.channel,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "status": delivery.status,
        "error": delivery.error,
        "occurred_at": event.occurred_at,
        "created_at": instant(delivery.created_at),
        "updated_at": instant(delivery.updated_at),
        "delivered_at": instant(delivery.delivered_at),
        "lease_until": instant(delivery.lease_until),
        "expires_at": instant(delivery.expires_at),
        "data": dict(event.data),
    }


def _delivery_id(call: Call[Services]) -> str:
    value = call.params["delivery_id"]
    if not _ID.fullmatch(value):
        raise DeliveryNotFound("No delivery has this id.")
    return value


def _state(call: Call[Services]) -> State | None:
    value = call.request.query_params.get("state")
    if value is not None and value not in STATES:
        raise InvalidRequest(f"'state' must be one of {', '.join(STATES)}.", field="state")
    return value


def _filter(call: Call[Services], name: str) -> str | None:
    value = call.request.query_params.get(name)
    if value is not None and not (0 < len(value) <= _MAX_FILTER and value.isprintable()):
        raise InvalidRequest(f"'{name}' must have 1 to {_MAX_FILTER} printable characters.", field=name)
    return value


ROUTES = (
    Route("GET", "/admin/deliveries", get_deliveries, admin=True, query=("state", "type", "user_id", *LIST)),
    Route("GET", "/admin/deliveries/{delivery_id}", get_delivery, admin=True),
    Route("POST", "/admin/deliveries/{delivery_id}/redeliver", post_redeliver, action="delivery.redelivered", admin=True),
)
