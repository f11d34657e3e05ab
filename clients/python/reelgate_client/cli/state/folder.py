"""Small JSON files that only their owner may read, written whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows: two processes that write in the same moment may lose a hint
    fcntl = None  # type: ignore[assignment]


def state_folder(environment: Mapping[str, str]) -> Path:
    """Return the folder: `reelgate` in XDG_STATE_HOME, by default `~/.local/state`."""
    home = environment.get("XDG_STATE_HOME")
    if home and Path(home).is_absolute():
        return Path(home) / "reelgate"
    return Path(environment.get("HOME") or Path.home()) / ".local" / "state" / "reelgate"


class StateFile:
    """One file of mode 0600 in a folder of mode 0700."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> dict[str, Any]:
        """Return its content; nothing if it is missing, damaged, or cannot be read."""
        try:
            content = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}

    def write(self, content: Mapping[str, Any]) -> None:
        """Replace its content. Whenever the machine stops, the file is the old one or the new one.

        Raises:
            OSError: it cannot be written.
        """
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}-")  # its mode is 0600
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(content, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self.path)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the file against other processes, for reading and writing it again."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(self.path.with_name(f".{self.path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if fcntl is not None:
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)
