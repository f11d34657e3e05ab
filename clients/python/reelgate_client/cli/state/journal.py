"""Which open uploads this machine has begun: `uploads.json`.

It is a hint. Without it, an upload of this machine looks like another machine's: it is waited for until it stands still.
"""

from __future__ import annotations

import hashlib
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from reelgate_client.cli.state.folder import StateFile

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows: two commands over one folder send some bytes twice
    fcntl = None  # type: ignore[assignment]

KEPT_SECONDS = 8 * 86400
"""Uploads are reserved for at most a week."""


class Journal:
    """Ids of uploads, with the time when each began. URLs, which are secrets, are not in it."""

    def __init__(self, folder: Path) -> None:
        self._file = StateFile(folder / "uploads.json")
        self._live_path = folder / ".uploads.live"
        self._live: int | None = None

    def begin(self, upload_id: str) -> None:
        """Note an upload, and hold it against other processes of this machine for as long as this one runs."""
        self._hold(upload_id)
        self._change(upload_id, time.time())

    def end(self, upload_id: str) -> None:
        """Forget an upload."""
        self._change(upload_id, None)
        self._let_go(upload_id)

    def is_ours(self, upload_id: str) -> bool:
        """Return whether this machine began an upload, and no other process of it is sending it now."""
        return upload_id in self._uploads() and not self._is_held_elsewhere(upload_id)

    def _uploads(self) -> dict[str, Any]:
        found = self._file.read().get("uploads")
        return found if isinstance(found, dict) else {}

    def _change(self, upload_id: str, began: float | None) -> None:
        with suppress(OSError), self._file.locked():  # a full disk costs a hint, not the upload
            now = time.time()
            kept = {one: at for one, at in self._uploads().items() if isinstance(at, int | float) and now - at < KEPT_SECONDS}
            kept.pop(upload_id, None)
            self._file.write({"uploads": kept if began is None else {**kept, upload_id: began}})

    def _hold(self, upload_id: str) -> None:
        with suppress(OSError):
            if fcntl is not None:
                fcntl.lockf(self._live_file(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _place(upload_id))

    def _let_go(self, upload_id: str) -> None:
        with suppress(OSError):
            if fcntl is not None:
                fcntl.lockf(self._live_file(), fcntl.LOCK_UN, 1, _place(upload_id))

    def _is_held_elsewhere(self, upload_id: str) -> bool:
        """The kernel releases the locks of a process that was killed. Locks of this process never are in its own way."""
        if fcntl is not None:
            try:
                fcntl.lockf(self._live_file(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _place(upload_id))
            except BlockingIOError:
                return True
            except OSError:
                return False
        return False

    def _live_file(self) -> int:
        if self._live is None:
            self._live_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._live = os.open(self._live_path, os.O_RDWR | os.O_CREAT, 0o600)
        return self._live


def _place(upload_id: str) -> int:
    """Return which byte of the file stands for an upload."""
    return int.from_bytes(hashlib.sha256(upload_id.encode()).digest()[:5], "big")
