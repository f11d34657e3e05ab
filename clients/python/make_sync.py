"""Makes `reelgate_client/sync` from `reelgate_client/aio`: the same code without `async` and `await`, over threads.

`setup.py` runs it whenever the package is built or installed, `emulator.sh` and `make` before they use it. What has not
changed is not written again, so it can run beside anything. What differs between the two is in `reelgate_client/runtime`.
"""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent / "reelgate_client"
SOURCE, MADE = PACKAGE / "aio", PACKAGE / "sync"
NOTE = "# Made from {source} by make_sync.py, and ignored by git. Change that file instead.\n"

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


def make() -> None:
    """Write the modules that have changed, and remove those whose source is gone."""
    expected = made()
    for path, text in expected.items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            _replace(path, text)
    for path in MADE.rglob("*.py"):
        if path not in expected:
            path.unlink()


def _replace(path: Path, text: str) -> None:
    """Write in one step: another process may be importing it."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, suffix=".tmp", delete=False) as new:
        new.write(text)
    os.chmod(new.name, 0o644)
    os.replace(new.name, path)


if __name__ == "__main__":
    make()
