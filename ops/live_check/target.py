"""Where the deployment is, and who asks: addresses, tokens, and what has to be cleaned up at the end."""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from ops.live_check.logs import Logs
from ops.live_check.report import PromiseBroken, Report

TIMEOUT_SECONDS = 120
TRIES = 4
MAX_WAIT_SECONDS = 10.0


@dataclass
class Target:
    """The deployment under check.

    `bucket` has the videos, `derived_bucket` what is made of them, `log_bucket` the usage logs of both, if there are any.
    `credentials` returns headers for Google's own APIs, as the operator who runs this; None where they cannot be asked.
    `signers` are the accounts of `upload` and `read`. A line is in `logs` no later than `log_seconds` after it was written.
    """

    project: str
    api_url: str
    storage_url: str
    iam_url: str
    bucket: str
    derived_bucket: str
    log_bucket: str
    signers: Mapping[str, str]
    report: Report
    logs: Logs
    log_seconds: float = 0
    credentials: Callable[[], Mapping[str, str]] | None = None
    web: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False))
    run: str = field(default_factory=lambda: secrets.token_hex(6))
    token: str = ""
    admin_token: str = ""
    wait: Callable[[float], None] = time.sleep
    _clean_ups: list[tuple[str, Callable[[], object]]] = field(default_factory=list)

    def api(self, method: str, path: str, *, token: str | None = None, **options: Any) -> httpx.Response:
        """Ask the API with the user's token, another one, or (empty) none. `path` is sent as it is.

        A 503 is retried a few times, as docs/api.md recommends to clients.
        """
        bearer = self.token if token is None else token
        headers = dict(options.pop("headers", {}))
        if bearer:
            headers["Authorization"] = f"Bearer {bearer}"
        for _ in range(TRIES - 1):
            answer = self.web.request(method, f"{self.api_url}{path}", headers=headers, **options)
            if answer.status_code != 503 or "content" in options:  # content may be an iterator, which is read only once
                return answer
            self.wait(min(float(answer.headers.get("retry-after", 1)), MAX_WAIT_SECONDS))
        return self.web.request(method, f"{self.api_url}{path}", headers=headers, **options)

    def ask(self, method: str, path: str, expected: int, **options: Any) -> Any:
        """Return the JSON of an answer that must have a status. Raises PromiseBroken, noted."""
        answer = self.api(method, path, **options)
        if answer.status_code != expected:
            self.report.promise("api", f"{method} {path.partition('?')[0]}", False, shown(answer), str(expected))
        return answer.json()

    def later(self, what: str, undo: Callable[[], object]) -> None:
        """Remember something to be undone at the end, last things first."""
        self._clean_ups.append((what, undo))

    def clean_up(self) -> list[str]:
        """Undo everything; return what could not be."""
        left = []
        while self._clean_ups:
            what, undo = self._clean_ups.pop()
            try:
                undo()
            except (httpx.HTTPError, PromiseBroken) as error:
                left.append(f"{what} ({type(error).__name__})")
        return left


def shown(answer: httpx.Response) -> str:
    """Return status and error code of an answer: what is worth reading in a table."""
    code = ""
    if "xml" in answer.headers.get("content-type", ""):
        code = answer.text.partition("<Code>")[2].partition("</Code>")[0]
    elif "json" in answer.headers.get("content-type", "") and answer.status_code >= 400:
        with contextlib.suppress(ValueError, AttributeError):
            content = answer.json()
            error = content.get("error")
            code = content.get("code") or (error.get("status", "") if isinstance(error, dict) else "")
    return f"{answer.status_code} {code}".strip()


def pieces(data: bytes, *, break_after: int | None = None, size: int = 64 * 1024) -> Iterator[bytes]:
    """Yield a body in pieces, and lose the connection after so many bytes if asked."""
    for at in range(0, len(data), size):
        if break_after is not None and at >= break_after:
            raise ConnectionAbortedError
        yield data[at : at + size]
