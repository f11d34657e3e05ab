"""A user: signs up, sends requests, and remembers what they have."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.chaos.journal import Journal

PASSWORD = "correct horse battery staple"
BROKEN = (aiohttp.ClientError, TimeoutError, ConnectionError)
TEMPORARY = {429, 499, 502, 503, 504}
TRIES = 12


class Lost(Exception):
    """There was no answer: nobody knows whether the operation was done."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, and the JSON object of the body if it is one."""

    status: int
    body: Mapping[str, Any]

    @property
    def ok(self) -> bool:
        """Whether it was done."""
        return 200 <= self.status < 300


@dataclass
class Grant:
    """An upload that was granted, and how its bytes can be sent."""

    upload_id: str
    filename: str
    data: bytes
    request: Mapping[str, Any] | None = None
    session_url: str | None = None
    parts: list[Mapping[str, Any]] = field(default_factory=list)


@dataclass
class Person:
    """A user who is signed in. All lists are only what they believe to have: others of their devices change it, too."""

    http: aiohttp.ClientSession
    base: str
    journal: Journal
    chance: random.Random
    email: str
    username: str
    uid: str = ""
    token: str = ""
    refresh_token: str = ""
    is_leaving: bool = False
    open: dict[str, Grant] = field(default_factory=dict)
    settled: list[Grant] = field(default_factory=list)
    ready: dict[str, str] = field(default_factory=dict)
    trashed: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    """Tokens of playback grants, by their ids."""
    media: list[bytes] = field(default_factory=list)

    async def call(
        self, method: str, path: str, body: Any = None, *, expect: set[int], token: str | None = None, **more: Any
    ) -> Answer:
        """Send a request to the API, once.

        Args:
            expect: statuses that are right here, besides temporary ones.
            token: another than the one of the login; empty for none.

        Raises Lost.
        """
        used = self.token if token is None else token
        headers = {**({"Authorization": f"Bearer {used}"} if used else {}), **more.pop("headers", {})}
        if body is not None:
            more["json"] = body
        try:
            async with self.http.request(method, self.base + path, headers=headers, allow_redirects=False, **more) as answer:
                text = await answer.read()
        except BROKEN:
            self.journal.lost += 1
            raise Lost from None
        self.journal.statuses[answer.status] += 1
        content = _object(text)
        if path.partition("?")[0].endswith("/url") and answer.status < 429:
            self.journal.answered_url(self.uid)
        if answer.status not in expect and answer.status not in TEMPORARY and not self._excused(answer.status):
            self.journal.surprise(f"{method} {path}: {answer.status} {text[:300]!r}")
        return Answer(answer.status, content)

    def _excused(self, status: int) -> bool:
        """Whether a status is right at any time: the account may just be disabled or deleted by somebody else."""
        return status in {401, 403, 404} if self.is_leaving else status == 403

    async def put(self, method: str, url: str, data: bytes = b"", headers: Mapping[str, str] | None = None) -> int:
        """Send a request to the bucket, and return the status; 0 if there was no answer."""
        return (await self.exchange(method, url, data, headers))[0]

    async def exchange(
        self, method: str, url: str, data: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> tuple[int, Mapping[str, str]]:
        """The same, with the answer's headers."""
        try:
            async with self.http.request(method, url, data=data, headers=headers) as answer:
                await answer.read()
                return answer.status, answer.headers
        except BROKEN:
            self.journal.lost += 1
            return 0, {}

    async def sign_up(self) -> None:
        """Register and log in, whatever breaks."""
        body = {"email": self.email, "password": PASSWORD, "username": self.username}
        for _ in range(TRIES):
            try:
                answer = await self.call("POST", "/v1/auth/register", body, expect={201, 409}, token="")
                if answer.status in {201, 409} and await self.log_in():
                    self.ack(f"register:{self.uid}")
                    return
            except Lost:
                pass
            await asyncio.sleep(0.5)
        raise RuntimeError(f"{self.email} could not sign up")

    async def log_in(self) -> bool:
        """Log in with the right password. Returns whether that worked: there is such a user, who is not disabled.

        Raises Lost, also if it did not work for a reason that passes.
        """
        body = {"email": self.email, "password": PASSWORD}
        answer = await self.call("POST", "/v1/auth/login", body, expect={200, 401}, token="")
        if answer.status in TEMPORARY:
            raise Lost
        if not answer.ok:
            return False
        self.token, self.refresh_token = answer.body["token"], answer.body["refresh_token"]
        self.uid = answer.body["user"]["user_id"]
        return True

    def ack(self, entry: str) -> None:
        """Note that an operation of this user was acknowledged."""
        self.journal.ack(self.uid, entry)

    def any_of(self, among: Mapping[str, Any]) -> str | None:
        """Return one of the ids, or None if there is none."""
        return self.chance.choice(list(among)) if among else None


def _object(text: bytes) -> Mapping[str, Any]:
    try:
        content = json.loads(text)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
