"""What the gateway answers by itself: problem+json (RFC 9457) in the product's format."""

import json
from collections.abc import Mapping

from aiohttp import web


class Refused(Exception):
    """The gateway answers this request itself, with an error."""

    def __init__(self, status: int, code: str, title: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.headers = dict(headers or {})


def not_found(path: str) -> Refused:
    """404: no operation has this path."""
    return Refused(404, "not_found", "Not found", f"There is no {path} here.")


def method_not_allowed(method: str, allowed: list[str]) -> Refused:
    """405 with Allow."""
    listed = ", ".join(allowed)
    return Refused(405, "method_not_allowed", "Method not allowed", f"{method} is not one of {listed}.", {"Allow": listed})


def too_large(limit_bytes: int) -> Refused:
    """413: the limit of Cloud Run for a request body over HTTP/1 (32 MiB)."""
    detail = f"A request body has at most {limit_bytes} bytes. For a larger file, ask POST /upload with JSON for a signed URL."
    return Refused(413, "too_large", "Request too large", detail, {"Connection": "close"})


def unavailable(function: str) -> Refused:
    """503: the function's process did not answer; the client should retry soon."""
    detail = f"{function} does not answer at the moment."
    return Refused(503, "unavailable", "Service unavailable", detail, {"Retry-After": "1"})


def deadline_exceeded(function: str, seconds: float) -> Refused:
    """504: the function took too long to begin its answer."""
    return Refused(504, "deadline_exceeded", "Gateway timeout", f"{function} did not answer within {seconds:g} seconds.")


def answer(refused: Refused, request_id: str, more_headers: Mapping[str, str]) -> web.Response:
    """Return the problem document for `refused`."""
    document = {
        "type": f"urn:problem-type:reelgate:{refused.code}",
        "title": refused.title,
        "status": refused.status,
        "detail": refused.detail,
        "code": refused.code,
        "error": refused.title,
        "request_id": request_id,
    }
    return web.Response(
        status=refused.status,
        body=json.dumps(document).encode(),
        content_type="application/problem+json",
        headers={**refused.headers, **more_headers, "X-Request-Id": request_id},
    )
