"""Makes `reelgate_client/sync` from `reelgate_client/aio`: the same code without `async` and `await`, over threads.

    python clients/python/make_sync.py           writes it
    python clients/python/make_sync.py --check   exit code 1 if it is not current

A test checks that it is current. What really differs between the two is in `reelgate_client/runtime`.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent / "reelgate_client"
SOURCE, MADE = PACKAGE / "aio", PACKAGE / "sync"
NOTE = "# Made from {source} by make_sync.py. Change that file, and run it again.\n"

RULES = [
    (r"\bfor asyncio\b(?!\. `)", "for threads"),
    (r"The client for asyncio\..*", 'The client for plain calls, made from the one for asyncio."""'),
    (r"from reelgate_client\.runtime import aio as runtime", "from reelgate_client.runtime import threads as runtime"),
    (r"\breelgate_client\.aio\b", "reelgate_client.sync"),
    (r"\basync (def|with|for)\b", r"\1"),
    (r"\bawait ", ""),
    (r"Awaitable\[((?:[^\[\]]|\[[^\[\]]*\])*)\]", r"\1"),
    (r"\bfrom collections\.abc import (.*)", None),
    (r"\bAsyncIterator\b", "Iterator"),
    (r"\basynccontextmanager\b", "contextmanager"),
    (r"\b__aenter__\b", "__enter__"),
    (r"\b__aexit__\b", "__exit__"),
    (r"\baclose\b", "close"),
    (r"\baread\b", "read"),
    (r"\baiter_raw\b", "iter_raw"),
    (r"\bAsyncBaseTransport\b", "BaseTransport"),
    (r"\bhttpx\.AsyncClient\b", "httpx.Client"),
    (r"\bAsync([A-Z]\w+)\b", r"\1"),
    (r"It can be shared by all tasks of a program", "It can be shared by all threads of a program"),
]


def sync_text(text: str, source: str) -> str:
    """Return a module for threads."""
    for pattern, replacement in RULES:
        text = re.sub(pattern, replacement if replacement is not None else _imports, text)
    return NOTE.format(source=source) + text


def _imports(found: re.Match[str]) -> str:
    names = {name.strip() for name in found[1].split(",")} - {"Awaitable"}
    names = {name.replace("AsyncIterator", "Iterator") for name in names}
    return f"from collections.abc import {', '.join(sorted(names))}"


def made() -> dict[Path, str]:
    """Return every module, by its path."""
    return {
        MADE / path.relative_to(SOURCE): sync_text(path.read_text(encoding="utf-8"), str(path.relative_to(PACKAGE)))
        for path in sorted(SOURCE.rglob("*.py"))
    }


def stale() -> list[str]:
    """Return the modules that are missing, too many, or not current."""
    expected = made()
    found = {path: path.read_text(encoding="utf-8") for path in MADE.rglob("*.py")}
    return sorted(str(path.relative_to(PACKAGE)) for path in {*expected, *found} if expected.get(path) != found.get(path))


def main() -> int:
    """Write or check; returns the exit code."""
    if "--check" in sys.argv[1:]:
        for name in stale():
            print(f"{name} is not current: run clients/python/make_sync.py", file=sys.stderr)
        return 1 if stale() else 0
    shutil.rmtree(MADE, ignore_errors=True)
    for path, text in made().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
