"""Breaks things in a seeded order: kills and pauses instances, and sets the faults of the local cloud's services."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

import aiohttp

from tests.chaos.cloud.chaos_cloud import ChaosCloud
from tests.chaos.cloud.instances import Instance

PAUSE_SECONDS = (0.2, 6.0)
DOWN_SECONDS = (0.0, 2.0)
JUMP_SECONDS = (5.0, 40.0)
"""How far all clocks jump ahead at once; uploads expire after 60 s, and URLs change their window. Cloud Storage refuses what is
signed more than 15 minutes ahead of its own clock, so all jumps of a run together stay below that."""
MAX_AHEAD = 600.0


class Disturber:
    """Disturbs a cloud until it is stopped. `counts` says how often each thing was done."""

    def __init__(self, cloud: ChaosCloud, http: aiohttp.ClientSession, seed: int, *, every: float) -> None:
        self.counts: Counter[str] = Counter()
        self._cloud, self._http, self._every = cloud, http, every
        self._chance = random.Random(f"{seed} faults")
        self._under_way: set[asyncio.Task[None]] = set()
        self._hurt: set[str] = set()

    async def run(self) -> None:
        """Do one thing after the other, with pauses between them, until cancelled."""
        while True:
            [what] = self._chance.choices(list(THINGS), list(THINGS.values()))
            self.counts[what.__name__] += 1
            task = asyncio.create_task(what(self))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
            await asyncio.sleep(self._chance.uniform(0, 2 * self._every))

    async def end(self) -> None:
        """Wait for what is under way, and repair everything."""
        results = await asyncio.gather(*self._under_way, return_exceptions=True)
        self._cloud.faults(on=False)
        for service, path in (
            ("eventarc", "faults"),
            ("storage", "faults"),
            ("mail", "mails/faults"),
            ("mail", "webhooks/faults"),
        ):
            await self._ask("DELETE", f"{self._cloud.url(service)}/_emulator/{path}")
        for result in results:
            if isinstance(result, BaseException):
                raise result

    async def kill(self) -> None:
        """SIGKILL an instance, and start another one in its place."""
        if (instance := self._healthy()) is None:
            return
        await instance.kill()
        await asyncio.sleep(self._chance.uniform(*DOWN_SECONDS))
        await instance.start()
        self._hurt.discard(instance.name)

    async def pause(self) -> None:
        """SIGSTOP an instance for a while."""
        if (instance := self._healthy()) is None:
            return
        instance.pause()
        try:
            await asyncio.sleep(self._chance.uniform(*PAUSE_SECONDS))
        finally:
            instance.resume()
            self._hurt.discard(instance.name)

    async def events(self) -> None:
        """Repeat, delay, hold, drop or reorder the bucket's events for some seconds."""
        chance = self._chance
        faults: dict[str, Any] = chance.choice(
            [
                {"duplicate_every": 1, "duplicate_ids": chance.choice(["same", "new"])},
                {"duplicate_probability": 0.3, "delay_ms": [0, 3000]},
                {"reorder_window": 8, "reorder_wait_ms": 500},
                {"hold": True},
                {"drop_first_attempts": 1},
                {"delay_ms": [1000, 8000]},
            ]
        )
        faults["seed"] = chance.getrandbits(30)
        url = f"{self._cloud.url('eventarc')}/_emulator/faults"
        await self._ask("PUT", url, faults)
        await asyncio.sleep(chance.uniform(1, 5))
        await self._ask("DELETE", url)

    async def storage(self) -> None:
        """Let Cloud Storage refuse requests, and break connections, for some seconds."""
        chance = self._chance
        rule: dict[str, Any] = chance.choice(
            [
                {"error_status": 503, "error_rate": 0.2},
                {"error_status": 429, "error_rate": 0.2},
                {"error_status": 500, "error_rate": 0.2, "methods": ["DELETE"]},
                {"error_status": 503, "error_rate": 0.5, "target_contains": "compose"},
                {"drop_upload_after_bytes": 700, "times": 10, "target_contains": "upload_id="},
                {"drop_download_after_bytes": 500, "times": 10},
                {"delay_ms": 300},
            ]
        )
        url = f"{self._cloud.url('storage')}/_emulator/faults"
        await self._ask("PUT", url, {"rules": [rule], "seed": chance.getrandbits(30)})
        await asyncio.sleep(chance.uniform(1, 4))
        await self._ask("DELETE", url)

    async def mails(self) -> None:
        """Let the mail server refuse mails, or break connections; some of those mails arrive all the same."""
        chance = self._chance
        fault = {"stage": chance.choice(["rcpt", "text"]), "status": chance.choice([451, 0, 550]), "times": 3}
        if fault["status"] == 0 and fault["stage"] == "text":
            fault["keep"] = chance.choice([True, False])
        await self._ask("PUT", f"{self._cloud.url('mail')}/_emulator/mails/faults", fault)

    async def webhooks(self) -> None:
        """Let the consumer of webhooks fail."""
        fault = {"status": self._chance.choice([500, 0, 429]), "times": 10, "name": "local"}
        await self._ask("PUT", f"{self._cloud.url('mail')}/_emulator/webhooks/faults", fault)

    async def sweep(self) -> None:
        """Run what the scheduler runs, sometimes twice at once."""
        await asyncio.gather(*(self._sweep() for _ in range(self._chance.choice([1, 1, 2]))))

    async def _sweep(self) -> None:
        tasks = {"tasks": self._chance.choice([["sweep"], ["close_day", "sweep"]])}
        await self._ask("POST", f"{self._cloud.url('reset_daily')}/", tasks)

    async def jump(self) -> None:
        """Let all clocks jump ahead."""
        seconds = self._chance.uniform(*JUMP_SECONDS)
        if self._cloud.clock.ahead + seconds < MAX_AHEAD:
            self._cloud.clock.advance(seconds)

    def _healthy(self) -> Instance | None:
        healthy = [instance for instance in self._cloud.instances if instance.name not in self._hurt]
        if not healthy:
            return None
        chosen = self._chance.choice(healthy)
        self._hurt.add(chosen.name)
        return chosen

    async def _ask(self, method: str, url: str, body: object = None) -> None:
        try:
            async with self._http.request(method, url, json=body) as answer:
                await answer.read()
        except (aiohttp.ClientError, TimeoutError, ConnectionError):
            self.counts["unanswered"] += 1


THINGS: dict[Callable[[Disturber], Coroutine[Any, Any, None]], float] = {
    Disturber.kill: 6,
    Disturber.pause: 3,
    Disturber.events: 4,
    Disturber.storage: 4,
    Disturber.mails: 2,
    Disturber.webhooks: 1,
    Disturber.sweep: 6,
    Disturber.jump: 1,
}
