"""Signs URLs without holding a key: the IAM Credentials API signs, one network round trip each."""

from __future__ import annotations

import asyncio
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial

from reelgate.adapters.signing import v4_rules
from reelgate.adapters.signing.iam_sign_blob import PARALLEL_CALLS, SignBlobClient, SignBlobFailed
from reelgate.adapters.signing.v4_draft import RSA, Drafter
from reelgate.adapters.signing.v4_endpoint import Endpoint
from reelgate.domain.errors import Unavailable
from reelgate.ports import UrlToSign

MAX_SECONDS = 12 * 3600
"""signBlob promises its key for twelve hours only; a URL signed for longer could stop working early (IAM, "signBlob")."""

ATTEMPTS = 3


class IamSigner:
    """A `UrlSigner` for deployments without keys."""

    def __init__(self, *, endpoint: Endpoint, account: str, iam_endpoint: str, first_pause_seconds: float = 0.1) -> None:
        """Between attempts it waits `first_pause_seconds`, then twice that, each time up to half more by chance.

        Raises ValueError for an account or IAM endpoint that cannot be one.
        """
        self._account = account
        self._client = SignBlobClient(endpoint=iam_endpoint, account=account)
        self._drafter = Drafter(
            endpoint=endpoint,
            algorithm=RSA,
            signer_id=account,
            check=partial(v4_rules.check, longest_seconds=MAX_SECONDS),
        )
        self._first_pause_seconds = first_pause_seconds
        # A pool of its own: asyncio's default has five threads on one vCPU, and these wait for the network.
        self._threads = ThreadPoolExecutor(PARALLEL_CALLS, thread_name_prefix="sign-blob")

    async def signed_url(self, wanted: UrlToSign, *, now: datetime) -> str:
        """Return the URL.

        Raises:
            ValueError: the request may not be signed, or not for more than twelve hours.
            Unavailable: IAM did not sign, also when asked again.
        """
        draft = self._drafter.draft(wanted, now)
        signature = await self._sign(draft.string_to_sign.encode())
        return draft.signed(signature.hex())

    async def _sign(self, data: bytes) -> bytes:
        loop = asyncio.get_running_loop()
        for attempt in range(ATTEMPTS):
            if attempt:
                pause = self._first_pause_seconds * 2 ** (attempt - 1)
                await asyncio.sleep(pause * random.uniform(1, 1.5))  # noqa: S311 (spreads retries, keeps no secret)
            try:
                return await loop.run_in_executor(self._threads, self._client.sign, data)
            except SignBlobFailed as failure:
                last = failure
                if not failure.worth_retrying:
                    break
        raise Unavailable("the URL could not be signed: try again later", retry_after_seconds=5) from last

    async def close(self) -> None:
        """Let go of threads and connections; calls on their way are finished first."""
        await asyncio.to_thread(self._threads.shutdown)
        self._client.close()

    def __repr__(self) -> str:
        return f"IamSigner(account={self._account!r})"
