"""Routes of version 1 as operations of OpenAPI 3.0."""

from __future__ import annotations

import inspect
import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import msgspec

from ops.openapi.examples.fields import KNOWN, Schema
from ops.openapi.examples.problems import DEADLINE
from ops.openapi.schemas import parameters_of
from ops.openapi.shared_answers import PROBLEM
from reelgate.domain import errors
from reelgate.web.http.answers.problems import status_of
from reelgate.web.http.calls import Route
from reelgate.web.http.route_shape import Shape

REQUEST_ID = {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}}
RETRY_AFTER = {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}}
WAITING_HELPS = (errors.Unavailable, errors.TooManyAttempts, errors.TooManyRejected, errors.TooManyRequests)
"""Errors whose answers have Retry-After."""
RETRY_AFTER_IF_IT_HELPS = {"Retry-After": {"$ref": "#/components/headers/RetryAfterIfItHelps"}}
RATE_LIMIT = {
    "RateLimit-Policy": {"$ref": "#/components/headers/RateLimitPolicy"},
    "RateLimit": {"$ref": "#/components/headers/RateLimit"},
}
CHALLENGE = {"WWW-Authenticate": {"$ref": "#/components/headers/WwwAuthenticate"}}
REDIRECT = {"Location": {"$ref": "#/components/headers/RedirectLocation"}}

ID = {"type": "string", "minLength": 1, "maxLength": 300}
TAGS = {
    "auth": "accounts",
    "me": "accounts",
    "uploads": "uploads",
    "s3": "uploads",
    "videos": "videos",
    "trash": "videos",
    "posters": "videos",
    "grants": "playback",
    "play": "playback",
    "watch": "playback",
    "oembed": "playback",
    "usage": "usage",
    "admin": "admin",
    "": "console",
    "console": "console",
}
"""The tag of an operation, by the first word of its path."""

HEADERS: Mapping[str, Schema] = {
    "Idempotency-Key": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "Names what is intended: repeating the request with the same key does nothing twice. Keys are per user.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[\x21-\x7e]+$"},
        "example": "1f0c2b8e-6d2a-4b3e-9a55-0d9f1c7a4e21",
    },
}
"""Headers that routes read."""


def operation(function: str, route: Route[Any]) -> Schema:
    """Return a route's operation. Its texts are those of the handler's docstring."""
    shape = _shape(route)
    summary, _, description = inspect.getdoc(shape.handler).partition("\n")  # type: ignore[union-attr] # a test asks for one
    found: Schema = {
        "operationId": shape.handler.__name__,
        "x-reelgate-function": function,
        "tags": [TAGS[route.path.removeprefix("/v1").split("/")[1]]],
        "summary": summary.removesuffix("."),
    }
    if description.strip():
        found["description"] = description.strip() + "\n"
    if route.public:
        found["security"] = []
    parameters = [*_path_parameters(route.path), *(parameters_of(shape.query) if shape.query else ())]
    parameters += [
        {**HEADERS[name], "description": text or HEADERS[name]["description"]} for name, text in shape.headers.items()
    ]
    if parameters:
        found["parameters"] = parameters
    if shape.sends:
        found["requestBody"] = {"required": True, "content": {shape.sends: {"schema": {"type": "string", "format": "binary"}}}}
    elif shape.takes is not None and shape.query is None:
        found["requestBody"] = _body(shape)
    rates = {} if route.request_group is None else RATE_LIMIT
    found["responses"] = {**_successes(shape, {**REQUEST_ID, **rates}), **_refusals(route, shape)}
    return found


def _shape(route: Route[Any]) -> Shape:
    assert route.shape is not None
    return route.shape


def _path_parameters(path: str) -> list[Schema]:
    return [
        {"name": name, "in": "path", "required": True, **KNOWN.get(f"{{{name}}}", KNOWN.get(name, {})), "schema": ID}
        for name in re.findall(r"\{(\w+)\}", path)
    ]


