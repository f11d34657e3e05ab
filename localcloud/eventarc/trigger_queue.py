"""The subscription behind one trigger: pushes what is due, and retries failures until the retention ends."""

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass

from localcloud.eventarc.faults import Faults
from localcloud.eventarc.push import Pusher
from localcloud.eventarc.settings import RetryPolicy, Trigger
from localcloud.eventarc.store import Delivery, DeliveryStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one attempt ended. `state` is delivered, expired or pending; `error` is empty when delivered."""

    delivery: Delivery
    state: str
    error: str


class TriggerQueue:
    """Deliveries of one trigger, unordered, with a bounded number in flight.

    Args:
        faults: returns the current faults.
        on_outcome: called after every attempt.
    """

    def __init__(
        self,
        trigger: Trigger,
        policy: RetryPolicy,
        store: DeliveryStore,
        pusher: Pusher,
        faults: Callable[[], Faults],
        on_outcome: Callable[[Outcome], None],
    ) -> None:
        self.trigger = trigger
        self.in_flight = 0
        self._policy = policy
        self._store = store
        self._pusher = pusher
        self._faults = faults
        self._on_outcome = on_outcome
        self._waiting: list[tuple[float, int, Delivery]] = []
        self._arrivals = itertools.count()
        self._changed = asyncio.Event()

    def put(self, delivery: Delivery) -> None:
        """Add a delivery. It is sent when it is due; those due at once are sent in order of arrival."""
        heapq.heappush(self._waiting, (delivery.due_at, next(self._arrivals), delivery))
        self._changed.set()

    def empty(self) -> None:
        """Drop all waiting deliveries."""
        self._waiting.clear()

    def wake(self) -> None:
        """Check the queue again, because the faults changed."""
        self._changed.set()

    async def run(self) -> None:
        """Deliver until cancelled. Deliveries in flight at that time stay pending in the store."""
        async with asyncio.TaskGroup() as attempts:
            while True:
                delivery = await self._next_due()
                self.in_flight += 1
                attempts.create_task(self._attempt(delivery))

    async def _next_due(self) -> Delivery:
        while True:
            self._changed.clear()
            wait_seconds: float | None = None
            if self._waiting and not self._faults().hold and self.in_flight < self._policy.max_in_flight:
                wait_seconds = self._waiting[0][0] - time.time()
                if wait_seconds <= 0:
                    return heapq.heappop(self._waiting)[2]
            try:
                async with asyncio.timeout(wait_seconds):
                    await self._changed.wait()
            except TimeoutError:
                continue

    async def _attempt(self, delivery: Delivery) -> None:
        try:
            error = await self._try(delivery)
        finally:
            self.in_flight -= 1
            self._changed.set()
        delivery.attempts += 1
        now = time.time()
        state = "pending"
        if not error:
            state = "delivered"
        elif now - delivery.created_at >= self._policy.retention_seconds:
            state = "expired"
        if state == "pending":
            delivery.due_at = now + self._policy.wait_seconds(delivery.attempts)
            self._store.postpone(delivery)
            self.put(delivery)
        else:
            self._store.settle(delivery, state)
        self._on_outcome(Outcome(delivery=delivery, state=state, error=error))

    async def _try(self, delivery: Delivery) -> str:
        if delivery.attempts < self._faults().drop_first_attempts:
            return "dropped on request"
        return await self._pusher.push(self.trigger, delivery)
