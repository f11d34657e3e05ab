"""Calls of google-cloud-storage, which block, in threads; and what their failures mean."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from google.api_core.exceptions import GoogleAPIError
from google.auth.exceptions import GoogleAuthError
from google.cloud.storage.exceptions import DataCorruption, InvalidResponse

from reelgate.adapters.google.rest import NoAnswer
from reelgate.domain.errors import Unavailable

# OSError: what the client raises for a broken connection is one, whichever library speaks HTTP for it.
_FAILURES = (GoogleAPIError, GoogleAuthError, OSError, DataCorruption, InvalidResponse, NoAnswer)

_log = logging.getLogger(__name__)


class GcsCalls:
    """Threads for one adapter: asyncio's own pool has five on one vCPU, which others wait for too."""

    def __init__(self, parallel_calls: int, *, name: str) -> None:
        """`name` is that of the threads."""
        self._threads = ThreadPoolExecutor(parallel_calls, thread_name_prefix=name)

    async def run[T](self, call: Callable[[], T]) -> T:
        """Return what `call` returns. Raises Unavailable where storage fails; errors of the domain pass."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, call)
        except _FAILURES as error:
            # The text of the error can hold a session URL, which is a secret: only its type is logged.
            _log.warning("storage failed: %s", type(error).__name__)
            raise Unavailable("Storage cannot be reached at the moment; try again.") from None