def _body(shape: Shape) -> Schema:
    assert shape.takes is not None
    required = any(field.required for field in msgspec.structs.fields(shape.takes))
    return {"required": required, "content": {"application/json": {"schema": _reference(shape.takes.__name__)}}}


def _successes(shape: Shape, headers: Schema) -> dict[str, Schema]:
    answer: Schema = {"description": _description(shape), "headers": headers}
    if 300 <= shape.status < 400:
        answer["headers"] = {**headers, **REDIRECT}
    content: Schema = {}
    if shape.gives is not None:
        content["application/json"] = {"schema": _reference(shape.gives.__name__)}
    for media_type in shape.media_types:
        content[media_type] = {"schema": {"type": "string"}}
    if content:
        answer["content"] = content
    found = {str(shape.status): answer}
    for status, description in shape.also.items():
        if status in {204, 304}:
            found[str(status)] = {"description": description, "headers": headers}
        elif 300 <= status < 400:
            found[str(status)] = {"description": description, "headers": {**headers, **REDIRECT}}
        else:
            found[str(status)] = {**answer, "description": description}
    return found


def _description(shape: Shape) -> str:
    said = "; ".join(shape.media_types.values())
    if shape.gives:
        kind = (inspect.getdoc(shape.gives) or "").partition("\n")[0]
    else:
        kind = "It is at the address in `Location`." if 300 <= shape.status < 400 else "Done."
    return f"{kind} {said}".strip()


def _refusals(route: Route[Any], shape: Shape) -> dict[str, Schema]:
    """Return the answers for errors: those of the route, and those that all routes of its kind have."""
    kinds: list[type[errors.ReelgateError]] = [*shape.refuses, errors.InvalidRequest, errors.Unavailable]
    kinds += [] if route.public else [errors.Unauthorized, *_refusals_of_keys(route)]
    kinds += [errors.Forbidden] if route.admin else []
    kinds += [] if route.request_group is None else [errors.TooManyRequests]
    kinds += [] if route.public or route.method == "GET" else [errors.AccountDeleted]
    kinds += [errors.TooLarge] if shape.sends or (shape.takes is not None and shape.query is None) else []
    by_status: dict[int, dict[type[errors.ReelgateError], None]] = defaultdict(dict)
    for kind in kinds:
        by_status[status_of(kind)][kind] = None
    found = {str(status): _refusal(status, list(refused)) for status, refused in sorted(by_status.items())}
    if shape.refused_in:
        for answer in found.values():
            answer["content"][shape.refused_in] = {"schema": {"type": "string"}}
    found["504"] = _answer([DEADLINE], REQUEST_ID)
    return found


def _refusals_of_keys(route: Route[Any]) -> list[type[errors.ReelgateError]]:
    """Return what an API key can be told."""
    kinds = [errors.InvalidApiKey, errors.ApiKeyExpired, errors.ApiKeyRevoked, errors.TooManyAttempts, errors.AccountDisabled]
    if route.key_scope is None:
        return [*kinds, errors.NotForApiKeys]
    return [*kinds, errors.MissingScope] if route.key_scope == "write" else kinds


def _refusal(status: int, kinds: list[type[errors.ReelgateError]]) -> Schema:
    helps = [issubclass(kind, WAITING_HELPS) for kind in kinds]
    headers = {**REQUEST_ID, **(CHALLENGE if status == 401 else {})}
    if any(helps):
        headers |= RETRY_AFTER if all(helps) else RETRY_AFTER_IF_IT_HELPS
    if errors.TooManyRequests in kinds:
        headers |= RATE_LIMIT
    return _answer(list(dict.fromkeys(kind.code for kind in kinds)), headers)


def _answer(codes: list[str], headers: Schema) -> Schema:
    examples = {code: {"$ref": f"#/components/examples/{code}"} for code in codes}
    return {
        "description": f"`code` is {_either([f'`{code}`' for code in codes])}.",
        "headers": headers,
        "content": {PROBLEM: {"schema": _reference("Problem"), "examples": examples}},
    }


def _either(words: list[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
