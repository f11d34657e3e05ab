"""Routes, and what is read from calls of them: credentials, parameters, bodies."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive

from reelgate.domain import errors
from reelgate.domain.books import list_cursors
from reelgate.domain.files import names
from reelgate.domain.value_types import positional_value_type, value_type
from reelgate.ports.identity import Caller
from reelgate.use_cases.audit.pending_event import FILE, PendingEvent
from reelgate.web.http.problems import answer_error

LIST = ("limit", "cursor")
"""Query parameters of every list."""

MAX_LIST = 1000
MAX_JSON_BYTES = 64 * 1024
MAX_SHOWN_CHARACTERS = 100
_SURROGATE = re.compile(r"\\u[dD]")
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


@value_type
class Call[S]:
    """An authenticated request of a route, with the parameters of its path, decoded. `S` is what the route uses.

    `audit` is the event of the call, for the commit that it makes. The notes are part of it, so those that it needs are made
    before the commit.
    """

    route: Route[Any]
    services: S
    request: Request
    caller: Caller
    params: Mapping[str, str]
    request_id: str
    notes: dict[str, Any] = field(default_factory=dict)
    refusals: list[errors.ReelgateError] = field(default_factory=list)
    audit: PendingEvent | None = None

    def note(self, **details: Any) -> None:
        """Add JSON values to the details of the call's audit event, such as `file_id` and `filename`."""
        self.notes.update(details)

    def refuse(self, error: errors.ReelgateError, *, status: int, **members: Any) -> Response:
        """Return an error's answer with another status than the table's, which routes of the older services have."""
        self.refusals.append(error)
        return answer_error(error, self.request_id, status=status, **members)

    def check_query(self) -> None:
        """Raise InvalidRequest for a query parameter that the route does not know, and for one that is given twice.

        If it were ignored, a misspelt filter would list everything.
        """
        query = self.route.query
        given = [name for name, _ in self.request.query_params.multi_items()]
        for name in given:
            shown = name[:MAX_SHOWN_CHARACTERS]
            if name not in query:
                known = f"this route has {', '.join(query)}" if query else "this route has none"
                raise errors.InvalidRequest(f"Unknown query parameter '{shown}'; {known}.", field=shown)
            if given.count(name) > 1:
                raise errors.InvalidRequest(f"Give the query parameter '{shown}' once.", field=shown)

    async def json(self, *, may_be_empty: bool = False, missing: str | None = None) -> dict[str, Any]:
        """Return the body as a JSON object; see `json_object`."""
        return await json_object(self.request, may_be_empty=may_be_empty, missing=missing)

    def filename(self) -> str:
        """Return the path's file name, cleaned. Raises InvalidRequest."""
        return names.clean_filename(self.params["filename"])

    def file_id(self, name: str, error: type[errors.NotFound]) -> str:
        """Return an id from the path. Raises `error` for text that does not look like one."""
        value = self.params[name]
        if not names.is_file_id(value):
            raise error("Nothing has this id.")
        return value

    def limit(self, default: int = 100) -> int:
        """Return the query's `limit`, 1 to 1000. Raises InvalidRequest."""
        text = self.request.query_params.get("limit")
        if text is None:
            return default
        if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= MAX_LIST):
            raise errors.InvalidRequest(f"'limit' must be a whole number from 1 to {MAX_LIST}.", field="limit")
        return int(text)

    def cursor(self) -> str | None:
        """Return the list's own cursor from the query. Raises InvalidRequest for the cursor of another route."""
        text = self.request.query_params.get("cursor")
        if not text:
            return None
        mark, _, cursor = text.partition(".")
        if mark != self._mark or not cursor:
            raise list_cursors.unknown_cursor()
        return cursor

    def next_cursor(self, cursor: str | None) -> str | None:
        """Return a list's cursor, marked with the route: several routes show the same list in pages of different sizes."""
        return None if cursor is None else f"{self._mark}.{cursor}"

    @property
    def _mark(self) -> str:
        return hashlib.sha256(self.route.path.encode()).hexdigest()[:8]

    def idempotency_key(self) -> str | None:
        """Return a digest of the Idempotency-Key header, or None without one. Raises InvalidRequest."""
        key = self.request.headers.get("idempotency-key")
        if key is None:
            return None
        if not _KEY.fullmatch(key):
            raise errors.InvalidRequest(
                "The Idempotency-Key must be 1 to 255 visible ASCII characters.", field="Idempotency-Key"
            )
        return hashlib.sha256(key.encode()).hexdigest()[:32]


