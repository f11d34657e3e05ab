"""Routes of version 1 in the `notify` function, for admins: the delivery log, and sending a delivery again."""

from __future__ import annotations

import re

from reelgate.domain import errors
from reelgate.ports.notifications import DeliveryFilter
from reelgate.use_cases.notifications.attempt_delivery import Services
from reelgate.use_cases.notifications.list_deliveries import list_deliveries, show_delivery
from reelgate.use_cases.notifications.redeliver import redeliver
from reelgate.web.http.calls import Call
from reelgate.web.http.shapes import Answer, v1
from reelgate.web.v1.notifications.delivery_shapes import (
    DeliveryQuery,
    NotificationDelivery,
    NotificationDeliveryList,
    notification_delivery,
)

_ID = re.compile(r"evt_[0-9a-f]{32}-[a-z0-9-]{1,24}")


async def admin_list_deliveries(call: Call[Services], query: DeliveryQuery) -> NotificationDeliveryList:
    """List mails and webhooks that were sent.

    Newest first; of one state, type or user if the query says so.
    """
    which = DeliveryFilter(state=query.state, type=query.type, uid=query.user_id)
    page = await list_deliveries(call.services, which, limit=query.limit, cursor=call.cursor())
    return NotificationDeliveryList(
        items=[notification_delivery(one) for one in page.items], next_cursor=call.next_cursor(page.next_cursor)
    )


async def admin_get_delivery(call: Call[Services]) -> NotificationDelivery:
    """Show one mail or webhook that was sent.

    `state` and `error` are those of the last attempt. Deliveries are kept for 30 days.
    """
    return notification_delivery(await show_delivery(call.services, _delivery_id(call)))


async def admin_redeliver_delivery(call: Call[Services]) -> Answer[NotificationDelivery]:
    """Send a mail or webhook again, now.

    It has the ids that it had, by which receivers recognise it. The answer shows the outcome; a receiver that refuses it is no
    error of this call. 200: nothing more happens by itself. 202: it was refused, and will be tried again.
    """
    delivery_id = _delivery_id(call)
    call.note(delivery_id=delivery_id)
    delivery = await redeliver(call.services, delivery_id)
    call.note(user_id=delivery.event.uid, type=delivery.event.type, state=delivery.state)
    return Answer(notification_delivery(delivery), status=200 if delivery.settled else 202)


def _delivery_id(call: Call[Services]) -> str:
    value = call.params["delivery_id"]
    if not _ID.fullmatch(value):
        raise errors.DeliveryNotFound("No delivery has this id.")
    return value


_ONE = "/v1/admin/deliveries/{delivery_id}"

ROUTES = (
    v1("GET", "/v1/admin/deliveries", admin_list_deliveries, takes=DeliveryQuery, gives=NotificationDeliveryList, admin=True),
    v1("GET", _ONE, admin_get_delivery, gives=NotificationDelivery, admin=True, refuses=(errors.DeliveryNotFound,)),
    v1(
        "POST",
        f"{_ONE}/redeliver",
        admin_redeliver_delivery,
        gives=NotificationDelivery,
        also={202: "It was refused, and will be tried again."},
        action="delivery.redelivered",
        admin=True,
        refuses=(errors.DeliveryNotFound, errors.DeliveryBusy, errors.ChannelGone),
    ),
)
