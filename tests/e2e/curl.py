"""curl as the documents of the older services use it: a process of its own per request."""

from __future__ import annotations

import json
import subprocess
from typing import Any


class Curl:
    """curl against the gateway, with or without a token."""

    def __init__(self, base_url: str, token: str | None = None) -> None:
        self._base_url = base_url
        self._token = token

    def __call__(self, method: str, path: str, *arguments: str) -> tuple[int, Any]:
        """Return the status and the body: parsed when it is JSON, else as text."""
        token = ["-H", f"Authorization: Bearer {self._token}"] if self._token else []
        command = ["curl", "-sS", "-X", method, f"{self._base_url}{path}", *token, *arguments, "-w", "\n%{http_code}"]
        printed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
        body, _, status = printed.rpartition("\n")
        try:
            return int(status), json.loads(body)
        except ValueError:
            return int(status), body

    def with_token(self, token: str) -> Curl:
        """Return the same for somebody who has signed in."""
        return Curl(self._base_url, token)


def body(**fields: Any) -> list[str]:
    """Return curl's arguments for a JSON body."""
    return ["-H", "Content-Type: application/json", "-d", json.dumps(fields)]


def fetch(url: str) -> bytes:
    """Return what is at a URL that needs no token."""
    return subprocess.run(["curl", "-sSf", url], capture_output=True, check=True, timeout=60).stdout
