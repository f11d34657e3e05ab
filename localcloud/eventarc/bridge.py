"""Turns events into deliveries: matches triggers, injects the current faults, and reports when nothing is pending."""

import asyncio
import time
from collections import deque
from collections.abc import Iterable
from typing import Any

from localcloud.eventarc.events import StorageEvent
from localcloud.eventarc.faults import Chances, Faults
from localcloud.eventarc.push import Pusher
from localcloud.eventarc.settings import Settings
from localcloud.eventarc.store import Delivery, DeliveryStore
from localcloud.eventarc.trigger_queue import Outcome, TriggerQueue

_ERRORS_KEPT = 20


class Bridge:
    """All triggers of the configuration over one store."""

    def __init__(self, settings: Settings, store: DeliveryStore, pusher: Pusher) -> None:
        self._store = store
        self._retention_seconds = settings.retry.retention_seconds
        self._chances = Chances(Faults())
        self._queues = {
            trigger.name: TriggerQueue(trigger, settings.retry, store, pusher, lambda: self.faults, self._settle)
            for trigger in settings.triggers
        }
        self._pending: set[int] = set()
        self._idle = asyncio.Event()
        self._idle.set()
        self._window: list[Delivery] = []
        self._errors: deque[dict[str, Any]] = deque(maxlen=_ERRORS_KEPT)

    @property
    def faults(self) -> Faults:
        """The current faults."""
        return self._chances.faults

    def set_faults(self, faults: Faults) -> None:
        """Replace the faults and restart their random draws. Events collected for reordering are sent."""
        self._close_window()
        self._chances = Chances(faults)
        for queue in self._queues.values():
            queue.wake()

    async def run(self) -> None:
        """Deliver what an earlier run left pending, then new events, until cancelled."""
        self._store.prune(time.time() - self._retention_seconds)
        for delivery in self._store.pending():
            if delivery.trigger_name in self._queues:
                self._enqueue(delivery)
            else:  # a removed trigger's subscription is removed too
                self._store.settle(delivery, "expired")
        async with asyncio.TaskGroup() as queues:
            for queue in self._queues.values():
                queues.create_task(queue.run())

    def take_in(self, events: list[StorageEvent], cursor: int) -> None:
        """Store events of the feed, up to `cursor`, and deliver them to the triggers they match."""
        now = time.time()
        deliveries = [
            Delivery(
                trigger_name=queue.trigger.name,
                event=event,
                ce_id=ce_id,
                created_at=now,
                due_at=now + self._chances.delay_seconds(),
            )
            for event in events
            for queue in self._matching(event)
            for ce_id in self._chances.ce_ids(str(event.id))
        ]
        self._store.take_in(events, deliveries, cursor)
        self._pending.update(delivery.id for delivery in deliveries)
        if self._pending:
            self._idle.clear()
        if self.faults.reorder_window > 1:
            self._collect(deliveries)
        else:
            self._enqueue_all(deliveries)

    def redeliver(self, name: str, generation: str | None, *, new_id: bool) -> list[Delivery]:
        """Send an event of the last day again, at once. Returns the deliveries; none if the event is unknown."""
        event = self._store.find_event(name, generation)
        if event is None:
            return []
        now = time.time()
        ce_id = f"{event.id}-{time.time_ns():x}" if new_id else str(event.id)
        deliveries = [
            Delivery(trigger_name=queue.trigger.name, event=event, ce_id=ce_id, created_at=now, due_at=now)
            for queue in self._matching(event)
        ]
        self._store.add(deliveries)
        self._enqueue_all(deliveries)
        return deliveries

    def start_over(self) -> None:
        """Forget everything: the storage was emptied, so its old events are about objects that no longer exist."""
        self._store.start_over()
        for queue in self._queues.values():
            queue.empty()
        self._window.clear()
        self._pending.clear()
        self._idle.set()

    async def idle(self) -> None:
        """Return when nothing is pending."""
        await self._idle.wait()

    def is_idle(self) -> bool:
        """Return whether nothing is pending."""
        return self._idle.is_set()

    def report(self) -> dict[str, Any]:
        """Return counts of the last day and the latest errors, newest first."""
        in_flight = {name: queue.in_flight for name, queue in self._queues.items()}
        return {**self._store.counts(), "in_flight": in_flight, "last_errors": list(self._errors)}

    def _matching(self, event: StorageEvent) -> Iterable[TriggerQueue]:
        return [queue for queue in self._queues.values() if queue.trigger.matches(event.type, event.bucket)]

    def _collect(self, deliveries: list[Delivery]) -> None:
        if deliveries and not self._window:
            asyncio.get_running_loop().call_later(self.faults.reorder_wait_ms / 1000, self._close_window)
        for delivery in deliveries:
            self._window.append(delivery)
            if len(self._window) >= self.faults.reorder_window:
                self._close_window()

    def _close_window(self) -> None:
        collected, self._window = self._window, []
        self._enqueue_all(self._chances.another_order(collected))

    def _enqueue_all(self, deliveries: Iterable[Delivery]) -> None:
        for delivery in deliveries:
            self._enqueue(delivery)

    def _enqueue(self, delivery: Delivery) -> None:
        self._pending.add(delivery.id)
        self._idle.clear()
        self._queues[delivery.trigger_name].put(delivery)

    def _settle(self, outcome: Outcome) -> None:
        delivery = outcome.delivery
        if outcome.error:
            self._errors.appendleft(
                {
                    "trigger": delivery.trigger_name,
                    "name": delivery.event.name,
                    "generation": delivery.event.generation,
                    "attempts": delivery.attempts,
                    "state": outcome.state,
                    "error": outcome.error,
                }
            )
        if outcome.state != "pending":
            self._pending.discard(delivery.id)
            if not self._pending:
                self._idle.set()
