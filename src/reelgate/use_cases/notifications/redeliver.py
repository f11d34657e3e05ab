"""Send a delivery once more, in any state, on an admin's request."""

from __future__ import annotations

from reelgate.domain.errors import ChannelGone, DeliveryBusy
from reelgate.domain.notifications.deliveries import Delivery
from reelgate.use_cases.notifications.attempt_delivery import Services, Terms, attempt_delivery
from reelgate.use_cases.notifications.channels import channel_of
from reelgate.use_cases.notifications.list_deliveries import no_such_delivery


async def redeliver(services: Services, delivery_id: str) -> Delivery:
    """Send it now, with the same ids as before, and return the delivery afterwards.

    A refusal is final, unless the delivery was `pending`: then automatic attempts continue.

    Raises:
        DeliveryNotFound: it does not exist, or no longer exists.
        ChannelGone: the deployment no longer has this channel.
        DeliveryBusy: it is being sent at this moment.
        Unavailable: the record cannot be reached.
    """
    record = services.deliveries.follow(delivery_id)
    delivery = await record.read()
    if delivery is None:
        raise no_such_delivery()
    channel = channel_of(services, delivery.channel)
    if channel is None:
        raise ChannelGone(f"The receiver '{delivery.channel}' is no longer set up.")
    if delivery.held(services.now()):
        raise DeliveryBusy("It is being sent at this moment. Try again in a moment.")
    continues = delivery.state == "pending"
    terms = Terms(again=True, attempts=services.notifications.attempts if continues else 0)
    sent = await attempt_delivery(services, delivery.event, channel, record, delivery, terms)
    if sent.state == "sending":  # another process was faster
        raise DeliveryBusy("It is being sent at this moment. Try again in a moment.")
    return sent
