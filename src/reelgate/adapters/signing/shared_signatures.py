"""Signatures that are made once and shared: by later requests for the same string, and by concurrent ones.

A streaming URL stays the same during its window, and RSA signatures (PKCS #1 v1.5) are deterministic, so the same string is
to be signed again and again. A signature is as secret as its URL: it is kept in this process's memory only, and shown nowhere.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable

MAX_SIGNATURES = 4096
"""How many signatures are kept, about two megabytes; the one that was used longest ago goes first."""

Sign = Callable[[str], Awaitable[bytes]]


class SharedSignatures:
    """The signatures of strings by one key, to be used in one event loop."""

    def __init__(self, sign: Sign, *, size: int = MAX_SIGNATURES) -> None:
        """`sign` makes a signature; an error that it raises is raised to all that wait for it, and not kept."""
        self._sign = sign
        self._size = size
        self._signatures: OrderedDict[str, bytes] = OrderedDict()
        self._calls: dict[str, asyncio.Task[bytes]] = {}

    async def signature(self, text: str) -> bytes:
        """Return the signature of a string. A caller that stops waiting does not end the call."""
        known = self._signatures.get(text)
        if known is not None:
            self._signatures.move_to_end(text)
            return known
        call = self._calls.get(text)
        if call is None:
            call = self._calls[text] = asyncio.create_task(self._make(text))
            call.add_done_callback(_observe)
        return await asyncio.shield(call)

    async def _make(self, text: str) -> bytes:
        try:
            signature = await self._sign(text)
        finally:
            del self._calls[text]
        self._signatures[text] = signature
        if len(self._signatures) > self._size:
            self._signatures.popitem(last=False)
        return signature

    def __repr__(self) -> str:
        return f"SharedSignatures({len(self._signatures)} of {self._size})"


def _observe(call: asyncio.Task[bytes]) -> None:
    """Take note of an error that no caller waits for any more, so that asyncio does not log it."""
    if not call.cancelled():
        call.exception()
