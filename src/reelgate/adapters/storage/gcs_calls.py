"""Run the blocking calls of google-cloud-storage in threads, and translate their errors."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from google.api_core.exceptions import GoogleAPIError
from google.auth.exceptions import GoogleAuthError
from google.cloud.storage.exceptions import DataCorruption, InvalidResponse

from reelgate.domain.errors import Unavailable

# OSError includes the client's errors for a broken connection, with any HTTP library.
_FAILURES = (GoogleAPIError, GoogleAuthError, OSError, DataCorruption, InvalidResponse)

_log = logging.getLogger(__name__)


class GcsCalls:
    """Threads for one adapter: asyncio's default pool has only five on one vCPU, and other code uses it too."""

    def __init__(self, parallel_calls: int, *, name: str) -> None:
        """`name` is the prefix of the threads' names."""
        self._threads = ThreadPoolExecutor(parallel_calls, thread_name_prefix=name)

    async def run[T](self, call: Callable[[], T]) -> T:
        """Return what `call` returns. Raises Unavailable if storage fails; passes on the domain's own errors."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, call)
        except _FAILURES as error:
            # The text of the error can hold a session URL, which is a secret: only its type is logged.
            _log.warning("storage failed: %s", type(error).__name__)
            raise Unavailable("The storage cannot be reached at the moment. Try again.") from None
