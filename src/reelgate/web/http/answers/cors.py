"""Cross-origin access for browsers (Fetch standard, "CORS protocol"), for the origins that the deployment names."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

OWN_HEADERS = ("Authorization", "Content-Type", "Idempotency-Key", "X-Request-Id")
TRACING_HEADERS = (
    "traceparent", "tracestate",  # W3C Trace Context: OpenTelemetry and most others
    "baggage",  # W3C Baggage: OpenTelemetry, Sentry
    "sentry-trace",
    "b3", "X-B3-TraceId", "X-B3-SpanId", "X-B3-ParentSpanId", "X-B3-Sampled", "X-B3-Flags",  # Zipkin
    "X-Cloud-Trace-Context", "X-Amzn-Trace-Id",
    "x-datadog-trace-id", "x-datadog-parent-id", "x-datadog-origin", "x-datadog-sampling-priority", "x-datadog-tags",
    "newrelic", "elastic-apm-traceparent", "uber-trace-id", "Request-Id", "Request-Context",
)  # fmt: skip
"""Headers that monitoring scripts add to all requests of a page. If they were not allowed, no call of such a page would work.
They are never trusted."""

_ALLOWED_HEADERS = ", ".join((*OWN_HEADERS, *TRACING_HEADERS))
_EXPOSED_HEADERS = "Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id"
_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"


_READERS = "reelgate.cors_origins"


def set_readers(request: Request, origins: Sequence[str]) -> None:
    """Let pages of these origins read the answer to a request, instead of those that the deployment names; `*` is any."""
    request.scope[_READERS] = tuple(origins)


def allowed_origin(request: Request, origins: Sequence[str]) -> str | None:
    """Return the value of Access-Control-Allow-Origin, or None for an origin that is not allowed.

    `origins` are those that the deployment names.
    """
    origin = request.headers.get("origin")
    origins = request.scope.get(_READERS, origins)
    if origin is None:
        return None
    if "*" in origins:
        return "*"  # tokens travel in Authorization, never in cookies, so no credentials mode is needed
    return origin if origin in origins else None


def preflight(request: Request, origins: Sequence[str], *, allow: str) -> Response:
    """Return the answer to an OPTIONS request. `allow` lists the methods of the path (RFC 9110, 10.2.1)."""
    headers = {"Vary": "Origin", "Allow": allow}
    if allowed_origin(request, origins):
        headers |= {
            "Access-Control-Allow-Methods": _METHODS,
            "Access-Control-Allow-Headers": _ALLOWED_HEADERS,
            "Access-Control-Max-Age": "3600",
        }
    return Response(status_code=204, headers=headers)


def add_headers(request: Request, response: Response, origins: Sequence[str]) -> None:
    """Let scripts of an allowed origin read the answer."""
    origin = allowed_origin(request, origins)
    if origin:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = _EXPOSED_HEADERS
        if "Origin" not in response.headers.get("Vary", ""):
            response.headers.add_vary_header("Origin")
