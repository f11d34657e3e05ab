"""Routes, and what is read from calls of them: parameters, cursors, bodies."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any, Literal

from starlette.requests import Request
from starlette.responses import Response

from reelgate.domain import errors
from reelgate.domain.books import list_cursors
from reelgate.domain.files import names
from reelgate.domain.value_types import positional_value_type, value_type
from reelgate.ports.identity import Caller
from reelgate.use_cases.audit.pending_event import FILE, PendingEvent
from reelgate.web.http.answers import cors
from reelgate.web.http.answers.problems import answer_error
from reelgate.web.http.bodies import MAX_SHOWN_CHARACTERS, json_object

if TYPE_CHECKING:
    from reelgate.domain.accounts.api_keys import Scope
    from reelgate.domain.accounts.request_rates import RequestGroup
    from reelgate.web.http.route_shape import Shape

LIST = ("limit", "cursor")
"""Query parameters of every list."""

MAX_LIST = 1000
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

    def let_read(self, origins: Sequence[str]) -> None:
        """Let pages of these origins read the answer, instead of those that the deployment names; `*` is any."""
        cors.set_readers(self.request, origins)

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
                hint = f"This route has the query parameters {', '.join(query)}." if query else "This route has none."
                raise errors.InvalidRequest(f"The query parameter '{shown}' is unknown.", field=shown, hint=hint)
            if given.count(name) > 1:
                raise errors.InvalidRequest(f"The query parameter '{shown}' is given twice.", field=shown)

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
            raise error("There is nothing with this id.")
        return value

    def user_id(self, error: type[errors.NotFound] = errors.UserNotFound) -> str:
        """Return the user's id in the path. Raises `error` for text that cannot be one."""
        value = self.params["user_id"]
        if not names.is_user_id(value):
            raise error("There is no such user.")
        return value

    def limit(self, default: int = 100) -> int:
        """Return the query's `limit`, 1 to 1000. Raises InvalidRequest."""
        text = self.request.query_params.get("limit")
        if text is None:
            return default
        if not (text.isascii() and text.isdigit() and len(text) < 6 and 1 <= int(text) <= MAX_LIST):
            raise errors.InvalidRequest(f"The limit must be a whole number from 1 to {MAX_LIST}.", field="limit")
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
                "The Idempotency-Key must have 1 to 255 visible ASCII characters.", field="Idempotency-Key"
            )
        return hashlib.sha256(key.encode()).hexdigest()[:32]


@positional_value_type
class Route[S]:
    """A method, a path template such as `/uploads/{upload_id}`, and the handler of its calls.

    Attributes:
        action: what the audit log calls it (`upload.granted`); None for a route that only reads.
        admin: only for callers who are admins at this moment (`require_acting_admin`).
        keys: the scope that an API key needs, or `never`; see `key_scope` for what holds without it.
        public: needs no token; the caller is `ANONYMOUS`.
        rate: what its requests are counted with, or `own` if they have a limit of their own; see `request_group` for what holds
            without it.
        named: what the audit event takes from the change that the call commits, if the notes do not say it.
        audits_itself: the use case makes its own audit events, one for each step that may be the last; the middleware
            publishes only refusals.
        opens: for routes whose readers are not those that the deployment names: says which pages may read the answer
            (`Call.let_read`). It is called before a page's preflight is answered; the handler has to do the same.
        query: the query parameters; all others are refused before the handler is called.
        shape: what a route of version 1 takes and gives; it checks its query by itself.
    """

    method: str
    path: str
    handler: Callable[[Call[S]], Awaitable[Response]]
    action: str | None = None
    admin: bool = False
    public: bool = False
    audits_itself: bool = False
    keys: Scope | Literal["never"] | None = None
    rate: RequestGroup | Literal["own"] | None = None
    named: tuple[str, ...] = FILE
    opens: Callable[[Call[S]], Awaitable[object]] | None = None
    query: tuple[str, ...] = ()
    shape: Shape | None = None

    @property
    def key_scope(self) -> Scope | None:
        """The scope that an API key needs here: by default `read` for GET, else `write`. None: no key is accepted, as on all
        routes of the older services.
        """
        if self.shape is None or self.admin or self.keys == "never":
            return None
        return self.keys or ("read" if self.method == "GET" else "write")

    @property
    def request_group(self) -> RequestGroup | None:
        """What its requests are counted with: by default `admin` and `public` on such routes, else `read` for GET and `write`.
        None: they have a limit of their own.
        """
        if self.rate is not None:
            return None if self.rate == "own" else self.rate
        if self.public:
            return "public"
        if self.admin:
            return "admin"
        return "read" if self.method == "GET" else "write"


type Routes[S] = Sequence[Route[S]]
"""Routes that together use `S`: every function's services satisfy what each of its routes names."""
