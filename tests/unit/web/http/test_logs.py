"""Log lines as Cloud Logging reads them."""

from __future__ import annotations

import json
import logging

from reelgate.web.http.logs import json_lines
from tests.fixtures.api_client import ApiClient


def line(message: str, *, error: Exception | None = None) -> dict[str, str]:
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("reelgate.web", logging.WARNING, "f.py", 1, message, (), info)
    text = json_lines.JsonLines("demo-project-1").format(record)
    assert "\n" not in text
    return json.loads(text)  # type: ignore[no-any-return]


async def test_lines_name_the_request_and_its_trace(api: ApiClient) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    seen: list[tuple[str | None, str | None]] = []
    for headers in (
        {"X-Request-Id": "request-1", "X-Cloud-Trace-Context": f"{trace}/123;o=1"},
        {"X-Request-Id": "request-2", "traceparent": f"00-{trace}-b7ad6b7169203331-01"},
        {"X-Request-Id": "request-3", "traceparent": "garbage"},
    ):
        await api.get("/files", headers=headers)
        seen.append((json_lines.request_id.get(), json_lines.trace.get()))
    assert seen == [("request-1", trace), ("request-2", trace), ("request-3", None)]
    json_lines.trace.set(trace)
    assert line("two\nlines") == {
        "severity": "WARNING",
        "message": "two\nlines",
        "logger": "reelgate.web",
        "request_id": "request-3",
        "logging.googleapis.com/trace": f"projects/demo-project-1/traces/{trace}",
    }


def test_a_line_outside_of_a_traced_request_names_no_trace() -> None:
    json_lines.trace.set(None)
    assert "logging.googleapis.com/trace" not in line("at the start")


def test_tracebacks_are_part_of_the_message() -> None:
    assert "ValueError: what happened" in line("failed", error=ValueError("what happened"))["message"]
