"""A process that tells one event and hangs on the way: `python -m tests.integration.notify.hanging_notify PROJECT PLACE`.

`by-hand` behind the place tells it once more by hand. It says a line where it hangs, and is to be killed there. The record of
deliveries is Firestore's; mails and webhooks go nowhere.
"""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import replace
from datetime import datetime

from reelgate.adapters.documents import firestore_store
from reelgate.adapters.documents.firestore_store import FirestoreDocumentStore
from reelgate.adapters.records.deliveries import DocumentDeliveries
from reelgate.domain.notifications.deliveries import delivery_id
from reelgate.ports.notifications import Mail
from reelgate.use_cases.notifications.notify import notify
from reelgate.use_cases.notifications.redeliver import redeliver
from tests.doubles.memory_notifications import OPS, TOLD, MemoryMailer, MemoryWebhooks, an_alert
from tests.fixtures.memory_services import MemoryServices

EVENT = an_alert()
CHANNELS = {"webhook": "ops", "before-text": "mail", "at-text": "mail"}
"""Where it hangs, and on which channel."""


async def hang(*_: object, **__: object) -> int:
    """Say so, and never come back."""
    print("hanging", flush=True)
    await asyncio.Event().wait()
    return 0


class HangingMailer(MemoryMailer):
    """Hangs before a mail's text, or with it under way."""

    def __init__(self, place: str) -> None:
        super().__init__()
        self._place = place

    async def open(self, mail: Mail, *, at: datetime) -> object:  # type: ignore[override]
        if self._place == "before-text":
            await hang()
        opened = await super().open(mail, at=at)
        opened.hand_over = hang  # type: ignore[method-assign]
        return opened


def services_over(project: str, channel: str) -> MemoryServices:
    """Return services with one channel that works, over Firestore's record."""
    services = MemoryServices(notifications=replace(TOLD, endpoints=(OPS,) if channel == "ops" else ()))
    client = firestore_store.connect(project, emulator=os.environ["FIRESTORE_EMULATOR_HOST"])
    services.deliveries = DocumentDeliveries(FirestoreDocumentStore(client, timeout_seconds=30.0))
    if channel == "ops":
        services.mailer = None
    return services


async def tell(project: str, place: str, by_hand: str = "") -> None:
    """Tell the event up to the place; by hand once more, after it has been delivered."""
    channel = CHANNELS[place]
    services = services_over(project, channel)
    if by_hand:
        await notify(services, EVENT)
    if channel == "mail":
        services.mailer = HangingMailer(place)
    else:
        MemoryWebhooks.post = hang  # type: ignore[method-assign]
    await (redeliver(services, delivery_id(EVENT, channel)) if by_hand else notify(services, EVENT))


if __name__ == "__main__":
    asyncio.run(tell(*sys.argv[1:]))
