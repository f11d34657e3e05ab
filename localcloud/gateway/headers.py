"""The headers of a request on its way to a function, and of the answer on its way back."""

import os
import re

from aiohttp import web
from multidict import CIMultiDict, CIMultiDictProxy

REQUEST_ID = "X-Request-Id"
_VALID_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")  # the functions' rule (openapi.yaml)

# RFC 9110 section 7.6.1, and the older ones still seen
_HOP_BY_HOP = frozenset(
    ("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
     "transfer-encoding", "upgrade")
)  # fmt: skip
# Set by the gateway alone: a client that could send these could act as another user or fake its origin.
_REPLACED = frozenset(
    ("host", "expect", "authorization", "x-forwarded-authorization", "x-forwarded-for", "x-forwarded-proto",
     "x-forwarded-host", "x-request-id", "x-apigateway-api-userinfo", "x-endpoint-api-userinfo")
)  # fmt: skip
_NOT_FORWARDED = _HOP_BY_HOP | _REPLACED


def request_id_of(headers: CIMultiDictProxy[str]) -> str:
    """Return the caller's X-Request-Id if it is 8 to 64 letters, digits, dashes or underscores; else a new one."""
    given = headers.get(REQUEST_ID)
    if given is not None and _VALID_REQUEST_ID.fullmatch(given):
        return given
    return os.urandom(16).hex()


def to_backend(request: web.BaseRequest, *, token: str, request_id: str) -> CIMultiDict[str]:
    """Return the headers for the function, as API Gateway with backend authentication sends them.

    Authorization is the gateway's own; the caller's arrives as X-Forwarded-Authorization.
    """
    given = request.headers
    dropped = _NOT_FORWARDED | _listed_in_connection(given)
    headers = CIMultiDict((name, value) for name, value in given.items() if name.lower() not in dropped)
    headers["Authorization"] = f"Bearer {token}"
    authorization = given.get("Authorization")
    if authorization is not None:
        headers["X-Forwarded-Authorization"] = authorization
    peer = request.remote or ""
    earlier = ", ".join(given.getall("X-Forwarded-For", ()))
    headers["X-Forwarded-For"] = f"{earlier}, {peer}" if earlier else peer
    headers["X-Forwarded-Proto"] = request.scheme
    headers["X-Forwarded-Host"] = given.get("Host", "")
    headers[REQUEST_ID] = request_id
    return headers


def to_client(answered: CIMultiDictProxy[str], *, request_id: str) -> CIMultiDict[str]:
    """Return the headers of a function's answer without those that belong to the connection."""
    dropped = _HOP_BY_HOP | _listed_in_connection(answered)
    headers = CIMultiDict((name, value) for name, value in answered.items() if name.lower() not in dropped)
    headers.setdefault(REQUEST_ID, request_id)
    return headers


def _listed_in_connection(headers: CIMultiDictProxy[str]) -> frozenset[str]:
    if "Connection" not in headers:
        return frozenset()
    return frozenset(name.strip().lower() for value in headers.getall("Connection") for name in value.split(","))
