"""The end of a log file, and following it."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

TAIL_BYTES = 64 * 1024


def last_lines(log: Path, count: int) -> list[str]:
    """Return up to `count` last lines; none if there is no such file."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, 2) - TAIL_BYTES))
            return file.read().decode(errors="replace").splitlines()[-count:]
    except FileNotFoundError:
        return []


class Follower:
    """Reads what is written to a log from now on, line by line."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._place = log.stat().st_size if log.exists() else 0

    def new_lines(self) -> list[str]:
        """Return the lines that were finished since the last call."""
        if not self._log.exists():
            return []
        with self._log.open("rb") as file:
            if file.seek(0, 2) < self._place:
                self._place = 0  # rotated: a new file
            file.seek(self._place)
            content = file.read()
        end = content.rfind(b"\n") + 1
        self._place += end
        return content[:end].decode(errors="replace").splitlines()


def follow(logs: dict[str, Path], pause: Callable[[], None] = lambda: time.sleep(0.2)) -> Iterator[tuple[str, str]]:
    """Yield (name, line) for every line that is written to any of the logs from now on, for ever."""
    followers = {name: Follower(log) for name, log in logs.items()}
    while True:
        for name, follower in followers.items():
            for line in follower.new_lines():
                yield name, line
        pause()
