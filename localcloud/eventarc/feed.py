"""Reads the storage emulator's feed of events: in the cloud, Cloud Storage and Pub/Sub do this."""

import asyncio
import logging

import aiohttp

from localcloud.eventarc.bridge import Bridge
from localcloud.eventarc.events import StorageEvent
from localcloud.eventarc.store import DeliveryStore

_PAGE_SIZE = 500
_LONG_POLL_SECONDS = 20
_RETRY_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0)
_log = logging.getLogger(__name__)


class FeedReader:
    """Passes every entry of the feed to the bridge once, starting where an earlier run stopped."""

    def __init__(self, storage_url: str, bridge: Bridge, store: DeliveryStore, http: aiohttp.ClientSession) -> None:
        self._url = f"{storage_url}/_emulator/events"
        self._bridge = bridge
        self._store = store
        self._http = http

    async def run(self) -> None:
        """Read until cancelled; retries while the storage does not answer."""
        failures = 0
        while True:
            try:
                await self._read(_LONG_POLL_SECONDS)
                failures = 0
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                if failures == 0:
                    _log.warning("the storage does not answer (%s); trying again", type(error).__name__)
                await asyncio.sleep(_RETRY_SECONDS[min(failures, len(_RETRY_SECONDS) - 1)])
                failures += 1

    async def catch_up(self) -> None:
        """Return when everything that the feed holds at this moment was read. Raises aiohttp.ClientError."""
        while await self._read(0):
            pass

    async def _read(self, wait_seconds: int) -> int:
        """Read one page. Returns the number of its entries."""
        asked_after = self._store.cursor()
        query = {"after": asked_after, "limit": _PAGE_SIZE, "wait": wait_seconds}
        timeout = aiohttp.ClientTimeout(total=wait_seconds + 10)
        async with self._http.get(self._url, params=query, timeout=timeout) as answer:
            answer.raise_for_status()
            page = await answer.json()
        if page["last_id"] < asked_after:
            _log.warning("the feed starts again from 1: the storage was emptied")
            self._bridge.start_over()
            return 1
        # `run` and `catch_up` may read at the same time: entries that the other one has already read are skipped.
        cursor = self._store.cursor()
        events = [StorageEvent.from_feed(entry) for entry in page["events"] if entry["id"] > cursor]
        if events:
            self._bridge.take_in(events, events[-1].id)
        return len(page["events"])
