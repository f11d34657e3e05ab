"""The end of a log file, and following it."""

import time
from collections.abc import Iterator
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


def follow(logs: dict[str, Path], poll_seconds: float = 0.2) -> Iterator[tuple[str, str]]:
    """Yield (name, line) for every line that is written to any of the logs from now on, for ever."""
    places = {name: log.stat().st_size if log.exists() else 0 for name, log in logs.items()}
    while True:
        for name, log in logs.items():
            for line in _whole_lines(log, name, places):
                yield name, line
        time.sleep(poll_seconds)


def _whole_lines(log: Path, name: str, places: dict[str, int]) -> list[str]:
    if not log.exists():
        return []
    with log.open("rb") as file:
        if file.seek(0, 2) < places[name]:
            places[name] = 0  # rotated: a new file
        file.seek(places[name])
        content = file.read()
    end = content.rfind(b"\n") + 1
    places[name] += end
    return content[:end].decode(errors="replace").splitlines()
