"""All users at once: each has several devices, which draw operations by their weights until enough were done."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import aiohttp

from localcloud.auth.accounts import fresh_id_token
from localcloud.supervisor.services.environment import PROJECT
from tests.chaos.journal import Journal
from tests.chaos.people import accounts, admin, hostile, library, playback, uploads, usage
from tests.chaos.people.media import real_media
from tests.chaos.people.person import Lost, Person

Operation = Callable[[Person], Awaitable[None]]
AdminOperation = Callable[[Person, list[Person]], Awaitable[None]]

WEIGHTS: dict[Operation, float] = {
    uploads.by_client: 8,
    uploads.by_server: 8,
    uploads.and_see: 6,
    uploads.real_media: 1.5,
    uploads.abandoned: 3,
    uploads.repeated_grant: 2,
    uploads.wrong_size: 2,
    uploads.wrong_checksum: 1,
    uploads.late_object: 2,
    uploads.in_parts: 4,
    uploads.late_parts: 1,
    uploads.in_chunks: 3,
    uploads.as_form: 4,
    uploads.cancel_any: 5,
    uploads.complete_any: 4,
    uploads.show_any: 4,
    uploads.resume_any: 2,
    uploads.list_open: 3,
    uploads.check: 1,
    library.look: 6,
    library.refresh: 3,
    library.show: 3,
    library.rename: 2,
    library.caption: 3,
    library.watch: 8,
    library.listen: 1,
    library.order_audio: 0.5,
    library.delete: 12,
    library.restore: 3,
    library.purge: 4,
    library.empty_trash: 1,
    library.churn: 1,
    playback.share: 4,
    playback.look_at_links: 1,
    playback.play: 6,
    playback.play_natively: 2,
    playback.skip_a_lease: 0.3,
    playback.end_link: 1,
    playback.end_all_links: 0.5,
    usage.read: 6,
    usage.check_bandwidth: 1,
    usage.report: 2,
    hostile.one_grant_many_sessions: 0.5,
    hostile.many_late_parts: 0.5,
    hostile.parts_after_completion: 0.5,
    hostile.flood: 0.3,
    hostile.flood_of_urls: 0.2,
    hostile.slow_form: 0.3,
    hostile.mail_bomb: 0.5,
    accounts.log_in: 0.5,
    accounts.refresh_token: 0.5,
    accounts.guess: 0.3,
    accounts.look: 2,
    accounts.choose_mails: 0.5,
    accounts.make_key: 0.5,
    accounts.use_key: 0.5,
    accounts.revoke_key: 0.5,
}
LEAVES_EVERY = 1500
"""One of so many operations is a user who deletes their account; somebody new comes instead."""

UNVERIFIED_EVERY = 5
"""One of so many users has an address that is not verified."""

ADMIN_WEIGHTS: dict[AdminOperation, float] = {
    admin.change_limits: 6,
    admin.reset_day: 4,
    admin.disable: 1,
    admin.look: 2,
    admin.redeliver: 1,
}
ADMIN_PAUSE = 0.3
"""Seconds between two operations of the admin."""


@dataclass
class Crowd:
    """The users of one run. `stop` ends it; so do `operations` and `seconds`, whichever comes first."""

    http: aiohttp.ClientSession
    base: str
    auth_port: int
    journal: Journal
    seed: int
    users: int
    devices: int
    operations: int
    seconds: float
    people: list[Person] = field(default_factory=list)
    everybody: list[Person] = field(default_factory=list)
    """Those who have left included."""
    done: int = 0
    began: float = 0.0
    _media: list[bytes] = field(default_factory=real_media)

    async def run(self) -> None:
        """Sign up, and work until enough was done."""
        self.people = list(await asyncio.gather(*(self._newcomer(number) for number in range(self.users))))
        boss = await self._admin()
        self.began = time.monotonic()
        supervising = asyncio.create_task(self._supervise(boss))
        devices = [
            self._device(place, random.Random(f"{self.seed} device {place} {number}"))
            for place in range(self.users)
            for number in range(self.devices)
        ]
        await asyncio.gather(*devices)
        supervising.cancel()
        await asyncio.gather(supervising, return_exceptions=True)

    @property
    def is_over(self) -> bool:
        """Whether enough was done."""
        return self.done >= self.operations or time.monotonic() - self.began >= self.seconds

    async def _newcomer(self, number: int) -> Person:
        chance = random.Random(f"{self.seed} person {number}")
        name = f"chaos{self.seed % 10_000}n{number}"
        domain = "example.com" if number % UNVERIFIED_EVERY else "unverified.example"
        person = Person(self.http, self.base, self.journal, chance, f"{name}@{domain}", name, media=self._media)
        await person.sign_up()
        self.everybody.append(person)
        return person

    async def _admin(self) -> Person:
        email = "boss@example.com"
        token = await asyncio.to_thread(fresh_id_token, self.auth_port, PROJECT, email, admin=True)
        chance = random.Random(f"{self.seed} admin")
        return Person(self.http, self.base, self.journal, chance, email, "boss", token=token, media=self._media)

    async def _device(self, place: int, chance: random.Random) -> None:
        chosen, weights = list(WEIGHTS), list(WEIGHTS.values())
        while not self.is_over:
            person = self.people[place]
            if person.is_leaving:
                await asyncio.sleep(0.2)
                continue
            if chance.random() * LEAVES_EVERY < 1:
                await self._replace(place, person)
                continue
            [operation] = chance.choices(chosen, weights)
            await self._do(operation.__module__.rpartition(".")[2], operation.__name__, operation(person))

    async def _do(self, subject: str, name: str, work: Awaitable[None]) -> None:
        self.done += 1
        self.journal.operations[f"{subject}.{name}"] += 1
        try:
            await work
        except Lost:
            return

    async def _replace(self, place: int, person: Person) -> None:
        await self._do("accounts", "leave", accounts.leave(person))
        if person.is_leaving:
            self.people[place] = await self._newcomer(len(self.everybody))

    async def _supervise(self, boss: Person) -> None:
        chosen, weights = list(ADMIN_WEIGHTS), list(ADMIN_WEIGHTS.values())
        while True:
            [operation] = boss.chance.choices(chosen, weights)
            await self._do("admin", operation.__name__, operation(boss, self.people))
            await asyncio.sleep(ADMIN_PAUSE)
