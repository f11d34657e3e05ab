"""Logs as Cloud Logging reads them: one JSON object per line with severity, message and trace, without tokens of ours.

Source: Cloud Run docs, "Logging and viewing logs in Cloud Run" (special fields of structured logs), and Cloud Logging docs,
"Structured logging": lines are shown with their request only if the trace is named `projects/PROJECT_ID/traces/TRACE`.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from contextvars import ContextVar

trace: ContextVar[str | None] = ContextVar("trace", default=None)
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


_TOKENS = re.compile(r"(rg[kp]_[0-9A-Za-z]{16}_)[0-9A-Za-z]+")
"""API keys, and the tokens of playback grants, which are part of paths, and of queries in which a slash is `%2F`."""


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON; tracebacks become part of the message, as Error Reporting expects. Of
    API keys and tokens of playback grants only the ids remain, wherever they stand.

    `extra={"json_fields": {...}}` adds members, as with Google's own logging library.
    """

    def __init__(self, project: str | None = None) -> None:
        """`project` is the project of the traces; without one, lines have no trace."""
        super().__init__()
        self._traces = f"projects/{project}/traces/" if project else ""

    def format(self, record: logging.LogRecord) -> str:
        message = record.getMessage()
        if record.exc_info:
            message += "\n" + self.formatException(record.exc_info)
        traced = trace.get()
        line = {
            "severity": record.levelname,
            "message": message,
            "logger": record.name,
            "request_id": request_id.get(),
            "logging.googleapis.com/trace": f"{self._traces}{traced}" if traced else None,
            **getattr(record, "json_fields", {}),
        }
        text = json.dumps({key: value for key, value in line.items() if value is not None}, default=str)
        return _TOKENS.sub(r"\1...", text)


def write_json_lines(project: str) -> None:
    """Write log records from INFO up to stderr, as JSON lines with traces of this project. A second call changes nothing."""
    logger = logging.getLogger("reelgate")
    if not logger.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonLines(project))
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False