@positional_value_type
class Route[S]:
    """A method, a path template such as `/uploads/{upload_id}`, and the handler of its calls.

    Attributes:
        action: what the audit log calls it (`upload.granted`); None for a route that only reads.
        admin: only for callers who are admins at this moment (`require_acting_admin`).
        public: needs no token; the caller is `ANONYMOUS`.
        named: what the audit event takes from the change that the call commits, if the notes do not say it.
        audits_itself: the use case makes its own audit events, one for each step that may be the last; the middleware
            publishes only refusals.
        query: the query parameters; all others are refused before the handler is called.
    """

    method: str
    path: str
    handler: Callable[[Call[S]], Awaitable[Response]]
    action: str | None = None
    admin: bool = False
    public: bool = False
    audits_itself: bool = False
    named: tuple[str, ...] = FILE
    query: tuple[str, ...] = ()


type Routes[S] = Sequence[Route[S]]
"""Routes that together use `S`: every function's services satisfy what each of its routes names."""


def bounded(request: Request, limit: int) -> Request:
    """Return the request with a body of at most `limit` bytes.

    Raises TooLarge if Content-Length says more; reading the body raises it as soon as more have arrived.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit:
        raise errors.TooLarge(f"The body may have at most {limit} bytes.", limit=limit, requested=int(announced))
    return Request(request.scope, _limited(request.receive, limit))


def _limited(receive: Receive, limit: int) -> Receive:
    received = 0

    async def counted() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            raise errors.TooLarge(f"The body may have at most {limit} bytes.", limit=limit)
        return message

    return counted


async def json_object(request: Request, *, may_be_empty: bool = False, missing: str | None = None) -> dict[str, Any]:
    """Return the body as a JSON object.

    Args:
        may_be_empty: an absent body counts as an empty object.
        missing: the short message about an absent body, where an older service has its own.

    Raises:
        InvalidRequest: it is not a JSON object (RFC 8259, so NaN and Infinity are refused).
        TooLarge: it is larger than 64 KiB.
    """
    raw = await bounded(request, MAX_JSON_BYTES).body()
    if not raw.strip():
        if may_be_empty:
            return {}
        raise errors.InvalidRequest("Send a JSON object.", message=missing)
    try:
        text = raw.decode("utf-8-sig")
        body = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise errors.InvalidRequest("The body is not JSON (UTF-8).") from None
    if not isinstance(body, dict):
        raise errors.InvalidRequest("The body must be a JSON object.")
    if _SURROGATE.search(text):
        _check_unicode(body)
    return body


def check_fields(body: dict[str, Any], known: Collection[str], *, hint: str | None = None) -> None:
    """Raise InvalidRequest for a field of a JSON object that is not among the known ones. `hint` ends the sentence about it."""
    unknown = sorted(set(body) - set(known))
    if unknown:
        shown = unknown[0][:MAX_SHOWN_CHARACTERS]
        raise errors.InvalidRequest(f"Unknown field '{shown}'; {hint or f'known are {", ".join(sorted(known))}'}.", field=shown)


def _check_unicode(body: dict[str, Any]) -> None:
    """Raise InvalidRequest for an escaped half of a surrogate pair, which JSON's grammar allows (RFC 8259, section 8.2)."""
    for name, value in body.items():
        try:
            json.dumps({name: value}, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            shown = name[:MAX_SHOWN_CHARACTERS].encode(errors="replace").decode()
            detail = f"'{shown}' has a \\u escape that is only half of a character. Send both halves, or plain UTF-8."
            raise errors.InvalidRequest(detail, field=shown) from None


def _no_constant(name: str) -> None:
    raise ValueError(name)


def bearer_token(request: Request) -> str:
    """Return the bearer token (RFC 6750). Raises Unauthorized without one."""
    scheme, value = _authorization(request)
    if scheme != "bearer" or not value:
        raise errors.Unauthorized("Send 'Authorization: Bearer TOKEN' with the token that you got when you signed in.")
    return value


def basic_credentials(request: Request) -> tuple[str, str] | None:
    """Return the user-id and the password of HTTP Basic (RFC 7617, in UTF-8), or None for a request without it.

    The first colon ends the user-id; passwords may contain colons.

    Raises:
        InvalidCredentials: the header is malformed.
    """
    scheme, value = _authorization(request)
    if scheme != "basic":
        return None
    try:
        user_id, colon, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        colon = ""
    if not colon:
        raise errors.InvalidCredentials("Basic credentials are the base64 of user:password in UTF-8.")
    return user_id, password


def _authorization(request: Request) -> tuple[str, str]:
    """Return the scheme and the value of the caller's Authorization header.

    API Gateway puts its own token into Authorization and moves the caller's header to X-Forwarded-Authorization (API Gateway
    docs, "Backend authentication"). Tokens are verified wherever they come from, so a client may send either header.
    """
    header = request.headers.get("x-forwarded-authorization") or request.headers.get("authorization") or ""
    scheme, _, value = header.partition(" ")
    return scheme.lower(), value.strip()
