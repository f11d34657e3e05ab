"""Pub/Sub's pushes, made by the harness: at least once, some twice, some late, and again until they are acknowledged.

Google's emulator does not push a message again when its first push was cut off, which every kill and every lost answer does.
So its subscriptions are pulled here.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Mapping
from typing import Any

import aiohttp

from localcloud.supervisor.services.environment import PROJECT
from localcloud.supervisor.services.topics import PUSH_SUBSCRIPTIONS, PushSubscription

AT_ONCE = 10
"""Pushes of one subscription at once."""
TWICE, LATE, LATE_SECONDS = 0.03, 0.05, 4.0
BACKOFF_SECONDS, MAX_BACKOFF_SECONDS = 0.3, 5.0


class Courier:
    """Carries messages from the emulator to the functions. `counts` says what it has done."""

    def __init__(self, pubsub: str, addresses: Mapping[str, str], http: aiohttp.ClientSession, chance: random.Random) -> None:
        self.counts: Counter[str] = Counter()
        self.is_disturbed = True
        self._pubsub, self._addresses, self._http, self._chance = f"http://{pubsub}/v1/", addresses, http, chance
        self._under_way: set[asyncio.Task[None]] = set()
        self._pulling: list[asyncio.Task[None]] = []
        self._idle = dict.fromkeys((one.name for one in PUSH_SUBSCRIPTIONS), 0)

    async def start(self) -> None:
        """Take the subscriptions over from the emulator."""
        for one in PUSH_SUBSCRIPTIONS:
            await self._ask(one, "modifyPushConfig", {"pushConfig": {}})
            self._pulling.append(asyncio.create_task(self._pull(one)))

    async def stop(self) -> None:
        """Carry nothing more."""
        for task in (*self._pulling, *self._under_way):
            task.cancel()
        await asyncio.gather(*self._pulling, *self._under_way, return_exceptions=True)

    async def rest(self) -> None:
        """Return when every message has been acknowledged and no further one has come meanwhile."""
        while True:
            before = dict(self._idle)
            await asyncio.sleep(0.2)
            empty = all(self._idle[name] > before[name] for name in before)  # nothing was there in the meantime
            if empty and not self._under_way:
                return

    async def _pull(self, subscription: PushSubscription) -> None:
        turns = asyncio.Semaphore(AT_ONCE)
        while True:
            answer = await self._ask(subscription, "pull", {"maxMessages": AT_ONCE, "returnImmediately": True})
            received = answer.get("receivedMessages", [])
            if not received:
                self._idle[subscription.name] += 1
                await asyncio.sleep(0.15)
                continue
            # Acknowledged at once: from here on the courier, which is never killed, keeps the message.
            await self._ask(subscription, "acknowledge", {"ackIds": [one["ackId"] for one in received]})
            for one in received:
                for _ in range(2 if self.is_disturbed and self._chance.random() < TWICE else 1):
                    task = asyncio.create_task(self._deliver(subscription, one["message"], turns))
                    self._under_way.add(task)
                    task.add_done_callback(self._under_way.discard)

    async def _deliver(self, subscription: PushSubscription, message: Mapping[str, Any], turns: asyncio.Semaphore) -> None:
        if self.is_disturbed and self._chance.random() < LATE:
            self.counts["late messages"] += 1
            await asyncio.sleep(self._chance.uniform(0, LATE_SECONDS))
        url = self._addresses[subscription.function] + subscription.path
        pause, attempt = BACKOFF_SECONDS, 1
        while True:
            name = f"projects/{PROJECT}/subscriptions/{subscription.name}"
            envelope = {"message": message, "subscription": name, "deliveryAttempt": attempt}
            async with turns:
                if await self._push(url, envelope):
                    return
            await asyncio.sleep(pause)
            pause, attempt = min(MAX_BACKOFF_SECONDS, 2 * pause), attempt + 1

    async def _push(self, url: str, envelope: Mapping[str, Any]) -> bool:
        self.counts["pushes"] += 1
        try:
            async with self._http.post(url, json=envelope) as answer:
                await answer.read()
                return 200 <= answer.status < 300
        except (aiohttp.ClientError, TimeoutError, ConnectionError):
            self.counts["pushes cut off"] += 1
            return False

    async def _ask(self, subscription: PushSubscription, verb: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        url = f"{self._pubsub}projects/{PROJECT}/subscriptions/{subscription.name}:{verb}"
        async with self._http.post(url, json=body) as answer:
            answer.raise_for_status()
            content: Mapping[str, Any] = await answer.json(content_type=None)
            return content
