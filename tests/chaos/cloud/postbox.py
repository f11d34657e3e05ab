"""The mails and webhooks that the local cloud has received: it keeps only the last ones, so they are fetched regularly."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import aiohttp

PAUSE = 10.0
"""Seconds between two looks. A run makes some tens of webhooks a second, and two thousand are kept."""


class Postbox:
    """All mails and webhooks of a run."""

    def __init__(self, url: str, http: aiohttp.ClientSession) -> None:
        self.mails: dict[tuple[float, str], Mapping[str, Any]] = {}
        self.webhooks: dict[tuple[float, str], Mapping[str, Any]] = {}
        self.secret = ""
        self._url, self._http = f"{url}/_emulator", http

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            with suppress(aiohttp.ClientError, TimeoutError):
                await self.look()
            await asyncio.sleep(PAUSE)

    async def look(self) -> None:
        """Fetch what has come since the last look."""
        self.secret = self.secret or (await self._get("/webhooks/secret"))["secret"]
        for mail in await self._get("/mails"):
            self.mails[mail["received_at"], header(mail, "message-id")] = mail
        for hook in await self._get("/webhooks"):
            self.webhooks[hook["received_at"], header(hook, "webhook-id")] = hook

    async def _get(self, path: str) -> Any:
        async with self._http.get(self._url + path) as answer:
            answer.raise_for_status()
            return await answer.json()


def header(item: Mapping[str, Any], name: str) -> str:
    """Return a header of a mail or a webhook; empty if it has none."""
    return next((str(value) for key, value in item["headers"].items() if key.lower() == name), "")
