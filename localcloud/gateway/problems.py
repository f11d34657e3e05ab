"""What the gateway answers by itself: problem+json (RFC 9457) in the product's format."""

import json
from collections.abc import Mapping

from aiohttp import web


class Refused(Exception):
    """The gateway answers this request itself, with an error."""

    def __init__(
        self, status: int, code: str, title: str, detail: str, *, hint: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.hint = hint
        self.headers = dict(headers or {})


def not_found(path: str) -> Refused:
    """404: no operation has this path."""
    detail = "There is nothing at this address."
    return Refused(404, "not_found", "Not found", detail, hint=f"openapi.yaml has no path {path}.")


def method_not_allowed(method: str, allowed: list[str]) -> Refused:
    """405 with Allow."""
    listed = ", ".join(allowed)
    hint = f"This path answers to {listed}, not to {method}."
    detail = "This cannot be done here."
    return Refused(405, "method_not_allowed", "Method not allowed", detail, hint=hint, headers={"Allow": listed})


def too_large(limit_bytes: int) -> Refused:
    """413: the limit of Cloud Run for a request body over HTTP/1 (32 MiB)."""
    detail = "The request is too large."
    hint = f"A body has at most {limit_bytes} bytes. Send files to the bucket: POST /v1/uploads says how."
    return Refused(413, "too_large", "Request too large", detail, hint=hint, headers={"Connection": "close"})


def unavailable(function: str) -> Refused:
    """503: the function's process did not answer; the client should retry soon."""
    detail = "This is not available at the moment. Try again soon."
    hint = f"The function {function} does not answer: ./emulator.sh status."
    return Refused(503, "unavailable", "Service unavailable", detail, hint=hint, headers={"Retry-After": "1"})


def deadline_exceeded(function: str, seconds: float) -> Refused:
    """504: the function took too long to begin its answer."""
    detail = "There was no answer in time. Check whether it was done before you try again."
    hint = f"The function {function} did not answer within {seconds:g} seconds."
    return Refused(504, "deadline_exceeded", "Gateway timeout", detail, hint=hint)


def answer(refused: Refused, request_id: str, more_headers: Mapping[str, str], *, version_1: bool) -> web.Response:
    """Return the problem document for `refused`; without the older services' `error` if the path is one of version 1."""
    document = {
        "type": f"urn:problem-type:reelgate:{refused.code}",
        "title": refused.title,
        "status": refused.status,
        "detail": refused.detail,
        "code": refused.code,
        "request_id": request_id,
        "hint": refused.hint,
    }
    if not version_1:
        document["error"] = refused.title
    return web.Response(
        status=refused.status,
        body=json.dumps(document).encode(),
        content_type="application/problem+json",
        headers={**refused.headers, **more_headers, "X-Request-Id": request_id},
    )
